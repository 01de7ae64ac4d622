"""A2: an answer that breaks off once."""

from sliceproof.conformance.decoders.endpoint.answer import Transport
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.clients import SOURCE, hard, only_clients, reads, travelled
from sliceproof.conformance.requirements.judge import described, joined, shortened
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.wire.stream import Stream


def _repeats(decoder: Decoder, stream: Stream) -> Broken | None:
    text = stream.text
    for mode in decoder.modes:
        if not reads(decoder, mode, stream):
            continue  # it fails without any break
        for transport in (Transport(breaks_at=2, failures=1), Transport(status=503, failures=1)):
            outcome, answer = travelled(decoder, mode, stream, transport)
            given = joined(outcome, decoder.compared)
            if answer.requests < 2 or (given == text if outcome.ended == "end" else text.startswith(given)):
                continue  # who asks but once is judged by A1 and T4
            end = "" if outcome.ended == "end" else f", then {described(outcome.error)}"
            got = f"{shortened(given)}{end}, of {answer.requests} requests"
            kind = BreachKind.INVENTS_TEXT if len(given) > len(text) else BreachKind.LOSES_TEXT
            return Broken(
                stream, mode, Breach(kind, f"{shortened(text)}, or its beginning, then an error", got), outcome
            )
    return None


REQUIREMENT = Requirement(
    id="A2",
    title="an answer that breaks off once",
    rule="A second request after an answer that failed or broke off repeats none of its text, and leaves none out.",
    source=SOURCE,
    level=MUST,
    why="a retry in the middle of an answer begins it anew, and what was told is told once more",
    letters=lambda dialect: [],
    more=hard,
    compare=_repeats,
    decoders=only_clients,
    layer="text",
    blames="HTTP",
    searched=False,
    alone=False,
)
