"""What a decoder makes of streams without any hazard: who fails there fails everywhere."""

from collections.abc import Iterator
from functools import lru_cache

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.breach import Breach
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def plain_streams(dialect: Dialect) -> Iterator[Stream]:
    """One to three plain deltas, each record a part, each message a chunk."""
    for tokens in (("x",), ("x", "y"), ("x", "y", "z")):
        yield Stream(dialect.id, tokens)


def plain_breach(decoder: Decoder, mode: str, stream: Stream) -> tuple[Breach, Outcome] | None:
    """How a decoder fails on a plain stream, also where no text stands beside the finish mark (which R4 asks)."""
    found = _breach(decoder, mode, stream)
    apart = stream.but(tokens=(*stream.tokens, ""))
    return found if found and not (stream.format.finishes and _breach(decoder, mode, apart) is None) else None


def _breach(decoder: Decoder, mode: str, stream: Stream) -> tuple[Breach, Outcome] | None:
    outcome = drive(decoder, mode, stream)
    breach = lossless(stream, outcome, decoder.compared)
    return (breach, outcome) if breach else None


@lru_cache(maxsize=256)
def fails_plainly(decoder: Decoder, dialect: Dialect) -> bool:
    """Whether the decoder fails on a stream without any hazard, so that this explains the rest."""
    return any(plain_breach(decoder, mode, stream) for stream in plain_streams(dialect) for mode in decoder.modes)
