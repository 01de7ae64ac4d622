"""U6: text comes out as it is."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly
from sliceproof.strategies.hazards import hazard
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.stream import Stream


def _across_deltas(dialect: Dialect) -> Iterator[Stream]:
    """What one delta ends and the next begins, and no reader may merge: CR and LF, clusters, surrogates' kin."""
    ends = (("x\r", "\ny"), ("\r", "\n"), ("x\r\n", "\ny"))
    clusters = (
        ("e", "\u0301"),
        ("👩", "\u200d", "👧"),
        ("🇯", "🇵"),
        ("x", "\ufe0f"),
        ("क", "\u094d", "ष"),
        ("👍", "🏽"),
    )
    for tokens in (*ends, *clusters, ("\u1112", "\u1161", "\u11ab")):
        yield Stream(dialect.id, tokens, Style(ascii=False) if dialect.escapes[0] == "ascii" else Style())


REQUIREMENT = Requirement(
    id="U6",
    title="text comes out as it is",
    rule="Nothing is normalised, folded, stripped or dropped: controls, format characters, noncharacters, astral.",
    source="RFC 8259 section 8.2; Unicode 16, section 23.7 (noncharacters may be interchanged)",
    level=MUST,
    why="text that is altered is lost, and models say all of it",
    contains=("U2", "L1", "J2", "P4"),
    letters=lambda dialect: hazard("U6", dialect),
    more=_across_deltas,
    blames="UTF-8",
    control=said_plainly,
    carried=True,
)
