"""A sound decoder of SageMaker's and Bedrock's response streams, usable as it is.

    from sliceproof.conformance.decoders.reference import decode

    for text in decode(response_chunks, "tgi-sse"):
        print(text, end="")

Incremental and bounded: it holds at most one message, one record and one chunk. Text comes out as
soon as its record is complete; a fault is raised after all text before it: MessageError (framing),
EventStreamFault (an exception message), ModelError (the container's error record), RecordError,
UnfinishedError (no finish mark).

Two limits keep what is held small; both are ours. Smithy's specification has clients accept a header block and
a payload of any size, so whoever wants that lifts them:

    from sliceproof.wire.messages import UNLIMITED

    decode(response_chunks, "tgi-sse", limits=UNLIMITED, max_record=None)
"""

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Generic, TypeVar

from sliceproof import __version__
from sliceproof.conformance.harness.contract import CHANNELS, Decoder, Mode
from sliceproof.wire.bedrock import TYPES, record_of
from sliceproof.wire.dialects import BEDROCK, DIALECTS, Delta, Dialect, delta_reader, dialect, reader
from sliceproof.wire.dialects.reader import MAX_RECORD, BodyReader
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.messages import Limits, Message, MessageDecoder
from sliceproof.wire.stream import Stream

T = TypeVar("T")

LIMITS = Limits()
"""Header blocks of 128 KiB, payloads of 24 MiB: the sizes that Smithy's specification names."""

OURS = (__name__, MessageDecoder.__module__, "sliceproof.wire.headers", reader.__module__)


class EventStreamFault(SliceproofError):  # noqa: N818 - the service's own word for it is fault
    """An exception or error message of the service: `name`, `message` and, if it gave one, `code`."""

    def __init__(self, name: str, message: str, code: str | None) -> None:
        super().__init__(f"{name}{f' ({code})' if code else ''}: {message}")
        self.name = name
        self.message = message
        self.code = code


class _Decoding(Generic[T]):
    """One stream, sans-IO: what the reader of its body gives of the payloads of its messages."""

    def __init__(self, read: BodyReader[T], limits: Limits, dialect: Dialect) -> None:
        self._messages = MessageDecoder(limits)
        self._reader = read
        self._dialect = dialect

    def feed(self, chunk: bytes) -> Iterator[T]:
        """The deltas that *chunk* (bytes of the HTTP body) completes."""
        for message in self._messages.feed(chunk):
            if payload := payload_of(message, self._dialect):
                yield from self._reader.feed(payload)

    def close(self) -> Iterator[T]:
        """The stream is over: the last of it, or the error that it is not whole."""
        self._messages.close()
        yield from self._reader.close()


class Decoding(_Decoding[str]):
    """One stream, sans-IO: `feed(chunk)` gives the text it completes, `close()` the last of it.

    `limits` are those of a message (LengthError or HeaderError over them, as soon as its length is read),
    `max_record` is the most bytes that are held of one record (RecordError over it; None: no limit).
    """

    def __init__(self, dialect_id: str, limits: Limits = LIMITS, max_record: int | None = MAX_RECORD) -> None:
        known = dialect(dialect_id)
        super().__init__(reader(known, max_record), limits, known)


class DeltaDecoding(_Decoding[Delta]):
    """The same in all channels: content, reasoning, refusals and tool calls of each choice, and why each is over."""

    def __init__(self, dialect_id: str, limits: Limits = LIMITS, max_record: int | None = MAX_RECORD) -> None:
        known = dialect(dialect_id)
        super().__init__(delta_reader(known, max_record), limits, known)


def payload_of(message: Message, dialect: Dialect) -> bytes:
    """A part's bytes, or Bedrock's record; b"" for an event of another type; EventStreamFault for an exception."""
    headers = message.headers
    kind = headers.get(":message-type", "event")
    if kind == "exception":
        name, code = str(headers.get(":exception-type")), None
        try:
            body = json.loads(message.payload)
            text, code = str(body.get("Message") or body.get("message") or ""), body.get("ErrorCode")
        except (ValueError, AttributeError):
            text = message.payload.decode("utf-8", "backslashreplace")
        raise EventStreamFault(name, text, code)
    if kind == "error":
        raise EventStreamFault(str(headers.get(":error-code")), str(headers.get(":error-message", "")), None)
    if dialect.framing.by_message:
        return record_of(message) if headers.get(":event-type") in (TYPES if dialect.typed else ("chunk",)) else b""
    return message.payload if headers.get(":event-type") == "PayloadPart" else b""


def decode(
    chunks: Iterable[bytes],
    dialect_id: str = "tgi-sse",
    *,
    limits: Limits = LIMITS,
    max_record: int | None = MAX_RECORD,
) -> Iterator[str]:
    """The text deltas of a response body that comes in *chunks*; the limits are those of `Decoding`."""
    decoding = Decoding(dialect_id, limits, max_record)
    for chunk in chunks:
        yield from decoding.feed(chunk)
    yield from decoding.close()


async def adecode(
    chunks: AsyncIterable[bytes],
    dialect_id: str = "tgi-sse",
    *,
    limits: Limits = LIMITS,
    max_record: int | None = MAX_RECORD,
) -> AsyncIterator[str]:
    """The same, of chunks that come asynchronously."""
    decoding = Decoding(dialect_id, limits, max_record)
    async for chunk in chunks:
        for text in decoding.feed(chunk):
            yield text
    for text in decoding.close():
        yield text


def deltas(
    chunks: Iterable[bytes],
    dialect_id: str = "openai-sse",
    *,
    limits: Limits = LIMITS,
    max_record: int | None = MAX_RECORD,
) -> Iterator[Delta]:
    """The deltas of a response body in all channels: those of `DeltaDecoding`."""
    decoding = DeltaDecoding(dialect_id, limits, max_record)
    for chunk in chunks:
        yield from decoding.feed(chunk)
    yield from decoding.close()


async def adeltas(
    chunks: AsyncIterable[bytes],
    dialect_id: str = "openai-sse",
    *,
    limits: Limits = LIMITS,
    max_record: int | None = MAX_RECORD,
) -> AsyncIterator[Delta]:
    """The same, of chunks that come asynchronously."""
    decoding = DeltaDecoding(dialect_id, limits, max_record)
    async for chunk in chunks:
        for delta in decoding.feed(chunk):
            yield delta
    for delta in decoding.close():
        yield delta


def of_deltas() -> Decoder:
    """The adapter of `deltas` and `adeltas`."""

    def code(stream: Stream, mode: str) -> str:
        name = "sliceproof.conformance.decoders.reference"
        return f'from {name} import deltas\n\nCHUNKS\n\nprint(list(deltas(chunks, "{stream.dialect}")))'

    return Decoder(
        "reference-deltas",
        {
            "sync": Mode(lambda id_, form: lambda chunks: deltas(chunks, id_)),
            "async": Mode(lambda id_, form: lambda chunks: adeltas(chunks, id_), is_async=True),
        },
        (*DIALECTS, *BEDROCK),
        yields="deltas",
        version=lambda: __version__,
        code=code,
        modules=OURS,
        reads_own=True,
        channels=CHANNELS,
    )


def decoder() -> Decoder:
    """The adapter."""

    def code(stream: Stream, mode: str) -> str:
        name = "sliceproof.conformance.decoders.reference"
        return f'from {name} import decode\n\nCHUNKS\n\nprint(list(decode(chunks, "{stream.dialect}")))'

    return Decoder(
        "reference",
        {
            "sync": Mode(lambda id_, form: lambda chunks: decode(chunks, id_)),
            "async": Mode(lambda id_, form: lambda chunks: adecode(chunks, id_), is_async=True),
        },
        (*DIALECTS, *BEDROCK),
        version=lambda: __version__,
        code=code,
        modules=OURS,
        reads_own=True,
    )
