"""A4: an answer that is left."""

from contextlib import suppress

from sliceproof.conformance.decoders.endpoint.answer import Transport
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.watchdog import Hang
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.clients import SOURCE, begun, only_clients, plain
from sliceproof.conformance.requirements.requirement import SHOULD, Broken, Requirement
from sliceproof.wire.stream import Stream

WAITS = 2.0  # seconds in which the connection must be let go
SOON = 0.1  # seconds in which the server notes that it has written all


def _holds(decoder: Decoder, stream: Stream) -> Broken | None:
    if len(stream.chunks) < 3:
        return None  # the server has written all before it can see who leaves
    for mode in decoder.modes:
        whole = drive(decoder, mode, stream)
        if len(whole.items) < 2:
            continue  # it gives the answer whole, so nobody can leave it in the middle
        late = True
        left = begun(decoder, mode, stream, Transport(stall_at=2, stall=WAITS))
        with suppress(Exception, Hang), left as answer:  # what it does instead of an item is others' business
            late = answer.over.wait(SOON)
        if late:
            continue  # it gave nothing before the server had written all, so nobody left in the middle
        answer.over.wait(2 * WAITS)
        if not answer.left:
            expected = f"the connection closed within {WAITS:.0f} s"
            breach = Breach(
                BreachKind.KEEPS_ITS_SOURCE, expected, "it was still open when the whole answer was written"
            )
            return Broken(stream, mode, breach, whole)
    return None


REQUIREMENT = Requirement(
    id="A4",
    title="an answer that is left",
    rule="When a consumer leaves in the middle of an answer, its connection is let go.",
    source=SOURCE,
    level=SHOULD,
    why="the container goes on to write, and is paid for, as long as somebody seems to read",
    letters=lambda dialect: [],
    more=plain,
    compare=_holds,
    decoders=only_clients,
    layer="text",
    blames="HTTP",
    searched=False,
    alone=False,
)
