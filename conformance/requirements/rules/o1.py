"""O1: order."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="O1",
    title="order",
    rule="Deltas come out in the order in which they came, also several of a chunk.",
    source="the event stream is a sequence",
    level=MUST,
    why="reordered text is lost text",
    control=carried_plainly,
    layer="messages",
    blames="order",
    shows=lambda stream: stream.chunk_cuts is not None,
)
