"""F2-malformed: malformed message."""

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import malformed_streams
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement

REQUIREMENT = Requirement(
    id="F2-malformed",
    title="malformed message",
    rule="A message that the framing has no place for is an error, though its checksums match.",
    source="Smithy amazon-eventstream: the grammar of lengths, names, types and values",
    level=SHOULD,
    why="the specification tells readers to refuse wrong checksums, and of the rest leaves it to its grammar",
    letters=lambda dialect: [],
    more=malformed_streams,
    contains=("H1",),
    judge=judge.raises,
    layer="messages",
    wire=True,
    searched=False,
    blames="message",
)
