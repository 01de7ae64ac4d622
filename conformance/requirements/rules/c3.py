"""C3: the source let go."""

from sliceproof.conformance.harness.consumers import let_go
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import Intrusion, drive
from sliceproof.conformance.requirements.applicability import throwable
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.calling import three_deltas
from sliceproof.conformance.requirements.requirement import SHOULD, Broken, Requirement
from sliceproof.wire.stream import Stream


def _keeps_its_source(decoder: Decoder, stream: Stream) -> Broken | None:
    for mode in decoder.modes:
        if not let_go(decoder, mode, stream):
            outcome = drive(decoder, mode, stream, intrusion=Intrusion(1, leave=True))
            breach = Breach(
                BreachKind.KEEPS_ITS_SOURCE, "a source that is closed, or held by nobody", "one still held", "end"
            )
            return Broken(stream, mode, breach, outcome)
    return None


REQUIREMENT = Requirement(
    id="C3",
    title="the source let go",
    rule="A decoder that its consumer has left closes its source, or at least holds it no longer.",
    source="HTTP clients give a connection back when the body's iterator is closed or gone",
    level=SHOULD,
    why="nothing is lost, but connections run out",
    letters=lambda dialect: [],
    more=three_deltas,
    compare=_keeps_its_source,
    decoders=throwable,
    layer="messages",
    searched=False,
    blames="end",
    unasked_of_clients="it leaves a decoder in ways that only a generator of this process has",
)
