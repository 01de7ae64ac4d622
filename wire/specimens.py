"""Malformed and borderline messages by name, each with what the specification says of it.

A specimen's `wire` has one doubtful message in it and one sound one, whose payload is SOUND: the sound one comes
after the doubtful, so that it is seen whether a reader goes on, and before it where the doubtful one is the end of
the wire. Nothing but what the name says is wrong: checksums are right unless they are the subject, and all have
the headers of a PayloadPart unless these are. `wire` is built when it is asked for; six are `large`, from 128 KiB to
24 MiB.

Source: Smithy, `docs/source-2.0/aws/amazon-eventstream.rst`. It says that readers must end the stream at a wrong
checksum, and that clients must not check the sizes of header block and payload. Of all else that its grammar has
no place for it says no more than that; here that is to be refused, as no reading of it is right.

So what is over a size is to be accepted, and a reader that refuses it does so on its own advice: `Limits()`, with
which our own reads unless told otherwise, refuses the specimens in OVER_LIMITS, and `UNLIMITED` accepts them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import Final, Literal
from zlib import crc32

from sliceproof.wire.events import EXTRA_HEADERS, exception, frame, oversized_prelude, part_header_block, unknown_event
from sliceproof.wire.headers import MAX_VALUE, Headers, Int32, Int64, Timestamp, encode_header, encode_headers
from sliceproof.wire.messages import Message

__all__ = ["FAMILIES", "OVER_LIMITS", "SOUND", "SPECIMENS", "Expected", "Specimen"]

SOUND: Final = b"sound\n"
DOUBTFUL: Final = b"doubtful\n"
KIB, MIB = 1024, 1024 * 1024

FAMILIES: Final = {
    "checksums": "wrong checksums",
    "lengths": "lengths that cannot be",
    "limits": "at and over the limits",
    "names": "names of headers",
    "values": "values of headers",
    "events": "what kind of message it is",
    "ends": "what is left at the end of the wire",
}

OVER_LIMITS: Final = frozenset({"headers-over-128-kib", "payload-over-24-mib"})
"""Names of specimens that the specification has clients accept, and that Limits() refuses."""

Expected = Literal["accept", "refuse", "open"]

_LENGTHS: Final = Struct(">II")
_CHECKSUM: Final = Struct(">I")
_BLOCK: Final = part_header_block("plain")
_SOUND: Final = frame(_BLOCK, SOUND)


@dataclass(frozen=True)
class Specimen:
    """One wire: its name, what it is in a line, its family, and what the specification says of the doubtful message.

    `expected` is "accept", "refuse", or "open" where the specification does not say or contradicts itself.
    """

    name: str
    about: str
    expected: Expected
    family: str
    build: Callable[[], bytes] = field(repr=False)
    large: bool = False
    alone: Callable[[], bytes] = field(default=bytes, repr=False)

    @property
    def doubtful(self) -> bytes:
        """The doubtful message alone, built anew each time."""
        return self.alone()

    @property
    def wire(self) -> bytes:
        """The bytes, built anew each time."""
        return self.build()


def declared(total: int, headers: int, rest: bytes) -> bytes:
    """A message that declares these lengths, whatever it has: both checksums are right for the bytes that are there."""
    lengths = _LENGTHS.pack(total, headers)
    head = lengths + _CHECKSUM.pack(crc32(lengths)) + rest
    return head + _CHECKSUM.pack(crc32(head))


def _flipped(data: bytes, at: int) -> bytes:
    """One bit of the byte at *at* is another."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def _with(header: bytes) -> bytes:
    """A doubtful part with one more header, as it is."""
    return frame(_BLOCK + header, DOUBTFUL)


def _typed(wire_type: int, value: bytes = b"") -> bytes:
    """A header `n` of any type and value."""
    return b"\x01n" + bytes([wire_type]) + value


def _sized(wire_type: int, size: int, value: bytes) -> bytes:
    """A header `n` whose value declares *size* bytes."""
    return _typed(wire_type, size.to_bytes(2) + value)


def _without(headers: Headers) -> bytes:
    """A doubtful message with these headers, and none of a part's."""
    return frame(encode_headers(headers), DOUBTFUL)


def _block_of(size: int) -> bytes:
    """A part's header block of *size* bytes, filled up with strings as long as may be; room for one must be left."""
    block, number = _BLOCK, 0
    while rest := size - len(block):
        value = min(rest - 5, MAX_VALUE)
        block += b"\x01" + bytes([ord("a") + number]) + _sized(7, value, b"x" * value)[2:]
        number += 1
    return block


Row = tuple[str, Expected, bytes | Callable[[], bytes], str]

_CHECKSUMS: tuple[Row, ...] = (
    ("prelude-checksum", "refuse", _flipped(frame(_BLOCK, DOUBTFUL), 11), "a bit of the prelude's checksum is flipped"),
    ("message-checksum", "refuse", _flipped(frame(_BLOCK, DOUBTFUL), -1), "a bit of the message's checksum is flipped"),
    ("total-bit", "refuse", _flipped(frame(_BLOCK, DOUBTFUL), 3), "a bit of the total length is flipped"),
    ("header-bit", "refuse", _flipped(frame(_BLOCK, DOUBTFUL), 13), "a bit of a header's name is flipped"),
    ("payload-bit", "refuse", _flipped(frame(_BLOCK, DOUBTFUL), -6), "a bit of the payload is flipped"),
)
_LENGTH_ROWS: tuple[Row, ...] = (
    ("total-0", "refuse", declared(0, 0, b""), "total length 0, with the 16 bytes of an empty message"),
    ("total-12", "refuse", declared(12, 0, b"")[:12], "total length 12: a prelude and nothing else"),
    ("total-15", "refuse", declared(15, 0, b"")[:15], "total length 15: the message's checksum has 3 bytes"),
    ("total-16", "open", declared(16, 0, b""), "total length 16, the least there is: no headers, no payload"),
    ("headers-past-end", "refuse", declared(16 + 9, 10, DOUBTFUL), "headers length one more than there is room for"),
    ("headers-over-all", "refuse", declared(16 + 9, 0xFFFFFFFF, DOUBTFUL), "headers length 4,294,967,295"),
    ("headers-1", "refuse", declared(16 + 9, 1, b"\x01" + DOUBTFUL[1:]), "headers length 1: no header is that short"),
    ("total-2-gib", "refuse", oversized_prelude() + DOUBTFUL, "total length 2 GiB, of which the wire has little"),
)
_LIMIT_ROWS: tuple[Row, ...] = (
    ("value-32767", "accept", _with(_sized(7, 32767, b"x" * 32767)), "a string of 32,767 bytes, the longest there is"),
    ("value-32768", "refuse", _with(_sized(7, 32768, b"x" * 32768)), "a string of 32,768 bytes"),
    ("value-65535", "refuse", _with(_sized(7, 65535, b"x" * 65535)), "a string of 65,535 bytes"),
    ("headers-128-kib", "accept", lambda: frame(_block_of(128 * KIB), DOUBTFUL), "a header block of 128 KiB"),
    (
        "headers-over-128-kib",
        "accept",
        lambda: frame(_block_of(128 * KIB + 1), DOUBTFUL),
        "a header block of 128 KiB and one byte",
    ),
    ("payload-16-mib", "accept", lambda: frame(_BLOCK, bytes(16 * MIB)), "a payload of 16 MiB"),
    ("payload-over-16-mib", "accept", lambda: frame(_BLOCK, bytes(16 * MIB + 1)), "a payload of 16 MiB and one byte"),
    ("payload-24-mib", "accept", lambda: frame(_BLOCK, bytes(24 * MIB)), "a payload of 24 MiB, the service's limit"),
    ("payload-over-24-mib", "accept", lambda: frame(_BLOCK, bytes(24 * MIB + 1)), "a payload of 24 MiB and one byte"),
)
_NAME_ROWS: tuple[Row, ...] = (
    ("name-empty", "refuse", _with(b"\x00\x00"), "a header whose name has no bytes"),
    ("name-255", "accept", _with(encode_header("n" * 255, True)), "a name of 255 bytes, the longest there is"),
    ("name-twice", "refuse", _with(encode_header("n", True) * 2), "two headers of one name and one value"),
    ("name-twice-differing", "refuse", _with(b"\x01n\x00\x01n\x01"), "two headers of one name and two values"),
    ("type-twice", "refuse", _with(encode_header(":event-type", "Metrics")), "a second :event-type, another one"),
    ("name-not-utf8", "refuse", _with(b"\x01\xff\x00"), "a name that is not UTF-8: ff"),
    ("name-surrogate", "refuse", _with(b"\x03\xed\xa0\x80\x00"), "a name that is half of a surrogate pair: ed a0 80"),
    ("name-overrun", "refuse", _with(b"\x09n"), "a name of 9 bytes, of which the header block holds one"),
)
_VALUE_ROWS: tuple[Row, ...] = (
    ("all-types", "accept", _with(encode_headers(EXTRA_HEADERS)), "a header of each of the ten types"),
    (
        "string-empty",
        "open",
        _with(_sized(7, 0, b"")),
        "a string of no bytes; the grammar has 1 to 32,767, the text does not",
    ),
    ("blob-empty", "open", _with(_sized(6, 0, b"")), "a byte array of no bytes; as with strings"),
    ("string-not-utf8", "refuse", _with(_sized(7, 1, b"\xff")), "a string that is not UTF-8: ff"),
    (
        "string-surrogate",
        "refuse",
        _with(_sized(7, 3, b"\xed\xa0\x80")),
        "a string with half a surrogate pair: ed a0 80",
    ),
    ("type-10", "refuse", _with(_typed(10)), "a header of type 10; the types end at 9"),
    ("type-255", "refuse", _with(_typed(255)), "a header of type 255"),
    ("type-missing", "refuse", _with(b"\x01n"), "the header block ends after a name"),
    ("string-overrun", "refuse", _with(_sized(7, 9, b"x")), "a string of 9 bytes, of which the header block holds one"),
    ("blob-overrun", "refuse", _with(_sized(6, 9, b"x")), "a byte array of 9 bytes, of which the block holds one"),
    ("length-overrun", "refuse", _with(_typed(7, b"\x00")), "the block ends inside a string's length"),
    ("integer-overrun", "refuse", _with(_typed(4, b"\x00")), "an integer of 4 bytes, of which the block holds one"),
    ("uuid-overrun", "refuse", _with(_typed(9, b"short")), "a UUID, of which the header block holds 5 bytes"),
    (
        "timestamp-1969",
        "open",
        _with(encode_header("n", Timestamp(-1))),
        "before 1970: signed in the grammar, not in the text",
    ),
    (
        "timestamp-10000",
        "accept",
        _with(encode_header("n", Timestamp(253_402_300_800_000))),
        "a time in the year 10000",
    ),
    ("timestamp-most", "accept", _with(encode_header("n", Timestamp((1 << 63) - 1))), "the last time there is"),
    ("long-most", "accept", _with(encode_header("n", Int64((1 << 63) - 1))), "the largest long"),
)
_EVENT = {":event-type": "PayloadPart", ":message-type": "event"}
_EVENT_ROWS: tuple[Row, ...] = (
    ("no-headers", "open", frame(b"", DOUBTFUL), "no header at all"),
    ("no-message-type", "open", _without({":event-type": "PayloadPart"}), "no :message-type, which an event must have"),
    (
        "message-type-foreign",
        "open",
        _without({**_EVENT, ":message-type": "greeting"}),
        "a :message-type that there is not",
    ),
    ("message-type-empty", "open", _without({**_EVENT, ":message-type": ""}), "a :message-type of no characters"),
    (
        "message-type-integer",
        "open",
        _without({**_EVENT, ":message-type": Int32(1)}),
        "a :message-type that is no string",
    ),
    ("no-event-type", "open", _without({":message-type": "event"}), "no :event-type, which an event must have"),
    ("event-type-foreign", "open", unknown_event(DOUBTFUL).encode(), "an :event-type that the service does not have"),
    ("event-type-case", "open", _without({**_EVENT, ":event-type": "payloadpart"}), "an :event-type in lower case"),
    ("event-type-integer", "open", _without({**_EVENT, ":event-type": Int32(1)}), "an :event-type that is no string"),
    (
        "content-type-foreign",
        "accept",
        _without({**_EVENT, ":content-type": "text/x-unknown"}),
        "an unknown :content-type",
    ),
    (
        "exception-foreign",
        "open",
        exception("Surprise", "doubtful").encode(),
        "an exception that the service does not have",
    ),
    ("exception-untyped", "open", _without({":message-type": "exception"}), "an exception without :exception-type"),
    ("error-bare", "open", _without({":message-type": "error"}), "an error without :error-code and :error-message"),
    (
        "initial-response",
        "open",
        Message({**_EVENT, ":event-type": "initial-response"}, b"{}").encode(),
        "as RPC protocols begin",
    ),
)
_END_ROWS: tuple[Row, ...] = (
    ("trailing-byte", "refuse", b"\n", "one byte after the last message, a line feed"),
    ("trailing-zeros", "refuse", bytes(16), "16 bytes 00 after the last message"),
    ("trailing-text", "refuse", b"data: [DONE]\n\n", "a line of text after the last message"),
)
_ROWS: Final = (_CHECKSUMS, _LENGTH_ROWS, _LIMIT_ROWS, _NAME_ROWS, _VALUE_ROWS, _EVENT_ROWS, _END_ROWS)


def _specimens() -> Iterator[Specimen]:
    for family, rows in zip(FAMILIES, _ROWS, strict=True):
        for name, expected, doubtful, about in rows:
            around = _around(doubtful, family == "ends")
            yield Specimen(name, about, expected, family, around, callable(doubtful), _built(doubtful))
    last = frame(_BLOCK, DOUBTFUL)
    for length in range(1, len(last)):
        about = f"the wire ends after {length} of a message's {len(last)} bytes"
        yield Specimen(
            f"truncated-{length}", about, "refuse", "ends", _around(last[:length], True), alone=_built(last[:length])
        )


def _built(doubtful: bytes | Callable[[], bytes]) -> Callable[[], bytes]:
    return doubtful if callable(doubtful) else lambda: doubtful


def _around(doubtful: bytes | Callable[[], bytes], last: bool) -> Callable[[], bytes]:
    """What builds the wire of a doubtful message and a sound one."""

    def build() -> bytes:
        data = doubtful() if callable(doubtful) else doubtful
        return _SOUND + data if last else data + _SOUND

    return build


SPECIMENS: Final[tuple[Specimen, ...]] = tuple(_specimens())
"""All of them, by family, each name once."""
