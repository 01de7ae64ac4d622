"""D2: equal deltas."""

from collections.abc import Iterator
from itertools import accumulate

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _said_again(dialect: Dialect) -> Iterator[Stream]:
    """The same delta after one other, after two, and many times in a row."""
    for tokens in (
        ("x", "y", "x"),
        ("x", "y", "z", "x"),
        ("x",) * 4,
        ("x",) * 70,
        ("x", "y") * 40,
        ("x", "xy"),
        ("x", "y", "xyz"),
    ):
        yield Stream(dialect.id, tokens)


def _says_again(stream: Stream) -> bool:
    """Whether a delta is said twice, or one begins with all that was said before it, as if that came again."""
    said = accumulate(stream.tokens)
    again = (bool(before) and token.startswith(before) for before, token in zip(said, stream.tokens[1:], strict=False))
    return len(set(stream.tokens)) < len(stream.tokens) or any(again)


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
    shows=_says_again,
)
