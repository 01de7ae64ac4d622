"""What a dialect is: how one container family writes a completion as bytes, and how these are read back.

A dialect is data (a schema as a function from token to JSON object, and the choices its servers
have); the framing around the records (SSE, JSON Lines, one document, nothing) is in `framing`, the
incremental reader in `reader`. A new dialect is one such value in its family's module and its line
in the registry.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sliceproof.wire.dialects.delta import Delta
from sliceproof.wire.errors import SliceproofError

JsonObject = Mapping[str, object]
TEXT, FULL = "@TEXT@", "@FULL@"


class Framing(StrEnum):
    """What stands around the records of a body."""

    SSE = "sse"
    LINES = "lines"
    DOCUMENT = "document"
    RAW = "raw"
    EVENTS = "events"

    @property
    def by_line(self) -> bool:
        """Whether each record is a line, or lines, of its own."""
        return self in (Framing.SSE, Framing.LINES)

    @property
    def by_message(self) -> bool:
        """Whether each record is a message of its own, as in Bedrock; a body here has each on a line."""
        return self is Framing.EVENTS


class UnknownDialectError(SliceproofError, ValueError):
    """A dialect, form or aside that does not exist."""


class Record(NamedTuple):
    """One record of a body; offsets are bytes from the body's start."""

    start: int
    text_start: int
    text_stop: int
    content_stop: int  # the terminator begins here
    stop: int
    text: str  # for who shows text alone: the content of the first choice
    kind: str  # "delta", "special", "done", "error" or the aside's kind
    deltas: tuple[Delta, ...] = ()  # of an answer of several channels


class Body(NamedTuple):
    """What a container wrote: the bytes, and which of them belong to which record."""

    data: bytes
    records: tuple[Record, ...]


class Reading(NamedTuple):
    """What one record says: text (without special tokens), and whether it is the finish mark.

    `deltas` are all that it says, the text included, where that is not all.
    """

    text: str
    finished: bool = False
    deltas: tuple[Delta, ...] = ()


class Said(NamedTuple):
    """A record of an answer, and the deltas whose texts stand in it, each in the place of its `mark`."""

    record: JsonObject
    deltas: tuple[Delta, ...] = ()


def mark(number: int) -> str:
    """What stands in a record for the text of its delta of that number."""
    return f"@TEXT{number}@"


def _document(text: str, tokens: tuple[str, ...], form: str) -> object:
    return {"generated_text": text}


def _no_records(count: int, form: str) -> tuple[JsonObject, ...]:
    return ()


@dataclass(frozen=True, eq=False)
class Dialect:
    """One dialect: `record` writes a token, `read` reads a record's object back.

    `record(index, text, full, form)` gives the JSON object of the index-th token; *full* is the
    whole completion if this is the last token, else None. `opening(tokens, form)` and
    `closing(tokens, form)` give the records without text that a form has before the first and after
    the last of so many tokens; in those of the closing FULL stands for the whole
    completion. `encode` gives a text as it stands in its string, where that is another, such as base64.
    `answers` has, for each form that can hold several channels, the function from the deltas of an answer, and
    whether it is finished, to its records. `read(object)` gives a `Reading`; it raises ModelError for
    an error record, and ValueError, TypeError or LookupError for what is no record of the dialect.
    """

    id: str
    media_type: str
    framing: Framing
    source: str
    record: Callable[[int, str, str | None, str], JsonObject]
    read: Callable[[JsonObject], Reading]
    error: Callable[[str], JsonObject] | None = None
    errors: Mapping[str, Callable[[str], JsonObject]] = field(default_factory=dict)  # of forms that have their own
    opening: Callable[[int, str], tuple[JsonObject, ...]] = _no_records
    closing: Callable[[int, str], tuple[JsonObject, ...]] = _no_records
    encode: Callable[[str], str] | None = None  # a text as the record's string has it, such as base64
    document: Callable[[str, tuple[str, ...], str], object] = _document  # a document with this text, of these tokens
    answers: Mapping[str, Callable[[Sequence[Delta], bool], Iterable[Said]]] = field(default_factory=dict)
    generic: frozenset[str] = frozenset()  # forms that are no server's own
    requested: frozenset[str] = frozenset()  # forms that add records, or fields, to the answer of the first one
    compact: bool = True
    spaced: frozenset[str] = frozenset()  # forms whose separators hold spaces all the same
    escapes: tuple[str, ...] = ("raw",)
    forms: tuple[str, ...] = ("",)
    former: Mapping[str, str] = field(default_factory=dict)  # a form, and the one that writes what it once wrote
    spaces: tuple[bool, ...] = (True,)
    asides: tuple[str, ...] = ()  # framing-level ones that its servers write
    extras: Mapping[str, JsonObject] = field(default_factory=dict)  # records without text
    allowed: Mapping[str, JsonObject] = field(default_factory=dict)  # such records that only its API's description has
    unasked: Mapping[str, JsonObject] = field(default_factory=dict)  # such records that a client may take for text
    apart: frozenset[str] = frozenset()  # forms among whose records these do not stand
    events: Mapping[str, str] = field(default_factory=dict)  # the SSE event names of such records
    named: str = ""  # the name of the SSE events with text, where each event has one: the `type` of its record
    typed: bool = False  # framing EVENTS: each event has a name of its own, and none is a record in `bytes`
    finishes: bool = True
    repeats: bool = False  # the last record carries the full text, in every form
    repeating: frozenset[str] = frozenset()  # or only in these
    ascii_errors: bool = False  # its error records are escaped even where its text is raw
    json_errors: frozenset[str] = frozenset()  # forms whose errors are as Python's json.dumps writes: ASCII, spaces
    done: bool = False
    undone: frozenset[str] = frozenset()  # forms that end without it
    padded: frozenset[str] = frozenset()  # forms with a line feed more behind each event, and one behind all of them
    numbers_blocks: bool = False  # a tool call has the number of its block, and none among the calls
    reasons: tuple[str, ...] = ()  # why else than in the plainest body an answer may have ended
    special: JsonObject | None = None
    logprob: str | None = None  # the key whose value Python may write as -Infinity

    def __repr__(self) -> str:
        return f"dialect({self.id!r})"

    def repeats_in(self, form: str) -> bool:
        """Whether the last record of *form* carries the full text."""
        return self.repeats or form in self.repeating

    @property
    def written(self) -> tuple[str, ...]:
        """The forms that servers write; what a form once wrote by mistake is kept for old cases alone."""
        return tuple([form for form in self.forms if form not in self.former.values()])

    @property
    def textless(self) -> Mapping[str, JsonObject]:
        """All records without text that may stand beside those of the tokens, by kind."""
        return {**self.allowed, **self.unasked, **self.extras}

    def writes_ascii(self, ascii_: bool | None) -> bool:
        """Whether non-ASCII is escaped; the dialect's own first way when *ascii_* is None."""
        return self.escapes[0] == "ascii" if ascii_ is None else ascii_

    def dumps(self, value: object, ascii_: bool = False, form: str = "", way: str = "") -> bytes:
        """JSON as the dialect's server spaces and escapes it, or in another *way* of writing the same."""
        server = self.compact and form not in self.spaced
        compact = server if way in ("", "escaped") else way == "compact"
        separators = (",", ":") if compact else (" , ", " : ") if way == "spaced" else (", ", ": ")
        ordered = _reversed(value) if way == "reversed" else value
        return json.dumps(ordered, ensure_ascii=ascii_, separators=separators).encode()


def _reversed(value: object) -> object:
    """The same value, the keys of each object last first."""
    if isinstance(value, Mapping):
        return {key: _reversed(inner) for key, inner in reversed(tuple(value.items()))}
    return [_reversed(inner) for inner in value] if isinstance(value, list) else value


REASONS = ("finish_reason", "stop_reason", "stopReason")
STOPPED_BY = "stop_sequence"
"""A reason, and the field beside it that some servers have for the sequence that stopped the answer."""


def finished_by(value: Any, reason: str) -> Any:
    """The same value with *reason*, if there is one, wherever it says why the answer ended."""
    if isinstance(value, list):
        return [finished_by(inner, reason) for inner in value]
    if not isinstance(value, Mapping) or not reason:
        return value
    told = {
        key: reason if inner is not None and key in REASONS else finished_by(inner, reason)
        for key, inner in value.items()
    }
    if STOPPED_BY in told and reason == STOPPED_BY in (told.get(key) for key in REASONS):
        told[STOPPED_BY] = "</x>"
    return told


FIRST = "!"
"""The token with which the vocabularies of GPT-2 (encoder.json), Llama 3 and Qwen (tokenizer.json) begin."""


def _numbered(record: JsonObject, number: int) -> JsonObject:
    """The same record of a token, with the number that the token has in the vocabulary, where it says that."""
    token = record.get("token")
    if isinstance(token, Mapping) and token.get("id") is not None:
        return {**record, "token": {**token, "id": number}}
    return {**record, "tokens": [number]} if record.get("tokens") else record


@lru_cache(maxsize=4096)
def template(
    dialect: Dialect, index: int, last: bool, form: str, nan: bool, way: str = "", reason: str = "", first: bool = False
) -> tuple[bytes, ...]:
    """The bytes of a token's record around its text and, in the last one that has it, the full text.

    Where the full text comes first, FULL stands for it in the first piece. The *first* token of the vocabulary, FIRST,
    has the number 0, which is a false value in many languages, and a special token in other vocabularies.
    """
    record = finished_by(dialect.record(index, TEXT, FULL if last else None, form), reason)
    record = _numbered(record, 0) if first else record
    raw = dialect.dumps(record, form=form, way=way)
    if nan and dialect.logprob:
        raw = re.sub(b"(%b: ?)[^,}]+" % dialect.dumps(dialect.logprob), rb"\1-Infinity", raw)
    before, _, after = raw.partition(TEXT.encode())
    return (before, *after.split(FULL.encode()))
