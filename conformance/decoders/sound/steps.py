"""Sound decoders in small steps: chunks to text, events to lines, chunks to messages.

Every step is a method of its own, so that another build, or a broken decoder, overrides one of them.
Built apart from the reference decoder, from the same wire layer.
"""

import codecs
import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any

from sliceproof.conformance.decoders.reference import payload_of
from sliceproof.wire.dialects import Framing, UnfinishedError, dialect
from sliceproof.wire.messages import Message, MessageDecoder


class Sound:
    """Decodes one stream of an SSE or JSON-lines dialect, or plain text."""

    line_end = re.compile(r"\r\n|\n|\r(?!$)")

    def __init__(self, dialect_id: str) -> None:
        self.dialect = dialect(dialect_id)
        self.decoder = MessageDecoder()
        self.utf8 = codecs.getincrementaldecoder("utf-8")()
        self.held: list[str] = []
        self.data: list[str] = []
        self.finished = not self.dialect.finishes
        self.started = False

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        """The text deltas of a response body."""
        for chunk in chunks:
            yield from self.chunk(chunk)
        yield from self.end()

    def chunk(self, chunk: bytes) -> Iterator[str]:
        for message in self.messages(chunk):
            yield from self.part(self.payload(message))

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return self.decoder.feed(chunk)

    def payload(self, message: Message) -> bytes:
        return payload_of(message, self.dialect)

    def part(self, payload: bytes) -> Iterator[str]:
        yield from self.text(self.characters(payload))

    def characters(self, payload: bytes) -> str:
        return self.utf8.decode(payload)

    def text(self, text: str) -> Iterator[str]:
        if text and not self.started and self.dialect.framing is not Framing.RAW:
            self.started, text = True, text.removeprefix("\ufeff")
        if self.dialect.framing is Framing.RAW:
            yield from self.delta(text)
            return
        for line in self.lines(text):
            yield from self.line(line)

    @property
    def rest(self) -> str:
        """What is left of a line; its pieces are joined when they are needed, as a line may be long."""
        self.held = ["".join(self.held)]
        return self.held[0]

    @rest.setter
    def rest(self, text: str) -> None:
        self.held = [text]

    def lines(self, text: str) -> list[str]:
        if not self.line_end.search(text) and not (self.held and self.held[-1].endswith("\r")):
            self.held.append(text)
            return []
        *lines, self.rest = self.split(self.rest + text)
        return lines

    def split(self, text: str) -> list[str]:
        return self.line_end.split(text)

    def line(self, line: str) -> Iterator[str]:
        if self.dialect.framing in (Framing.LINES, Framing.EVENTS):
            yield from self.event(line)
        elif line:
            self.field(line)
        else:
            data, self.data = self.data, []
            yield from self.event("\n".join(data))

    def field(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data":
            self.data.append(value.removeprefix(" "))

    def event(self, data: str) -> Iterator[str]:
        if not data.strip():
            return
        if data == "[DONE]":
            self.finished = True
            return
        yield from self.record(self.parse(data))

    def parse(self, data: str) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(data)
        return record

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        text, finished, _ = self.dialect.read(record)
        self.finished = self.finished or finished
        yield from self.delta(text)

    def delta(self, text: str) -> Iterator[str]:
        if text:
            yield text

    def end(self) -> Iterator[str]:
        self.end_of_wire()
        yield from self.last()
        self.end_of_body()

    def end_of_wire(self) -> None:
        self.decoder.close()

    def last(self) -> Iterator[str]:
        yield from self.text(self.utf8.decode(b"", True))
        rest, self.rest = self.rest.rstrip("\r"), ""
        for line in (rest, ""):
            yield from self.line(line)

    def end_of_body(self) -> None:
        if not self.finished:
            raise UnfinishedError("no finish mark", 0)


class Lines:
    """Splits the payloads of boto3's events into lines of bytes, for a reader of records above it."""

    def __init__(self, dialect_id: str) -> None:
        self.held: list[bytes] = []

    def decode(self, events: Iterable[Any]) -> Iterator[bytes]:
        """The lines of a response, without their line feeds."""
        for event in events:
            yield from self.part(event["PayloadPart"]["Bytes"])
        yield from self.last()

    def part(self, payload: bytes) -> Iterator[bytes]:
        first, *others = payload.split(b"\n")
        self.held.append(first)
        for following in others:
            line, self.held = b"".join(self.held), [following]
            yield line

    def last(self) -> Iterator[bytes]:
        if rest := b"".join(self.held):
            yield rest


class Messages:
    """Reads chunks into messages, and leaves what is in them to others."""

    def __init__(self, dialect_id: str) -> None:
        self.decoder = MessageDecoder()

    def decode(self, chunks: Iterable[bytes]) -> Iterator[tuple[Any, bytes]]:
        """The headers and the payload of each message."""
        for chunk in chunks:
            for message in self.messages(chunk):
                yield message.headers, message.payload
        self.end()

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return self.decoder.feed(chunk)

    def end(self) -> None:
        self.decoder.close()


async def stepped(decoding: Sound, chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """A Sound, called asynchronously."""
    async for chunk in chunks:
        for text in decoding.chunk(chunk):
            yield text
    for text in decoding.end():
        yield text
