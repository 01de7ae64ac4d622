"""S4: text like the beginning of a sentinel."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _sentinels_apart(dialect: Dialect) -> Iterator[Stream]:
    """A sentinel, or what begins like one, said in several deltas."""
    begun = (("<", "x"), ("<", "|", "x"), ("<|", "end"), ("x", "<"), ("x", "<|"), ("x", "["))
    whole = (
        ("<", "|endoftext|", ">"),
        ("[", "DONE", "]"),
        ("</", "s", ">"),
        ("<|im", "_end|>", "x"),
        ("data", ":", " x"),
    )
    for tokens in (*begun, *whole):
        yield Stream(dialect.id, tokens)


REQUIREMENT = Requirement(
    id="S4",
    title="text like the beginning of a sentinel",
    rule="Text that begins like a sentinel, a tag or a prefix, and is none, comes out, also at the end.",
    source="the text is what the record says; nothing in it is framing",
    level=MUST,
    why="models say `<` and `[`, and answers end with them",
    more=_sentinels_apart,
    contains=("S1", "J2", "J3", "P1", "P4"),
    control=said_plainly,
    blames="order",
    carried=True,
)
