"""Broken decoders mended: the step that is wrong is done by the code of a hint, all else stays as it is."""

import sys
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sliceproof.conformance.decoders.broken import Broken
from sliceproof.conformance.decoders.endpoint.client import Client, mode
from sliceproof.conformance.decoders.sound.deltas import GivesDeltas
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.conformance.harness.contract import Mode
from sliceproof.conformance.requirements.hints.snippets import (
    asking,
    channels,
    closing,
    decoding,
    event_buffer,
    finish_mark,
    line_buffer,
    message_buffer,
    message_headers,
    message_kinds,
    off_the_loop,
    reading_on,
    record,
    record_text,
    tool_calls,
    utf8,
    whole,
)
from sliceproof.wire.dialects import Delta, Framing
from sliceproof.wire.headers import decode_headers
from sliceproof.wire.messages import Message


class _Frames(Sound):
    decode, chunk = Sound.decode, Sound.chunk

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.frames = message_buffer.MessageBuffer()

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return (Message(self.headers(block), payload) for block, payload in self.frames.feed(chunk))

    def headers(self, block: bytes) -> Any:
        return decode_headers(block)

    def end_of_wire(self) -> None:
        self.frames.close()


class _Headers(_Frames):
    payload = Sound.payload

    def headers(self, block: bytes) -> Any:
        return message_headers.read_headers(block)


class _Kinds(Sound):
    chunk, part, messages = Sound.chunk, Sound.part, Sound.messages

    def payload(self, message: Message) -> bytes:
        return message_kinds.part_of(message.headers, message.payload)


class _Characters(Sound):
    text = Sound.text

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.codec = utf8.Utf8("utf-8" if self.dialect.framing is Framing.RAW else "utf-8-sig")
        self.utf8 = self.codec.decoder

    def characters(self, payload: bytes) -> str:
        return self.codec.feed(payload)


class _Lines(Sound):
    text, part, line = Sound.text, Sound.part, Sound.line

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.buffer = line_buffer.LineBuffer()

    def lines(self, text: str) -> list[str]:
        return self.buffer.feed(text)

    def last(self) -> Iterator[str]:
        yield from self.text(self.utf8.decode(b"", True))
        for line in (*self.buffer.close(), ""):
            yield from self.line(line)


class _Events(Sound):
    last = Sound.last

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.events = event_buffer.EventBuffer()

    def line(self, line: str) -> Iterator[str]:
        if data := self.events.feed(line):
            yield from self.event(data)

    def delta(self, text: str) -> Iterator[str]:
        yield from Sound.delta(self, text)


class _Records(Sound):
    chunk, event, record = Sound.chunk, Sound.event, Sound.record

    def parse(self, data: str) -> dict[str, Any]:
        return record.record_of(data)


class _Texts(Sound):
    def record(self, record: dict[str, Any]) -> Iterator[str]:
        self.finished = self.dialect.read(record).finished or self.finished
        if text := record_text.text_of(record):
            yield text


class _Finish(Sound):
    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.mark = finish_mark.FinishMark()

    def event(self, data: str) -> Iterator[str]:
        if data and not self.mark.is_end(data):
            yield from self.record(self.parse(data))

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        self.mark.look(record)
        yield from self.delta(self.dialect.read(record).text)

    def last(self) -> Iterator[str]:
        yield from Sound.last(self)

    def end_of_body(self) -> None:
        self.mark.close()


class _AsReader(Sound):
    chunk, end = Sound.chunk, Sound.end

    def feed(self, chunk: bytes) -> Iterator[str]:
        return self.chunk(chunk)

    def close(self) -> Iterator[str]:
        return self.end()


class _Decoding(_AsReader):
    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        return decoding.decode(chunks, self)


class _Closing(_AsReader):
    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        return closing.decode(chunks, self)


class _Channels(GivesDeltas):
    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        for number, kind, said in channels.said_by({"choices": [choice]}):
            if kind == "tool-call":
                yield self.call(number, said)
            elif kind == "finish":
                yield Delta(choice=number, finish=said)
            else:
                yield Delta(said, kind, number)


class _Calls(GivesDeltas):
    choice = GivesDeltas.choice

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.calls = tool_calls.ToolCalls()

    def call(self, number: int, call: dict[str, Any]) -> Any:
        known, piece = self.calls.add(number, call)
        return Delta(piece, "tool-call", number, call["index"], known["id"], known["name"])


STEPS: dict[str, type[Any]] = {
    "message_buffer": _Frames,
    "message_headers": _Headers,
    "message_kinds": _Kinds,
    "utf8": _Characters,
    "line_buffer": _Lines,
    "event_buffer": _Events,
    "record": _Records,
    "record_text": _Texts,
    "finish_mark": _Finish,
    "decoding": _Decoding,
    "closing": _Closing,
    "channels": _Channels,
    "tool_calls": _Calls,
}
"""The steps of a decoder that the code of a hint takes over."""

ALSO = {
    "counts_every_brace": "record",
    "splits_between_objects": "record",
    "loops_at_a_length_of_nothing": "message_buffer",
    "decodes_in_windows": "utf8",
    "shares_the_lines_of_an_event": "event_buffer",
    "renames_what_is_thrown": "record_text",
    "drops_the_text_at_an_end_of_sequence": "record_text",
    "one_behind": "record_text",
    "gives_the_joined_record_last": "line_buffer",
}
"""Decoders that are wrong in a step of another hint's."""


async def _napping(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    def nap(text: str) -> str:
        if text == "z":
            time.sleep(0.03)
        return text

    async for text in off_the_loop.worked(decoding.adecode(chunks, _AsReader("tgi-sse")), nap):
        yield text


CALLS: dict[str, dict[str, Mode]] = {
    "decoding": {
        "sync": Mode(lambda id_, form: lambda chunks: decoding.decode(chunks, _AsReader(id_))),
        "async": Mode(lambda id_, form: lambda chunks: decoding.adecode(chunks, _AsReader(id_)), is_async=True),
    },
    "closing": {"async": Mode(lambda id_, form: lambda chunks: closing.adecode(chunks, _AsReader(id_)), is_async=True)},
    "reading_on": {
        "async": Mode(lambda id_, form: lambda chunks: reading_on.Deltas(chunks, _AsReader(id_)), is_async=True)
    },
    "off_the_loop": {"async": Mode(lambda id_, form: _napping, is_async=True)},
    "whole": {"sync": Mode(lambda id_, form: whole.decode)},
}
"""The code of a hint as a decoder, for what is wrong in the way in which a decoder is called."""


def _asks(dialect: str, form: str) -> Client:
    def client(url: str, name: str) -> Iterator[str]:
        path = f"/endpoints/{name}/invocations-response-stream"
        return asking.ask(urlsplit(url).netloc, path, b"{}", Sound(dialect).decode)

    return client


CALLS["asking"] = {"sync": mode(_asks)}


def mended(broken: Broken, snippet: str) -> Broken:
    """A broken decoder in which the code of a hint does what was wrong."""
    name = "".join(word.capitalize() for word in broken.name.split("_"))
    faulty = getattr(sys.modules[broken.module], name, None)
    if faulty is None or snippet not in STEPS:
        return replace(broken, modes=CALLS[snippet])
    also = [STEPS[other] for other in (ALSO.get(broken.name),) if other]
    kind = type(f"Mended{name}", (STEPS[snippet], *also, faulty), {})
    return replace(broken, modes={"sync": Mode(lambda id_, form: lambda fed: kind(id_).decode(fed))})
