"""C4: a wait given up."""

from sliceproof.conformance.harness.consumers import given_up
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive, is_asynchronous
from sliceproof.conformance.requirements.applicability import async_only
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.calling import three_deltas, under_trio
from sliceproof.conformance.requirements.requirement import SHOULD, Broken, Requirement
from sliceproof.wire.stream import Stream


def _loses_in_a_wait(decoder: Decoder, stream: Stream) -> Broken | None:
    """A decoder that goes on after a wait was given up goes on whole."""
    for mode in decoder.modes:
        if (
            not is_asynchronous(decoder, mode, stream)
            or decoder.compared != "text"
            or under_trio(decoder, mode, stream)
        ):
            continue
        for number in range(len(stream.tokens)):
            for turns in (1, 2, 3, 4, 5, 6):
                items = given_up(decoder, mode, stream, number, turns)
                got = "".join(items.items) if items else stream.text
                if items is not None and items.after and got != stream.text:
                    outcome = drive(decoder, mode, stream)
                    breach = Breach(BreachKind.LOSES_IN_A_WAIT, repr(stream.text), repr(got), "order")
                    return Broken(stream, mode, breach, outcome)
    return None


REQUIREMENT = Requirement(
    id="C4",
    title="a wait given up",
    rule="A decoder that can be read on after a cancelled wait (a generator cannot) loses nothing by it.",
    source="asyncio.wait_for cancels a wait; consumers use it for heartbeats",
    level=SHOULD,
    why="most decoders are generators and end at a cancelled wait, which their consumer sees",
    letters=lambda dialect: [],
    more=three_deltas,
    compare=_loses_in_a_wait,
    decoders=async_only,
    searched=False,
    blames="order",
    unasked_of_clients="it leaves a decoder in ways that only a generator of this process has",
)
