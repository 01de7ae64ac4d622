"""PLAIN: a plain stream."""

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.plainly import plain_breach, plain_streams
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.wire.stream import Stream


def _fails(decoder: Decoder, stream: Stream) -> Broken | None:
    for mode in decoder.modes:
        if found := plain_breach(decoder, mode, stream):
            return Broken(stream, mode, *found)
    return None


REQUIREMENT = Requirement(
    id="PLAIN",
    title="a plain stream",
    rule="Plain words come out, where each record is a part and each message a chunk.",
    source="what every server writes most of the time",
    level=MUST,
    why="it is the least that a decoder does; who fails here fails all that asks for text",
    seen=("anthropics/anthropic-sdk-typescript#1199", "jeremychone/rust-genai#297"),
    letters=lambda dialect: [],
    more=plain_streams,
    compare=_fails,
    layer="messages",
    searched=False,
)
