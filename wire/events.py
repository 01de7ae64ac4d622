"""SageMaker's events as messages: PayloadPart, the two exceptions, and what the framing allows besides.

Source: botocore's `sagemaker-runtime/2017-05-13/service-2.json`; header order as seen on AWS.
"""

import json
import struct
import uuid
import zlib
from collections.abc import Mapping
from functools import lru_cache

from sliceproof.wire.headers import Headers, Int8, Int16, Int32, Int64, Timestamp, decode_headers, encode_headers
from sliceproof.wire.messages import Message, frame

PART_HEADERS: Headers = {
    ":event-type": "PayloadPart",
    ":content-type": "application/octet-stream",
    ":message-type": "event",
}
EXTRA_HEADERS: Headers = {
    "true": True,
    "false": False,
    "byte": Int8(-1),
    "short": Int16(-2),
    "integer": Int32(3),
    "long": Int64(1 << 40),
    "blob": b"\x00data: \n",
    "string": "é",
    "timestamp": Timestamp(1700000000000),
    "uuid": uuid.UUID(int=1),
}
EDGE_HEADERS: Headers = {
    "n" * 127: True,
    "n" * 128: True,
    "n" * 255: True,
    "é": True,
    "far": Timestamp((1 << 63) - 1),
    "least": Int64(-1 << 63),
    "nothing": b"",
    "no text": "",
}
"""What the framing allows at its edges, where a decoder may not have looked."""
HEADER_VARIANTS: Mapping[str, Headers] = {
    "plain": PART_HEADERS,
    "reversed": {name: PART_HEADERS[name] for name in reversed(tuple(PART_HEADERS))},
    "type-last": {name: PART_HEADERS[name] for name in (":message-type", ":content-type", ":event-type")},
    "no-content-type": {name: value for name, value in PART_HEADERS.items() if name != ":content-type"},
    "extra-first": {**EXTRA_HEADERS, **PART_HEADERS},
    "extra-last": {**PART_HEADERS, **EXTRA_HEADERS},
}
"""The same event under other headers: their order means nothing, and unknown ones are to be ignored."""


@lru_cache(maxsize=512)
def part_header_block(variant: str) -> bytes:
    """The encoded headers of a PayloadPart in one of HEADER_VARIANTS."""
    return header_block(PART_HEADERS, variant)


def header_block(headers: Headers, variant: str) -> bytes:
    """The encoded *headers* of an event in one of HEADER_VARIANTS.

    "plain+HEX" has the bytes of more headers behind these, "HEX+plain" before them. KeyError for a variant
    that there is not; ValueError for digits, or headers, that cannot be read.
    """
    first, _, second = variant.partition("+")
    if second in HEADER_VARIANTS:
        block = bytes.fromhex(first) + encode_headers(_varied(headers, second))
    else:
        block = encode_headers(_varied(headers, first)) + bytes.fromhex(second)
    if second:
        decode_headers(block, limit=None)
    return block


def _varied(headers: Headers, variant: str) -> Headers:
    """The headers of another event, with what a variant adds, leaves out or puts elsewhere."""
    return {name: headers.get(name, value) for name, value in HEADER_VARIANTS[variant].items()}


def exception(name: str, message: str, code: str | None = None, as_json: bool = True) -> Message:
    """An exception message (ModelStreamError, InternalStreamFailure) or, as `error`, an error message.

    Unless *as_json*, the payload is the message as it is, as a proxy may write it.
    """
    if name == "error":
        headers = {":message-type": "error", ":error-code": code or "InternalError", ":error-message": message}
        return Message(headers, b"")
    kind = "application/json" if as_json else "text/plain"
    headers = {":exception-type": name, ":content-type": kind, ":message-type": "exception"}
    if not as_json:
        return Message(headers, message.encode())
    body = {"Message": message} if code is None else {"Message": message, "ErrorCode": code}
    return Message(headers, json.dumps(body, ensure_ascii=False).encode())


def unknown_event(payload: bytes, name: str = "Metrics") -> Message:
    """An event of a type that the service does not have today."""
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return Message(headers, payload)


def oversized_prelude(total: int = 0x7FFFFFFF) -> bytes:
    """A prelude that declares a message of *total* bytes, its checksum right."""
    lengths = struct.pack(">II", total, 0)
    return lengths + struct.pack(">I", zlib.crc32(lengths))


__all__ = [
    "EXTRA_HEADERS",
    "HEADER_VARIANTS",
    "PART_HEADERS",
    "exception",
    "frame",
    "header_block",
    "oversized_prelude",
    "part_header_block",
    "unknown_event",
]
