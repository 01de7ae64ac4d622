"""X1-deltas: answers of several channels are independent."""

from collections.abc import Iterator
from dataclasses import replace

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import Intrusion, drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.channels import each_channel
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream


def _of_all_channels(dialect: Dialect) -> Iterator[Stream]:
    yield from channels.written(dialect, channels.call('{"a"', ": 1}"))
    yield from channels.written(dialect, [channels.thought("h"), channels.thought("m"), "x"])
    first, *others = channels.call('{"a": 1', "}", choice=1)
    yield from channels.written(dialect, [first, others[0], "x", "y", *others[1:]])


def _left_behind(decoder: Decoder, stream: Stream) -> Iterator[tuple[Stream, str]]:
    """The same stream with a fault behind each of its records, and where."""
    for number, record in enumerate(stream.records, 1):
        faults = [Fault(FaultKind.BROKEN_OFF, record.stop), Fault(FaultKind.EXCEPTION, number)]
        if decoder.throwable:
            faults.append(Fault(FaultKind.SOURCE_ERROR, stream.frame_stops[min(number, len(stream.frame_stops)) - 1]))
        for fault in faults:
            left = stream.but(fault=fault)
            if decoder.can_be_fed(left):
                yield left, f"behind the same answer with a fault ({fault.kind}) after its record {number}"


def _after_others(decoder: Decoder, stream: Stream) -> Broken | None:
    """The stream behind the same one, broken off or left after each of its records, and with that in its middle."""
    for mode in decoder.modes:
        drive(decoder, mode, stream)  # behind whatever was left before
        if each_channel(stream, drive(decoder, mode, stream), decoder.compared):
            continue
        for before, outcome in _behind(decoder, mode, stream):
            if breach := each_channel(stream, outcome, decoder.compared):
                return Broken(stream, mode, replace(breach, got=f"{breach.got}, {before}"), outcome)
    return None


def _behind(decoder: Decoder, mode: str, stream: Stream) -> Iterator[tuple[str, Outcome]]:
    for left, what in _left_behind(decoder, stream):
        drive(decoder, mode, left)
        yield what, drive(decoder, mode, stream)
    if decoder.throwable:
        for at in range(1, len(stream.deltas) + 1):
            drive(decoder, mode, stream, intrusion=Intrusion(at=at, leave=True))
            yield f"behind the same answer, left after item {at}", drive(decoder, mode, stream)
        beside = Intrusion(call=lambda: drive(decoder, mode, left))
        yield "with the same answer in its middle", drive(decoder, mode, stream, intrusion=beside)


REQUIREMENT = Requirement(
    id="X1-deltas",
    title="answers of several channels are independent",
    rule="An answer that was broken off or abandoned leaves no reasoning and no tool call behind for the next.",
    source="a process decodes many streams, one after the other and at once",
    level=MUST,
    why="an agent calls a tool with the arguments of another user",
    letters=lambda dialect: [],
    more=_of_all_channels,
    compare=_after_others,
    layer="deltas",
    searched=False,
    first=channels.UNCUT,
    contains=("X1", "M1", "M2", "M3", "I1", "R1", "R2"),
    blames="order",
    shows=lambda stream: bool(stream.deltas),
    alone=False,
)
