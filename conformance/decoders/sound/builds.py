"""Sound decoders of different build: what a requirement blames one of these for is the requirement's fault.

Where one has a weakness, `SOUND` names it: it is rightly told of that, and of nothing else.
"""

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

from sliceproof.conformance.decoders.adapters import botocore
from sliceproof.conformance.decoders.sound.steps import Lines, Sound, stepped
from sliceproof.wire.dialects import dialect, reader
from sliceproof.wire.messages import MessageDecoder


class IncrementalCodec(Sound):
    """Decodes UTF-8 incrementally and holds back half a line, as a client should."""


class WholeBody:
    """Reads to the end before it gives anything, then gives all there was before it raises."""

    def __init__(self, dialect_id: str) -> None:
        self.decoding = Sound(dialect_id)

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        wire, error = read_all(chunks)
        yield from one_piece(self._all(wire, error))

    def _all(self, wire: bytes, error: Exception | None) -> Iterator[str]:
        yield from self.decoding.chunk(wire)
        if error is not None:
            raise error
        yield from self.decoding.end()


def read_all(chunks: Iterable[bytes]) -> tuple[bytes, Exception | None]:
    """All that came of a source, and what it raised then, if it did."""
    came: list[bytes] = []
    try:
        came.extend(chunks)
    except Exception as error:
        return b"".join(came), error
    return b"".join(came), None


class OneCharacterAtATime(Sound):
    """Gives each character by itself."""

    def delta(self, text: str) -> Iterator[str]:
        yield from text


class EmptyDeltasBetween(Sound):
    """Gives an empty delta before and after each."""

    def delta(self, text: str) -> Iterator[str]:
        yield from ("", text, "")


class LargerPieces(Sound):
    """Gives what a chunk completes as one piece, also what came before a fault in it."""

    def chunk(self, chunk: bytes) -> Iterator[str]:
        yield from one_piece(super().chunk(chunk))

    def end(self) -> Iterator[str]:
        yield from one_piece(super().end())


def one_piece(items: Iterator[str]) -> Iterator[str]:
    """All of *items* joined; an error comes after what came before it."""
    kept = ""
    try:
        for text in items:
            kept += text
    except Exception:
        if kept:
            yield kept
        raise
    if kept:
        yield kept


class RealAwaits(Sound):
    """Really waits before each chunk."""

    def decode(self, chunks: Any) -> Any:
        return stepped(self, _late(chunks))


async def _late(chunks: Any) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


class RawDecode(Sound):
    """Finds JSON documents with raw_decode, whatever stands between them; blind to lines."""

    def text(self, text: str) -> Iterator[str]:
        if not self.started and text:
            self.started, text = True, text.removeprefix("\ufeff")
        self.rest += text
        while (start := self.rest.find("{")) >= 0:
            try:
                record, stop = json.JSONDecoder().raw_decode(self.rest, start)
            except json.JSONDecodeError:
                return
            self.rest = self.rest[stop:]
            yield from self.record(record)

    def last(self) -> Iterator[str]:
        yield from self.text(self.utf8.decode(b"", True))


class LinesOfBytes(Sound):
    """Buffers bytes up to a line feed and decodes whole lines, so that no character is ever cut."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.bytes: list[bytes] = []

    def part(self, payload: bytes) -> Iterator[str]:
        first, *others = payload.split(b"\n")
        self.bytes.append(first)
        for following in others:
            line, self.bytes = b"".join(self.bytes), [following]
            yield from self.text(line.decode() + "\n")

    def last(self) -> Iterator[str]:
        yield from self.text(b"".join(self.bytes).decode())
        yield from super().last()


class BotocoreFrames:
    """botocore's EventStream for the frames, a reader of records for the rest."""

    def __init__(self, dialect_id: str) -> None:
        self.dialect_id = dialect_id

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        messages = botocore.decoder().modes["event stream"].open(self.dialect_id, "")(chunks)
        yield from Parts(self.dialect_id).decode(payload for _, payload in messages)  # type: ignore[union-attr]


class Parts:
    """Reads the payloads of parts, as an adapter between a client and a reader of records does."""

    def __init__(self, dialect_id: str) -> None:
        self.reader = reader(dialect(dialect_id))

    def decode(self, parts: Iterable[bytes]) -> Iterator[str]:
        for part in parts:
            yield from self.reader.feed(part)
        yield from self.reader.close()


class Events(Parts):
    """Reads the payloads of boto3's events."""

    def decode(self, events: Iterable[Any]) -> Iterator[str]:
        yield from super().decode(event["PayloadPart"]["Bytes"] for event in events)


class Body(Parts):
    """Reads the body itself, as a client of a server without an event stream does."""


class AwaitedBody(Parts):
    """Reads the body itself, and awaits each chunk of it."""

    async def decode(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:  # type: ignore[override]
        async for chunk in chunks:
            for text in self.reader.feed(chunk):
                yield text
        for text in self.reader.close():
            yield text


class LinesWithLineFeeds(Lines):
    """Gives lines with the line feed, as file objects do."""

    def part(self, payload: bytes) -> Iterator[bytes]:
        for line in super().part(payload):
            yield line + b"\n"


class LinesOfParts(Lines):
    """Gives the lines of payloads."""

    def decode(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        yield from super().decode({"PayloadPart": {"Bytes": part}} for part in parts)


class LinesOfBody(LinesOfParts):
    """Gives the lines of the body itself."""


class WholeMessages:
    """Reads the whole wire before it gives the first message, then all there were before it raises."""

    def __init__(self, dialect_id: str) -> None:
        """It reads the frames of every dialect alike."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[tuple[Any, bytes]]:
        decoder = MessageDecoder()
        wire, error = read_all(chunks)
        for message in decoder.feed(wire):
            yield message.headers, message.payload
        if error is not None:
            raise error
        decoder.close()


class ReadsAheadInThread(Sound):
    """Pulls chunks in a thread that reads ahead of the decoder, through a queue."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        ahead: Queue[bytes | BaseException | None] = Queue(1)
        left = Event()
        pump = Thread(target=_pump, args=(chunks, ahead, left), daemon=True)
        pump.start()
        try:
            while (came := ahead.get()) is not None:
                if isinstance(came, BaseException):
                    raise came
                yield from self.chunk(came)
            yield from self.end()
        finally:
            left.set()
            with suppress(Empty):
                ahead.get_nowait()
            pump.join()


def _pump(chunks: Iterable[bytes], ahead: "Queue[bytes | BaseException | None]", left: Event) -> None:
    """Put each chunk, what the source raises, and None at its end into the queue, until the reader has left."""
    last: BaseException | None = None
    try:
        for chunk in chunks:
            ahead.put(chunk)
            if left.is_set():
                return
    except BaseException as error:
        last = error
    ahead.put(last)


class ReadsAheadInTask(Sound):
    """Pulls chunks in a task that reads ahead of the decoder, through a queue."""

    def decode(self, chunks: Any) -> Any:
        return stepped(self, _ahead(chunks))


async def _ahead(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    queue: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue(1)

    async def pump() -> None:
        try:
            async for chunk in chunks:
                await queue.put(chunk)
            await queue.put(None)
        except Exception as error:
            await queue.put(error)

    pumping = asyncio.ensure_future(pump())
    try:
        while (came := await queue.get()) is not None:
            if isinstance(came, BaseException):
                raise came
            yield came
    finally:
        pumping.cancel()


class OneAhead(Sound):
    """Has the next chunk fetched by a task while it decodes the one before."""

    def decode(self, chunks: Any) -> Any:
        return stepped(self, _prefetched(chunks))


async def _prefetched(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    source = aiter(chunks)
    following = asyncio.ensure_future(_next(source))
    try:
        while (chunk := await following) is not None:
            following = asyncio.ensure_future(_next(source))
            yield chunk
    finally:
        following.cancel()


async def _next(source: AsyncIterator[bytes]) -> bytes | None:
    return await anext(source, None)


class DecodesInThread(Sound):
    """Decodes in the event loop's threads, by asyncio.to_thread, and gives each delta as it comes of there."""

    async def decode(self, chunks: Any) -> Any:
        async for chunk in chunks:
            deltas = self.chunk(chunk)
            while (text := await asyncio.to_thread(next, deltas, None)) is not None:
                yield text
        deltas = self.end()
        while (text := await asyncio.to_thread(next, deltas, None)) is not None:
            yield text


class LeavesAtDone(Sound):
    """Reads no further once the container has said that it is done."""

    left = False

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        for chunk in chunks:
            yield from self.chunk(chunk)
            if self.left:
                return
        yield from self.end()

    def event(self, data: str) -> Iterator[str]:
        if not self.left:
            yield from super().event(data)
            self.left = data == "[DONE]"


class LeavesAtTheFinishMark(LeavesAtDone):
    """Reads no further once the finish mark has come."""

    def event(self, data: str) -> Iterator[str]:
        if not self.left:
            yield from super().event(data)
            self.left = self.finished and bool(self.dialect.finishes)


class GivesAllAtOnce(Sound):
    """Gives the whole answer at once, or the error and no text."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        yield "".join(list(super().decode(chunks)))


class LoadsTheDocument:
    """Reads the whole document by json.loads, and gives its text or raises."""

    def __init__(self, dialect_id: str) -> None:
        self.dialect = dialect(dialect_id)

    def decode(self, parts: Iterable[bytes]) -> Iterator[str]:
        document = json.loads(b"".join(parts))
        document = document[0] if isinstance(document, list) else document
        if document.get("details", {}).get("finish_reason") == "error":
            raise ValueError(f"not an answer: {document}")
        yield document["generated_text"]
