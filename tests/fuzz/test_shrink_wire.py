"""Delta debugging: what is left still shows the fault, and nothing in it can be left out."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sliceproof.fuzz.framing import expected
from sliceproof.fuzz.shrink_wire import fewer, plainer, small_bytes, small_wire
from sliceproof.fuzz.wire_edit import Piece, together
from sliceproof.wire.events import part_header_block

PART = Piece(part_header_block("plain"), b"payload")


@given(st.binary(max_size=60), st.sets(st.integers(0, 255), min_size=1, max_size=3))
def test_no_single_byte_of_what_is_left_can_be_left_out(data: bytes, needed: set[int]) -> None:
    def holds(tried: bytes) -> bool:
        return needed & set(data) <= set(tried)

    kept = bytes(fewer(data, lambda tried: holds(bytes(tried))))
    assert holds(kept)
    assert len(kept) == len(needed & set(data))


def test_bytes_become_plain_where_they_do_not_matter() -> None:
    assert plainer(b"a\xffb", lambda tried: b"\xff" in tried) == b"x\xffx"
    assert small_bytes(b"abc\xffdef", lambda tried: b"\xff" in tried) == b"\xff"


def fails_with(reason: str) -> Callable[[bytes], bool]:
    return lambda wire: reason in str(expected(wire).error)


@pytest.mark.parametrize(
    ("bad", "reason", "least"),
    [
        (PART._replace(total=15), "at least 16", 12),
        (PART._replace(headers=200), "left in the message", 16),
        (PART._replace(block=PART.block + b"\x03abc\x07\x01\x00x"), "past the header block", 17),
        (PART._replace(block=b"\x00\x00" + PART.block), "its name is empty", 17),
        (PART._replace(block=PART.block * 2), "is there twice", 68),
    ],
)
def test_a_message_among_others_is_left_alone_and_small(bad: Piece, reason: str, least: int) -> None:
    wire = small_wire(together((PART, PART, bad, PART)), fails_with(reason))
    assert fails_with(reason)(wire)
    assert len(wire) <= least


def test_a_wrong_checksum_is_kept_wrong() -> None:
    wire = PART.wire() + PART.wire()[:-1] + b"\0"
    small = small_wire(wire, fails_with("message checksum"))
    assert fails_with("message checksum")(small)
    assert len(small) == len(PART.wire())
