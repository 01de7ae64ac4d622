"""Messages in memory: values that do not change, headers that are shared, and no byte held or moved too often."""

import tracemalloc
from collections import deque
from collections.abc import Iterable
from typing import Any

import pytest

from sliceproof.wire.errors import HeaderError, LengthError
from sliceproof.wire.headers import Int8, Int64, Timestamp, encode_headers
from sliceproof.wire.messages import Message, MessageDecoder, decode_messages, encode, frame

PART = {":event-type": "PayloadPart", ":content-type": "application/octet-stream", ":message-type": "event"}


def test_messages_are_equal_if_they_say_the_same_on_the_wire() -> None:
    assert Message({"a": 1, "b": "x"}, b"p") == Message({"b": "x", "a": 1}, b"p")
    alike = [Message({"n": value}) for value in (True, 1, Int8(1), Int64(1), Timestamp(1))]
    assert [one == other for one in alike for other in alike] == [one is other for one in alike for other in alike]
    assert len({encode(message) for message in alike}) == len(alike)
    assert Message({}, b"q") != Message({}, b"p") != Message({}, b"q")
    assert Message({}) != b""


def test_a_message_does_not_change() -> None:
    given_headers: Any = {"n": 1}
    message: Any = Message(given_headers, b"p")
    given_headers["n"] = 2
    assert message.headers == {"n": 1}
    with pytest.raises(TypeError):
        message.headers["n"] = 3
    for name in ("headers", "payload", "other"):
        with pytest.raises(AttributeError):
            setattr(message, name, b"")


def test_headers_are_shared_if_alike_and_right_however_many_there_are() -> None:
    sent = [Message({"n": number, "s": str(number)}) for number in range(200)] * 2 + [Message(PART)] * 2
    found = decode_messages(b"".join(map(encode, sent)))
    assert found == sent
    assert found[-1].headers is found[-2].headers


@pytest.mark.parametrize(("blocks", "shared"), [(2, True), (64, True), (65, False)])
def test_the_last_64_blocks_of_headers_are_shared(blocks: int, shared: bool) -> None:
    sent = [Message({"n": number}) for number in range(blocks)] * 2
    found = decode_messages(b"".join(map(encode, sent)))
    assert found == sent
    assert all(one.headers is other.headers for one, other in zip(found, found[blocks:], strict=False)) == shared


@pytest.mark.parametrize(("size", "shared"), [(1024, True), (1025, False)])
def test_blocks_of_headers_over_1024_bytes_are_not_shared(size: int, shared: bool) -> None:
    block = encode_headers({"n": b"x" * (size - 5)})
    assert len(block) == size
    one, other = decode_messages(frame(block, b"") * 2)
    assert one == other
    assert (one.headers is other.headers) == shared


def test_a_decoder_that_was_fed_nothing_holds_nothing_and_can_be_closed() -> None:
    decoder = MessageDecoder()
    assert decoder.pending == 0
    decoder.close()


def test_a_header_that_cannot_be_hashed_is_named() -> None:
    unhashable: Any = {"n": []}
    with pytest.raises(HeaderError, match=r"'n' is \[\], and no header type holds a list"):
        Message(unhashable).encode()


SIZES = (2**32 - 17, 2**32 - 16)


def test_a_frame_holds_anything_up_to_4_gib() -> None:
    largest, huge = (type("Huge", (bytes,), {"__len__": lambda self, size=size: size})() for size in SIZES)
    assert frame(b"", largest)[:4] == b"\xff\xff\xff\xff"
    assert frame(b"\x00", b"p") == bytes.fromhex("00000012 00000001 08052b1d 00 70 962d6b44")
    with pytest.raises(LengthError, match="message: 4294967296 bytes do not fit in a message's length of 32 bits"):
        frame(b"", huge)


class CountingDecoder(MessageDecoder):
    """Counts the bytes moved to make a run; besides, each is copied into the tail and out at most once."""

    moved = 0

    def _gather(self, size: int) -> bool:
        run = self._run
        there = super()._gather(size)
        self.moved += len(self._run) if self._run is not run else 0
        return there


SMALL, LARGE = (Message(PART, bytes(size)).encode() for size in (90, 2**20))


@pytest.mark.parametrize("size", [1, 7, 11, 13, len(SMALL) - 1, len(SMALL), len(SMALL) + 13, 8192, 2**20, 2**23])
@pytest.mark.parametrize("wire", [SMALL * 400, SMALL * 40_000, LARGE, LARGE * 4, LARGE * 2 + SMALL * 400])
@pytest.mark.parametrize("taken", [0, 1, 10**6])
def test_no_byte_is_moved_more_than_three_times(wire: bytes, size: int, taken: int) -> None:
    decoder = CountingDecoder()
    for at in range(0, len(wire[: size * 5000]), size):
        for _ in zip(range(taken), decoder.feed(wire[at : at + size]), strict=False):
            pass
    list(decoder.feed(b""))
    assert decoder.moved <= 3 * len(wire[: size * 5000])


def held_after_each(steps: Iterable[object]) -> list[int]:
    """Bytes of memory that are newly held after each step."""
    tracemalloc.start()
    try:
        return [tracemalloc.get_traced_memory()[0] for _ in steps]
    finally:
        tracemalloc.stop()


def test_a_decoder_holds_no_more_than_a_message_and_a_chunk_and_in_the_end_nothing() -> None:
    wire, chunk, decoder = SMALL * 2000 + LARGE, 64 * 1024, MessageDecoder()
    starts = range(0, len(wire), chunk)
    held = held_after_each(deque(decoder.feed(wire[at : at + chunk]), 0) for at in starts)
    # A bytearray that grows has an eighth to spare.
    assert max(held) <= (len(LARGE) + chunk) * 9 / 8 + 10_000
    assert held[-1] <= 10_000


def test_what_is_remembered_of_headers_is_bounded() -> None:
    decoder = MessageDecoder()
    sent = (Message({str(n): bytes(size)}) for n in range(300) for size in (800, 20_000))
    held = held_after_each(deque(decoder.feed(message.encode()), 0) for message in sent)
    assert max(held) <= 400_000
