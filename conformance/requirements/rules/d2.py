"""D2: equal deltas."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _said_again(known: Dialect) -> Iterator[Stream]:
    """The same delta after one other, after two, and many times in a row."""
    for tokens in (("x", "y", "x"), ("x", "y", "z", "x"), ("x",) * 4, ("x",) * 70, ("x", "y") * 40):
        yield Stream(known.id, tokens)


REQUIREMENT = Requirement(
    id="D2",
    title="equal deltas",
    rule="Equal deltas, in a row or with others between them, are so many deltas.",
    source="a model may say the same token twice",
    level=MUST,
    why="models do",
    more=_said_again,
    control=said_plainly,
    layer="lines",
    blames="order",
    distinct=False,
    shows=lambda stream: len(set(stream.tokens)) < len(stream.tokens),
)
