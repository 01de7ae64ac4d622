"""Where a stream's bytes matter: the rows of a finding that show the cut, the fault, or what is written otherwise."""

import unicodedata

from sliceproof.wire.bedrock import kind_of
from sliceproof.wire.dialects import Framing
from sliceproof.wire.errors import MessageError
from sliceproof.wire.faults import FaultKind, Unit
from sliceproof.wire.messages import UNLIMITED, decode_messages
from sliceproof.wire.slicing import inside_code_points
from sliceproof.wire.stream import Stream

AROUND = 10  # bytes shown on each side of a cut


def code_point(character: str) -> str:
    """U+00E9 'é' LATIN SMALL LETTER E WITH ACUTE."""
    name = unicodedata.name(character, "")
    shown = f" {character!r}" if character.isprintable() else ""
    return f"U+{ord(character):04X}{shown}{f' {name}' if name else ''}"


def byte_map(stream: Stream, part: str = "part") -> list[str]:
    """The bytes at the place that matters: around a cut inside something, or of the text itself.

    *part* is what a part is called.
    """
    stops = {record.stop for record in stream.records}
    inner = [cut for cut in stream.edges[1:-1] if cut not in stops and 0 < cut < len(stream.body)]
    if inner:
        chosen = next(iter(set(inner).intersection(inside_code_points(stream.body))), inner[0])
        return [*_around(stream.body, chosen, part, stream.edges), *_split_character(stream.body, chosen)]
    wire = stream.wire
    wire_cuts = [cut for cut in stream.chunk_cuts or () if cut not in stream.frame_stops and 0 < cut < len(wire)]
    if wire_cuts:
        return _around(wire, wire_cuts[0], "chunk", (0, *(stream.chunk_cuts or ()), len(wire)))
    if stream.fault is not None and (stream.fault.unit is Unit.WIRE or stream.fault.kind is FaultKind.MALFORMED):
        return _at_fault(stream)
    return _records(stream)


def _row(label: str, data: bytes, before: bool = False, after: bool = False) -> str:
    shown = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in data)
    hexed = ("… " if before else "") + data.hex(" ") + (" …" if after else "")
    return f"{label:<9} {hexed:<{3 * AROUND + 3}} {shown}".rstrip()


def _around(data: bytes, at: int, kind: str, edges: tuple[int, ...]) -> list[str]:
    number = sum(edge < at for edge in edges[1:]) + 1
    start = max(edge for edge in edges if edge < at)
    stop = min(edge for edge in edges if edge > at)
    left, right = max(start, at - AROUND), min(stop, at + AROUND)
    return [
        _row(f"{kind} {number}", data[left:at], before=left > start),
        _row(f"{kind} {number + 1}", data[at:right], after=right < stop),
    ]


def _split_character(body: bytes, at: int) -> list[str]:
    if body[at] & 0xC0 != 0x80:
        return []
    start = at - 1
    while body[start] & 0xC0 == 0x80:
        start -= 1
    length = {0xC0: 2, 0xD0: 2, 0xE0: 3, 0xF0: 4}[body[start] & 0xF0]
    whole = body[start : start + length]
    if len(whole) < length:
        return []  # the body is broken off inside it
    return [
        f"{'split':<9} {whole[: at - start].hex(' ')} | {whole[at - start :].hex(' ')} = {code_point(whole.decode())}"
    ]


def _at_fault(stream: Stream) -> list[str]:
    assert stream.fault is not None
    at, wire = stream.fault.at, stream.wire
    if stream.fault.kind is FaultKind.MALFORMED:
        return _malformed(bytes.fromhex(stream.fault.hex))
    if stream.fault.kind is FaultKind.TRUNCATED:
        missing = len(b"".join(stream.frames)) - at
        return [_row("wire end", wire[max(0, at - AROUND) :], before=at > AROUND), f"{'missing':<9} {missing} bytes"]
    if stream.fault.kind is FaultKind.SOURCE_ERROR:
        return [_row("raised at", wire[max(0, at - AROUND) : at], before=at > AROUND), f"{'':<9} byte {at} of the wire"]
    left = max(0, at - AROUND // 2)
    return [
        _row("flipped", wire[left : at + AROUND // 2], before=left > 0, after=True),
        f"{'':<9} byte {at} of the wire",
    ]


def _malformed(wire: bytes) -> list[str]:
    """The first rows of a message that the framing forbids, and why it does."""
    starts = range(0, min(len(wire), 6 * AROUND), AROUND)
    rows = [_row("malformed" if at == 0 else "", wire[at : at + AROUND]) for at in starts]
    try:
        decode_messages(wire, UNLIMITED)
    except MessageError as error:
        rows.append(f"{'as':<9} {error.reason}")
    return rows


def _records(stream: Stream) -> list[str]:
    """Where two records or messages are joined, what the style writes otherwise, an aside, or the first deltas."""
    edges = set(stream.edges)
    for record in stream.records:
        if record.stop not in edges:
            return [_beside("one part", stream.body, record.stop)]
    if joined := next((stop for stop in stream.frame_stops[:-1] if stop not in _chunk_stops(stream)), 0):
        return [_beside("one chunk", stream.wire, joined)]
    if otherwise := _by_style(stream):
        return otherwise
    if stream.format.framing.by_message:
        return _events(stream)
    if stream.deltas:
        return _said(stream)
    for record in stream.records:
        if record.kind not in ("delta", "done"):
            return [
                _row(
                    "no JSON" if record.kind == "unreadable" else record.kind,
                    stream.body[record.start : record.stop][:AROUND],
                )
            ]
    return _texts(stream)


def _chunk_stops(stream: Stream) -> set[int]:
    stops, at = set(), 0
    for chunk in stream.chunks:
        at += len(chunk)
        stops.add(at)
    return stops


def _texts(stream: Stream) -> list[str]:
    rows = []
    for record in [record for record in stream.records if record.kind == "delta"][:2]:
        data = stream.body[record.text_start : record.text_stop]
        if data:
            rows.append(_row("text", data[:AROUND], after=len(data) > AROUND))
    return rows


SAID = 4  # records of an answer of several channels that are shown
SHOWN = 106  # characters of each


def _said(stream: Stream) -> list[str]:
    """What the first records say in their channels, as their JSON has it."""
    rows = []
    for record in [record for record in stream.records if record.deltas][:SAID]:
        data = stream.body[record.start : record.content_stop]
        rows.append(_in_words("record", data[max(0, data.find(b'"delta"')) :].partition(b',"logprobs"')[0]))
    return rows


def _events(stream: Stream) -> list[str]:
    """What Bedrock's first events with text say, or the records in their base64, and what an exception says."""
    saying = [record for record in stream.records if record.kind == "delta" or record.deltas]
    rows = [_in_words(_piece(stream), stream.body[record.start : record.content_stop]) for record in saying[:SAID]]
    if stream.fault is not None and stream.fault.kind is FaultKind.EXCEPTION:
        kind, name = kind_of(raised := decode_messages(stream.frames[-1], UNLIMITED)[0])
        rows.append(_in_words(kind, b" ".join([name.encode(), raised.payload]).rstrip()))
    return rows


def _piece(stream: Stream) -> str:
    """What a record is called: with Bedrock it is an event, or what is in the base64 of an event's `bytes`."""
    if not stream.format.framing.by_message:
        return "record"
    return "event" if stream.format.typed else "in bytes"


def _in_words(label: str, data: bytes) -> str:
    """A row of text, of which a screen's width is shown."""
    text = data.decode("utf-8", "backslashreplace")
    shown = "".join([character if character.isprintable() else ascii(character)[1:-1] for character in text])
    return f"{label:<9} {shown if len(shown) <= SHOWN else shown[:SHOWN] + ' …'}"


def _by_style(stream: Stream) -> list[str]:
    """The bytes that are not as most servers write them, the rarer first; none where the style is plain."""
    body, style, dialect = stream.body, stream.style, stream.format
    first = next((record for record in stream.records if record.kind == "delta"), None)
    if stream.unknown:
        return _event_type(stream.frames[stream.unknown[0]])
    if stream.headers != Stream.headers:
        return [_row("headers", stream.frames[0][12 : 12 + 2 * AROUND], before=True, after=True)]
    if style.bom and body:
        return [_row("BOM", body[:AROUND], after=len(body) > AROUND)]
    if first is None or dialect.framing is Framing.RAW:
        return []
    start, end = first.start, first.content_stop
    if style.nan and (at := body.find(b"Infinity", start, end)) >= 0:
        return [_beside("no JSON", body, at)]
    if style.multiline and (at := body.find(style.newline.encode(), start, end)) >= 0:
        return [_beside("two lines", body, at)]
    if style.newline != "\n" and end < len(body):
        return [_beside("line end", body, end)]
    if style.fields or not style.space or style.json:
        return [_row(_piece(stream), body[start : start + 2 * AROUND], after=end - start > 2 * AROUND)]
    if style.tail != "full":
        return [_row("body end", body[-AROUND:], before=len(body) > AROUND)]
    return []


def _event_type(frame: bytes) -> list[str]:
    """The name of an event that the service's model does not know, as its message has it."""
    name = frame.index(b":event-type") + len(b":event-type") + 1
    length = int.from_bytes(frame[name : name + 2], "big")
    return [_row("event", frame[name + 2 : name + 2 + length][: 2 * AROUND], before=True, after=True)]


def _beside(label: str, data: bytes, at: int) -> str:
    left, right = max(0, at - AROUND), min(len(data), at + AROUND)
    return _row(label, data[left:right], before=left > 0, after=right < len(data))
