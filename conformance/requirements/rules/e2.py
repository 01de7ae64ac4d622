"""E2: what the error said."""

from dataclasses import replace

from sliceproof.conformance.decoders.endpoint.client import answers
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import error_records, modelled
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.sources import SERVICE
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.stream import Stream


def _heard(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """What came of it, without the error where none was told what it says: of an exception, a raw body breaks off."""
    outcome = drive(decoder, mode, stream)
    exception = stream.fault is not None and stream.fault.kind is FaultKind.EXCEPTION
    unsaid = exception and decoder.accepts == "endpoint" and answers[-1].raw
    return replace(outcome, ended="end", error=None) if unsaid else outcome


REQUIREMENT = Requirement(
    id="E2",
    title="what the error said",
    rule="The error that reaches the consumer says what the service or the container said.",
    source=SERVICE,
    level=SHOULD,
    why="the error is not hidden, but who sees it cannot act on it",
    seen=("BerriAI/litellm#24608", "anthropics/anthropic-sdk-typescript#387", "vercel/ai#17124"),
    contains=("E1", "E1-record"),
    letters=lambda dialect: [*modelled(dialect), *error_records(dialect)],
    trial=_heard,
    judge=judge.tells,
    blames="message",
)
