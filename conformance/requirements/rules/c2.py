"""C2: cancellation."""

from asyncio import CancelledError

from sliceproof.conformance.harness.consumers import Interruption, cancelled, interrupted
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import Intrusion, drive, is_asynchronous
from sliceproof.conformance.requirements.applicability import throwable
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.calling import comes_of, three_deltas, under_trio
from sliceproof.conformance.requirements.judge import described
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.wire.stream import Stream


def _interruptions(decoder: Decoder, stream: Stream) -> Broken | None:
    """Leave, and interrupt while the decoder waits: what the consumer raised or closed is not swallowed."""
    for mode in decoder.modes:
        outcome = drive(decoder, mode, stream, intrusion=Intrusion(1, leave=True))
        is_async = is_asynchronous(decoder, mode, stream)
        if outcome.ended == "error" and outcome.items and not comes_of(outcome.error, GeneratorExit):
            breach = Breach(
                BreachKind.SWALLOWS_GENERATOR_EXIT, "an end when it is closed", described(outcome.error), "end"
            )
            return Broken(stream, mode, breach, outcome)
        for at in (1, 2):
            cancels = _cancelled_at if is_async else _interrupted_at
            how = "" if under_trio(decoder, mode, stream) else cancels(decoder, mode, stream, at)
            if how:
                kind = BreachKind.SWALLOWS_CANCELLATION if is_async else BreachKind.SWALLOWS_AN_INTERRUPTION
                what = "CancelledError" if is_async else "an interruption"
                return Broken(stream, mode, Breach(kind, f"{what} at the consumer", how, "end"), outcome)
    return None


def _cancelled_at(decoder: Decoder, mode: str, stream: Stream, at: int) -> str:
    """How a cancellation was swallowed, or ""."""
    ended = cancelled(decoder, mode, stream, at)
    if ended is None or ended.how == "cancelled":
        return ""
    if comes_of(ended.error, CancelledError):
        return ""
    return {"hang": "it waits on", "end": "a normal end"}.get(ended.how) or described(ended.error)


def _interrupted_at(decoder: Decoder, mode: str, stream: Stream, at: int) -> str:
    """How an interruption was swallowed, or ""."""
    outcome = interrupted(decoder, mode, stream, at)
    if outcome is None or comes_of(outcome.error, Interruption):
        return ""
    return described(outcome.error) if outcome.error else "a normal end"


REQUIREMENT = Requirement(
    id="C2",
    title="cancellation",
    rule="GeneratorExit, CancelledError and KeyboardInterrupt end the decoder and reach who sent them.",
    source="PEP 342 and 525: a generator that is closed ends; asyncio: CancelledError is not to be swallowed",
    level=MUST,
    why="a swallowed cancellation keeps a connection and its task for ever",
    contains=("C1",),
    letters=lambda dialect: [],
    more=three_deltas,
    compare=_interruptions,
    decoders=throwable,
    layer="messages",
    searched=False,
    blames="end",
    unasked_of_clients="it leaves a decoder in ways that only a generator of this process has",
)
