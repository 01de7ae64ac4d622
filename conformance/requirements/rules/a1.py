"""A1: an error before the stream."""

from sliceproof.conformance.decoders.endpoint.answer import BEDROCK_ERRORS, ERRORS, Transport
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.clients import SOURCE, only_clients, plain, travelled
from sliceproof.conformance.requirements.judge import joined, shortened
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.wire.stream import Stream


def _swallows(decoder: Decoder, stream: Stream) -> Broken | None:
    errors = BEDROCK_ERRORS if stream.format.framing.by_message else ERRORS
    for mode in decoder.modes:
        for status, (name, _) in errors.items():
            outcome, _ = travelled(decoder, mode, stream, Transport(status=status))
            if outcome.ended != "error":
                hangs = outcome.ended == "hang"
                end = "and never the end" if hangs else "then a normal end"
                got = f"{shortened(joined(outcome, decoder.compared))}, {end}, after {status} {name}"
                kind = BreachKind.NEVER_ENDS if hangs else BreachKind.HIDES_THE_FAULT
                return Broken(stream, mode, Breach(kind, f"an error for {status}", got), outcome)
    return None


REQUIREMENT = Requirement(
    id="A1",
    title="an error before the stream",
    rule="An answer of 424, 429, 500 or 503 reaches the consumer as an error.",
    source=SOURCE,
    level=MUST,
    why="an empty answer passes for a model that had nothing to say",
    letters=lambda dialect: [],
    more=plain,
    compare=_swallows,
    decoders=only_clients,
    layer="messages",
    blames="HTTP",
    searched=False,
    shows=lambda stream: True,
    alone=False,
)
