"""A stream without any hazard: who fails here fails everywhere, and is told that first."""

from collections.abc import Iterator

from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.drive import drive
from sliceproof.conformance.judge import lossless
from sliceproof.conformance.requirement import MUST, Broken, Requirement
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def plain_streams(known: Dialect) -> Iterator[Stream]:
    """One to three plain deltas, each record a part, each message a chunk."""
    for tokens in (("x",), ("x", "y"), ("x", "y", "z")):
        yield Stream(known.id, tokens)


def _fails(decoder: Decoder, stream: Stream) -> Broken | None:
    """A failure on the stream that stays where no text stands beside the finish mark (which R4 asks)."""
    for mode in decoder.modes:
        broken = _lossy(decoder, mode, stream)
        apart = stream.but(tokens=(*stream.tokens, ""))
        if broken and not (stream.format.finishes and _lossy(decoder, mode, apart) is None):
            return broken
    return None


def _lossy(decoder: Decoder, mode: str, stream: Stream) -> Broken | None:
    outcome = drive(decoder, mode, stream)
    breach = lossless(stream, outcome, decoder.yields)
    return Broken(stream, mode, breach, outcome) if breach else None


REQUIREMENTS = (
    Requirement(
        id="PLAIN",
        title="a plain stream",
        rule="Plain words come out, each record a part and each message a chunk.",
        source="what every server writes most of the time",
        level=MUST,
        why="it is the least that a decoder does; who fails here fails all that asks for text",
        letters=lambda known: [],
        more=plain_streams,
        compare=_fails,
        layer="messages",
        searched=False,
    ),
)
