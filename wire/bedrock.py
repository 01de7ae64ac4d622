"""Bedrock's events as messages: a record, or a typed event, in each.

Source: botocore 1.44.8 bedrock-runtime/2023-09-30/service-2.json, whose events have neither `eventpayload` nor
`eventheader`: a payload is one JSON object, with the bytes of a record in base64; the order of headers and keys, and
the padding `p`, as in recorded wires (open-telemetry/opentelemetry-python-contrib
instrumentation/opentelemetry-instrumentation-botocore/tests/cassettes, pydantic/pydantic-ai
tests/models/cassettes/test_bedrock); exceptions as in anthropics/anthropic-sdk-python#1477.
"""

import json
import re
from base64 import b64decode, b64encode
from string import ascii_letters, digits

from sliceproof.wire import events
from sliceproof.wire.headers import Headers
from sliceproof.wire.messages import Message, frame

PADDING = "".join((ascii_letters, digits))
"""What `p` is a prefix of, at least 2 and at most 61 letters of it."""
BEFORE = {
    "messageStart": b'"role"',
    "contentBlockStart": b'"start"',
    "messageStop": b'"stopReason"',
    "metadata": b'"usage"',
}
"""The key that stands behind `p`, as keys are sorted; in other events it is the last."""
FIRST_OF_MORE = b'"performanceConfig"'
"""That key where metadata has more than it must."""
TYPES = ("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata")
"""The types of ConverseStream's events."""
_EVENT = re.compile(rb'\{\s*"(\w+)"\s*:\s*(\{.*\})\s*\}', re.DOTALL)
EXCEPTIONS = {
    "ModelStreamError": "modelStreamErrorException",
    "InternalStreamFailure": "internalServerException",
    "ThrottlingException": "throttlingException",
}
"""What SageMaker's exceptions are called here; others have their own names."""


def padding(number: int) -> str:
    """The `p` of the message of that number: of each length that there is, in turn."""
    return PADDING[: 2 + number * 17 % 60]


def event(converse: bool, record: bytes, number: int, variant: str = "plain") -> bytes:
    """The message of a record, or of an event as boto3 gives it, under one of events.HEADER_VARIANTS."""
    name, payload = _named(converse, record, number)
    return frame(events.header_block(headers(name), variant), payload)


def unknown(converse: bool, record: bytes, number: int) -> Message:
    """The same payload in an event of a type that the service does not have today."""
    return events.unknown_event(_named(converse, record, number)[1], "heartbeat")


def kind_of(message: Message) -> tuple[str, str]:
    """What a message is, event, exception or error, and its name."""
    kind = str(message.headers[":message-type"])
    return kind, str(message.headers.get({"error": ":error-code"}.get(kind, f":{kind}-type"), ""))


def headers(name: str) -> Headers:
    """The headers of an event."""
    return {":event-type": name, ":content-type": "application/json", ":message-type": "event"}


def _named(converse: bool, record: bytes, number: int) -> tuple[str, bytes]:
    return _typed(record, number) if converse else ("chunk", _chunk(record, number))


def _chunk(record: bytes, number: int) -> bytes:
    return b'{"bytes":"%b","p":"%b"}' % (b64encode(record), padding(number).encode())


def _typed(record: bytes, number: int) -> tuple[str, bytes]:
    """An event's name, and its own object with the padding at its place."""
    found = _EVENT.fullmatch(record)
    assert found is not None
    name, inner, padded = found[1].decode(), found[2], b'"p":"%b"' % padding(number).encode()
    if name not in BEFORE:
        return name, inner[:-1] + b"," + padded + b"}"
    behind = FIRST_OF_MORE if name == "metadata" and FIRST_OF_MORE in inner else BEFORE[name]
    before, key, after = inner.partition(behind)
    return name, before + padded + b"," + key + after


def exception(name: str, message: str, code: str | None, as_json: bool = True) -> Message:
    """An exception message; one that tells what the model said has the model's own status and message too."""
    if name == "error" or not as_json:
        return events.exception(name, message, code, as_json)
    told: dict[str, object] = {"message": message}
    if code is not None:
        told = {"message": message, "originalMessage": message, "originalStatusCode": 424}
    kind = EXCEPTIONS.get(name, name)
    said = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return Message(said, json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def record_of(message: Message) -> bytes:
    """The record in a message, or the event as boto3 gives it, with a line feed; b"" for an event that has none."""
    name = str(message.headers.get(":event-type"))
    if name != "chunk":
        return b'{"%b":%b}\n' % (name.encode(), message.payload)
    encoded = json.loads(message.payload).get("bytes")
    return b64decode(encoded, validate=True) + b"\n" if encoded else b""
