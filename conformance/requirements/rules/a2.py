"""A2: an answer that breaks off once."""

from sliceproof.conformance.decoders.endpoint.answer import Transport
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.clients import SOURCE, only_clients, plain, travelled
from sliceproof.conformance.requirements.judge import described, joined, shortened
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.wire.stream import Stream


def _repeats(decoder: Decoder, stream: Stream) -> Broken | None:
    text = stream.text
    for mode in decoder.modes:
        for transport in (Transport(breaks_at=2, failures=1), Transport(status=503, failures=1)):
            outcome, answer = travelled(decoder, mode, stream, transport)
            told = joined(outcome, decoder.yields)
            if told == text if outcome.ended == "end" else text.startswith(told):
                continue
            end = "" if outcome.ended == "end" else f", then {described(outcome.error)}"
            got = f"{shortened(told)}{end}, of {answer.requests} requests"
            twice = text in told or len(told) > len(text)
            kind = BreachKind.INVENTS_TEXT if twice else BreachKind.HIDES_THE_FAULT
            return Broken(stream, mode, Breach(kind, f"{shortened(text)}, or its beginning and an error", got), outcome)
    return None


REQUIREMENT = Requirement(
    id="A2",
    title="an answer that breaks off once",
    rule="Who asks again after an answer that failed or broke off tells no text twice; who does not raises an error.",
    source=SOURCE,
    level=MUST,
    why="a retry in the middle of an answer begins it anew, and what was told is told once more",
    contains=("A1",),
    letters=lambda known: [],
    more=plain,
    compare=_repeats,
    decoders=only_clients,
    layer="text",
    blames="HTTP",
    searched=False,
)
