"""Wires taken apart and put together: what is sound comes back, and what is not still can be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sliceproof.fuzz.wire_edit import Piece, headers_of, taken_apart, together
from sliceproof.wire.errors import HeaderError, LengthError
from sliceproof.wire.events import HEADER_VARIANTS, part_header_block
from sliceproof.wire.headers import encode_header
from sliceproof.wire.messages import Message, decode_messages
from sliceproof.wire.stream import Stream

WIRE = Stream("tgi-sse", ("é", "y")).wire


def test_a_sound_wire_comes_back() -> None:
    pieces = taken_apart(WIRE)
    assert all(isinstance(piece, Piece) for piece in pieces)
    assert len(pieces) == 2
    assert together(pieces) == WIRE


def test_what_is_left_of_a_wire_that_breaks_off_stays_bytes() -> None:
    *whole, rest = taken_apart(WIRE[:-1])
    assert len(whole) == 1
    assert isinstance(rest, bytes)
    assert together((*whole, rest)) == WIRE[:-1]


@given(st.binary(max_size=200))
def test_anything_can_be_taken_apart_and_put_together_for_good(wire: bytes) -> None:
    once = together(taken_apart(wire))
    assert together(taken_apart(once)) == once


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_a_message_is_written_with_its_checksums_right(block: bytes, payload: bytes) -> None:
    wire = Piece(block, payload).wire()
    assert taken_apart(wire) == (Piece(block, payload),)
    try:
        assert decode_messages(wire)[0].payload == payload
    except HeaderError:
        assert block


@pytest.mark.parametrize("total", [0, 4, 11, 12, 15])
def test_a_length_that_no_message_has_is_declared_under_a_right_checksum(total: int) -> None:
    wire = Piece(b"", total=total).wire()
    assert len(wire) == 12
    with pytest.raises(LengthError, match=f"total length is {total}"):
        decode_messages(wire)


def test_headers_that_go_past_the_message_are_declared_under_right_checksums() -> None:
    wire = Piece(b"", b"abc", headers=7).wire()
    with pytest.raises(LengthError, match="headers length is 7, and only 3 bytes are left"):
        decode_messages(wire)
    assert taken_apart(wire) == (Piece(b"", b"abc", headers=7),)


def test_a_total_that_is_longer_than_what_is_there_is_filled_up_and_an_absurd_one_is_not() -> None:
    assert decode_messages(Piece(b"", b"x", total=20).wire()) == [Message({}, b"x\0\0\0")]
    assert len(Piece(b"", b"x", total=1 << 31).wire()) == 12


@pytest.mark.parametrize("variant", HEADER_VARIANTS)
def test_a_block_falls_into_its_headers(variant: str) -> None:
    headers = [encode_header(name, value) for name, value in HEADER_VARIANTS[variant].items()]
    assert headers_of(part_header_block(variant)) == headers


@given(st.binary(max_size=60))
def test_no_byte_of_a_block_is_lost(block: bytes) -> None:
    assert b"".join(headers_of(block)) == block
