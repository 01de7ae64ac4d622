"""O1: order."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _half_and_whole(dialect: Dialect) -> Iterator[Stream]:
    """A part that ends one record and holds others whole, or whole ones and half of one; in chunks, and in one."""
    plain = Stream(dialect.id, ("x", "y", "z"))
    starts = [record.start for record in plain.records[:3]]
    halves = [(record.start + record.stop) // 2 for record in plain.records[:3]]
    for cuts in ((halves[0],), (halves[1],), (starts[1], halves[1]), (halves[0], halves[2])):
        yield plain.but(part_cuts=cuts)
        yield plain.but(part_cuts=cuts, chunk_cuts=())
    begins = (0, *plain.frame_stops)
    for number in (0, 1):
        yield plain.but(chunk_cuts=((begins[number] + begins[number + 1]) // 2,))


REQUIREMENT = Requirement(
    id="O1",
    title="order",
    rule="Deltas come out in the order in which they came, also several of a chunk.",
    source="the event stream is a sequence",
    level=MUST,
    why="reordered text is lost text",
    contains=("R1", "R2", "F1"),
    more=_half_and_whole,
    control=carried_plainly,
    layer="messages",
    blames="order",
    shows=lambda stream: stream.chunk_cuts is not None or stream.part_cuts is not None,
)
