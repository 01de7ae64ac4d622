"""Reading one JSON object whose `generated_text` comes piece by piece, alone or as the one item of a list.

Takes what RFC 8259 calls JSON (and NaN, as Python's `json` does), refuses what it does not, and looks at
each character once: a key, and a value that is not the text, is held until it is whole and then read by
`json`; the text is handed out as it comes. White space between tokens is not held.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from sliceproof.wire.dialects.dialect import Dialect
from sliceproof.wire.dialects.errors import RecordError, UnfinishedError
from sliceproof.wire.dialects.utf8 import Utf8

OPENING = 64  # characters that may always stand before the text, however low the limit is
WHITE = re.compile(r"[ \t\n\r]*")
TEXT_KEY = "generated_text"

BOM = "\ufeff"
KEY_DUE = ("a key", "a key or }")
NEXT = {  # what is due and the sign that comes, and what is due after it
    ("a document", BOM): "a document",
    ("a document", "["): "an object",
    ("a document", "{"): "a key or }",
    ("an object", "{"): "a key or }",
    ("a key or }", "}"): "the end",
    ("a colon", ":"): "a value",
    ("a comma or }", ","): "a key",
    ("a comma or }", "}"): "the end",
    ("the end", "]"): "the end",
}

PIECE = re.compile(
    r'(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u(?![dD][89abAB])[0-9a-fA-F]{4}'
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}(?:(?=[^\\]|\\[^u]|\\u[^dD]|\\u[dD][^c-fC-F])|\\u[dD][c-fC-F][0-9a-fA-F]{2}))*+"
)
BEGUN = re.compile(
    r"\\(?:u[0-9a-fA-F]{0,3}|u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u(?:[dD](?:[c-fC-F][0-9a-fA-F]?)?)?)?)?)?"
)


class _Value:
    """One JSON value as its characters come; whether it is JSON is asked when it is whole."""

    _inside = re.compile(r'["\\]')
    _outside = re.compile(r'["\[\]{}]')
    _scalar_end = re.compile(r"[ \t\n\r,\]}]")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._depth = 0
        self._quoted = False
        self._escaped = False
        self._scalar: bool | None = None

    def feed(self, text: str, at: int) -> int | None:
        """Take *text* from *at* on; where the value ended, or None if it has not."""
        if self._scalar is None:
            self._scalar = text[at] not in '"[{'
        stop = self._scalar_stop(text, at) if self._scalar else self._nested_stop(text, at)
        self._pieces.append(text[at:stop])
        return stop

    def _scalar_stop(self, text: str, at: int) -> int | None:
        end = self._scalar_end.search(text, at)
        return end.start() if end else None

    def _nested_stop(self, text: str, at: int) -> int | None:
        if self._escaped:
            self._escaped, at = False, at + 1
        while match := (self._inside if self._quoted else self._outside).search(text, at):
            sign, at = match.group(), match.end()
            if sign == "\\":
                self._escaped = at == len(text)
                at += 1
            elif sign == '"':
                self._quoted = not self._quoted
            else:
                self._depth += 1 if sign in "[{" else -1
            if not self._depth and not self._quoted:
                return at
        return None

    def read(self) -> Any:
        """The value; ValueError or RecursionError if it is none."""
        return json.loads("".join(self._pieces))


class DocumentReader:
    """A reader of one body of a dialect that is one JSON document."""

    def __init__(self, dialect: Dialect, max_record: int) -> None:
        self._dialect = dialect
        self._utf8 = Utf8()
        self._held = ""
        self._want = "a document"
        self._holding = False
        self._max, self._limit = max_record, max(max_record, OPENING)
        self._outside, self._place = 0, "before"
        self._value, self._key = _Value(), ""
        self._members: dict[str, Any] = {}
        self._in_list = self._given = False

    def feed(self, data: bytes) -> Iterator[str]:
        self._utf8.add(data)
        return self._pieces()

    def _pieces(self) -> Iterator[str]:
        text, error = self._utf8.take()
        self._held += text
        while self._held:
            if self._want == "text":
                piece = PIECE.match(self._held)
                assert piece is not None  # it matches nothing at least
                self._held = self._held[piece.end() :]
                ended = self._held[:1] == '"'
                if ended:
                    self._held, self._want = self._held[1:], "a comma or }"
                    self._outside, self._limit, self._place = 0, self._max, "after"
                if piece.group():
                    yield json.loads(f'"{piece.group()}"')
                if not ended:
                    break
            else:
                self._structure()
        if self._held and not BEGUN.fullmatch(self._held):
            raise RecordError("a text that is not JSON", 0)
        if error:
            raise error

    def _structure(self) -> None:
        """Take what is held, up to the text if that begins there."""
        text, at = self._held, 0
        self._held = ""
        while at < len(text) and self._want != "text":
            at = self._value_goes_on(text, at) if self._holding else self._token(text, at)
        self._held = text[at:]

    def _count(self, characters: int) -> None:
        self._outside += characters
        if self._outside > self._limit:
            raise RecordError(f"more than {self._limit} characters {self._place} the text", 0)

    def _token(self, text: str, at: int) -> int:
        """Pass over white space and read one sign, or see that a value begins; where to go on."""
        white = WHITE.match(text, at)
        assert white is not None  # it matches nothing at least
        start = white.end()
        self._count(start - at)
        if start == len(text):
            return start
        sign = text[start]
        if (self._want == "a value" and sign not in ",:]}") or (sign == '"' and self._want in KEY_DUE):
            if self._want != "a value" or self._key != TEXT_KEY or sign != '"':
                self._value, self._holding = _Value(), True
                return start
            after: str | None = "text"
        else:
            after = self._after(sign)
        self._count(1)
        if after is None:
            raise RecordError(f"no {self._dialect.id} document: {sign!r} where {self._want} is due", 0)
        self._in_list = (self._in_list or sign == "[") and sign != "]"
        self._want = after
        return start + 1

    def _after(self, sign: str) -> str | None:
        """What is due after *sign*; None if it cannot stand here."""
        if (sign == BOM and self._outside) or (self._want == "the end" and not self._in_list):
            return None
        return NEXT.get((self._want, sign))

    def _value_goes_on(self, text: str, at: int) -> int:
        stop = self._value.feed(text, at)
        self._count((len(text) if stop is None else stop) - at)
        if stop is None:
            return len(text)
        self._holding = False
        try:
            value = self._value.read()
        except (ValueError, RecursionError) as error:
            raise RecordError(f"no {self._dialect.id} document: {error}", 0) from error
        if self._want in KEY_DUE:
            self._key, self._want = value, "a colon"
            self._once(value)
        else:
            self._members[self._key] = value
            self._want = "a comma or }"
        return stop

    def _once(self, key: str) -> None:
        if key == TEXT_KEY:
            if self._given:
                raise RecordError(f"no {self._dialect.id} document: {TEXT_KEY} is there twice", 0)
            self._given = True

    def close(self) -> Iterator[str]:
        yield from self._pieces()
        self._utf8.close()
        if self._want != "the end" or self._in_list:
            raise UnfinishedError("it ended inside the document", self._utf8.read)
        try:
            self._dialect.read(self._members)
        except (TypeError, LookupError, AttributeError, ValueError) as error:
            raise RecordError(f"no {self._dialect.id} document: {error!r}", 0) from error
        if not self._given or TEXT_KEY in self._members:
            raise RecordError(f"no {self._dialect.id} document: it has no {TEXT_KEY}", 0)
