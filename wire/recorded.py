"""A wire as it came from an endpoint, taken apart: messages, parts, and the records that a dialect's reader finds."""

import json
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from sliceproof.wire.bedrock import EXCEPTIONS, TYPES, record_of
from sliceproof.wire.dialects import (
    BEDROCK,
    DIALECTS,
    BodyError,
    Dialect,
    Framing,
    ModelError,
    Reader,
    Record,
    UnfinishedError,
    delta_reader,
    reader,
)
from sliceproof.wire.dialects.delta import PLAINEST, Delta
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.messages import UNLIMITED, Message, MessageDecoder

PRELUDE = 12  # bytes


class Recorded(NamedTuple):
    """What a wire holds: its messages as bytes, the offsets where they end, and what is in them.

    The last of `frames` is not whole where the wire ends inside a message; its stop is then past the wire. `unknown`
    are the numbers of the parts before which an event of another type stands, `fault` is what went wrong.
    """

    frames: tuple[bytes, ...]
    stops: tuple[int, ...]
    parts: tuple[bytes, ...]
    unknown: tuple[int, ...]
    records: tuple[Record, ...]
    fault: Fault | None
    deltas: tuple[Delta, ...] = ()  # of all channels, where there is more than the content of one choice

    @property
    def tokens(self) -> tuple[str, ...]:
        """The text deltas."""
        return tuple([record.text for record in self.records if record.kind == "delta"])


@lru_cache(maxsize=64)
def taken_apart(dialect: Dialect, wire: bytes) -> Recorded:
    """What *wire* holds; MessageError where the framing is broken, BodyError where the body is none of *dialect*."""
    frames, stops = _frames(wire)
    parts: list[bytes] = []
    unknown: list[int] = []
    fault = None
    for message in _messages(wire):
        if _is_part(message, dialect):
            parts.append(_part(message, dialect))
        elif message.headers.get(":message-type") == "event":
            unknown.append(len(parts))
        else:
            fault = fault or _exception(message)
    whole = not stops or stops[-1] == len(wire)
    records, error = _records(dialect, parts)
    said = sum(record.kind == "delta" for record in records)
    if fault is not None:
        fault = Fault(fault.kind, said, fault.name, fault.message, fault.code, json=fault.json)
    elif not whole:
        fault = Fault(FaultKind.TRUNCATED, len(wire))
    elif isinstance(error, ModelError):
        fault = Fault(FaultKind.ERROR_RECORD, said, message=error.message)
    elif error is not None:
        fault = Fault(FaultKind.SILENCE, said)
    return Recorded(frames, stops, tuple(parts), tuple(unknown), records, fault, _deltas(dialect, b"".join(parts)))


def _deltas(dialect: Dialect, body: bytes) -> tuple[Delta, ...]:
    """What a body says in all channels, as far as it can be read; () where it is the content of one choice."""
    if not dialect.answers:
        return ()
    incremental, found = delta_reader(dialect, None), list[Delta]()
    with suppress(BodyError, ModelError):
        found.extend(incremental.feed(body))
        found.extend(incremental.close())
    texts = [delta for delta in found if not delta.finish]
    return tuple(texts) if any(delta.channel != PLAINEST for delta in texts) else ()


def _frames(wire: bytes) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """The messages as bytes by the lengths that they declare, and where each ends, or would."""
    frames: list[bytes] = []
    stops: list[int] = []
    at = 0
    while at < len(wire):
        declared = int.from_bytes(wire[at : at + 4]) if len(wire) - at >= PRELUDE else len(wire) - at + 1
        frames.append(wire[at : at + max(declared, PRELUDE)])
        at += max(declared, PRELUDE)
        stops.append(at)
    return tuple(frames), tuple(stops)


def _messages(wire: bytes) -> list[Message]:
    """The whole messages."""
    decoder = MessageDecoder(UNLIMITED)
    return list(decoder.feed(wire))


def _is_part(message: Message, dialect: Dialect) -> bool:
    if not dialect.framing.by_message:
        return message.headers.get(":event-type") == "PayloadPart"
    return message.headers.get(":event-type") in (TYPES if dialect.typed else ("chunk",))


def _part(message: Message, dialect: Dialect) -> bytes:
    """What a message has of the body; BodyError for a chunk of Bedrock's without an object and its base64."""
    if not dialect.framing.by_message:
        return message.payload
    try:
        return record_of(message)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise BodyError(f"an event that cannot be read: {error}", 0) from error


def _exception(message: Message) -> Fault:
    """An exception message, or an error message, as a fault."""
    headers = message.headers
    if headers.get(":message-type") == "error":
        said = str(headers.get(":error-message", ""))
        return Fault(FaultKind.EXCEPTION, 0, "error", said, str(headers.get(":error-code", "")))
    name = str(headers.get(":exception-type", ""))
    as_json = headers.get(":content-type") == "application/json"
    body = _object(message.payload) if as_json else {}
    if not body:
        return Fault(FaultKind.EXCEPTION, 0, name, message.payload.decode("utf-8", "replace"), None, json=False)
    code = body.get("ErrorCode")
    said = str(body.get("Message") or body.get("message") or "")
    return Fault(FaultKind.EXCEPTION, 0, name, said, None if code is None else str(code))


def _object(payload: bytes) -> dict[str, object]:
    try:
        value = json.loads(payload)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _records(dialect: Dialect, parts: list[bytes]) -> tuple[tuple[Record, ...], Exception | None]:
    """Where text becomes complete in the body, each stretch a record; and the container's error, or the missing end."""
    body = b"".join(parts)
    pieces = body.splitlines(keepends=True) if dialect.framing.by_line else parts
    incremental, records, start = reader(dialect, None), [], 0
    for stop, piece in zip(accumulate(map(len, pieces)), pieces, strict=True):
        text, error = _read(incremental, piece)
        if text:
            records.append(Record(start, start, stop, stop, stop, text, "delta"))
            start = stop
        if error is not None:
            return (*records, Record(start, start, start, len(body), len(body), "", "error")), error
    text, error = _read(incremental, None)
    if text:
        records.append(Record(start, start, len(body), len(body), len(body), text, "delta"))
    elif start < len(body):
        records.append(Record(start, start, start, len(body), len(body), "", "done"))
    return tuple(records), error


def _read(incremental: Reader, piece: bytes | None) -> tuple[str, Exception | None]:
    """The text that the next bytes complete, or the end of the body; the container's error, or a missing end."""
    text = ""
    try:
        for delta in incremental.close() if piece is None else incremental.feed(piece):
            text += delta
    except (ModelError, UnfinishedError) as error:
        return text, error
    return text, None


def dialect_of(wire: bytes) -> Dialect:
    """The dialect that reads most of what *wire* says; plain text where it begins as no record does."""
    messages = _messages(wire)
    if typed := _of_bedrock(messages):
        return _reading_most([known for known in BEDROCK.values() if known.typed == (typed != "chunk")], wire)
    body = b"".join([message.payload for message in messages if message.headers.get(":event-type") == "PayloadPart"])
    if not body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_BEGINNINGS):
        return next(dialect for dialect in DIALECTS.values() if dialect.framing is Framing.RAW)
    return _reading_most([dialect for dialect in DIALECTS.values() if dialect.framing is not Framing.RAW], wire)


def _of_bedrock(messages: list[Message]) -> str:
    """The type of an event that Bedrock has, or of an exception where there is no event; "" if there is none."""
    for name in (":event-type", ":exception-type"):
        known = (*TYPES, "chunk", *EXCEPTIONS.values())
        if found := next((message.headers[name] for message in messages if message.headers.get(name) in known), ""):
            return str(found)
    return ""


def _reading_most(others: list[Dialect], wire: bytes) -> Dialect:
    """The one that reads most of what *wire* says; BodyError if none does."""
    read = [(dialect, found) for dialect in others if (found := _tried(dialect, wire)) is not None]
    if not read:
        raise BodyError("no dialect reads it; name the one that is written there", 0)

    def better(row: tuple[Dialect, Recorded]) -> tuple[int, bool]:
        return sum(map(len, row[1].tokens)), row[1].fault is None

    return max(read, key=better)[0]


_BEGINNINGS = (b"data:", b"event:", b"id:", b":", b"{", b"[")


def _tried(dialect: Dialect, wire: bytes) -> Recorded | None:
    try:
        return taken_apart(dialect, wire)
    except BodyError:
        return None
