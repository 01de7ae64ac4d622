"""Faults and hard texts crossed with cuts: the same, met in every way in which bytes can come.

A decoder may see an exception, an error record or half a message alone and whole, and miss it when it
comes in two chunks or parts, joined behind sound ones, with half a record held, first or late.
`at_each_place` puts a fault early and late, `crossed` cuts the message that holds it. `texts_carried` does
with hard texts what `crossed` does with faults.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sliceproof.strategies.letters import Letter, compose
from sliceproof.wire.dialects import Dialect, Framing, Style
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.slicing import every, inside_code_points
from sliceproof.wire.stream import Stream

PLACES = (0, 1, 2, 11, 34)
"""Tokens before a fault: none, few, and past the tenth part and the 33rd."""


def words(count: int) -> tuple[str, ...]:
    """That many deltas, no two alike and none with anything hard in it."""
    return tuple([f"w{number}" for number in range(count)])


def at_each_place(dialect: Dialect, fault: Fault, places: Iterable[int] = PLACES) -> Iterator[Stream]:
    """The fault after so many tokens, and with part of the next record held where it can be."""
    for place in places:
        stream = Stream(dialect.id, words(place + 1), fault=replace(fault, at=place))
        yield stream
    if (
        fault.kind in (FaultKind.EXCEPTION, FaultKind.MALFORMED, FaultKind.SILENCE)
        and dialect.framing is not Framing.RAW
    ):
        for held in (1, 20):
            for place in (0, 1):
                stream = Stream(dialect.id, words(place + 1), fault=replace(fault, at=place, held=held))
                if stream.parts and len(stream.parts) > place:
                    yield stream


def crossed(stream: Stream) -> Iterator[Stream]:
    """The stream with its last message cut at telling offsets, joined to what is before it, or both."""
    stops = stream.frame_stops
    if not stops:
        return
    *before, stop = stops
    start = before[-1] if before else 0
    earlier = before[:-1] if before else []
    end = len(stream.wire)
    yield stream.but(chunk_cuts=tuple(earlier))
    yield stream.but(chunk_cuts=())
    for offset in _telling(stream, start, stop):
        if start < offset < end:
            yield stream.but(chunk_cuts=(*before, offset))
            yield stream.but(chunk_cuts=(*earlier, offset))
    if start + 12 < end - 4:
        yield stream.but(chunk_cuts=(*before, start + 6, start + 12, end - 4))
    if end <= 2000:
        yield stream.but(chunk_cuts=every(1, end))
    yield stream.but(chunk_cuts=every(7, end))


def _telling(stream: Stream, start: int, stop: int) -> list[int]:
    """Offsets in the last message: in and after its prelude, around its headers' end, in its payload and checksum."""
    frame = stream.frames[-1]
    headers = 12 + int.from_bytes(frame[4:8]) if len(frame) >= 12 else 12
    inside = [1, 4, 8, 11, 12, 13, headers - 1, headers, headers + 1, (headers + len(frame)) // 2]
    inside += [len(frame) - 4, len(frame) - 1]
    return sorted({start + offset for offset in inside if 0 < offset < stop - start})


MOST_TEXTS = 12
"""How many letters of a hazard are crossed with cuts."""
MOST_OFFSETS = 6
"""At how many bytes from a text's start, and from its end, a part ends in turn."""


def texts_carried(dialect: Dialect, letters: Iterable[Letter]) -> Iterator[Stream]:
    """Each text between plain ones: with a part's end at its bytes, in one part with them, in one chunk with them."""
    said = [(letter.token, letter.style) for letter in letters if isinstance(letter.token, str)]
    texts = dict.fromkeys((token, style) for token, style in said if 0 < len(token) <= 24)
    for token, style in list(texts)[:MOST_TEXTS]:
        plain = compose(dialect.id, (Letter("x"), Letter(token, style=style), Letter("y")))
        record = [each for each in plain.records if each.kind == "delta"][1]
        halves = set(inside_code_points(plain.body))  # a hazard of its own
        offsets = [at for at in range(record.text_start, record.text_stop + 1) if at not in halves]
        for offset in sorted({*offsets[:MOST_OFFSETS], *offsets[-MOST_OFFSETS:]}):
            yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], offset})))
        yield plain.but(part_cuts=())
        yield plain.but(chunk_cuts=())


def hard_last_records(dialect: Dialect, tail: str) -> Iterator[Stream]:
    """A last record that ends as *tail* says, with text that a reader of lines, or of JSON, may take for an end."""
    for text in ("x\u2028y", "x\x85y", "}}", "x\\", '"', "x\n", " ", "data: x"):
        yield Stream(dialect.id, ("x", text), Style(ascii=False, tail=tail, done=False))


def crossed_parts(stream: Stream) -> Iterator[Stream]:
    """A stream whose body ends in an error record: that cut in two parts, joined behind another, or both."""
    number = next((at for at, record in enumerate(stream.records) if record.kind in ("error", "unreadable")), None)
    if number is None or stream.format.framing is Framing.RAW:
        return
    record = stream.records[number]
    stops = [each.stop for each in stream.records[:-1]]
    others = [stop for stop in stops if stop != record.start]
    middle = (record.start + record.content_stop) // 2
    if record.start:
        yield stream.but(part_cuts=tuple(others))
    yield stream.but(part_cuts=())
    for offset in sorted({record.start + 1, record.start + 8, middle, record.content_stop - 1, record.stop - 1}):
        if record.start < offset < record.stop:
            yield stream.but(part_cuts=tuple(sorted({*stops, offset})))
            yield stream.but(part_cuts=tuple(sorted({*others, offset})))
    yield stream.but(part_cuts=every(7, len(stream.body)))
