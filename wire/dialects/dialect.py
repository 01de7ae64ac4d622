"""What a dialect is: how one container family writes a completion as bytes, and how these are read back.

A dialect is data (a schema as a function from token to JSON object, and the choices its servers
have); the framing around the records (SSE, JSON Lines, one document, nothing) is in `framing`, the
incremental reader in `reader`. A new dialect is one such value in its family's module and its line
in the registry.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from sliceproof.wire.errors import SliceproofError

JsonObject = Mapping[str, object]
TEXT, FULL = "@TEXT@", "@FULL@"


class UnknownDialectError(SliceproofError, ValueError):
    """A dialect, form or aside that does not exist."""


class Record(NamedTuple):
    """One record of a body; offsets are bytes from the body's start."""

    start: int
    text_start: int
    text_stop: int
    content_stop: int  # the terminator begins here
    stop: int
    text: str
    kind: str  # "delta", "special", "done", "error" or the aside's kind


class Body(NamedTuple):
    """What a container wrote: the bytes, and which of them belong to which record."""

    data: bytes
    records: tuple[Record, ...]


class Reading(NamedTuple):
    """What one record says: text (without special tokens), and whether it is the finish mark."""

    text: str
    finished: bool = False


@dataclass(frozen=True, eq=False)
class Dialect:
    """One dialect of FACTS: `record` writes a token, `read` reads a record's object back.

    `record(index, text, full, style)` gives the JSON object of the index-th token; *full* is the
    whole completion if this is the last token, else None. `read(object)` gives a `Reading`
    and raises ModelError for an error record.
    """

    id: str
    media_type: str
    framing: str
    source: str
    record: Callable[[int, str, str | None, str], JsonObject]
    read: Callable[[JsonObject], Reading]
    error: Callable[[str], JsonObject] | None = None
    compact: bool = True
    escapes: tuple[str, ...] = ("raw",)
    forms: tuple[str, ...] = ("",)
    spaces: tuple[bool, ...] = (True,)
    asides: tuple[str, ...] = ()  # framing-level ones that its servers write
    extras: Mapping[str, JsonObject] = field(default_factory=dict)  # records without text
    finishes: bool = True
    repeats: bool = False  # the last record carries the full text
    ascii_errors: bool = False  # its error records are escaped even where its text is raw
    done: bool = False
    special: JsonObject | None = None
    logprob: str | None = None  # the key whose value Python may write as -Infinity

    def __repr__(self) -> str:
        return f"dialect({self.id!r})"

    def writes_ascii(self, ascii_: bool | None) -> bool:
        """Whether non-ASCII is escaped; the dialect's own first way when *ascii_* is None."""
        return self.escapes[0] == "ascii" if ascii_ is None else ascii_

    def dumps(self, value: object, ascii_: bool = False, way: str = "") -> bytes:
        """JSON as the dialect's server spaces and escapes it, or in another *way* of writing the same."""
        compact = self.compact if way in ("", "escaped") else way == "compact"
        separators = (",", ":") if compact else (" , ", " : ") if way == "spaced" else (", ", ": ")
        told = _reversed(value) if way == "reversed" else value
        return json.dumps(told, ensure_ascii=ascii_, separators=separators).encode()


def _reversed(value: object) -> object:
    """The same value, the keys of each object last first."""
    if isinstance(value, Mapping):
        return {key: _reversed(inner) for key, inner in reversed(tuple(value.items()))}
    return [_reversed(inner) for inner in value] if isinstance(value, list) else value


@lru_cache(maxsize=4096)
def template(dialect: Dialect, index: int, last: bool, form: str, nan: bool, way: str = "") -> tuple[bytes, ...]:
    """The bytes of a token's record around its text and, in the last one that has it, the full text.

    Where the full text comes first, FULL stands for it in the first piece.
    """
    record = dict(dialect.record(index, TEXT, FULL if last else None, form))
    raw = dialect.dumps(record, way=way)
    if nan and dialect.logprob:
        raw = re.sub(b"(%b: ?)[^,}]+" % dialect.dumps(dialect.logprob), rb"\1-Infinity", raw)
    before, _, after = raw.partition(TEXT.encode())
    return (before, *after.split(FULL.encode()))
