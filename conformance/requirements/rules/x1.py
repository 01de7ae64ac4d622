"""X1: streams are independent."""

from functools import cache

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import Intrusion, drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.calling import plain_streams_of
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.wire.dialects import Style
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream


def _after_others(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Run *stream* after others of each kind that leave something behind, and beside one, as a busy process does."""
    drive(decoder, mode, stream)
    for other, leaves in _leaving_something(stream.dialect):
        if other.fault is None or other.fault.kind is not FaultKind.SOURCE_ERROR or decoder.throwable:
            drive(decoder, mode, other, intrusion=Intrusion(leave=True) if leaves and decoder.throwable else None)
        outcome = drive(decoder, mode, stream)
        if lossless(stream, outcome, decoder.compared) is not None:
            return outcome
    broken_off = _leaving_something(stream.dialect)[0][0]
    return drive(decoder, mode, stream, intrusion=Intrusion(call=lambda: drive(decoder, mode, broken_off)))


@cache
def _leaving_something(dialect_id: str) -> tuple[tuple[Stream, bool], ...]:
    """Streams that end, or that the consumer leaves, while half a record, a character or a message is held."""
    leftover = Stream(dialect_id, ("left", "over", "é"), Style(ascii=False))
    first, second = leftover.records[:2]
    half = first.stop + max(1, (second.stop - second.start) // 2)
    joined = leftover.but(part_cuts=(half,))
    start, stop = leftover.frame_stops[:2]
    held = Fault(FaultKind.EXCEPTION, 1, held=20)
    return (
        (leftover.but(fault=Fault(FaultKind.BROKEN_OFF, half)), False),
        (leftover.but(fault=held), False),
        (joined, True),
        (leftover.but(chunk_cuts=((start + stop) // 2,)), True),
        (leftover.but(fault=Fault(FaultKind.SOURCE_ERROR, (start + stop) // 2)), False),
        (leftover.but(fault=Fault(FaultKind.TRUNCATED, (start + stop) // 2)), False),
        (leftover.but(fault=Fault(FaultKind.CORRUPT, start + 9)), False),
    )


REQUIREMENT = Requirement(
    id="X1",
    title="streams are independent",
    rule="A stream that was broken off or abandoned leaves nothing behind for the next.",
    source="a process decodes many streams, one after the other and at once",
    level=MUST,
    why="text of one user in another's answer is text invented",
    seen=("thunderbird/thunderbolt#905", "theopenco/llmgateway#1698"),
    letters=lambda dialect: [],
    more=plain_streams_of,
    trial=_after_others,
    contains=("R4",),
    layer="messages",
    blames="order",
    shows=lambda stream: True,
    alone=False,
)
