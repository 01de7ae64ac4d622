"""Event-stream messages: written to bytes, and read back from chunks cut anywhere.

Guarantees:

- Sans-IO: bytes in, messages out; nothing here reads, waits or logs.
- The same messages, and the same error at the same offset, however the wire is cut into chunks.
- Linear in bytes, whether a chunk is one byte or 40,000 messages: no byte is copied more than a few times.
- Nothing is believed unchecked: lengths are held against their checksum and the limits as soon as the prelude
  is there, before the rest is waited for. A decoder whose messages are taken as they come holds, between
  calls, at most one message and one chunk.

Plan: `_run` is wire that is sliced in place. What comes while a message in it is incomplete collects in
`_tail`, and the two are joined once, when there is enough to go on. The header blocks of a stream are nearly
all alike, so parsed headers and encoded blocks are remembered.

Source: Smithy, `docs/source-2.0/aws/amazon-eventstream.rst`.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from types import MappingProxyType
from typing import Final, NoReturn, TypeAlias, TypeVar
from zlib import crc32

from sliceproof.wire import errors
from sliceproof.wire.headers import (
    Headers,
    HeaderValue,
    Limits,
    decode_headers,
    encode_headers,
    same_headers,
)

__all__ = ["UNLIMITED", "Limits", "Message", "MessageDecoder", "decode_messages", "encode", "frame"]

OVERHEAD: Final = 16
PRELUDE: Final = 12

_LENGTHS: Final = Struct(">II")
_PRELUDE: Final = Struct(">III")
_CHECKSUM: Final = Struct(">I")

# Few and small: a stream with new or huge headers in each message must not fill the memory.
_REMEMBERED_BLOCKS: Final = 64
_REMEMBERED_BYTES: Final = 1024

Chunk: TypeAlias = bytes | bytearray | memoryview
K = TypeVar("K")
V = TypeVar("V")

_DEFAULT_LIMITS: Final = Limits()
UNLIMITED: Final = Limits(None, None, None)
"""What the framing itself allows: only what it forbids is refused."""


class Message:
    """One message: its headers and its payload. Immutable; equal if both say the same on the wire.

    `headers` is read-only and in the order given (a dict is copied); `payload` is any bytes.

    >>> Message({":message-type": "event"}, b"hello")
    Message({':message-type': 'event'}, b'hello')
    """

    __slots__ = ("_headers", "_payload")

    def __init__(self, headers: Headers, payload: bytes = b"") -> None:
        # A proxy is kept as it is: the decoder shares one among all messages whose header blocks are alike.
        self._headers = headers if type(headers) is MappingProxyType else MappingProxyType(dict(headers))
        self._payload = payload

    @property
    def headers(self) -> Headers:
        """The headers by name, read-only."""
        return self._headers

    @property
    def payload(self) -> bytes:
        """The payload, as it is on the wire."""
        return self._payload

    def encode(self) -> bytes:
        """The message as bytes; see `encode`."""
        return encode(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Message):
            return NotImplemented
        return self._payload == other._payload and same_headers(self._headers, other._headers)

    def __repr__(self) -> str:
        return f"Message({dict(self._headers)!r}, {self._payload!r})"

    def __reduce__(self) -> tuple[type[Message], tuple[dict[str, HeaderValue], bytes]]:
        return Message, (dict(self._headers), self._payload)


def encode(message: Message) -> bytes:
    """The message as bytes, its headers in their order; raises HeaderError as `encode_headers` does.

    No limit is applied to the block or the payload: what a decoder must refuse has to be writable.
    """
    headers = message.headers
    # Types are part of the key because True, 1 and Int8(1) are equal, and are three different headers.
    key = (tuple(headers.items()), tuple(map(type, headers.values())))
    try:
        block = _written.get(key)
    except TypeError:  # What cannot be hashed is no header value; encode_headers says which it is.
        block = None
    if block is None:
        block = encode_headers(headers)
        _remember(_written, key, block, len(block))
    return frame(block, message.payload)


def frame(header_block: bytes, payload: bytes) -> bytes:
    """A message around a header block (see `encode_headers`) and a payload; neither is looked into.

    Raises LengthError if the whole does not fit in the 32 bits of its length.
    """
    total = OVERHEAD + len(header_block) + len(payload)
    if total > 0xFFFFFFFF:
        raise errors.LengthError(f"{total} bytes do not fit in a message's length of 32 bits")
    lengths = _LENGTHS.pack(total, len(header_block))
    head = lengths + _CHECKSUM.pack(crc32(lengths)) + header_block
    return b"".join((head, payload, _CHECKSUM.pack(crc32(payload, crc32(head)))))


_written: Final[dict[tuple[tuple[tuple[str, HeaderValue], ...], tuple[type, ...]], bytes]] = {}


def _remember(memory: dict[K, V], key: K, value: V, size: int) -> None:
    if size > _REMEMBERED_BYTES:
        return
    if len(memory) >= _REMEMBERED_BLOCKS:
        memory.clear()
    memory[key] = value


def decode_messages(wire: Chunk, limits: Limits = _DEFAULT_LIMITS) -> list[Message]:
    """All messages of a whole wire; raises what MessageDecoder's feed or close would.

    >>> decode_messages(Message({"a": True}, b"x").encode() * 2)
    [Message({'a': True}, b'x'), Message({'a': True}, b'x')]
    """
    decoder = MessageDecoder(limits)
    messages = list(decoder.feed(wire))
    decoder.close()
    return messages


class MessageDecoder:
    """Reads messages from chunks of wire, in order, whatever the chunks.

    The messages complete before a malformed one are delivered; then its MessageError is raised. From there on
    the decoder is dead: it holds nothing, and every use of it raises that same error.

    >>> wire = Message({}, b"hello").encode()
    >>> decoder = MessageDecoder()
    >>> [message.payload for chunk in (wire[:9], wire[9:]) for message in decoder.feed(chunk)]
    [b'hello']
    >>> decoder.close()
    """

    def __init__(self, limits: Limits = _DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._run = b""  # wire being read
        self._at = 0  # where in the run the next message begins
        self._tail = bytearray()  # wire that came after the run
        self._offset = 0  # where on the wire the next message begins
        self._total = 0  # the next message's length, once its prelude has been read
        self._block_length = 0
        self._prelude_checksum = 0
        self._parsed: dict[bytes, Headers] = {}
        self._error: errors.MessageError | None = None

    @property
    def pending(self) -> int:
        """How many bytes are held: fed, and not yet delivered in a message."""
        return len(self._run) - self._at + len(self._tail)

    def feed(self, data: Chunk) -> Iterator[Message]:
        """Take a chunk, at once, and return a generator over the messages now complete.

        A generator that is left half-way, or never run, loses nothing: the next one goes on from there. The
        generator raises PreludeChecksumError, LengthError, MessageChecksumError or HeaderError.
        """
        self._check_alive()
        self._append(data if type(data) is bytes else bytes(memoryview(data)))
        return self._messages()

    def close(self) -> None:
        """Say that the wire has ended; raises IncompleteMessageError if it did so inside a message.

        Raises RuntimeError if whole messages are held that nobody took: run the generator of feed(b"") first.
        """
        if self._complete():
            raise RuntimeError('close() before all messages were taken; iterate over feed(b"") first')
        if self.pending:
            size = f"of {self._total} bytes" if self._total else f"of a prelude's {PRELUDE} bytes"
            reason = f"the wire ended after {self.pending} {size}"
            self._die(errors.IncompleteMessageError(reason, self._offset))

    def _messages(self) -> Iterator[Message]:
        while self._complete():
            yield self._take()

    def _append(self, data: bytes) -> None:
        if self.pending:
            self._tail += data
        else:
            self._run, self._at = data, 0

    def _check_alive(self) -> None:
        if self._error is not None:
            # The same error each time, without the frames of the times before.
            raise self._error.with_traceback(None)

    def _die(self, error: errors.MessageError) -> NoReturn:
        self._error = error
        self._run, self._at, self._tail = b"", 0, bytearray()
        raise error

    def _complete(self) -> bool:
        """Whether the next message is there to its last byte; its prelude is read as soon as that is."""
        self._check_alive()
        if not self._total:
            if not self._gather(PRELUDE):
                return False
            self._read_prelude()
        return self._gather(self._total)

    def _gather(self, size: int) -> bool:
        """Bring the next message's first `size` bytes into the run, if they have come."""
        if len(self._run) - self._at >= size:
            return True
        if self._at:
            # Lets go of the messages already read. It happens once a message at most, so it stays linear.
            self._run, self._at = self._run[self._at :], 0
        if len(self._run) + len(self._tail) < size:
            return False
        self._run, self._tail = self._run + self._tail, bytearray()
        return True

    def _read_prelude(self) -> None:
        total, block_length, expected = _PRELUDE.unpack_from(self._run, self._at)
        actual = crc32(self._run[self._at : self._at + 8])
        if actual != expected:
            self._die(errors.PreludeChecksumError(_mismatch("prelude", actual, expected), self._offset))
        fault = _length_fault(total, block_length, self._limits)
        if fault:
            self._die(errors.LengthError(fault, self._offset))
        self._total, self._block_length, self._prelude_checksum = total, block_length, actual

    def _take(self) -> Message:
        """The next message, which is complete; the decoder has moved past it when this returns."""
        run, start, end = self._run, self._at, self._at + self._total
        payload_start = start + PRELUDE + self._block_length
        block, payload = run[start + PRELUDE : payload_start], run[payload_start : end - 4]
        # Piece by piece, on from the prelude's checksum: a large payload is not copied once more for it.
        actual = crc32(payload, crc32(block, crc32(run[start + 8 : start + PRELUDE], self._prelude_checksum)))
        (expected,) = _CHECKSUM.unpack_from(run, end - 4)
        if actual != expected:
            self._die(errors.MessageChecksumError(_mismatch("message", actual, expected), self._offset))
        message = Message(self._headers(block), payload)
        self._offset += self._total
        self._at, self._total = end, 0
        return message

    def _headers(self, block: bytes) -> Headers:
        headers = self._parsed.get(block)
        if headers is None:
            try:
                headers = decode_headers(block, self._limits.value, self._offset + PRELUDE)
            except errors.HeaderError as error:
                self._die(error)
            _remember(self._parsed, block, headers, len(block))
        return headers


def _mismatch(what: str, actual: int, expected: int) -> str:
    return f"{what} checksum is 0x{actual:08x}, expected 0x{expected:08x}"


def _length_fault(total: int, block_length: int, limits: Limits) -> str | None:
    payload_length = total - OVERHEAD - block_length
    if total < OVERHEAD:
        return f"total length is {total}, and must be at least {OVERHEAD}"
    if payload_length < 0:
        return f"headers length is {block_length}, and only {total - OVERHEAD} bytes are left in the message"
    if limits.headers is not None and block_length > limits.headers:
        return f"headers length is {block_length}, over the limit of {limits.headers}"
    if limits.payload is not None and payload_length > limits.payload:
        return f"payload length is {payload_length}, over the limit of {limits.payload}"
    return None
