"""T2: wire cut inside a message."""

from collections.abc import Iterator

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import inside_message
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.crossing import words
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream


def _truncated(dialect: Dialect) -> list[Letter]:
    return [Letter("x", fault=Fault(FaultKind.TRUNCATED, 0), fault_mark=k) for k in (1, 4, 5, 60, 90, 100, 115)]


def _every_byte_missing(dialect: Dialect) -> Iterator[Stream]:
    """Two messages, and the wire ends at each byte of the second, alone and in one chunk; then others."""
    plain = Stream(dialect.id, ("x", "y"))
    first, second = plain.frame_stops[:2]
    for at in range(first + 1, second):
        yield plain.but(fault=Fault(FaultKind.TRUNCATED, at))
    for at in range(1, first):
        yield plain.but(fault=Fault(FaultKind.TRUNCATED, at))
    for at in inside_message(first, second):
        for cuts in ((), every(1, at), every(7, at), (first - 2,)):
            yield plain.but(fault=Fault(FaultKind.TRUNCATED, at), chunk_cuts=cuts)
    for count in (12, 35):
        late = Stream(dialect.id, words(count))
        start, stop = late.frame_stops[count - 2 : count]
        for at in inside_message(start, stop):
            yield late.but(fault=Fault(FaultKind.TRUNCATED, at))
            yield late.but(fault=Fault(FaultKind.TRUNCATED, at), chunk_cuts=())


REQUIREMENT = Requirement(
    id="T2",
    title="wire cut inside a message",
    rule="A wire that ends inside a message, before the finish mark, is an error.",
    source="Smithy amazon-eventstream: a message has the length it declares",
    level=MUST,
    why="the framing prescribes the length; ignored, lost text passes for a whole answer",
    seen=("botocore (live)", "anomalyco/opencode#46281", "vercel/ai#19035"),
    letters=_truncated,
    more=_every_byte_missing,
    judge=judge.raises_inside,
    layer="messages",
    wire=True,
    blames="message",
)
