"""N1: many deltas."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.crossing import words
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream

COUNTS = (9, 10, 11, 17, 34, 65, 101, 129, 257, 513, 1100)


def _many_deltas(dialect: Dialect) -> Iterator[Stream]:
    """So many deltas, no two alike: each a message of its own, in one chunk, and in one part, if any is."""
    for count in COUNTS:
        yield Stream(dialect.id, words(count))
    for count in COUNTS[2:-3]:  # more is a large chunk, or a large part
        yield Stream(dialect.id, words(count), chunk_cuts=())
    for count in () if dialect.framing.by_message else COUNTS[2:-3]:
        yield Stream(dialect.id, words(count), part_cuts=())


REQUIREMENT = Requirement(
    id="N1",
    title="many deltas",
    rule="Every delta counts: the tenth, the hundredth and the thousandth like the first.",
    source="an answer has as many deltas as tokens",
    level=MUST,
    why="answers of a thousand tokens are ordinary",
    contains=("R4", "R2", "O1"),
    letters=lambda dialect: [],
    more=_many_deltas,
    layer="lines",
    searched=False,
    blames="order",
    shows=lambda stream: len(stream.tokens) > 8,
)
