"""Makes a wire small by delta debugging: whole messages first, then what is in them, then single bytes.

A piece left out, or a byte, is written with lengths and checksums made right again, so that nothing else
about the wire changes. Each function takes `holds`, which says whether what is tried still shows the fault.

Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
"""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

from sliceproof.fuzz.wire_edit import Piece, Pieces, headers_of, taken_apart, together

Part = TypeVar("Part")


SECONDS = 20.0


def within(holds: Callable[[Part], bool], seconds: float = SECONDS) -> Callable[[Part], bool]:
    """The same, until the time is over; then nothing holds, so that shrinking ends with what it has."""
    deadline = monotonic() + seconds
    return lambda tried: monotonic() < deadline and holds(tried)


def fewer(parts: Sequence[Part], holds: Callable[[Sequence[Part]], bool]) -> Sequence[Part]:
    """The parts without those that *holds* does not need; no single one of what is left can be left out."""
    size = max(1, len(parts) // 2)
    while True:
        at = 0
        while at < len(parts):
            without = _joined(parts[:at], parts[at + size :])
            if holds(without):
                parts = without
            else:
                at += size
        if size == 1:
            return parts
        size = max(1, size // 2)


def _joined(sequence: Sequence[Part], other: Sequence[Part]) -> Sequence[Part]:
    return sequence + other  # type: ignore[operator,no-any-return]


def plainer(data: bytes, holds: Callable[[bytes], bool], plain: bytes = b"x\0") -> bytes:
    """The bytes with each made one of *plain* where that still holds."""
    for at in range(len(data)):
        for byte in plain:
            if data[at] in plain:
                break
            simpler = data[:at] + bytes([byte]) + data[at + 1 :]
            if holds(simpler):
                data = simpler
                break
    return data


def small_bytes(data: bytes, holds: Callable[[bytes], bool]) -> bytes:
    """Fewer bytes, then plainer ones."""
    kept = fewer(data, lambda tried: holds(bytes(tried)))
    return plainer(bytes(kept), holds)


def small_wire(wire: bytes, holds: Callable[[bytes], bool]) -> bytes:
    """A wire with fewer and smaller messages; one whose checksums are wrong, and must be, only loses bytes."""
    pieces = taken_apart(wire)
    if not holds(together(pieces)):
        return small_bytes(wire, holds)
    pieces = tuple(fewer(pieces, lambda tried: holds(together(tried))))
    for at in range(len(pieces)):
        pieces = _small_piece(pieces, at, holds)
    return together(pieces)


def _small_piece(pieces: Pieces, at: int, holds: Callable[[bytes], bool]) -> Pieces:
    piece = pieces[at]

    def put(other: Piece | bytes) -> Pieces:
        return (*pieces[:at], other, *pieces[at + 1 :])

    if isinstance(piece, bytes):
        return put(small_bytes(piece, lambda tried: holds(together(put(tried)))))

    def kept(other: Piece) -> bool:
        return holds(together(put(other)))

    first = piece
    whole = first._replace(payload=small_bytes(first.payload, lambda tried: kept(first._replace(payload=tried))))
    headers_kept = fewer(headers_of(whole.block), lambda tried: kept(whole._replace(block=b"".join(tried))))
    rest = whole._replace(block=b"".join(headers_kept))
    piece = rest._replace(block=small_bytes(rest.block, lambda tried: kept(rest._replace(block=tried))))
    for plain in (piece._replace(headers=None), piece._replace(headers=None, total=12)):
        if piece.total is not None and kept(plain):
            piece = plain
    if piece.headers is not None:
        for headers in (len(piece.block) + len(piece.payload) + k for k in (1, 4, 5)):
            if headers < piece.headers and kept(piece._replace(headers=headers)):
                return put(piece._replace(headers=headers))
    return put(piece)
