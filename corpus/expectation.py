"""What a sound decoder makes of a stream, told so that a test in any language can compare."""

from collections.abc import Mapping
from dataclasses import dataclass

from sliceproof.wire.dialects import BodyError, ModelError, read_back
from sliceproof.wire.messages import decode_messages
from sliceproof.wire.stream import FAULTS, Stream


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


def expected(stream: Stream) -> Expected:
    """The expectation of a stream."""
    fault = stream.fault
    if fault is None:
        return Expected(stream.text)
    if fault.kind in ("exception", "corrupt", "oversized", "malformed", "source-error") or _inside_a_message(stream):
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
    return fault is not None and fault.kind == "truncated" and fault.at not in (0, *stream.frame_stops)


def _heard(stream: Stream) -> bytes:
    """The body as far as it came."""
    messages = decode_messages(stream.wire)
    return b"".join([message.payload for message in messages if message.headers.get(":event-type") == "PayloadPart"])


def _error(stream: Stream) -> dict[str, str]:
    fault = stream.fault
    assert fault is not None
    facts = {"kind": fault.kind, "what": FAULTS[fault.kind].replace("`at`", str(fault.at))}
    if fault.kind == "exception":
        facts |= {"name": fault.name, "message": fault.message}
        facts |= {} if fault.code is None else {"code": fault.code}
    if fault.kind == "source-error":
        facts |= {"name": type(fault.raised).__name__}
    if fault.kind == "error-record":
        facts["message"] = fault.message
    return facts
