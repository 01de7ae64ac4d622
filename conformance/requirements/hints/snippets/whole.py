"""The pieces put together: a sound decoder of TGI's and OpenAI's events."""

from collections.abc import Iterable, Iterator

from sliceproof.conformance.requirements.hints.snippets.event_buffer import EventBuffer
from sliceproof.conformance.requirements.hints.snippets.finish_mark import FinishMark
from sliceproof.conformance.requirements.hints.snippets.line_buffer import LineBuffer
from sliceproof.conformance.requirements.hints.snippets.message_buffer import MessageBuffer
from sliceproof.conformance.requirements.hints.snippets.message_headers import read_headers
from sliceproof.conformance.requirements.hints.snippets.message_kinds import part_of
from sliceproof.conformance.requirements.hints.snippets.record import record_of
from sliceproof.conformance.requirements.hints.snippets.record_text import text_of
from sliceproof.conformance.requirements.hints.snippets.utf8 import Utf8


class WholeReader:
    def __init__(self) -> None:
        self.messages, self.utf8, self.lines = MessageBuffer(), Utf8("utf-8-sig"), LineBuffer()
        self.events, self.finish = EventBuffer(), FinishMark()

    def feed(self, chunk: bytes) -> Iterator[str]:
        for headers, payload in self.messages.feed(chunk):
            yield from self.read(self.lines.feed(self.utf8.feed(part_of(read_headers(headers), payload))))

    def read(self, lines: Iterable[str]) -> Iterator[str]:
        for data in filter(None, map(self.events.feed, lines)):
            if not self.finish.is_end(data):
                record = record_of(data)
                self.finish.look(record)
                if text := text_of(record):
                    yield text

    def close(self) -> Iterator[str]:
        self.messages.close()
        yield from self.read([*self.lines.feed(self.utf8.close()), *self.lines.close(), ""])
        self.finish.close()


def decode(chunks: Iterable[bytes]) -> Iterator[str]:
    reader = WholeReader()  # of this stream alone
    for chunk in chunks:
        yield from reader.feed(chunk)
    yield from reader.close()
