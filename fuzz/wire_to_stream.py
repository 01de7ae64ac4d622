"""From a wire of any bytes to streams that show the same fault and that a case can hold."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate, chain

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.fuzz.framing import Difference, counts_before, expected
from sliceproof.fuzz.wire_edit import Piece, taken_apart
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.events import PART_HEADERS
from sliceproof.wire.faults import Fault, FaultKind, is_malformed
from sliceproof.wire.headers import encode_header
from sliceproof.wire.stream import Stream

PLAINEST = (
    Piece(b"", total=12),
    Piece(b"", headers=1),
    Piece(b"", b"\x01a\x04", headers=7),
    Piece(b"\x00\x00"),
    *(
        Piece(block)
        for block in (b"\x01a\x07\x00\x01", b"\x01a\x06\x00\x01", b"\x01a\x09", b"\x01a\x02", b"\x01a", b"\x01")
    ),
    Piece(b"\x01a\x00\x01a\x00"),
    Piece(b"\x01a\x0a"),
    Piece(b"\x01\xff\x00"),
    Piece(b"\x01a\x07\x00\x01\xff"),
)
"""What a person would write to show what the framing forbids: one thing wrong, and nothing else in the message."""


WRONG_CHECKSUMS = (Piece(b"").wire()[:-4] + b"xxxx", Piece(b"").wire()[:8] + b"xxxxxxxx")
"""An empty message whose own checksum is wrong, and one whose prelude's is."""


def plainest() -> Iterator[bytes]:
    """Their wires, to be tried before a wire that was found is made smaller."""
    return chain((piece.wire() for piece in PLAINEST), WRONG_CHECKSUMS)


def streams(decoder: Decoder, wire: bytes, found: Difference) -> Iterator[tuple[str, Stream]]:
    """Requirements and the streams to try them with, those that tell most plainly first."""
    for dialect in _dialects(decoder):
        if found.requirement == "F2":
            yield from (("F2", stream) for stream in _malformed(decoder, dialect, wire))
        else:
            yield from (("F5", stream) for stream in _other_headers(dialect, wire, found.number))
            for stream in _parts(dialect, wire):
                yield "F6", stream
                yield "F4", stream.but(chunk_cuts=())


def _dialects(decoder: Decoder) -> list[str]:
    """Plain text first, where its record is but one byte."""
    claimed = decoder.dialects or tuple(DIALECTS)
    return sorted(claimed, key=lambda id_: id_ != "text")


def _malformed(decoder: Decoder, dialect: str, wire: bytes) -> Iterator[Stream]:
    """The message that is malformed, alone or after a part; with those before it where they may count."""
    sound = expected(wire)
    for bad in (wire[sound.read :], wire) if counts_before(decoder, sound) else (wire[sound.read :],):
        if is_malformed(bad):
            for tokens in ((), ("x",)):
                yield Stream(dialect, tokens, fault=Fault(FaultKind.MALFORMED, len(tokens), hex=bad.hex()))


def _other_headers(dialect: str, wire: bytes, number: int) -> Iterator[Stream]:
    """A part that has, beside its own, the headers of the message that is read otherwise."""
    for piece in (taken_apart(wire)[number:] or taken_apart(wire))[:1]:
        if isinstance(piece, Piece):
            headers = expected(piece.wire()).messages[0].headers
            more = [encode_header(name, value) for name, value in headers.items() if name not in PART_HEADERS]
            if more:
                yield Stream(dialect, ("x",), headers="plain+" + b"".join(more).hex())


def _parts(dialect: str, wire: bytes) -> Iterator[Stream]:
    """The payloads as parts of plain text, if they are text."""
    payloads = [message.payload for message in expected(wire).messages]
    with suppress(UnicodeDecodeError):
        if dialect == "text":
            cuts = tuple(accumulate(map(len, payloads[:-1])))
            yield Stream(dialect, (b"".join(payloads).decode(),), part_cuts=cuts)
