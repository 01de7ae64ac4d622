"""Which bytes of a stream matter: cuts inside something, else the fault, else what is joined or written otherwise."""

from dataclasses import dataclass

from sliceproof.wire.dialects import Framing
from sliceproof.wire.faults import FaultKind, Unit
from sliceproof.wire.slicing import inside_code_points
from sliceproof.wire.stream import Stream

AROUND = 10  # bytes on each side of a place
MOST = 3  # places


@dataclass(frozen=True)
class Places:
    """Offsets in the body or on the wire (`of`), what happens there in a `word`, and how many are `left` out."""

    of: str
    at: tuple[int, ...]
    word: str = ""
    flipped: frozenset[int] = frozenset()
    left: int = 0


def places(stream: Stream) -> Places:
    """The places of a stream that a picture of it should show."""
    return _cuts(stream) or _fault(stream) or _joined(stream) or _headers(stream) or Places("body", _said(stream))


def _cuts(stream: Stream) -> Places | None:
    stops, body = {record.stop for record in stream.records}, stream.body
    inner = sorted({cut for cut in stream.edges[1:-1] if cut not in stops and 0 < cut < len(body)})
    if inner:
        split = sorted(set(inner).intersection(inside_code_points(body)))
        return _first("body", split or inner)
    wire = len(stream.wire)
    cuts = sorted({cut for cut in stream.chunk_cuts or () if cut not in stream.frame_stops and 0 < cut < wire})
    return _first("wire", cuts, "cut inside a message") if cuts else None


def _first(of: str, found: list[int], word: str = "") -> Places:
    return Places(of, tuple(found[:MOST]), word, left=max(0, len(found) - MOST))


def _fault(stream: Stream) -> Places | None:
    fault = stream.fault
    if fault is None or fault.kind in (FaultKind.SILENCE, FaultKind.BROKEN_OFF):
        return None if fault is None else Places("body", (len(stream.body),), "the body ends")
    if fault.kind is FaultKind.CORRUPT:
        return Places("wire", (fault.at,), "flipped", frozenset({fault.at}))
    if fault.unit is Unit.WIRE:
        ends = "the wire ends" if fault.kind is FaultKind.TRUNCATED else "the source raises"
        return Places("wire", (fault.at,), ends)
    if fault.kind is FaultKind.EXCEPTION:
        start = stream.frame_stops[-2] if len(stream.frame_stops) > 1 else 0
        name = stream.frames[-1].find(b"exception-type")
        return Places("wire", (start, start + max(name, 0) + AROUND))
    if fault.kind in (FaultKind.MALFORMED, FaultKind.OVERSIZED):
        return Places("wire", (stream.fault_offset,), "here it goes wrong")
    wrong = (record.start for record in stream.records if record.kind in ("error", "unreadable"))
    return Places("body", (min(next(wrong, len(stream.body)) + AROUND, len(stream.body)),))


def _joined(stream: Stream) -> Places | None:
    """Where a part holds two records, or a chunk two messages."""
    edges, chunks, at = set(stream.edges), set(), 0
    for chunk in stream.chunks:
        at += len(chunk)
        chunks.add(at)
    records = [record.stop for record in stream.records if record.stop not in edges]
    if records:
        return _first("body", records)
    messages = [stop for stop in stream.frame_stops[:-1] if stop not in chunks]
    return _first("wire", messages, "two messages in one chunk") if messages else None


def _headers(stream: Stream) -> Places | None:
    """Where a message has other headers than most, or is of a type that there is not."""
    if stream.unknown:
        number = min(stream.unknown)
        start = stream.frame_stops[number - 1] if number else 0
        name = stream.frames[number].find(b":event-type") + len(b":event-type")
        return Places("wire", (start, start + name + AROUND))
    return Places("wire", (2 * AROUND, 4 * AROUND)) if stream.headers != Stream.headers else None


def _said(stream: Stream) -> tuple[int, ...]:
    """The text of the first records, or else what is not like most servers write it."""
    body, first = stream.body, next((each for each in stream.records if each.kind == "delta"), None)
    if stream.style.bom and body:
        return (0,)
    if first is not None and stream.style.newline != "\n" and stream.format.framing is not Framing.RAW:
        return (first.content_stop,)
    aside = next((each for each in stream.records if each.kind not in ("delta", "done", "special")), None)
    texts = [each for each in stream.records if each.text_start < each.text_stop][: MOST - 1]
    at = {each.text_start for each in texts} or {min(each.start + AROUND, each.stop) for each in stream.records[:1]}
    return tuple(sorted(at | ({min(aside.start + AROUND, aside.stop)} if aside else set())))
