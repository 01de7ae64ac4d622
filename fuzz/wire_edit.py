"""A wire taken apart and put together again with right lengths and checksums.

What mutates bytes blindly never gets past the checksums of a message. So wires are mutated and shrunk
as pieces: `taken_apart` reads whatever it is given and never fails, `together` writes messages that
are right in all but what a piece gets wrong on purpose.
"""

from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple
from zlib import crc32

from sliceproof.wire.messages import OVERHEAD, PRELUDE

_LENGTHS = Struct(">II")
_CHECKSUM = Struct(">I")


class Piece(NamedTuple):
    """One message: its header block, its payload, and the lengths that it declares where these are not true."""

    block: bytes
    payload: bytes = b""
    total: int | None = None
    headers: int | None = None

    def wire(self) -> bytes:
        """The bytes; a total length that is too short cuts them, one that is too long is filled up with zeros."""
        total = OVERHEAD + len(self.block) + len(self.payload) if self.total is None else self.total
        lengths = _LENGTHS.pack(total, len(self.block) if self.headers is None else self.headers)
        head = lengths + _CHECKSUM.pack(crc32(lengths))
        if total < OVERHEAD or total > MOST:
            return head[: max(total, PRELUDE)] if total < OVERHEAD else head
        before = (head + self.block + self.payload)[: total - 4].ljust(total - 4, b"\0")
        return before + _CHECKSUM.pack(crc32(before))


MOST = 1 << 16  # bytes of a message that declares more than it has: no more zeros than that are written

Pieces = tuple[Piece | bytes, ...]


def taken_apart(wire: bytes) -> Pieces:
    """The messages by the lengths that they declare, and as bytes what is left where these go past the end."""
    found: list[Piece | bytes] = []
    at = 0
    while len(wire) - at >= PRELUDE:
        total, headers = _LENGTHS.unpack_from(wire, at)
        if total > len(wire) - at:
            break
        found.append(_piece(wire[at + PRELUDE : at + total - 4], total, headers))
        at += max(total, PRELUDE)
    return (*found, wire[at:]) if at < len(wire) else tuple(found)


def _piece(body: bytes, total: int, headers: int) -> Piece:
    if total < OVERHEAD:
        return Piece(b"", b"", total, headers or None)
    if headers > len(body):
        return Piece(b"", body, headers=headers)
    return Piece(body[:headers], body[headers:])


SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type; those of 6 and 7, blobs and strings, say how long they are."""


def headers_of(block: bytes) -> list[bytes]:
    """The headers of a block, each with its name; what cannot be told apart stays one piece."""
    found, at = [], 0
    while at < len(block):
        kind_at = at + 1 + block[at]
        kind = block[kind_at] if kind_at < len(block) else -1
        size = 2 + int.from_bytes(block[kind_at + 1 : kind_at + 3]) if kind in (6, 7) else SIZES.get(kind, len(block))
        found.append(block[at : kind_at + 1 + size])
        at = kind_at + 1 + size
    return found


def together(pieces: Iterable[Piece | bytes]) -> bytes:
    """The wire that the pieces make."""
    return b"".join([piece if isinstance(piece, bytes) else piece.wire() for piece in pieces])
