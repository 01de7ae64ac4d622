r"""From tokens to a body: records framed as SSE events, JSON lines, one document, or nothing.

Each framing knows where a record's text stands among its bytes, so that cuts can be placed inside
code points, escapes, prefixes and terminators without searching for them.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import cast

from sliceproof.wire.dialects.delta import Delta, content
from sliceproof.wire.dialects.dialect import (
    FIRST,
    FULL,
    TEXT,
    Body,
    Dialect,
    Framing,
    JsonObject,
    Record,
    Said,
    UnknownDialectError,
    finished_by,
    template,
)
from sliceproof.wire.dialects.style import PLAIN, Style

BOM = b"\xef\xbb\xbf"
SSE_ASIDES = {
    "comment": ":\n\n",
    "comment-text": ": keep-alive\n\n",
    "comment-line": ": keep-alive\n",
    "blank": "\n",
    "empty-data": "data: \n",
    "empty-event": "data:\n\n",
}
LINE_ASIDES = {"blank": "\n"}
_MARK = re.compile(r"@TEXT(\d+)@")
_ESCAPABLE = re.compile(r"\\u[0-9a-f]{4}|\\.|[^\w\s\\]", re.ASCII | re.DOTALL)


def _escaped(text: str) -> str:
    r"""The inside of a JSON string with its ASCII punctuation escaped too: `/` as `\/`, others as `\u00XX`."""

    def escape(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] == "\\" or not found.isascii():
            return found[:2] + found[2:].upper()
        return "\\/" if found == "/" else f"\\u{ord(found):04X}"

    return _ESCAPABLE.sub(escape, text)


@dataclass
class _Writer:
    """Collects the pieces of one body and the records they form."""

    dialect: Dialect
    style: Style
    pieces: list[bytes] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    at: int = 0
    closing: tuple[JsonObject, ...] | None = None  # the records behind an answer of several channels

    def __post_init__(self) -> None:
        style, sse = self.style, self.dialect.framing is Framing.SSE
        self.before, self.after = b"", style.newline.encode()
        if sse:
            self.before = b"data: " if style.space else b"data:"
            self.after *= 3 if style.form in self.dialect.padded else 2
            if style.fields:
                event = [] if self.dialect.named else ["event: message"]
                self.before = style.newline.join([*event, "id: 1", "retry: 100", "x: y", self.before.decode()]).encode()
        if not self.dialect.framing.by_line:
            self.after = b"\n" * self.dialect.framing.by_message
        self.ascii = self.dialect.writes_ascii(style.ascii)
        if style.bom:
            self.put(BOM)

    def put(self, data: bytes) -> None:
        self.pieces.append(data)
        self.at += len(data)

    def escaped(self, text: str) -> bytes:
        if self.dialect.encode is not None:
            text = self.dialect.encode(text)
        if self.dialect.framing is Framing.RAW:
            return text.encode()
        quoted = encode_basestring_ascii(text) if self.ascii else encode_basestring(text)
        if self.style.json == "escaped":
            quoted = f'"{_escaped(quoted[1:-1])}"'
        return quoted[1:-1].encode()

    def add(
        self,
        before: bytes,
        text: str,
        after: bytes,
        kind: str = "delta",
        middle: bytes | None = None,
        deltas: tuple[Delta, ...] = (),
        event: object = "",
    ) -> None:
        """One framed record: *before*, the escaped *text* or the *middle* in its place, *after*; named for *event*."""
        if self.style.multiline and self.dialect.framing is Framing.SSE and before[:1] == b"{":
            line = self.style.newline.encode() + self.before
            before = before[:1] + line + before[1:]
            if self.style.data_lines > 2 and after[-1:] == b"}":
                after = after[:-1] + line + after[-1:]
        start = self.at
        if middle is None:
            middle = self.escaped(text) if kind == "delta" else b""
        name = self.dialect.events.get(kind) or (self.dialect.named and (event or self.dialect.named))
        if name:
            self.put(f"event: {name}{self.style.newline}".encode())
        self.put(self.before + before)
        text_start = self.at
        self.put(middle)
        text_stop = self.at
        self.put(after)
        content_stop = self.at
        self.put(self.after)
        self.records.append(Record(start, text_start, text_stop, content_stop, self.at, text, kind, deltas))

    def aside(self, kind: str) -> None:
        """A comment, blank line or record without text."""
        asides = {Framing.SSE: SSE_ASIDES, Framing.LINES: LINE_ASIDES}.get(self.dialect.framing, {})
        textless = self.dialect.textless
        if kind in textless:
            self.add(self.dialect.dumps(textless[kind]), "", b"", kind, event=textless[kind].get("type"))
        elif kind in asides:
            start = self.at
            self.put(asides[kind].replace("\n", self.style.newline).encode())
            self.records.append(Record(start, start, start, self.at, self.at, "", kind))
        else:
            names = ", ".join((*textless, *asides)) or "none"
            raise UnknownDialectError(f"{self.dialect.id} has no aside {kind!r}; it has: {names}")

    def body(self) -> Body:
        """What was written, its last record ended as the style says."""
        data = b"".join(self.pieces)
        line = len(self.style.newline)
        surplus = {"full": 0, "line": max(0, len(self.after) - line), "bare": len(self.after)}[self.style.tail]
        if surplus and self.records:
            last = self.records[-1]
            stop = max(last.start, last.stop - surplus)
            data = data[:stop]
            self.records[-1] = last._replace(stop=stop, content_stop=min(last.content_stop, stop))
        return Body(data, tuple(self.records))


def encode(
    dialect: Dialect,
    tokens: tuple[str | Delta, ...],
    style: Style = PLAIN,
    *,
    stop: int | None = None,
    error: str | None = None,
    unreadable: tuple[int, str | None] | None = None,
) -> Body:
    """The body of the completion *tokens*: text, or the deltas of an answer of several channels.

    With *stop*, the server falls silent after that many tokens, or deltas' records: no finish mark follows, but the
    error record saying *error* if there is one. *unreadable* is after how many
    tokens a record stands that is no JSON, and what it is, None for half a record; plain text and a document
    have no records.
    """
    if style.form not in dialect.forms:
        raise UnknownDialectError(f"{dialect.id} has no form {style.form!r}; it has: {dialect.forms}")
    writer = _Writer(dialect, style)
    tokens = tokens or ("",)
    written = list(_written(writer, tokens, stop))
    count = len(written) if stop is None else min(stop, len(written))
    for index, write in enumerate(written[:count]):
        for kind in [kind for where, kind in style.asides if where == index]:
            writer.aside(kind)
        if unreadable is not None and index == unreadable[0]:
            _unreadable(writer, *unreadable)
        write()
    for kind in [kind for where, kind in style.asides if where >= count]:
        writer.aside(kind)
    if unreadable is not None and unreadable[0] >= count:
        _unreadable(writer, *unreadable)
    if stop is None:
        _finish(writer, tokens)
    elif error is not None:
        _error(writer, error)
    return writer.body()


def _written(writer: _Writer, tokens: tuple[str | Delta, ...], stop: int | None) -> Iterator[Callable[[], None]]:
    """For each token, or each record of an answer's deltas, what writes it, and the records without text before it."""
    dialect, style = writer.dialect, writer.style
    plain = not isinstance(tokens[0], Delta)
    if plain and dialect.framing.by_message and dialect.answers:
        tokens = tuple(map(Delta, cast("tuple[str, ...]", tokens)))  # an answer of content alone
    elif plain:
        texts = cast("tuple[str, ...]", tokens)
        opening = dialect.opening(len(texts), style.form)
        for index, token in enumerate(texts):
            last = stop is None and index == len(texts) - 1 and not (style.special and dialect.special)
            yield partial(
                _after, writer, opening if index == 0 else (), partial(_token, writer, index, token, last, texts)
            )
        return
    if style.form not in dialect.answers:
        having = ", ".join(map(repr, dialect.answers)) or "none"
        raise UnknownDialectError(f"{dialect.id} in the form {style.form!r} has text alone; with channels: {having}")
    before: list[JsonObject] = []
    for said in dialect.answers[style.form](cast("tuple[Delta, ...]", tokens), stop is None):
        if said.deltas:
            told = () if plain else said.deltas
            yield partial(_after, writer, tuple(before), partial(_said, writer, said, told))
            before = []
        else:
            before.append(said.record)
    writer.closing = tuple(before)


def _after(writer: _Writer, records: tuple[JsonObject, ...], write: Callable[[], None]) -> None:
    _textless(writer, records)
    write()


def _said(writer: _Writer, said: Said, told: tuple[Delta, ...]) -> None:
    """The record of one or more deltas of an answer, which is *told* to have them, or to be the text alone."""
    style = writer.style
    raw = writer.dialect.dumps(finished_by(said.record, style.reason), form=style.form, way=style.json).decode()
    before, *rest = _MARK.split(raw)
    if not rest:
        return writer.add(raw.encode(), "", b"", deltas=told, event=said.record.get("type"))
    last = rest.pop()
    texts = [said.deltas[int(number)].text for number in rest[::2]]  # one may stand in two fields
    between = (*rest[1::2], "")
    middle = b"".join([writer.escaped(text) + after.encode() for text, after in zip(texts, between, strict=True)])
    return writer.add(
        before.encode(),
        content(said.deltas),
        last.encode(),
        middle=middle,
        deltas=told,
        event=said.record.get("type"),
    )


def _textless(writer: _Writer, records: tuple[JsonObject, ...], full: str = "") -> None:
    """The records that open or close a form's body; those that close it may repeat the full text."""
    for record in records:
        written = writer.dialect.dumps(finished_by(record, writer.style.reason), writer.ascii, writer.style.form)
        written = written.replace(FULL.encode(), writer.escaped(full))
        writer.add(written, "", b"", "textless", event=record.get("type"))


def _token(writer: _Writer, index: int, token: str, last: bool, tokens: tuple[str, ...]) -> None:
    dialect, style = writer.dialect, writer.style
    if dialect.framing is Framing.RAW:
        return writer.add(b"", token, b"")
    if dialect.framing is Framing.DOCUMENT:
        start, end = _around(writer, tokens) if index == 0 or last else (b"", b"")
        return writer.add(start if index == 0 else b"", token, end if last else b"")
    before, *after = template(dialect, index, last, style.form, style.nan, style.json, style.reason, token == FIRST)
    full = writer.escaped("".join(tokens)) if last else b""
    return writer.add(before.replace(FULL.encode(), full), token, full.join(after))


def _unreadable(writer: _Writer, index: int, record: str | None) -> None:
    """A record that is no JSON, framed as if it were one; by itself it breaks off inside its text."""
    if writer.dialect.framing.by_line:
        half = template(writer.dialect, index, False, writer.style.form, False)[0] + b"?"
        writer.add(half if record is None else record.encode(), "", b"", "unreadable")


def _around(writer: _Writer, tokens: tuple[str, ...]) -> tuple[bytes, bytes]:
    """What stands in a document before its text and after it."""
    dialect = writer.dialect
    whole = dialect.dumps(dialect.document(TEXT, tokens, writer.style.form), writer.ascii)
    start, _, end = whole.partition(TEXT.encode())
    return start, end


def _finish(writer: _Writer, tokens: tuple[str | Delta, ...]) -> None:
    dialect = writer.dialect
    if writer.closing is not None:
        _textless(writer, writer.closing)
    elif dialect.framing is not Framing.DOCUMENT:
        _textless(writer, dialect.closing(len(tokens), writer.style.form), "".join(map(str, tokens)))
    if writer.style.special and dialect.special:
        full = dict(dialect.special) | {"index": len(tokens) + 1, "generated_text": "".join(map(str, tokens))}
        writer.add(dialect.dumps(full, writer.ascii), "", b"", "special")
    _done(writer)


def _done(writer: _Writer) -> None:
    dialect, style = writer.dialect, writer.style
    if dialect.done and style.done and style.form not in dialect.undone:
        writer.add(b"[DONE]", "", b"", "done")
    if style.form in dialect.padded and style.tail == "full":
        writer.aside("blank")


def _error(writer: _Writer, message: str) -> None:
    dialect, form = writer.dialect, writer.style.form
    error = dialect.errors.get(form, dialect.error)
    if error is None:
        return
    as_python = form in dialect.json_errors
    record = error(message)
    if dialect.framing is Framing.DOCUMENT:
        start, end = _around(writer, ())
        opening, closing = b"" if writer.records else start, b"]" * end.endswith(b"]")
        writer.add(opening + b'", ' + dialect.dumps(record, writer.ascii)[1:] + closing, "", b"", "error")
        return
    ascii_ = writer.ascii or dialect.ascii_errors or as_python
    written = json.dumps(record).encode() if as_python else dialect.dumps(record, ascii_, form)
    writer.add(written, "", b"", "error", event=record.get("type"))
    _done(writer)
