"""U5-bom: byte order mark before the body."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect, Framing, Style
from sliceproof.wire.stream import Stream


def _bom(dialect: Dialect) -> list[Letter]:
    return letters(["x", "y"], bom=True) if dialect.framing is not Framing.RAW else []


def _bom_cut(dialect: Dialect) -> Iterator[Stream]:
    """The mark itself cut, on both levels, and alone in a part or chunk."""
    if dialect.framing is Framing.RAW:
        return
    plain = Stream(dialect.id, ("x", "y"), Style(bom=True))
    for offset in (1, 2, 3):
        yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], offset})))
    yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], 1, 2})))


REQUIREMENT = Requirement(
    id="U5-bom",
    title="byte order mark before the body",
    rule="One byte order mark before everything is no part of the first record.",
    source="WHATWG HTML, server-sent events: one leading BOM is stripped",
    level=SHOULD,
    why="no container of those known writes one; the specification allows it",
    seen=("openai/openai-python#3819",),
    letters=_bom,
    more=_bom_cut,
    contains=("U1", "U2", "R1"),
    blames="UTF-8",
    control=carried_plainly,
)
