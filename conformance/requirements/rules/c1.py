"""C1: the consumer's own exception."""

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import Intrusion, drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.applicability import throwable
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.calling import plain_streams_of, reaches, three_deltas
from sliceproof.conformance.requirements.judge import described
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.wire.stream import Stream


class Thrown(Exception):  # noqa: N818 - it stands for whatever a consumer may throw
    """What a consumer throws into a decoder while it waits for more."""


def _throwing(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Throw into the decoder after the first item, then in another run after the second."""
    outcome = drive(decoder, mode, stream, intrusion=Intrusion(1, throw=Thrown("thrown in by the consumer")))
    if isinstance(outcome.error, Thrown):
        second = drive(decoder, mode, stream, intrusion=Intrusion(2, throw=Thrown("thrown in by the consumer")))
        if len(second.items) > 1:
            return second
    return outcome


def _reaches(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    if reaches(outcome.error, Thrown):
        return None
    if not outcome.items:
        return None  # it gave nothing, so nothing could be thrown; others blame that
    how = "swallowed: it goes on" if outcome.ended == "end" else described(outcome.error)
    return Breach(BreachKind.SWALLOWS_THE_EXCEPTION, "the consumer's own exception", how, "end")


REQUIREMENT = Requirement(
    id="C1",
    title="the consumer's own exception",
    rule="An exception that the consumer throws into the decoder reaches the consumer.",
    source="PEP 342, PEP 525: throw() raises at the yield",
    level=MUST,
    why="a swallowed cancellation or error is an error that is hidden",
    seen=("BerriAI/litellm async up to 1.108.11",),
    letters=lambda dialect: [],
    more=lambda dialect: (*plain_streams_of(dialect), *three_deltas(dialect)),
    trial=_throwing,
    judge=_reaches,
    decoders=throwable,
    layer="messages",
    searched=False,
    blames="end",
    shows=lambda stream: True,
    unasked_of_clients="it leaves a decoder in ways that only a generator of this process has",
)
