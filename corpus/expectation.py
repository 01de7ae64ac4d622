"""What a sound decoder makes of a stream, told so that a test in any language can compare."""

from collections.abc import Mapping
from dataclasses import dataclass

from sliceproof.wire.dialects import BodyError, ModelError, read_back
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.messages import decode_messages
from sliceproof.wire.stream import Stream


@dataclass(frozen=True)
class Expected:
    """The text, and the error that follows, if one does.

    Without an error, `text` is all that comes out. With one, it is what comes out before it at
    least: the text of every message that is whole. `error` has the `kind` of the fault, `what` it
    is in words, and for an error that is told in the stream its `message` and perhaps `name` and
    `code`.
    """

    text: str
    error: Mapping[str, str] | None = None


_BELOW_THE_BODY = frozenset(
    {
        FaultKind.EXCEPTION,
        FaultKind.CORRUPT,
        FaultKind.OVERSIZED,
        FaultKind.MALFORMED,
        FaultKind.SOURCE_ERROR,
    }
)
"""What goes wrong without a word of it in the body."""


def expected(stream: Stream) -> Expected:
    """The expectation of a stream."""
    fault = stream.fault
    if fault is None:
        return Expected(stream.text)
    if fault.kind in _BELOW_THE_BODY or _inside_a_message(stream):
        return Expected(_due(stream), _error(stream))
    try:
        return Expected("".join(read_back(stream.format, _heard(stream))))
    except (BodyError, ModelError):
        return Expected(_due(stream), _error(stream))


def _due(stream: Stream) -> str:
    return "".join(stream.tokens)[: stream.complete(stream.fault_offset)]


def _inside_a_message(stream: Stream) -> bool:
    """Whether the wire is truncated elsewhere than between two messages."""
    fault = stream.fault
    return fault is not None and fault.kind is FaultKind.TRUNCATED and fault.at not in (0, *stream.frame_stops)


def _heard(stream: Stream) -> bytes:
    """The body as far as it came."""
    messages = decode_messages(stream.wire)
    return b"".join([message.payload for message in messages if message.headers.get(":event-type") == "PayloadPart"])


def _error(stream: Stream) -> dict[str, str]:
    fault = stream.fault
    assert fault is not None
    facts = {"kind": str(fault.kind), "what": fault.words}
    if fault.kind is FaultKind.EXCEPTION:
        facts |= {"name": fault.name, "message": fault.message}
        facts |= {} if fault.code is None else {"code": fault.code}
    if fault.kind is FaultKind.SOURCE_ERROR:
        facts |= {"name": type(fault.raised).__name__}
    if fault.kind is FaultKind.ERROR_RECORD:
        facts["message"] = fault.message
    return facts
