"""Our codec against the public ones: each reads what the other writes, and reads it alike.

Where they take what the format forbids, FORBIDDEN says what and why; anywhere else both must agree, also on
what to refuse. A peer is skipped where it is not installed; smithy needs Python 3.12.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from struct import pack
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sliceproof.wire.errors import HeaderError, LengthError, MessageError
from sliceproof.wire.headers import HeaderValue, Int8, Int16, Int32, Int64, Timestamp, encode_header
from sliceproof.wire.messages import Message, MessageDecoder

# What the format forbids (Smithy, amazon-eventstream) and some of the peers take: they slice a header without
# asking whether its bytes are there, and do not compare the two lengths of a prelude.
FORBIDDEN: list[tuple[type[MessageError], str]] = [
    (LengthError, "total length is 12, .*"),  # the prelude's checksum is taken for the message's
    (LengthError, "headers length is .* left in the message"),  # the headers run on into checksum and all
    (HeaderError, "its name is empty"),
    (HeaderError, ".* ends .* past the header block"),  # a blob, string or uuid comes out short
    (HeaderError, ".* over the limit of 32767"),
]

FAR = 100 * 366 * 86_400_000  # a century in milliseconds: a float still tells each of them apart


def typed(headers: dict[str, Any]) -> list[tuple[str, type, Any]]:
    """What equality of Python ints hides: the types, and the order."""
    return [(name, type(value), value) for name, value in headers.items()]


@dataclass(frozen=True)
class Peer:
    """Another codec; `plain` is what it makes of one of our values when it has read it."""

    name: str
    read: Callable[[list[bytes]], tuple[list[tuple[dict[str, Any], bytes]], Exception | None]]
    plain: Callable[[HeaderValue], Any]
    write: Callable[[Message], bytes] | None = None
    stricter: Callable[[Message], bool] = lambda message: False


def as_said_by(kinds: dict[Any, Callable[[Any], Any]]) -> Callable[[HeaderValue], Any]:
    return lambda value: kinds.get(type(value), lambda as_is: as_is)(value)


def moment(timestamp: Timestamp) -> dt.datetime:
    return timestamp.datetime


def buffer_peer(name: str, module: Any, write: Callable[[Message], bytes] | None = None) -> Peer:
    def read(chunks: list[bytes]) -> tuple[list[tuple[dict[str, Any], bytes]], Exception | None]:
        buffer, found = module.EventStreamBuffer(), []
        try:
            for chunk in chunks:
                buffer.add_data(chunk)
                for message in buffer:
                    found.append((message.headers, message.payload))
        except Exception as error:
            return found, error
        return found, None

    # All ints are ints, a timestamp is the int it is on the wire, and a uuid is its bytes.
    ints: dict[Any, type[int]] = dict.fromkeys((Int8, Int16, Int32, Int64, Timestamp), int)
    plain = as_said_by({**ints, UUID: lambda value: value.bytes})
    return Peer(name, read, plain, write)


def botocore() -> Peer:
    return buffer_peer("botocore", pytest.importorskip("botocore.eventstream"))


def amazon_transcribe() -> Peer:
    module = pytest.importorskip("amazon_transcribe.eventstream")
    kinds: dict[Any, Any] = {Timestamp: moment}
    for kind in (Int8, Int16, Int32, Int64):
        kinds[kind] = getattr(module, f"{kind.__name__}HeaderValue")
    ours = as_said_by(kinds)

    def write(message: Message) -> bytes:
        headers = {name: ours(value) for name, value in message.headers.items()}
        written: bytes = module.EventStreamMessageSerializer().serialize(headers, message.payload)
        return written

    return buffer_peer("amazon_transcribe", module, write)


def smithy() -> Peer:
    events = pytest.importorskip("smithy_aws_event_stream.events")
    reader = pytest.importorskip("smithy_core.aio.types").AsyncBytesReader
    sized: dict[Any, Any] = {Int8: events.Byte, Int16: events.Short, Int32: int, Int64: events.Long}
    plain = as_said_by({**sized, Timestamp: moment})

    async def read_all(source: Any, found: list[tuple[dict[str, Any], bytes]]) -> None:
        while event := await events.Event.decode_async(source):
            found.append((event.message.headers, event.message.payload))

    def read(chunks: list[bytes]) -> tuple[list[tuple[dict[str, Any], bytes]], Exception | None]:
        found: list[tuple[dict[str, Any], bytes]] = []
        try:
            read_all(reader(b"".join(chunks)), found).send(None)
        except StopIteration:
            return found, None
        except Exception as error:
            return found, error
        raise AssertionError("bytes in memory are never waited for")

    def write(message: Message) -> bytes:
        headers = {name: plain(value) for name, value in message.headers.items()}
        written: bytes = events.EventMessage(headers=headers, payload=message.payload).encode()
        return written

    def stricter(message: Message) -> bool:
        # A timestamp goes through a float and a datetime: it blurs when far, and fails past the year 9999.
        return any(isinstance(value, Timestamp) and abs(value) > FAR for value in message.headers.values())

    return Peer("smithy", read, plain, write, stricter)


@pytest.fixture(scope="module", params=[botocore, amazon_transcribe, smithy])
def peer(request: pytest.FixtureRequest) -> Peer:
    found: Peer = request.param()
    return found


@pytest.fixture(scope="module", params=[amazon_transcribe, smithy])
def writer(request: pytest.FixtureRequest) -> Peer:
    found: Peer = request.param()
    return found


def read(chunks: list[bytes]) -> tuple[list[Message], MessageError | None]:
    decoder, found = MessageDecoder(), []
    try:
        for chunk in chunks:
            for message in decoder.feed(chunk):
                found.append(message)
    except MessageError as error:
        return found, error
    return found, None


def agree(peer: Peer, chunks: list[bytes]) -> None:
    """Both read the same messages from the chunks, and both or neither then refuse to go on."""
    ours, our_error = read(chunks)
    theirs, their_error = peer.read(chunks)
    if any(peer.stricter(message) for message in ours):
        return
    forbidden = any(type(our_error) is kind and re.fullmatch(said, our_error.reason) for kind, said in FORBIDDEN)
    assert len(theirs) >= len(ours) if forbidden else len(theirs) == len(ours)
    if not forbidden:
        assert (our_error is None) == (their_error is None), (our_error, their_error)
    for message, (headers, payload) in zip(ours, theirs, strict=not forbidden):
        assert typed(headers) == typed({name: peer.plain(value) for name, value in message.headers.items()})
        assert payload == message.payload


names = st.text(min_size=1, max_size=6)
values = st.one_of(
    st.booleans(),
    st.integers(-(2**7), 2**7 - 1).map(Int8),
    st.integers(-(2**15), 2**15 - 1).map(Int16),
    st.integers(-(2**31), 2**31 - 1).map(Int32),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.binary(max_size=12),
    st.text(max_size=12),
    # Whole seconds: the peers that write cut off a float times 1000, and so lose a millisecond at times.
    st.integers(-(2**31), 2**31 - 1).map(lambda seconds: Timestamp(seconds * 1000)),
    st.uuids(),
)
messages = st.builds(Message, st.dictionaries(names, values, max_size=5), st.binary(max_size=30))

EVERY_TYPE = Message(
    {
        "true": True,
        "false": False,
        "int8": Int8(-1),
        "int16": Int16(2),
        "int32": Int32(-3),
        "int64": Int64(4),
        "blob": b"\x00\xff",
        "string": "é👩",
        "timestamp": Timestamp(1_700_000_000_000),
        "uuid": UUID(int=9),
    },
    b"payload",
)


@given(sent=st.lists(messages, max_size=4), size=st.integers(1, 64))
@example(sent=[EVERY_TYPE] * 2, size=1)
def test_what_we_write_they_read_as_it_was(peer: Peer, sent: list[Message], size: int) -> None:
    wire = b"".join(message.encode() for message in sent)
    chunks = [wire[at : at + size] for at in range(0, len(wire), size)]
    assert read(chunks) == (sent, None)
    assert len(peer.read(chunks)[0]) == len(sent)
    agree(peer, chunks)


@given(message=messages)
@example(message=EVERY_TYPE)
def test_what_they_write_is_what_we_write_and_we_read_it(writer: Peer, message: Message) -> None:
    assert writer.write is not None
    wire = writer.write(message)
    assert wire == message.encode()
    assert read([wire]) == ([message], None)


def spell(block: bytes, payload: bytes, **declared: int) -> bytes:
    """A message with right checksums, whatever total and headers length it declares."""
    actual = {"total": 16 + len(block) + len(payload), "headers": len(block)}
    lengths = pack(">II", *(actual | declared).values())
    body = lengths + pack(">I", crc32(lengths)) + block + payload
    return body + pack(">I", crc32(body))


edits = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from(["set", "add", "cut"]), st.integers(0, 255)), max_size=3
)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A message whose header block was meddled with, and whose checksums were then repaired."""
    headers = draw(st.dictionaries(names, values, max_size=4))
    block = bytearray(b"".join(encode_header(name, value) for name, value in headers.items()))
    for at, edit, byte in draw(edits):
        start = at % (len(block) + 1)
        block[start : start + (edit != "add")] = b"" if edit == "cut" else bytes((byte,))
    length = max(0, len(block) + draw(st.sampled_from([0, 0, 0, 0, -2, -1, 1, 9])))
    return spell(bytes(block), draw(st.binary(max_size=9)), headers=length)


@given(wires=st.lists(mutants(), min_size=1, max_size=3))
@example(wires=[spell(b"\x01n\x00\x01n\x01", b"")])
@example(wires=[spell(b"\x01n\x0a", b"")])
@example(wires=[spell(b"\x01n\x07\x00\x01\xff", b"")])
@example(wires=[spell(b"", b""), b"data: {}\n\n" * 2])
@example(wires=[spell(b"", b"payload")[:-1] + b"\x00", spell(b"", b"")])
def test_a_meddled_message_is_read_alike_or_refused_by_both(peer: Peer, wires: list[bytes]) -> None:
    agree(peer, [b"".join(wires)])


@pytest.mark.parametrize(
    ("wire", "lax"),
    [
        (spell(b"", b"", total=12), {"botocore", "amazon_transcribe"}),
        (spell(b"", b"\x01n\x00", headers=3 + 5), {"smithy"}),
        (spell(b"", b"\x00", headers=6), {"botocore", "amazon_transcribe"}),
        (spell(b"\x00\x00", b""), {"botocore", "amazon_transcribe", "smithy"}),
        (spell(b"\x01n\x06\x00\x05ab", b""), {"botocore", "amazon_transcribe", "smithy"}),
        (spell(b"\x01n\x07\x00\x05ab", b""), {"botocore", "amazon_transcribe", "smithy"}),
        (spell(b"\x01n\x09short", b""), {"botocore", "amazon_transcribe"}),
        (spell(b"\x01n\x04\x00", b""), set()),
        (spell(b"\x01n\x06\x80\x00" + bytes(32768), b""), {"botocore", "amazon_transcribe"}),
    ],
)
def test_what_the_format_forbids_is_taken_by_some(peer: Peer, wire: bytes, lax: set[str]) -> None:
    assert read([wire])[0] == []
    assert (len(peer.read([wire])[0]) == 1) == (peer.name in lax)
