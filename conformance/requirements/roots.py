"""Which hazards a stream really has: so that a finding is laid to the requirement it follows from, and to no other."""

from collections.abc import Callable, Container
from itertools import groupby

from sliceproof.strategies.hazards import BENIGN, hazard
from sliceproof.wire.slicing import inside_code_points, inside_escapes, inside_line_ends
from sliceproof.wire.stream import Stream


def _part_cuts(stream: Stream) -> set[int]:
    return set(stream.edges[1:-1])


def _records_cut(stream: Stream) -> bool:
    return bool(_part_cuts(stream) - {record.stop for record in stream.records})


def _records_joined(stream: Stream) -> bool:
    edges = stream.edges
    inner = {record.stop for record in stream.records if record.stop < len(stream.body)}
    return bool(inner - set(edges))


def _messages_cut(stream: Stream) -> bool:
    return stream.chunk_cuts is not None and bool(set(stream.chunk_cuts) - set(stream.frame_stops))


def _text_like(stream: Stream) -> bool:
    """Whether a prelude or checksum holds a byte that text readers stumble over."""
    framing = b"".join(frame[:12] + frame[-4:] for frame in stream.frames)
    return not framing.isascii() or bool(set(framing) & set(b'\n\r"{}:'))


def _raw_non_ascii(stream: Stream) -> bool:
    return not stream.body.isascii()


def _finishes(stream: Stream) -> bool:
    """Whether the container said all, whatever became of it on the way."""
    return stream.fault is None or stream.fault.kind in ("truncated", "corrupt", "source-error", "unreadable-record")


def _longest_run(stream: Stream) -> int:
    """How many records without text, or empty parts, stand in a row."""
    records = [bool(record.text) for record in stream.records]
    parts = [bool(part) for part in stream.parts]
    return max(
        (sum(1 for _ in run) for pieces in (records, parts) for full, run in groupby(pieces) if not full), default=0
    )


def _aside(stream: Stream) -> bool:
    """Whether something stands in the body that is no record."""
    return any(kind not in stream.format.textless for _, kind in stream.style.asides)


_PLACES: dict[str, Callable[[Stream], bool]] = {
    "U1": lambda stream: bool(_part_cuts(stream).intersection(inside_code_points(stream.body))),
    "U2": _raw_non_ascii,
    "U4": lambda stream: bool(_part_cuts(stream).intersection(inside_escapes(stream.body))),
    "L2": lambda stream: bool(_part_cuts(stream).intersection(inside_line_ends(stream.body))),
    "L3": lambda stream: stream.style.newline != "\n",
    "R1": _records_cut,
    "R2": _records_joined,
    "R3": lambda stream: (
        bool(stream.style.form or stream.style.special)
        or any(kind in stream.format.textless for _, kind in stream.style.asides)
    ),
    "S3": lambda stream: stream.style.multiline,
    "J2": lambda stream: any(character in '"\\' or character < " " for character in stream.text),
    "P3": lambda stream: not stream.style.space,
    "R3-allowed": lambda stream: any(kind in stream.format.allowed for _, kind in stream.style.asides),
    "S2": lambda stream: bool(stream.format.asides) and _aside(stream),
    "S2-allowed": lambda stream: not stream.format.asides and _aside(stream),
    "S2-fields": lambda stream: stream.style.fields,
    "F1": _messages_cut,
    "F4": _text_like,
    "F5": lambda stream: stream.headers != "plain",
    "F6": lambda stream: b"" in stream.parts or b"" in stream.chunks or len(stream.body) >= 8192,
    "K1": lambda stream: bool(stream.unknown),
    "O1": lambda stream: stream.chunk_cuts is not None,
    "N1": lambda stream: len(stream.tokens) > 8,
    "N2": lambda stream: _longest_run(stream) > 1,
    "F7": lambda stream: max(map(len, (*stream.parts, *stream.chunks)), default=0) >= 32_000,
    "R4": lambda stream: stream.format.finishes and bool(stream.tokens and stream.tokens[-1]) and _finishes(stream),
    "H1": lambda stream: stream.fault is not None,
    "D1": lambda stream: stream.format.repeats_in(stream.style.form),
    "D2": lambda stream: len(set(stream.tokens)) < len(stream.tokens),
    "J4": lambda stream: bool(stream.style.json),
    "W1": lambda stream: True,
    "X1": lambda stream: True,
    "C1": lambda stream: True,
    "E1": lambda stream: stream.fault is not None and stream.fault.kind == "exception",
    "E1-record": lambda stream: stream.fault is not None and stream.fault.kind == "error-record",
}


def has(stream: Stream, id_: str) -> bool:
    """Whether *stream* has the hazard of the requirement *id_*."""
    if id_ in _PLACES:
        return _PLACES[id_](stream)
    told = {letter.token for letter in hazard(id_, stream.format)} - {letter.token for letter in BENIGN} - {None, ""}
    return any(word in token for token in stream.tokens for word in told if word)


def root(contains: tuple[str, ...], failed: Container[str], stream: Stream) -> str:
    """The first of *contains* that is broken too and whose hazard *stream* has, or "".

    Every stream is framed and may say a word twice, so F4's hazard and D2's may be in any. What *failed* is
    asked only of hazards that the stream has, so it may be found out then.
    """
    return next((id_ for id_ in (*contains, "D2", "F4") if has(stream, id_) and id_ in failed), "")
