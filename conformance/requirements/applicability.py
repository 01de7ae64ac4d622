"""Why a requirement cannot be asked of a dialect or a decoder."""

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import seen_asynchronous
from sliceproof.wire.dialects import Dialect, Framing


def no_records(dialect: Dialect) -> str:
    """The reason where a body has no records."""
    return "plain text has no records" if dialect.framing is Framing.RAW else ""


_OF_BODIES = frozenset(
    {
        *("F6", "U1", "U4", "U5-bom", "L2", "L3", "L4", "L5", "R1", "R2", "P3"),
        *("S2", "S2-allowed", "S2-fields", "S3", "E1-record", "E3"),
    }
)


def without_parts(id_: str, dialect: Dialect) -> str:
    """The reason where each record is a message of its own: nothing cuts it, and nothing stands around it."""
    if not dialect.framing.by_message:
        return ""
    if id_ == "F2-malformed":
        return "the malformed messages are SageMaker's events, which a decoder of Bedrock's may pass over"
    return "each record is a message of its own here, which nothing cuts or joins" if id_ in _OF_BODIES else ""


def async_only(decoder: Decoder) -> str:
    """The reason of a decoder that is not async, or into which nothing can be thrown."""
    if not any(map(seen_asynchronous, decoder.modes.values())):
        return "the decoder is not async"
    return throwable(decoder)


def throwable(decoder: Decoder) -> str:
    """The reason of a decoder into which nothing can be thrown."""
    return "" if decoder.throwable else "it runs in a process of its own, and nothing can be thrown into that"
