"""The headers of a message: ten types of value, written to bytes and read back.

Guarantees:

- What is decoded encodes to the same bytes, and what is encoded decodes to equal values of the same type.
  Python has one `int` where the wire has five, so each has a subclass that equals the number it is.
- A block is read to its last byte, or refused with the offset of the header at fault; nothing else escapes.
- Order is kept and means nothing: two mappings are the same headers if they say the same in any order.

Source: Smithy, `docs/source-2.0/aws/amazon-eventstream.rst`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import Struct
from types import MappingProxyType
from typing import ClassVar, Final, Self, TypeAlias
from uuid import UUID

from sliceproof.wire.errors import HeaderError

__all__ = [
    "HeaderValue",
    "Headers",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Limits",
    "Timestamp",
    "decode_headers",
    "encode_header",
    "encode_headers",
    "same_headers",
]

MAX_VALUE: Final = 32767
TRUE, FALSE, INT8, INT16, INT32, INT64, BLOB, STRING, TIMESTAMP, UUID_TYPE = range(10)

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND: Final = dt.timedelta(milliseconds=1)
_UINT16: Final = Struct(">H")


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes in bytes up to which a decoder believes a message; None stands for no limit.

    `headers` bounds a message's header block: 128 KiB in Smithy's text and in botocore. `payload` bounds its
    payload: 24 MiB in both (smithy-python and amazon-transcribe stop at 16). `value` bounds a blob or string
    of a header: 32767 in Smithy's text, though the length field could say 65535.

    The first two are advice, and no rule: the same text has clients accept a message of any size.
    """

    headers: int | None = 128 * 1024
    payload: int | None = 24 * 1024 * 1024
    value: int | None = MAX_VALUE


class _SizedInt(int):
    """An int that knows its type on the wire, and is never out of that type's range."""

    __slots__ = ()
    wire_type: ClassVar[int]
    layout: ClassVar[Struct]

    def __new__(cls, value: int) -> Self:
        bits = cls.layout.size * 8
        if not -(1 << bits - 1) <= value < 1 << bits - 1:
            raise HeaderError(f"{int(value)} does not fit in {cls.__name__}, a signed integer of {bits} bits")
        return super().__new__(cls, value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"

    __str__ = int.__repr__


class Int8(_SizedInt):
    """An integer header of 8 bits; raises HeaderError outside -128 to 127."""

    __slots__ = ()
    wire_type, layout = INT8, Struct(">b")


class Int16(_SizedInt):
    """An integer header of 16 bits; raises HeaderError outside -32768 to 32767."""

    __slots__ = ()
    wire_type, layout = INT16, Struct(">h")


class Int32(_SizedInt):
    """An integer header of 32 bits; raises HeaderError outside -2**31 to 2**31 - 1."""

    __slots__ = ()
    wire_type, layout = INT32, Struct(">i")


class Int64(_SizedInt):
    """An integer header of 64 bits; raises HeaderError outside -2**63 to 2**63 - 1."""

    __slots__ = ()
    wire_type, layout = INT64, Struct(">q")


class Timestamp(_SizedInt):
    """A moment, in milliseconds since 1970-01-01T00:00Z; raises HeaderError outside 64 bits.

    It is a number and not a datetime, because 64 bits reach 292 million years and a datetime ends in 9999.
    """

    __slots__ = ()
    wire_type, layout = TIMESTAMP, Struct(">q")

    @classmethod
    def at(cls, moment: dt.datetime) -> Self:
        """The timestamp of a datetime, rounded down; ValueError if the datetime has no time zone."""
        if moment.utcoffset() is None:
            raise ValueError(f"{moment!r} has no time zone; say which it is in with .replace(tzinfo=...)")
        return cls((moment - _EPOCH) // _MILLISECOND)

    @property
    def datetime(self) -> dt.datetime:
        """The moment in UTC, exact to the millisecond; OverflowError outside the years 1 to 9999."""
        try:
            return _EPOCH + int(self) * _MILLISECOND
        except OverflowError:
            raise OverflowError(f"{self!r} is outside the years 1 to 9999 that a datetime can say") from None


HeaderValue: TypeAlias = bool | int | bytes | str | UUID
"""What a header holds: bool, Int8 to Int64 or a plain int, bytes, str, Timestamp, UUID.

A plain int is written as 32 bits where it fits, which is what smithy-python and amazon-transcribe always do,
and as 64 bits where they would fail.
"""

Headers: TypeAlias = Mapping[str, HeaderValue]

_LAYOUTS: Final = {kind.wire_type: kind.layout for kind in (Int8, Int16, Int32, Int64, Timestamp)}


def encode_headers(headers: Headers) -> bytes:
    """The header block of a message, in the mapping's order.

    Raises HeaderError, without an offset, for what the wire cannot say: a name that is not 1 to 255 bytes of
    UTF-8, a blob or string over 32767 bytes, an int over 64 bits, a value of another type.
    """
    return b"".join([encode_header(name, value) for name, value in headers.items()])


def encode_header(name: str, value: HeaderValue) -> bytes:
    """One header; joined, they make a block, even one that repeats a name. Raises as encode_headers does."""
    encoded = _utf8(name, f"name {name!r}")
    if not 1 <= len(encoded) <= 255:
        raise HeaderError(f"name {name!r} has {len(encoded)} bytes, and must have 1 to 255")
    wire_type = _wire_type(name, value)
    return bytes((len(encoded), *encoded, wire_type)) + _encode_value(name, value, wire_type)


def _encode_value(name: str, value: HeaderValue, wire_type: int) -> bytes:
    match value:
        case bool():
            return b""
        case int():
            return _LAYOUTS[wire_type].pack(value)
        case str():
            return _measured(name, _utf8(value, repr(name)))
        case bytes():
            return _measured(name, value)
        case UUID():
            return value.bytes


def _wire_type(name: str, value: object) -> int:
    match value:
        case bool():
            return TRUE if value else FALSE
        case _SizedInt():
            return value.wire_type
        case int():
            return INT32 if -(1 << 31) <= value < 1 << 31 else Int64(value).wire_type
        case str():
            return STRING
        case bytes():
            return BLOB
        case UUID():
            return UUID_TYPE
    raise HeaderError(f"{name!r} is {value!r}, and no header type holds a {type(value).__name__}")


def _utf8(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise HeaderError(f"{what} has no UTF-8: {error.reason} at character {error.start}") from None


def _measured(name: str, value: bytes) -> bytes:
    if len(value) > MAX_VALUE:
        raise HeaderError(f"{name!r} has {len(value)} bytes, and may have {MAX_VALUE}")
    return _UINT16.pack(len(value)) + value


def decode_headers(block: bytes, limit: int | None = MAX_VALUE, offset: int = 0) -> Headers:
    """The headers of a block, read-only and in the order of the wire.

    `limit` bounds each blob and string in bytes; `offset` is where the block begins on the wire. Raises
    HeaderError, at the header's own offset, for an empty name, a name or string that is not UTF-8, an unknown
    type, a header that ends past the block, a value over the limit, and a name that was there before.
    """
    reader = _Reader(block, limit, offset)
    headers: dict[str, HeaderValue] = {}
    while reader.begin():
        name = reader.name()
        value = reader.value(name)
        if name in headers:
            raise reader.error(f"{name!r} is there twice")
        headers[name] = value
    return MappingProxyType(headers)


def same_headers(headers: Headers, other: Headers) -> bool:
    """Whether two mappings say the same on the wire, types included, in whatever order."""
    if headers is other:
        return True
    return headers == other and all(
        _wire_type(name, headers[name]) == _wire_type(name, other[name]) for name in headers
    )


class _Reader:
    """A block and how far it has been read; an error points at the header begun last."""

    def __init__(self, block: bytes, limit: int | None, offset: int) -> None:
        self._block, self._limit, self._offset = block, limit, offset
        self._at = self._begun = 0

    def begin(self) -> bool:
        self._begun = self._at
        return self._at < len(self._block)

    def error(self, reason: str) -> HeaderError:
        return HeaderError(reason, self._offset + self._begun)

    def take(self, size: int, what: str) -> bytes:
        end = self._at + size
        if end > len(self._block):
            raise self.error(f"{what} ends {end - len(self._block)} bytes past the header block")
        taken = self._block[self._at : end]
        self._at = end
        return taken

    def name(self) -> str:
        length = self.take(1, "its name's length")[0]
        if not length:
            raise self.error("its name is empty")
        return self._text(self.take(length, "its name"), "its name")

    def value(self, name: str) -> HeaderValue:
        wire_type = self.take(1, f"the type of {name!r}")[0]
        if wire_type >= len(_READ):
            raise self.error(f"{name!r} has type {wire_type}; the types are 0 to {len(_READ) - 1}")
        return _READ[wire_type](self, name)

    def blob(self, name: str) -> bytes:
        (size,) = _UINT16.unpack(self.take(2, f"the length of {name!r}"))
        if self._limit is not None and size > self._limit:
            raise self.error(f"{name!r} has {size} bytes, over the limit of {self._limit}")
        return self.take(size, repr(name))

    def string(self, name: str) -> str:
        return self._text(self.blob(name), repr(name))

    def _text(self, encoded: bytes, what: str) -> str:
        try:
            return encoded.decode()
        except UnicodeDecodeError as error:
            raise self.error(f"{what} is not UTF-8: {error.reason} at its byte {error.start}") from None


def _sized(kind: type[_SizedInt]) -> Callable[[_Reader, str], HeaderValue]:
    return lambda reader, name: kind(*kind.layout.unpack(reader.take(kind.layout.size, repr(name))))


# Indexed by the type on the wire.
_READ: Final[tuple[Callable[[_Reader, str], HeaderValue], ...]] = (
    lambda reader, name: True,
    lambda reader, name: False,
    *map(_sized, (Int8, Int16, Int32, Int64)),
    _Reader.blob,
    _Reader.string,
    _sized(Timestamp),
    lambda reader, name: UUID(bytes=reader.take(16, repr(name))),
)
