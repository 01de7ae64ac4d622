"""A mutator that goes past the checksums: it changes what is in a message and then writes the message anew.

One time in EIGHT the wire is mutated as any bytes, so that wrong checksums are tried too. Else one piece of
it gets another payload, another header, a length that is not true; or pieces are doubled, left out, swapped.
"""

from collections.abc import Callable
from random import Random

from sliceproof.fuzz.wire_edit import Piece, Pieces, taken_apart, together
from sliceproof.wire.events import EDGE_HEADERS, EXTRA_HEADERS, PART_HEADERS
from sliceproof.wire.headers import encode_header, encode_headers
from sliceproof.wire.messages import OVERHEAD

EIGHT = 8
TOTALS = (0, 4, 8, 11, 12, 13, 15, 16, 17, 20, 255, 65535, 1 << 31)
HEADERS = (1, 4, 127, 128, 255, 65536, 1 << 31)
TEXT = b'\n\r"{}[]:, \0\xff'  # bytes that a length may have, and that a decoder may take for text
LENGTHS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF)

PLAIN = Piece(encode_headers(PART_HEADERS), b"x")
SINGLE = tuple(encode_header(name, value) for name, value in {**PART_HEADERS, **EXTRA_HEADERS, **EDGE_HEADERS}.items())

Mutate = Callable[[bytes, int], bytes]
"""libFuzzer's own mutation: bytes and the most that may come of them."""


def repaired(data: bytes, most: int, seed: int, mutate: Mutate) -> bytes:
    """Another wire made of *data*, of at most *most* bytes; what a mutator for libFuzzer gives."""
    random = Random(seed)
    if not random.randrange(EIGHT):
        return mutate(data, most)
    pieces = list(taken_apart(data))
    if not pieces or not random.randrange(EIGHT):
        pieces.insert(random.randrange(len(pieces) + 1), PLAIN)
    at = random.randrange(len(pieces))
    made = random.choice(_CHANGES)(pieces[at], tuple(pieces), random, mutate)
    pieces[at : at + 1] = made
    wire = together(pieces)
    return wire if len(wire) <= most else mutate(data, most)


def _other_payload(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    if isinstance(piece, bytes):
        return (mutate(piece, len(piece) + 16),)
    return (piece._replace(payload=mutate(piece.payload, len(piece.payload) + 32)),)


def _other_size(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    """A payload that makes the last byte of the message's length look like something, half of the time."""
    if isinstance(piece, bytes):
        return (PLAIN, piece)
    last = random.choice(TEXT) if random.randrange(2) else random.randrange(256)
    size = (last - OVERHEAD - len(piece.block)) % 256
    return (piece._replace(payload=piece.payload.ljust(size, b"x")[:size]),)


def _other_block(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    if isinstance(piece, bytes):
        return (mutate(piece, len(piece) + 16),)
    return (piece._replace(block=mutate(piece.block, len(piece.block) + 16)),)


def _one_header_more(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    if isinstance(piece, bytes):
        return (PLAIN, piece)
    header = random.choice(SINGLE)
    if random.randrange(2):
        header = _mislaid(header, random)
    before = random.randrange(2)
    return (piece._replace(block=header + piece.block if before else piece.block + header),)


def _mislaid(header: bytes, random: Random) -> bytes:
    """A header whose type, or the length of whose value, is another."""
    kind = 1 + header[0]  # where its type stands
    if random.randrange(2) or len(header) < kind + 3:
        return header[:kind] + bytes([random.randrange(12)]) + header[kind + 1 :]
    return header[: kind + 1] + random.choice(LENGTHS).to_bytes(2) + header[kind + 3 :]


def _other_total(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    if isinstance(piece, bytes):
        return (PLAIN, piece)
    true = len(piece.wire())
    return (piece._replace(total=random.choice((*TOTALS, true - 1, true + 1, true - 4))),)


def _other_headers_length(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    if isinstance(piece, bytes):
        return (PLAIN, piece)
    true, room = len(piece.block), len(piece.block) + len(piece.payload)
    return (piece._replace(headers=random.choice((*HEADERS, max(0, true - 1), true + 1, room, room + 1, room + 4))),)


def _left_out(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    return ()


def _doubled(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    return (piece, piece)


def _swapped(piece: Piece | bytes, pieces: Pieces, random: Random, mutate: Mutate) -> Pieces:
    return (piece, random.choice(pieces))


_CHANGES = (
    _other_payload,
    _other_size,
    _other_block,
    _other_block,
    _one_header_more,
    _one_header_more,
    _other_total,
    _other_headers_length,
    _left_out,
    _doubled,
    _swapped,
)
