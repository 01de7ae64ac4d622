"""C5: the event loop goes on."""

from sliceproof.conformance.harness.consumers import blocked_for
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive, is_asynchronous
from sliceproof.conformance.requirements.applicability import async_only
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.calling import three_deltas, under_trio
from sliceproof.conformance.requirements.requirement import SHOULD, Broken, Requirement
from sliceproof.wire.stream import Stream

BLOCKING = 0.02
"""Seconds without computing that an event loop may be kept waiting; a pause of a busy machine is not repeated."""


def _blocks(decoder: Decoder, stream: Stream) -> Broken | None:
    for mode in decoder.modes:
        if (
            is_asynchronous(decoder, mode, stream)
            and not under_trio(decoder, mode, stream)
            and all(blocked_for(decoder, mode, stream) > BLOCKING for _ in range(7))
        ):
            breach = Breach(
                BreachKind.BLOCKS_THE_LOOP, "the loop goes on while it waits", "a wait that stops the loop", "order"
            )
            return Broken(stream, mode, breach, drive(decoder, mode, stream))
    return None


REQUIREMENT = Requirement(
    id="C5",
    title="the event loop goes on",
    rule="An async decoder does not stop its event loop while it waits.",
    source="asyncio: blocking code is not to be called directly",
    level=SHOULD,
    why="nothing is lost, but all other answers of the process stand still",
    letters=lambda dialect: [],
    more=three_deltas,
    compare=_blocks,
    decoders=async_only,
    layer="messages",
    searched=False,
    blames="order",
    unasked_of_clients="it leaves a decoder in ways that only a generator of this process has",
)
