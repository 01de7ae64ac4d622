"""Reading a body back, incrementally: bytes in as they come, text out as soon as it is complete.

Guarantees: work linear in the bytes whatever the slices; never more held than one record and one
slice; text complete before a fault is handed out before the fault is raised; nothing is replaced or
dropped in silence. `feed` takes the bytes when called and returns an iterator over the text they
complete; `close` says that the body is over.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol, TypeAlias, TypeVar

from sliceproof.wire.dialects.delta import TOOL_CALL, Delta
from sliceproof.wire.dialects.dialect import Dialect, Framing, Reading
from sliceproof.wire.dialects.document import DocumentReader
from sliceproof.wire.dialects.errors import BodyError, ModelError, RecordError, UnfinishedError
from sliceproof.wire.dialects.utf8 import Utf8

__all__ = [
    "MAX_RECORD",
    "BodyError",
    "BodyReader",
    "ModelError",
    "Reader",
    "RecordError",
    "UnfinishedError",
    "delta_reader",
    "reader",
]

T = TypeVar("T", covariant=True)
BOM = b"\xef\xbb\xbf"
MAX_RECORD = 24 * 1024 * 1024  # bytes: no record is longer than the largest message


class BodyReader(Protocol[T]):
    """One body, read once; what it gives is text, or deltas of all channels."""

    def feed(self, data: bytes) -> Iterator[T]:
        """Take the next bytes of the body; the iterator gives what they complete."""

    def close(self) -> Iterator[T]:
        """The body is over: the last of it, then UnfinishedError if something is missing."""


Reader: TypeAlias = BodyReader[str]
"""What `reader(dialect)` gives."""


def delta_reader(dialect: Dialect, max_record: int | None = MAX_RECORD) -> BodyReader[Delta]:
    """A reader like `reader` that gives all channels: each record's deltas, and one that says why a choice is over.

    An answer of several choices is whole when all that have begun are over.
    """
    if dialect.framing.by_line or dialect.framing.by_message:
        kind = _SseReader if dialect.framing is Framing.SSE else _LinesReader
        return kind(dialect, sys.maxsize if max_record is None else max_record, _AllChannels(), _Choices())
    return _Contents(reader(dialect, max_record))


def _text_alone(reading: Reading) -> Iterator[str]:
    if reading.text:
        yield reading.text


class _AllChannels:
    """Gives what a record says; tool calls are numbered as they come, where others stand between them too."""

    def __init__(self) -> None:
        self._calls: dict[tuple[int, int], int] = {}

    def __call__(self, reading: Reading) -> Iterator[Delta]:
        if not reading.deltas and reading.text:
            yield Delta(reading.text)
        for delta in reading.deltas:
            yield replace(delta, index=self._number(delta)) if delta.kind == TOOL_CALL else delta

    def _number(self, delta: Delta) -> int:
        before = sum(choice == delta.choice for choice, _ in self._calls)
        return self._calls.setdefault((delta.choice, delta.index), before)


class _Contents:
    """Gives text as deltas."""

    def __init__(self, texts: Reader) -> None:
        self._texts = texts

    def feed(self, data: bytes) -> Iterator[Delta]:
        return map(Delta, self._texts.feed(data))

    def close(self) -> Iterator[Delta]:
        return map(Delta, self._texts.close())


class _Choices:
    """Which choices of an answer have begun, and which are over."""

    def __init__(self) -> None:
        self.begun: set[int] = set()
        self.over: set[int] = set()

    def read(self, reading: Reading) -> bool:
        """Take what a record says; whether all that have begun are over."""
        self.begun.update(delta.choice for delta in reading.deltas)
        if reading.text and not reading.deltas:
            self.begun.add(0)
        self.over.update(delta.choice for delta in reading.deltas if delta.finish)
        if reading.finished:
            self.over.add(0)
        return bool(self.over) and self.begun <= self.over


def reader(dialect: Dialect, max_record: int | None = MAX_RECORD) -> Reader:
    """A reader of one body of *dialect* that holds at most *max_record* bytes of one record (None: any number)."""
    limit = sys.maxsize if max_record is None else max_record
    if dialect.framing is Framing.RAW:
        return _TextReader()
    if dialect.framing is Framing.DOCUMENT:
        return DocumentReader(dialect, limit)
    kind = _SseReader if dialect.framing is Framing.SSE else _LinesReader
    return kind(dialect, limit, _text_alone)


class _TextReader:
    def __init__(self) -> None:
        self._utf8 = Utf8()

    def feed(self, data: bytes) -> Iterator[str]:
        self._utf8.add(data)
        return self._text()

    def _text(self) -> Iterator[str]:
        text, error = self._utf8.take()
        if text:
            yield text
        if error:
            raise error

    def close(self) -> Iterator[str]:
        yield from self._text()
        self._utf8.close()


class _LineBuffer:
    """Splits bytes into lines without looking at any byte twice."""

    def __init__(self, ends: bytes, max_record: int) -> None:
        self._end = re.compile(b"[" + re.escape(ends) + b"]")
        self._held = bytearray()
        self._start = 0  # of the next line, in _held
        self._seen = 0  # bytes of _held known to hold no line end
        self._after_cr = False
        self._max = max_record
        self.offset = 0  # of the line last given, in the body
        self.next = 0  # of the line after it

    def add(self, data: bytes) -> None:
        self._held += data

    def lines(self) -> Iterator[bytes]:
        """The lines now complete; one that is left half-way loses nothing."""
        while (line := self._take()) is not None:
            yield line

    def _take(self) -> bytes | None:
        held = self._held
        while match := self._end.search(held, max(self._start, self._seen)):
            at, start = match.start(), self._start
            of_crlf = self._after_cr and at == start and held[at] == 10
            self._check(at - start)
            line = bytes(held[start:at])
            self._after_cr, self._start = held[at] == 13, at + 1
            self.offset, self.next = self.next, self.next + len(line) + 1
            if not of_crlf:
                return line
        del held[: self._start]
        self._start, self._seen, self.offset = 0, len(held), self.next
        self._check(len(held))
        return None

    def _check(self, length: int) -> None:
        if length > self._max:
            raise RecordError(f"a line of more than {self._max} bytes", self.next)

    def rest(self) -> bytes:
        return bytes(self._held)


class _LinesReader:
    """JSON Lines: a record a line; blank lines and the CR of a CR LF mean nothing."""

    ends = b"\n"

    def __init__(
        self,
        dialect: Dialect,
        max_record: int,
        gives: Callable[[Reading], Iterator[Any]],
        choices: _Choices | None = None,
    ) -> None:
        self._dialect = dialect
        self._gives, self._choices = gives, choices
        self._lines = _LineBuffer(self.ends, max_record)
        self._max = max_record
        self._finished = not dialect.finishes
        self._start: bytes | None = b""  # None when the BOM question is settled

    def feed(self, data: bytes) -> Iterator[Any]:
        if self._start is not None:
            data = self._start + data
            self._start = data if BOM.startswith(data) and data != BOM else None
            if self._start is not None:
                return iter(())
            if data.startswith(BOM):
                data, self._lines.next = data[3:], 3
        self._lines.add(data)
        return self._read()

    def _read(self) -> Iterator[Any]:
        for line in self._lines.lines():
            yield from self._line(line)

    def close(self) -> Iterator[Any]:
        if self._start:
            self._lines.add(self._start)
            self._start = None
        yield from self._read()
        yield from self._last(self._lines.rest())
        if not self._finished:
            raise UnfinishedError("it ended without its finish mark", self._lines.offset)

    def _last(self, rest: bytes) -> Iterator[Any]:
        return self._line(rest, last=True)

    def _line(self, line: bytes, last: bool = False) -> Iterator[Any]:
        return self._record(line, self._lines.offset, last)

    def _record(self, data: bytes, offset: int, last: bool) -> Iterator[Any]:
        if not data.strip():
            return
        if data.strip() == b"[DONE]" and self._dialect.done:
            self._finished = True
            return
        try:
            record = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            if last:
                raise UnfinishedError("it ended inside a record", offset) from error
            raise RecordError(f"a record that cannot be read: {error}", offset) from error
        if not isinstance(record, dict):
            raise RecordError(f"a record that is no object: {str(record)[:40]}", offset)
        try:
            reading = self._dialect.read(record)
        except (TypeError, LookupError, AttributeError) as error:
            raise RecordError(f"no {self._dialect.id} record: {error!r}", offset) from error
        except ValueError as error:
            raise RecordError(f"a record that cannot be read as {self._dialect.id}: {error}", offset) from error
        if not isinstance(reading.text, str):
            raise RecordError(f"no {self._dialect.id} record: its text is {reading.text!r}", offset)
        finished = reading.finished if self._choices is None else self._choices.read(reading)
        self._finished = self._finished or finished
        yield from self._gives(reading)


class _SseReader(_LinesReader):
    """Server-sent events by WHATWG's rules, and an event that ends with the body still counts."""

    ends = b"\r\n"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._data: list[bytes] = []
        self._size = 0
        self._began = 0

    def _line(self, line: bytes, last: bool = False) -> Iterator[Any]:
        if not line:
            data, self._data, self._size = b"\n".join(self._data), [], 0
            yield from self._record(data, self._began, last)
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            if not self._data:
                self._began = self._lines.offset
            self._data.append(value.removeprefix(b" "))
            self._size += len(value) + 1
            if self._size > self._max:
                raise RecordError(f"an event of more than {self._max} bytes", self._began)

    def _last(self, rest: bytes) -> Iterator[Any]:
        if rest:
            yield from self._line(rest)
        yield from self._line(b"", last=True)
