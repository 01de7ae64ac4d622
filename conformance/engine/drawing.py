"""A stream as a picture: its stages to scale, and the bytes that matter with all that stands above and below them.

Plain values that JSON can hold, so that a process which was told them can draw them too. Offsets are bytes of the body
or of the wire; what is not near a place that matters is left out.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from sliceproof.conformance.engine.bytemap import code_point
from sliceproof.conformance.engine.places import AROUND, Places, places
from sliceproof.conformance.engine.wording import count
from sliceproof.wire.stream import Stream

MOST_SEGMENTS = 60
PRELUDE = 12
_PART = re.compile(r"part (\d+)")
_INSIDE = "cut inside a message"
FIELDS = (("total length", 4), ("headers length", 4), ("checksum", 4))


@dataclass(frozen=True)
class Span:
    """Bytes from `start` to `stop` that are one thing of a `kind`; `cuts` is where it is cut, in percent."""

    start: int
    stop: int
    label: str
    kind: str = ""
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True)
class Lane:
    """A row of spans that do not overlap; `note` says how much there is of it."""

    name: str
    spans: tuple[Span, ...]
    note: str = ""


@dataclass(frozen=True)
class Window:
    """Some bytes in a row, of `total`: lanes above and below them, where they are cut, and what `end` is behind them.

    `kinds` say what each byte is, `marks` whether a cut inside something or a seam between two stands before it.
    `before` are the bytes that are left out between the window before and this one.
    """

    of: str
    start: int
    total: int
    data: tuple[int, ...]
    kinds: tuple[str, ...]
    above: tuple[Lane, ...]
    below: tuple[Lane, ...]
    cuts: tuple[Span, ...]
    marks: tuple[str, ...]
    before: int = 0
    end: str = ""

    @property
    def stop(self) -> int:
        """Where it ends."""
        return self.start + len(self.data)


@dataclass(frozen=True)
class Drawing:
    """The stages of a stream to scale, the windows on its bytes, and sentences on what they show."""

    body: int
    wire: int
    of_body: tuple[Lane, ...]
    of_wire: tuple[Lane, ...]
    windows: tuple[Window, ...]
    notes: tuple[str, ...] = field(default=())


def drawing(stream: Stream, part: str = "part") -> Drawing:
    """The picture of a stream; *part* is what a part is called (a chunk, where the body is the wire)."""
    found = places(stream)
    windows = tuple(_windows(stream, found, part))
    of_body = (
        Lane("text", tuple(_few(_texts(stream))), count(len(stream.text), "character")),
        Lane("records", tuple(_few(_records(stream))), count(len(stream.records), "record")),
        Lane(f"{part}s", tuple(_few(_parts(stream, part))), count(len(stream.parts), part)),
    )
    of_wire = (
        Lane("messages", tuple(_few(_messages(stream))), count(len(stream.frames), "message")),
        Lane("chunks", tuple(_few(_chunks(stream))), count(len(stream.chunks), "chunk")),
    )
    notes = (*_splits(windows), *_notes(stream, found))
    return Drawing(len(stream.body), len(stream.wire), of_body, of_wire if part == "part" else (), windows, notes)


def _few(spans: Iterator[Span]) -> Iterator[Span]:
    for number, span in enumerate(spans):
        if number == MOST_SEGMENTS:
            return
        yield span


# The stages


def _texts(stream: Stream) -> Iterator[Span]:
    for record in stream.records:
        if record.text:
            yield Span(record.text_start, record.text_stop, record.text[:80], "text")


def _records(stream: Stream) -> Iterator[Span]:
    for number, record in enumerate(stream.records, 1):
        what = "" if record.kind == "delta" else f" ({record.kind})"
        yield Span(record.start, record.stop, f"record {number}{what}", "error" if record.kind == "error" else "")


def _parts(stream: Stream, part: str = "part") -> Iterator[Span]:
    edges = stream.edges if stream.parts else ()
    whole = {0, *(record.stop for record in stream.records)}
    for number, (start, stop) in enumerate(pairwise(edges), 1):
        yield Span(start, stop, f"{part} {number}", "" if start in whole else "inside")


def _messages(stream: Stream) -> Iterator[Span]:
    starts = (0, *stream.frame_stops[:-1])
    for number, (start, stop) in enumerate(zip(starts, stream.frame_stops, strict=False), 1):
        if start < len(stream.wire):
            yield Span(start, min(stop, len(stream.wire)), f"message {number}")


def _chunks(stream: Stream) -> Iterator[Span]:
    at, whole = 0, {0, *stream.frame_stops}
    for number, chunk in enumerate(stream.chunks, 1):
        yield Span(at, at + len(chunk), f"chunk {number}", "" if at in whole else "inside")
        at += len(chunk)


# The bytes


def _windows(stream: Stream, found: Places, part: str) -> Iterator[Window]:
    data, before = stream.body if found.of == "body" else stream.wire, 0
    for start, stop in _ranges(data, found):
        made = _of_body(stream, start, stop, part) if found.of == "body" else _of_wire(stream, found, start, stop)
        end = found.word if stop == len(data) and stop in found.at else ""
        yield replace(made, before=start - before, end=end)
        before = stop


def _ranges(data: bytes, found: Places) -> list[tuple[int, int]]:
    """Around each place, whole code points, those that meet made one."""
    ranges: list[tuple[int, int]] = []
    for at in found.at:
        start, stop = max(0, at - AROUND), min(len(data), at + AROUND)
        while found.of == "body" and start and data[start : start + 1] and data[start] & 0xC0 == 0x80:
            start -= 1
        while found.of == "body" and stop < len(data) and data[stop] & 0xC0 == 0x80:
            stop += 1
        if ranges and start <= ranges[-1][1] and stop - ranges[-1][0] <= 3 * AROUND:
            ranges[-1] = (ranges[-1][0], max(stop, ranges[-1][1]))
        elif not ranges or start >= ranges[-1][1]:
            ranges.append((start, stop))
    return [(start, stop) for start, stop in ranges if start < stop]


def _of_body(stream: Stream, start: int, stop: int, part: str) -> Window:
    body = stream.body
    at = [edge for edge in stream.edges[1:-1] if start < edge < stop]
    parts = list(_within(_parts(stream, part), start, stop))
    characters = list(_characters(stream, start, stop))
    kinds = ["" for _ in range(start, stop)]
    for span in characters:
        for offset in range(max(span.start, start), min(span.stop, stop)):
            kinds[offset - start] = span.kind
    cuts = []
    for edge in at:
        split = next((one for one in characters if one.kind == "split" and one.start < edge < one.stop), None)
        inside = next((r for r in _records(stream) if r.start < edge < r.stop), None)
        label = "cut inside a character" if split else f"cut inside {inside.label}" if inside else f"{part} ends"
        cuts.append(Span(edge, stop, label, "cut" if split or inside else "seam"))
    below = [Lane(part, _cutting(parts, ()))]
    if part == "part" and not stream.unknown:
        word = r"message \1" if stream.chunk_cuts is not None else r"message \1 = chunk \1"
        below.append(Lane("message", tuple(replace(one, label=_PART.sub(word, one.label), kind="") for one in parts)))
    above = [
        Lane("text", _cutting(characters, at)),
        Lane("record", _cutting(_within(_records(stream), start, stop), at)),
    ]
    return Window(
        *("body", start, len(body), tuple(body[start:stop]), tuple(kinds)),
        *(tuple(above), tuple(below), tuple(cuts), _marks(cuts, start, stop)),
    )


def _marks(cuts: Sequence[Span], start: int, stop: int) -> tuple[str, ...]:
    at = {cut.start: cut.kind for cut in cuts}
    return tuple(at.get(offset, "") for offset in range(start, stop))


def _characters(stream: Stream, start: int, stop: int) -> Iterator[Span]:
    """The code points of the text, where it stands in the body as it is."""
    edges = set(stream.edges)
    for record in stream.records:
        raw = stream.body[record.text_start : record.text_stop]
        if record.text_stop <= start or record.text_start >= stop or not raw:
            continue
        if raw != record.text.encode("utf-8", "surrogatepass"):
            shown = raw.decode("utf-8", "replace")
            yield from _within(iter([Span(record.text_start, record.text_stop, shown, "text")]), start, stop)
            continue
        at = record.text_start
        for character in record.text:
            after = at + len(character.encode("utf-8", "surrogatepass"))
            if at < stop and after > start:
                split = any(edge in edges for edge in range(at + 1, after))
                yield Span(at, after, character, "split" if split else "text")
            at = after


def _of_wire(stream: Stream, found: Places, start: int, stop: int) -> Window:
    wire = stream.wire
    chunks = list(_within(_chunks(stream), start, stop))
    at = [span.start for span in chunks if start < span.start < stop]
    kinds = tuple("flipped" if offset in found.flipped else "" for offset in range(start, stop))
    seams = set(stream.frame_stops)
    cuts = [Span(at_, stop, "chunk ends", "seam") if at_ in seams else Span(at_, stop, _INSIDE, "cut") for at_ in at]
    if found.word and not any(cut.start in found.at for cut in cuts):
        cuts += [Span(each, stop, found.word, "seam") for each in found.at if start <= each < stop]
    cuts.sort(key=lambda cut: cut.start)
    above = (
        Lane("message", _cutting(_within(_messages(stream), start, stop), at)),
        Lane("field", _cutting(_within(_fields(stream, start, stop), start, stop), at)),
    )
    below = (Lane("chunk", _cutting(chunks, ())),)
    marks = _marks(cuts, start, stop)
    return Window("wire", start, len(wire), tuple(wire[start:stop]), kinds, above, below, tuple(cuts), marks)


def _fields(stream: Stream, start: int, stop: int) -> Iterator[Span]:
    """What the bytes of the messages in a window are."""
    stops, limit = stream.frame_stops, len(stream.wire)
    for number in range(bisect_right(stops, start), min(bisect_left(stops, stop) + 1, len(stops))):
        at, frame = stops[number - 1] if number else 0, stream.frames[number]
        headers = int.from_bytes(frame[4:8], "big") if len(frame) >= PRELUDE else 0
        rest = len(frame) - PRELUDE - headers - 4
        sizes = [*FIELDS, ("headers", headers), ("payload", rest), ("checksum", 4)] if rest >= 0 else list(FIELDS)
        for name, size in sizes:
            if size and at < limit:
                yield Span(at, min(at + size, limit), name, "text" if name == "payload" else "")
            at += size


def _within(spans: Iterator[Span], start: int, stop: int) -> Iterator[Span]:
    for span in spans:
        if span.start >= stop and span.start > start:
            return
        if span.stop > start and span.start < span.stop:
            yield Span(max(span.start, start), min(span.stop, stop), span.label, span.kind)


def _cutting(spans: Iterator[Span] | Sequence[Span], cuts: Sequence[int]) -> tuple[Span, ...]:
    """The spans, each with the cuts inside it in percent of its length."""
    return tuple(
        Span(
            span.start,
            span.stop,
            span.label,
            span.kind,
            tuple(
                round(100 * (at - span.start) / (span.stop - span.start), 3)
                for at in cuts
                if span.start < at < span.stop
            ),
        )
        for span in spans
    )


def _splits(windows: Sequence[Window]) -> Iterator[str]:
    """The characters that a cut goes through, each with its bytes on both sides."""
    for window in windows if windows and windows[0].of == "body" else ():
        for span in window.above[0].spans:
            if span.kind == "split":
                data = span.label.encode("utf-8", "surrogatepass")
                edges = [round(at * len(data) / 100) for at in span.cuts]
                pieces = [data[a:b].hex(" ") for a, b in pairwise((0, *edges, len(data)))]
                yield f"{' | '.join(pieces)} = {code_point(span.label)}"


def _notes(stream: Stream, found: Places) -> Iterator[str]:
    if stream.fault is not None:
        yield f"The fault: {stream.fault.words}."
    if found.left:
        yield f"Shown are the first {len(found.at)} of {len(found.at) + found.left} such places."
    for lane, pieces in (("records", stream.records), ("parts", stream.parts), ("chunks", stream.chunks)):
        if len(pieces) > MOST_SEGMENTS:
            yield f"Of {len(pieces):,} {lane} the first {MOST_SEGMENTS} are drawn."
