"""Reading a body back, incrementally: bytes in as they come, text out as soon as it is complete.

Guarantees: work linear in the bytes whatever the slices; never more held than one record and one
slice; text complete before a fault is handed out before the fault is raised; nothing is replaced or
dropped in silence. `feed` takes the bytes when called and returns an iterator over the text they
complete; `close` says that the body is over.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Protocol

from sliceproof.wire.dialects.dialect import Dialect
from sliceproof.wire.errors import SliceproofError

BOM = b"\xef\xbb\xbf"
MAX_RECORD = 24 * 1024 * 1024  # bytes: no record is longer than the largest message


class BodyError(SliceproofError):
    """A body that cannot be read: `offset` is the byte at which the offending record begins."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"body at byte {offset}: {reason}")
        self.reason = reason
        self.offset = offset


class RecordError(BodyError):
    """A record that is not what its dialect writes, or is longer than the limit."""


class UnfinishedError(BodyError):
    """The body ended inside a record, or without the finish mark of its dialect."""


class ModelError(SliceproofError):
    """The container reported an error in the stream: `message` as it said it, `code` if it gave one."""

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message if code is None else f"{code}: {message}")
        self.message = message
        self.code = code


class Reader(Protocol):
    """What `reader(dialect)` gives: one body, read once."""

    def feed(self, data: bytes) -> Iterator[str]:
        """Take the next bytes of the body; the iterator gives the text that they complete."""

    def close(self) -> Iterator[str]:
        """The body is over: the last text, then UnfinishedError if something is missing."""


def reader(dialect: Dialect, max_record: int = MAX_RECORD) -> Reader:
    """A reader of one body of *dialect* that holds at most *max_record* bytes of one record."""
    if dialect.framing == "raw":
        return _TextReader()
    if dialect.framing == "document":
        return _DocumentReader(dialect)
    kind = _SseReader if dialect.framing == "sse" else _LinesReader
    return kind(dialect, max_record)


class _TextReader:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read = 0

    def feed(self, data: bytes, final: bool = False) -> Iterator[str]:
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            yield str(error.object[: error.start], "utf-8")
            raise RecordError(f"not UTF-8: {error.reason}", self._read) from error
        self._read += len(data)
        if text:
            yield text

    def close(self) -> Iterator[str]:
        return self.feed(b"", final=True)


class _LineBuffer:
    """Splits bytes into lines without looking at any byte twice."""

    def __init__(self, ends: bytes, max_record: int) -> None:
        self._end = re.compile(b"[" + re.escape(ends) + b"]")
        self._held = bytearray()
        self._seen = 0  # bytes of _held known to hold no line end
        self._after_cr = False
        self._max = max_record
        self.offset = 0  # of the line last given, in the body
        self._next = 0  # of the line after it

    def add(self, data: bytes) -> None:
        self._held += data

    def __iter__(self) -> Iterator[bytes]:
        start, held = 0, self._held
        try:
            while match := self._end.search(held, max(start, self._seen)):
                at = match.start()
                of_crlf = self._after_cr and at == start and held[at] == 10
                line = bytes(held[start:at])
                self._after_cr, start = held[at] == 13, at + 1
                self.offset, self._next, self._seen = self._next, self._next + len(line) + 1, start
                if not of_crlf:
                    yield line
        finally:
            del held[:start]
            self._seen = max(0, self._seen - start)
        self._seen, self.offset = len(held), self._next
        if len(held) > self._max:
            raise RecordError(f"a line of more than {self._max} bytes", self.offset)

    def rest(self) -> bytes:
        return bytes(self._held)


class _LinesReader:
    """JSON Lines: a record a line; blank lines and the CR of a CR LF mean nothing."""

    ends = b"\n"

    def __init__(self, dialect: Dialect, max_record: int) -> None:
        self._dialect = dialect
        self._lines = _LineBuffer(self.ends, max_record)
        self._finished = not dialect.finishes
        self._start: bytes | None = b""  # None when the BOM question is settled

    def feed(self, data: bytes) -> Iterator[str]:
        if self._start is not None:
            data = self._start + data
            self._start = data if BOM.startswith(data) and data != BOM else None
            if self._start is not None:
                return iter(())
            data = data.removeprefix(BOM)
        self._lines.add(data)
        return self._read()

    def _read(self) -> Iterator[str]:
        for line in self._lines:
            yield from self._line(line)

    def close(self) -> Iterator[str]:
        yield from self._last(self._lines.rest())
        if not self._finished:
            raise UnfinishedError("it ended without its finish mark", self._lines.offset)

    def _last(self, rest: bytes) -> Iterator[str]:
        return self._line(rest, last=True)

    def _line(self, line: bytes, last: bool = False) -> Iterator[str]:
        return self._record(line, last)

    def _record(self, data: bytes, last: bool = False) -> Iterator[str]:
        if not data.strip():
            return
        if data.strip() == b"[DONE]" and self._dialect.done:
            self._finished = True
            return
        try:
            record = json.loads(data.decode("utf-8"))
        except ValueError as error:
            if last:
                raise UnfinishedError("it ended inside a record", self._lines.offset) from error
            raise RecordError(f"a record that cannot be read: {error}", self._lines.offset) from error
        if not isinstance(record, dict):
            raise RecordError(f"a record that is no object: {str(record)[:40]}", self._lines.offset)
        try:
            text, finished = self._dialect.read(record)
        except (TypeError, LookupError, AttributeError) as error:
            raise RecordError(f"no {self._dialect.id} record: {error!r}", self._lines.offset) from error
        self._finished = self._finished or finished
        if text:
            yield text


class _SseReader(_LinesReader):
    """Server-sent events by WHATWG's rules, and an event that ends with the body still counts."""

    ends = b"\r\n"

    def __init__(self, dialect: Dialect, max_record: int) -> None:
        super().__init__(dialect, max_record)
        self._data: list[bytes] = []

    def _line(self, line: bytes, last: bool = False) -> Iterator[str]:
        if not line:
            data, self._data = b"\n".join(self._data), []
            yield from self._record(data, last)
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))

    def _last(self, rest: bytes) -> Iterator[str]:
        if rest:
            yield from self._line(rest)
        yield from self._line(b"", last=True)


class _DocumentReader:
    """One JSON object whose `generated_text` comes piece by piece."""

    _opening = re.compile(r'[\s\[]*\{\s*"generated_text"\s*:\s*"')
    _piece = re.compile(
        r'(?:[^"\\]|\\["\\/bfnrt]|\\u(?![dD][89abAB])[0-9a-fA-F]{4}'
        r"|\\u[dD][89abAB][0-9a-fA-F]{2}(?=[^\\]|\\[^u])|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4})*"
    )

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._held = ""
        self._state = "opening"
        self._read = 0

    def feed(self, data: bytes) -> Iterator[str]:
        try:
            self._held += self._utf8.decode(data)
        except UnicodeDecodeError as error:
            raise RecordError(f"not UTF-8: {error.reason}", self._read) from error
        self._read += len(data)
        return self._pieces()

    def _pieces(self) -> Iterator[str]:
        if self._state == "opening" and (opening := self._opening.match(self._held)):
            self._held, self._state = self._held[opening.end() :], "text"
        if self._state == "text":
            piece = self._piece.match(self._held)
            assert piece is not None  # it matches nothing at least
            self._held = self._held[piece.end() :]
            if self._held[:1] == '"':
                self._held, self._state = self._held[1:], "rest"
            if piece.group():
                yield json.loads(f'"{piece.group()}"')
        elif self._state == "opening" and len(self._held) > 64:
            raise RecordError(f"no {self._dialect.id} document: {self._held[:40]!r}", 0)

    def close(self) -> Iterator[str]:
        yield from self._pieces()
        rest = self._held.strip().removesuffix("]")
        try:
            self._dialect.read(json.loads("{" + rest.removeprefix(",")) if self._state == "rest" else {})
        except ValueError as error:
            raise UnfinishedError("it ended inside the document", self._read) from error
        if self._state != "rest":
            raise UnfinishedError("it ended before the document's closing quote", self._read)
