"""Messages written and read: valid ones whatever the chunks, malformed ones with the error and its place."""

import copy
import pickle
import re
from collections.abc import Callable
from itertools import pairwise
from struct import pack
from typing import Any
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sliceproof.wire import errors, headers
from sliceproof.wire.errors import HeaderError, IncompleteMessageError, LengthError, MessageError
from sliceproof.wire.errors import MessageChecksumError as MessageSumError
from sliceproof.wire.errors import PreludeChecksumError as PreludeSumError
from sliceproof.wire.headers import Int8, Int64, Limits, Timestamp, encode_headers
from sliceproof.wire.messages import Message, MessageDecoder, decode_messages, encode

PART = {":event-type": "PayloadPart", ":content-type": "application/octet-stream", ":message-type": "event"}
UNLIMITED = Limits(headers=None, payload=None, value=None)


def spell(block: bytes = b"", payload: bytes = b"", **declared: int) -> bytes:
    """A message with right checksums, whatever total and headers length it declares."""
    actual = {"total": 16 + len(block) + len(payload), "headers": len(block)}
    lengths = pack(">II", *(actual | declared).values())
    body = lengths + pack(">I", crc32(lengths)) + block + payload
    return body + pack(">I", crc32(body))


def flipped(wire: bytes, at: int) -> bytes:
    return wire[:at] + bytes((wire[at] ^ 1,)) + wire[at + 1 :]


# What is on the wire, and the messages it holds.
VALID: list[tuple[bytes, list[Message]]] = [
    (b"", []),
    (bytes.fromhex("00000010 00000000 05c248eb 7d98c8ff"), [Message({})]),
    (bytes.fromhex("00000012 00000000 7f021b8b 6869 54a7f415"), [Message({}, b"hi")]),
    (spell(b"\x01n\x02\xff"), [Message({"n": Int8(-1)})]),
    (spell(b"\x01n\x07\x00\x01v\x01m\x00", b"x"), [Message({"n": "v", "m": True}, b"x")]),
    (spell(encode_headers(PART), b'data: {"tok'), [Message(PART, b'data: {"tok')]),
    (spell(b"\x01n\x00", b"1") + spell() * 2, [Message({"n": True}, b"1"), Message({}), Message({})]),
    (spell(b"", spell() * 2), [Message({}, spell() * 2)]),
    (spell(b"\x01n\x06\x7f\xff" + bytes(32767), bytes(9)), [Message({"n": bytes(32767)}, bytes(9))]),
]

SOUND = spell(b"\x01n\x07\x00\x01v", b"payload")
SUM = "checksum is 0x[0-9a-f]{8}, expected 0x[0-9a-f]{8}"

# What is on the wire, the error's class, the offset of the place it points at, and what it says.
MALFORMED: list[tuple[bytes, type[MessageError], int, str]] = [
    (flipped(SOUND, 3), PreludeSumError, 0, f"prelude {SUM}"),
    (flipped(SOUND, 7), PreludeSumError, 0, f"prelude {SUM}"),
    (flipped(spell(), 11), PreludeSumError, 0, "prelude checksum is 0x05c248eb, expected 0x05c248ea"),
    (flipped(spell(), 10), PreludeSumError, 0, "prelude checksum is 0x05c248eb, expected 0x05c249eb"),
    (b'data: {"token": {"text": "a"}}\n\n', PreludeSumError, 0, f"prelude {SUM}"),
    (flipped(SOUND, 13), MessageSumError, 0, f"message {SUM}"),
    (flipped(SOUND, 20), MessageSumError, 0, f"message {SUM}"),
    (flipped(spell(), 15), MessageSumError, 0, "message checksum is 0x7d98c8ff, expected 0x7d98c8fe"),
    (spell(total=0), LengthError, 0, "total length is 0, and must be at least 16"),
    (spell(total=12), LengthError, 0, "total length is 12, and must be at least 16"),
    (spell(total=15), LengthError, 0, "total length is 15, and must be at least 16"),
    (spell(headers=1), LengthError, 0, "headers length is 1, and only 0 bytes are left in the message"),
    (spell(b"\x01n\x00", headers=4), LengthError, 0, "headers length is 4, and only 3 bytes are left .*"),
    (spell(b"", bytes(20), headers=21), LengthError, 0, "headers length is 21, and only 20 bytes are left .*"),
    (spell(headers=2**32 - 1), LengthError, 0, "headers length is 4294967295, and only 0 bytes are left .*"),
    (spell(total=2**20, headers=2**17 + 1), LengthError, 0, "headers length is 131073, over .* 131072"),
    (spell(total=25165841), LengthError, 0, "payload length is 25165825, over the limit of 25165824"),
    (spell(total=2**32 - 1), LengthError, 0, "payload length is 4294967279, over the limit of 25165824"),
    (spell(b"\x00\x00"), HeaderError, 12, "its name is empty"),
    (spell(b"\x01n\x00\x01m\x0a", b"x"), HeaderError, 15, "'m' has type 10; the types are 0 to 9"),
    (spell(b"\x01n\x07\x00\x05v", b"alue"), HeaderError, 12, "'n' ends 4 bytes past the header block"),
    (spell(b"\x01n\x00\x01n\x00"), HeaderError, 15, "'n' is there twice"),
    (spell(b"\x01n\x07\x00\x01\xff"), HeaderError, 12, "'n' is not UTF-8: .* at its byte 0"),
    (spell(b"\x01n\x06\x80\x00" + bytes(2**15)), HeaderError, 12, "'n' has 32768 bytes, over .* 32767"),
]
INCOMPLETE: list[tuple[bytes, type[MessageError], int, str]] = [
    (SOUND[:5], IncompleteMessageError, 0, "the wire ended after 5 of a prelude's 12 bytes"),
    (SOUND[:12], IncompleteMessageError, 0, "the wire ended after 12 of 29 bytes"),
    (SOUND[:-1], IncompleteMessageError, 0, "the wire ended after 28 of 29 bytes"),
]


def whole(wire: bytes) -> list[bytes]:
    return [wire]


def bytewise(wire: bytes) -> list[bytes]:
    return [wire[at : at + 1] for at in range(len(wire))]


def with_empty_chunks(wire: bytes) -> list[bytes]:
    return [piece for at in range(0, len(wire), 7) for piece in (b"", wire[at : at + 7])]


def read(chunks: list[bytes], limits: Limits = UNLIMITED) -> tuple[list[Message], MessageError | None]:
    """The messages of a wire up to its end or its first error, and that error."""
    decoder, found = MessageDecoder(limits), []
    try:
        for chunk in chunks:
            for message in decoder.feed(chunk):
                found.append(message)
        decoder.close()
    except MessageError as error:
        return found, error
    return found, None


def read_to_end(decoder: MessageDecoder, wire: bytes) -> None:
    list(decoder.feed(wire))
    decoder.close()


valid = pytest.mark.parametrize(("wire", "sent"), VALID)
any_chunking = pytest.mark.parametrize("chunks", [whole, bytewise, with_empty_chunks])


@valid
@any_chunking
@pytest.mark.parametrize("trailing", [b"", flipped(SOUND, 0), SOUND[:7], SOUND[:-1]])
def test_a_valid_wire_is_read_whatever_the_chunks_and_whatever_follows(
    wire: bytes, sent: list[Message], chunks: Callable[[bytes], list[bytes]], trailing: bytes
) -> None:
    found, error = read(chunks(wire + trailing))
    assert found == sent
    assert (error.offset if error else None) == (len(wire) if trailing else None)


@valid
def test_what_was_read_is_written_as_it_was(wire: bytes, sent: list[Message]) -> None:
    assert b"".join(message.encode() for message in decode_messages(wire)) == wire
    assert b"".join(map(encode, sent)) == wire


@pytest.mark.parametrize(("wire", "error", "offset", "reason"), MALFORMED + INCOMPLETE)
@any_chunking
@pytest.mark.parametrize("before", [0, 3])
def test_a_fault_is_reported_at_its_place_after_the_messages_before_it(
    wire: bytes, error: type, offset: int, reason: str, chunks: Callable[[bytes], list[bytes]], before: int
) -> None:
    found, raised = read(chunks(SOUND * before + wire), Limits())
    assert found == [Message({"n": "v"}, b"payload")] * before
    assert raised is not None
    assert type(raised) is error
    assert raised.offset == before * len(SOUND) + offset
    assert re.fullmatch(reason, raised.reason)
    place = "header" if error is HeaderError else "message"
    assert str(raised) == f"{place} at byte {raised.offset}: {raised.reason}"


@pytest.mark.parametrize(("wire", "error", "offset", "reason"), MALFORMED)
def test_a_fault_is_the_same_in_one_go_and_whatever_follows(
    wire: bytes, error: type[MessageError], offset: int, reason: str
) -> None:
    with pytest.raises(error, match=reason) as caught:
        decode_messages(wire + SOUND + b"more")
    assert caught.value.offset == offset


@pytest.mark.parametrize(("wire", "error", "offset", "reason"), MALFORMED + INCOMPLETE)
def test_after_an_error_every_use_raises_that_error(
    wire: bytes, error: type[MessageError], offset: int, reason: str
) -> None:
    decoder = MessageDecoder()
    left = decoder.feed(b"")
    with pytest.raises(error) as caught:
        read_to_end(decoder, wire)
    for use in (lambda: decoder.feed(b""), lambda: decoder.feed(SOUND), decoder.close, lambda: next(left)):
        with pytest.raises(error) as again:
            use()
        assert again.value is caught.value
    assert decoder.pending == 0


@pytest.mark.parametrize("wire", [spell(total=2**32 - 1), spell(total=0), flipped(SOUND, 0)])
def test_a_bad_prelude_is_refused_with_its_twelfth_byte(wire: bytes) -> None:
    decoder = MessageDecoder()
    assert list(decoder.feed(wire[:11])) == []
    with pytest.raises(MessageError):
        list(decoder.feed(wire[11:12]))


def test_errors_are_of_one_family_and_can_be_pickled() -> None:
    assert all(
        issubclass(error, errors.SliceproofError) and issubclass(error, ValueError) for _, error, *_ in MALFORMED
    )
    error = pickle.loads(pickle.dumps(LengthError("too long", 7)))
    assert (type(error), str(error), error.offset) == (LengthError, "message at byte 7: too long", 7)


@pytest.mark.parametrize(
    ("limits", "wire", "over"),
    [
        (Limits(headers=3), spell(b"\x01n\x00"), Limits(headers=2)),
        (Limits(payload=2), spell(b"\x01n\x00", b"12"), Limits(payload=1)),
        (Limits(value=2), spell(b"\x01n\x06\x00\x0212"), Limits(value=1)),
        (UNLIMITED, spell(b"\x01n\x06\xff\xff" + bytes(65535)), Limits()),
    ],
)
def test_a_message_at_the_limit_is_read_and_one_over_it_refused(limits: Limits, wire: bytes, over: Limits) -> None:
    assert len(decode_messages(wire, limits)) == 1
    with pytest.raises(MessageError, match="over the limit of"):
        decode_messages(wire, over)


def test_without_limits_any_length_is_waited_for() -> None:
    decoder = MessageDecoder(UNLIMITED)
    assert list(decoder.feed(spell(total=2**32 - 1))) == []
    assert decoder.pending == 16


def test_a_generator_left_half_way_or_never_run_loses_nothing() -> None:
    decoder = MessageDecoder()
    never = decoder.feed(spell(b"", b"1"))
    half = decoder.feed(spell(b"", b"2") + spell(b"", b"3") + spell(b"", b"4") + SOUND[:7])
    assert [next(half).payload, next(never).payload] == [b"1", b"2"]
    assert decoder.pending == 2 * 17 + 7
    assert [message.payload for message in decoder.feed(SOUND[7:])] == [b"3", b"4", b"payload"]
    assert list(half) == list(never) == []
    decoder.close()


def test_an_exception_thrown_into_the_generator_is_the_consumers_and_kills_nothing() -> None:
    decoder = MessageDecoder()
    found: Any = decoder.feed(spell(b"", b"1") + spell(b"", b"2"))
    next(found)
    with pytest.raises(HeaderError, match="the consumer's own"):
        found.throw(HeaderError("the consumer's own"))
    assert [message.payload for message in decoder.feed(b"")] == [b"2"]


def test_closing_over_messages_nobody_took_is_a_mistake_that_loses_nothing() -> None:
    decoder = MessageDecoder()
    decoder.feed(SOUND)
    with pytest.raises(RuntimeError, match="before all messages were taken"):
        decoder.close()
    assert len(list(decoder.feed(b""))) == 1
    decoder.feed(flipped(SOUND, 0))
    with pytest.raises(PreludeSumError):
        decoder.close()


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_a_chunk_may_be_overwritten_after_it_was_fed(kind: Callable[[bytearray], Any]) -> None:
    buffer, decoder = bytearray(SOUND), MessageDecoder()
    found = decoder.feed(kind(buffer))
    buffer[:] = bytes(len(buffer))
    assert [message.payload for message in found] == [b"payload"]


@pytest.mark.parametrize("data", ["text", 5, None])
def test_a_chunk_is_bytes(data: Any) -> None:
    with pytest.raises(TypeError, match="bytes-like"):
        MessageDecoder().feed(data)


ints = st.integers(-(2**7), 2**7 - 1).flatmap(lambda n: st.sampled_from([n, Int8(n), Int64(n), Timestamp(n)]))
values = st.booleans() | ints | st.binary(max_size=20) | st.text(max_size=20) | st.uuids()
messages = st.builds(Message, st.dictionaries(st.text(min_size=1, max_size=8), values, max_size=4), st.binary())
cuts = st.lists(st.integers(0, 10_000), max_size=8)


def sliced(wire: bytes, offsets: list[int]) -> list[bytes]:
    at = [0, *sorted(offset % (len(wire) + 1) for offset in offsets), len(wire)]
    return [wire[start:end] for start, end in pairwise(at)]


@given(st.lists(messages, max_size=5), cuts)
def test_messages_come_back_whatever_the_chunks(sent: list[Message], offsets: list[int]) -> None:
    assert read(sliced(b"".join(map(encode, sent)), offsets)) == (sent, None)


@given(st.lists(messages, min_size=1, max_size=3), st.integers(0, 10_000), st.integers(1, 255), cuts)
def test_a_changed_byte_is_noticed_at_the_same_place_whatever_the_chunks(
    sent: list[Message], at: int, change: int, offsets: list[int]
) -> None:
    wire = bytearray(b"".join(map(encode, sent)))
    wire[at % len(wire)] ^= change
    found, error = read([bytes(wire)])
    again, same = read(sliced(bytes(wire), offsets))
    assert error is not None
    assert found == again == sent[: len(found)]
    assert (type(error), str(error)) == (type(same), str(same))


@given(messages)
def test_a_message_can_be_shown_copied_and_pickled(message: Message) -> None:
    assert eval(repr(message), {"Message": Message, "UUID": UUID, **vars(headers)}) == message
    assert copy.deepcopy(message) == pickle.loads(pickle.dumps(message)) == message
