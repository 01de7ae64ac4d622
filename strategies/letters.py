"""From letters to a stream: the pure function behind every drawn, swept or fuzzed stream.

A letter is one small decision: a text delta and where the bytes that carry it are cut, or a change
of style, or a fault. A word of letters is a stream. Because text, tokens and cuts are decided
together, one drawn word finds what independent draws miss, and shrinks to one character and one cut.

A mark (kind, k) places a cut; it is dropped where the letter's bytes have no such place:

    text k     inside the delta's bytes in the body, k bytes from their start
    head k     k bytes into the record           tail k    k bytes before the record's end
    join       no cut after the record           empty     an empty part after it
    every k    a cut each k bytes of the body    fill k    a cut each 8192, byte k of the text on that line
    slice k    parts of k bytes, records ignored    exact k    before it, a delta whose record has k bytes
    wire k     on the wire, k bytes into the message that holds the record
    wire-tail k, wire-join, wire-empty, wire-every k    the same of messages and chunks

What a word's stream costs is bounded, whatever letters meet in it: the cuts of `every`, `slice` and `wire-every`
that would be more than MOST_CUTS stand around the record, with those between records or messages beyond them, and
`fill` and `exact` add no more than MOST_PADDING.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sliceproof.strategies.channel_words import as_served
from sliceproof.wire.dialects import Delta, Record, Style, dialect, encode
from sliceproof.wire.faults import Fault, FaultKind, Unit
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

LINE = 8192
"""Bytes at which SageMaker has been seen to cut."""

MOST_CUTS = 2048
"""The most cuts that the marks of a word place at equal distances, in the body and on the wire each."""

MOST_PADDING = 4 * LINE
"""The most bytes of text that the marks of a word add so that others stand where they are to."""

Mark = tuple[str, int]


class Letter(NamedTuple):
    """One decision; `token` is None for a letter that adds no delta, and a Delta for text in another channel."""

    token: str | Delta | None = None
    marks: tuple[Mark, ...] = ()
    aside: str = ""
    style: tuple[tuple[str, object], ...] = ()
    headers: str = ""
    unknown: bool = False
    fault: Fault | None = None
    fault_mark: int = 0


def letters(tokens: Iterable[str], *marks: Mark, **style: object) -> list[Letter]:
    """One letter for each token, all with the same marks and style."""
    return [Letter(token, marks, style=tuple(style.items())) for token in tokens]


def compose(dialect_id: str, word: Sequence[Letter], distinct: bool = True) -> Stream:
    """The stream that *word* stands for in the dialect; at most one fault, the first, counts.

    With *distinct*, a delta that equals the one before gets another between: equal neighbours are a
    hazard of their own.
    """
    draft = _Draft(dialect_id, distinct)
    for letter in word:
        draft.add(letter)
    return draft.stream()


@dataclass
class _Draft:
    dialect_id: str
    distinct: bool = True
    tokens: list[str | Delta] = field(default_factory=list)
    marks: list[tuple[int, Mark]] = field(default_factory=list)
    asides: list[tuple[int, str]] = field(default_factory=list)
    style: dict[str, object] = field(default_factory=dict)
    headers: str = "plain"
    unknown: list[int] = field(default_factory=list)
    fault: Fault | None = None
    fault_mark: int = 0
    padding: int = MOST_PADDING

    def add(self, letter: Letter) -> None:
        """Take one letter."""
        if letter.style:
            self.style.update(letter.style)
        if letter.aside:
            self.asides.append((0 if letter.aside == "role" else len(self.tokens), letter.aside))
        if letter.headers:
            self.headers = letter.headers
        if letter.token is not None:
            self._add_token(letter.token, letter)
        if letter.unknown:
            self.unknown.append(len(self.tokens))
        if letter.fault and not self.fault:
            at = len(self.tokens) - (letter.fault.unit is not Unit.TOKENS)
            self.fault = replace(letter.fault, at=max(0, at))
            self.fault_mark = letter.fault_mark

    def _add_token(self, token: str | Delta, letter: Letter) -> None:
        if self.distinct and self.tokens and token == self.tokens[-1]:
            other = "y" if token == "x" else "x"
            if letter == Letter(token):
                token = other
            else:
                self.tokens.append(other)
        for mark in letter.marks:
            if mark[0] in ("fill", "exact") and isinstance(token, str):
                self._pad(token, *mark)
            self.marks.append((len(self.tokens), mark))
        self.tokens.append(token)

    def _styled(self) -> Style:
        asides = self._asides()
        return Style(**self.style, asides=asides) if self.style or asides else Style()  # type: ignore[arg-type]

    def _asides(self) -> tuple[tuple[int, str], ...]:
        """The asides where servers write them: the role first, the usage last, chat chunks among chat chunks."""
        last, dialect_ = max(1, len(self.tokens)), dialect(self.dialect_id)  # without tokens there is one record
        placed = [(last if kind in ("usage", "ids") else at, kind) for at, kind in self.asides]
        apart = self.style.get("form", "") in dialect_.apart
        return tuple([aside for aside in placed if not apart or aside[1] not in dialect_.textless])

    def _pad(self, token: str, kind: str, k: int) -> None:
        """Add a delta of x that puts byte k of *token* on the 8 KB line, or whose record has k bytes."""
        dialect_ = dialect(self.dialect_id)
        body = encode(dialect_, (*self.tokens, "", token), self._styled())
        padding, record = [record for record in body.records if record.kind == "delta"][-2:]
        length = k - (padding.stop - padding.start) if kind == "exact" else -(record.text_start + k) % LINE
        if 0 < length <= self.padding:
            self.padding -= length
            self.tokens.append("x" * length)

    def stream(self) -> Stream:
        self._arrange()
        fault = self.fault
        spatial = fault is not None and fault.unit is not Unit.TOKENS
        stream = Stream(
            self.dialect_id,
            tuple(self.tokens),  # type: ignore[arg-type]  # what of them is no content is put into its deltas
            self._styled(),
            headers=self.headers,
            unknown=tuple(self.unknown),
            fault=None if spatial else fault,
        )
        if self.marks:
            stream = self._cut(stream)
        if spatial:
            assert fault is not None
            stream = self._spoil(stream, fault)
        return stream

    def _arrange(self) -> None:
        """The deltas of several channels in an order in which a server writes them."""
        if any(isinstance(token, Delta) for token in self.tokens):
            arranged, places = as_served(self.tokens)
            self.tokens = list(arranged)
            self.marks = [(places[at], mark) for at, mark in self.marks]

    def _cut(self, stream: Stream) -> Stream:
        deltas = [record for record in stream.records if record.kind == "delta" for _ in record.deltas or (None,)]
        placed = [(deltas[at], mark) for at, mark in self.marks if 0 <= at < len(deltas)]
        if not placed:
            return stream
        if any(mark[0] in _PART_MARKS for _, mark in placed):
            stream = stream.but(part_cuts=_part_cuts(stream, placed))
        if any(mark[0] in _WIRE_MARKS for _, mark in placed):
            stream = stream.but(chunk_cuts=_chunk_cuts(stream, placed))
        return stream

    def _spoil(self, stream: Stream, fault: Fault) -> Stream:
        deltas = [record for record in stream.records if record.kind == "delta"]
        record = deltas[min(fault.at, len(deltas) - 1)]
        k = self.fault_mark
        if fault.kind is FaultKind.BROKEN_OFF:
            at = record.stop - min(k, record.stop - record.start)
        else:
            start, stop = _message(stream, record)
            at = min(start + k, stop - 1) if fault.kind is FaultKind.CORRUPT else max(start + 1, stop - k)
        if not stream.wire:
            return stream
        spoilt = stream.but(fault=replace(fault, at=at))
        if fault.kind is FaultKind.BROKEN_OFF and stream.part_cuts is not None:
            spoilt = spoilt.but(part_cuts=tuple([cut for cut in stream.part_cuts if cut < at]))
        if stream.chunk_cuts is not None:
            length = len(spoilt.wire)
            spoilt = spoilt.but(chunk_cuts=tuple([cut for cut in stream.chunk_cuts if cut < length]))
        return spoilt


_PART_MARKS = frozenset({"text", "head", "tail", "join", "empty", "every", "fill", "slice"})
_WIRE_MARKS = frozenset({"wire", "wire-tail", "wire-join", "wire-empty", "wire-every"})


def _part_cuts(stream: Stream, placed: list[tuple[Record, Mark]]) -> tuple[int, ...]:
    length = len(stream.body)
    slices = [(k, record) for record, (kind, k) in placed if kind == "slice"]
    if slices:
        size, record = slices[-1]
        return _sliced(size, length, record.start, stream.edges[1:-1])
    cuts = set(stream.edges[1:-1])
    share = MOST_CUTS // len(placed)
    more = []
    for record, (kind, k) in placed:
        if kind == "join":
            cuts.discard(record.stop)
        elif kind == "empty":
            more.append(record.stop)
        elif kind == "fill":
            cuts.update(every(LINE, length))
        elif kind == "every":
            cuts.update(_every(k, length, record.start, share))
        elif kind == "text" and 0 <= k < record.text_stop - record.text_start:
            cuts.add(record.text_start + k)
        elif kind == "head" and k < record.stop - record.start:
            cuts.add(record.start + k)
        elif kind == "tail" and k < record.stop - record.start:
            cuts.add(record.stop - k)
    return tuple(sorted([*cuts, *more]))


def _every(size: int, length: int, start: int, most: int) -> range:
    """The multiples of *size* inside *length*; if they are more than *most*, then those about *start* alone."""
    cuts = range(size, length, size)
    first = max(0, min(start // size - most // 8, len(cuts) - most))
    return cuts[first : first + most]


def _sliced(size: int, length: int, start: int, usual: Sequence[int]) -> tuple[int, ...]:
    """The cuts of slices about *start*; where there would be too many, the *usual* ones stay beyond them.

    Without these, all that is beyond would be joined in one part or chunk, which is another hazard.
    """
    cuts = _every(size, length, start, MOST_CUTS)
    beyond = [cut for cut in usual if cut < cuts.start or cut >= cuts.stop] if len(cuts) == MOST_CUTS else []
    return tuple(sorted({*cuts, *beyond}))


def _message(stream: Stream, record: Record) -> tuple[int, int]:
    """Where the message that holds the record's first byte begins and ends on the wire."""
    part = max(0, bisect_left(stream.edges, record.start + 1, 1) - 1)
    stops = stream.frame_stops or (1,)
    number = min(part + sum(before <= part for before in stream.unknown), len(stops) - 1)
    return (stops[number - 1] if number else 0, stops[number])


def _chunk_cuts(stream: Stream, placed: list[tuple[Record, Mark]]) -> tuple[int, ...]:
    if not stream.frame_stops:
        return ()
    length = stream.frame_stops[-1]
    sizes = [(k, record) for record, (kind, k) in placed if kind == "wire-every"]
    if sizes:
        size, record = sizes[-1]
        return _sliced(size, length, _message(stream, record)[0], stream.frame_stops[:-1])
    cuts = set(stream.frame_stops[:-1])
    more = []
    for record, (kind, k) in placed:
        start, stop = _message(stream, record)
        if kind == "wire-join":
            cuts.discard(stop)
        elif kind == "wire-empty":
            more.append(stop)
        elif kind == "wire" and 0 < k < stop - start:
            cuts.add(start + k)
        elif kind == "wire-tail" and 0 < k < stop - start:
            cuts.add(stop - k)
    return tuple(sorted([*cuts, *more]))
