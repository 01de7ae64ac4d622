"""The ten header types: how each is written, how it is read, and what is refused."""

import datetime as dt
import pickle
from dataclasses import FrozenInstanceError
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sliceproof.wire.errors import HeaderError
from sliceproof.wire.headers import (
    Headers,
    HeaderValue,
    Int8,
    Int16,
    Int32,
    Int64,
    Limits,
    Timestamp,
    decode_headers,
    encode_header,
    encode_headers,
    same_headers,
)

UNIQUE = UUID("30313233-3435-3637-3839-616263646566")

# A value, and how the header named "n" that holds it looks on the wire.
HEADERS: list[tuple[HeaderValue, bytes]] = [
    (True, b"\x01n\x00"),
    (False, b"\x01n\x01"),
    (Int8(-1), b"\x01n\x02\xff"),
    (Int8(127), b"\x01n\x02\x7f"),
    (Int16(-2), b"\x01n\x03\xff\xfe"),
    (Int16(-32768), b"\x01n\x03\x80\x00"),
    (Int32(4), b"\x01n\x04\x00\x00\x00\x04"),
    (Int32(2**31 - 1), b"\x01n\x04\x7f\xff\xff\xff"),
    (Int64(-(2**63)), b"\x01n\x05\x80\x00\x00\x00\x00\x00\x00\x00"),
    (b"", b"\x01n\x06\x00\x00"),
    (b"\x00\xff", b"\x01n\x06\x00\x02\x00\xff"),
    (b"b" * 32767, b"\x01n\x06\x7f\xff" + b"b" * 32767),
    ("", b"\x01n\x07\x00\x00"),
    ("é👩", b"\x01n\x07\x00\x06\xc3\xa9\xf0\x9f\x91\xa9"),
    ("\u2028\x00", b"\x01n\x07\x00\x04\xe2\x80\xa8\x00"),
    (Timestamp(8), b"\x01n\x08\x00\x00\x00\x00\x00\x00\x00\x08"),
    (Timestamp(2**63 - 1), b"\x01n\x08\x7f\xff\xff\xff\xff\xff\xff\xff"),
    (UNIQUE, b"\x01n\x090123456789abcdef"),
]

# A block that is malformed in one place, where its offending header begins, and what the error says of it.
GOOD = b"\x01g\x00"
MALFORMED: list[tuple[bytes, int, str]] = [
    (b"\x00", 0, "its name is empty"),
    (GOOD + b"\x00\x00", 3, "its name is empty"),
    (b"\x03ab", 0, "its name ends 1 bytes past the header block"),
    (b"\xff", 0, "its name ends 255 bytes past the header block"),
    (b"\x02\xc3(\x00", 0, "its name is not UTF-8: invalid continuation byte at its byte 0"),
    (b"\x03\xed\xa0\x80\x00", 0, "its name is not UTF-8: invalid continuation byte at its byte 0"),
    (b"\x01n", 0, "the type of 'n' ends 1 bytes past the header block"),
    (b"\x01n\x0a", 0, "'n' has type 10; the types are 0 to 9"),
    (GOOD + b"\x01n\xff", 3, "'n' has type 255; the types are 0 to 9"),
    (b"\x01n\x02", 0, "'n' ends 1 bytes past the header block"),
    (b"\x01n\x03\x00", 0, "'n' ends 1 bytes past the header block"),
    (b"\x01n\x04\x00\x00", 0, "'n' ends 2 bytes past the header block"),
    (b"\x01n\x05\x00", 0, "'n' ends 7 bytes past the header block"),
    (b"\x01n\x06\x00", 0, "the length of 'n' ends 1 bytes past the header block"),
    (b"\x01n\x06\x00\x03ab", 0, "'n' ends 1 bytes past the header block"),
    (GOOD + b"\x01n\x07\x00\x01", 3, "'n' ends 1 bytes past the header block"),
    (b"\x01n\x07\x00\x02a\xff", 0, "'n' is not UTF-8: invalid start byte at its byte 1"),
    (b"\x01n\x07\x00\x01\xc3", 0, "'n' is not UTF-8: unexpected end of data at its byte 0"),
    (b"\x01n\x08\x00", 0, "'n' ends 7 bytes past the header block"),
    (b"\x01n\x090123456789abcde", 0, "'n' ends 1 bytes past the header block"),
    (GOOD + b"\x01n\x01" + GOOD, 6, "'g' is there twice"),
    (b"\x01n\x06\x80\x00" + b"b" * 32768, 0, "'n' has 32768 bytes, over the limit of 32767"),
    (b"\x01n\x07\xff\xff", 0, "'n' has 65535 bytes, over the limit of 32767"),
]

UNWRITABLE: list[tuple[str, object, str]] = [
    ("", True, "name '' has 0 bytes, and must have 1 to 255"),
    ("é" * 128, True, "has 256 bytes, and must have 1 to 255"),
    ("\ud800", True, "name '\\ud800' has no UTF-8: surrogates not allowed at character 0"),
    ("n", "ab\udfff", "'n' has no UTF-8: surrogates not allowed at character 2"),
    ("n", "é" * 16384, "'n' has 32768 bytes, and may have 32767"),
    ("n", bytes(32768), "'n' has 32768 bytes, and may have 32767"),
    ("n", 2**63, "9223372036854775808 does not fit in Int64, a signed integer of 64 bits"),
    ("n", -(2**63) - 1, "-9223372036854775809 does not fit in Int64, a signed integer of 64 bits"),
    ("n", 1.5, "'n' is 1.5, and no header type holds a float"),
    ("n", None, "'n' is None, and no header type holds a NoneType"),
    ("n", bytearray(b"b"), "'n' is bytearray(b'b'), and no header type holds a bytearray"),
    ("n", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "no header type holds a datetime"),
]

names = st.text(min_size=1, max_size=12).filter(lambda name: len(name.encode()) <= 255)
values: st.SearchStrategy[HeaderValue] = st.one_of(
    st.booleans(),
    st.integers(-(2**7), 2**7 - 1).map(Int8),
    st.integers(-(2**15), 2**15 - 1).map(Int16),
    st.integers(-(2**31), 2**31 - 1).map(Int32),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.binary(max_size=40),
    st.text(max_size=40),
    st.integers(-(2**63), 2**63 - 1).map(Timestamp),
    st.uuids(),
)
headers = st.dictionaries(names, values, max_size=6)


def typed(mapping: Headers) -> list[tuple[str, type, HeaderValue]]:
    """What equality of Python ints hides: the types, and the order."""
    return [(name, type(value), value) for name, value in mapping.items()]


@pytest.mark.parametrize(("value", "wire"), HEADERS)
def test_each_type_is_written_as_the_format_says(value: HeaderValue, wire: bytes) -> None:
    assert encode_header("n", value) == wire


@pytest.mark.parametrize(("value", "wire"), HEADERS)
def test_each_type_is_read_as_the_type_it_was(value: HeaderValue, wire: bytes) -> None:
    assert typed(decode_headers(wire)) == [("n", type(value), value)]


@pytest.mark.parametrize(("block", "offset", "reason"), MALFORMED)
@pytest.mark.parametrize("start", [0, 7, 1000])
def test_a_malformed_header_is_refused_where_it_begins(block: bytes, offset: int, reason: str, start: int) -> None:
    with pytest.raises(HeaderError) as caught:
        decode_headers(block, offset=start)
    assert caught.value.offset == start + offset
    assert caught.value.reason == reason
    assert str(caught.value) == f"header at byte {start + offset}: {reason}"


@pytest.mark.parametrize(("name", "value", "reason"), UNWRITABLE)
def test_what_the_wire_cannot_say_is_not_written(name: str, value: HeaderValue, reason: str) -> None:
    with pytest.raises(HeaderError) as caught:
        encode_headers({"first": 1, name: value})
    assert reason in caught.value.reason
    assert caught.value.offset is None
    assert str(caught.value) == f"header: {caught.value.reason}"


@given(headers)
def test_headers_come_back_with_their_types_and_in_their_order(mapping: Headers) -> None:
    assert typed(decode_headers(encode_headers(mapping))) == typed(mapping)


@given(st.binary(max_size=60))
@example(b"\x01n\x07\x00\x01a")
def test_any_block_is_refused_or_read_to_its_last_byte(block: bytes) -> None:
    try:
        mapping = decode_headers(block)
    except HeaderError as error:
        place = error.offset
    else:
        assert encode_headers(mapping) == block
        return
    assert place is not None
    assert 0 <= place < len(block)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (0, Int32),
        (2**31 - 1, Int32),
        (-(2**31), Int32),
        (2**31, Int64),
        (-(2**31) - 1, Int64),
        (2**63 - 1, Int64),
        (-(2**63), Int64),
    ],
)
def test_a_plain_int_is_written_as_32_bits_where_it_fits_and_as_64_where_not(
    value: int, kind: type[Int32 | Int64]
) -> None:
    assert typed(decode_headers(encode_headers({"n": value}))) == [("n", kind, kind(value))]


@pytest.mark.parametrize(("kind", "bits"), [(Int8, 8), (Int16, 16), (Int32, 32), (Int64, 64), (Timestamp, 64)])
def test_an_int_that_does_not_fit_its_type_cannot_be_made(kind: type[Int8], bits: int) -> None:
    assert kind(2 ** (bits - 1) - 1) == 2 ** (bits - 1) - 1
    assert kind(-(2 ** (bits - 1))) == -(2 ** (bits - 1))
    for value in (2 ** (bits - 1), -(2 ** (bits - 1)) - 1, 2**bits, -(2**bits)):
        with pytest.raises(HeaderError, match=f"^header: {value} does not fit in {kind.__name__}, "):
            kind(value)


def test_a_sized_int_is_the_number_it_stands_for() -> None:
    assert Int8(5) == 5 == Timestamp(5)
    assert Int16(5) + 1 == 6
    assert str(Int32(5)) == f"{Int32(5)}" == "5"
    assert repr(Int64(5)) == "Int64(5)"
    assert type(pickle.loads(pickle.dumps(Timestamp(5)))) is Timestamp


def test_headers_read_are_read_only() -> None:
    with pytest.raises(TypeError):
        decode_headers(GOOD)["g"] = False  # type: ignore[index]


def test_a_name_may_have_255_bytes() -> None:
    mapping = {"n" * 255: True, "é" * 127 + "n": False}
    assert decode_headers(encode_headers(mapping)) == mapping


def test_without_a_limit_a_value_has_up_to_65535_bytes() -> None:
    block = b"\x01n\x06\xff\xff" + b"b" * 65535
    assert decode_headers(block, limit=None) == {"n": b"b" * 65535}


def test_a_lower_limit_is_kept_to_the_byte() -> None:
    assert decode_headers(b"\x01n\x07\x00\x02ab", limit=2) == {"n": "ab"}
    with pytest.raises(HeaderError, match="'n' has 2 bytes, over the limit of 1"):
        decode_headers(b"\x01n\x07\x00\x02ab", limit=1)


def test_the_limits_are_those_of_the_format_unless_others_are_given() -> None:
    assert Limits() == Limits(headers=131_072, payload=25_165_824, value=32_767)
    with pytest.raises(FrozenInstanceError):
        Limits().headers = 5  # type: ignore[misc]


def test_headers_are_the_same_in_any_order() -> None:
    one: Headers = {"a": 1, "b": "x"}
    assert same_headers(one, one)
    assert same_headers(one, {"b": "x", "a": Int32(1)})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": True}, {"a": 1}),
        ({"a": Int8(1)}, {"a": Int16(1)}),
        ({"a": Int64(1)}, {"a": Timestamp(1)}),
        ({"a": 1}, {"a": Int64(1)}),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {}),
        ({"a": "x"}, {"a": b"x"}),
    ],
)
def test_headers_differ_if_names_values_or_types_do(one: Headers, other: Headers) -> None:
    assert not same_headers(one, other)
    assert not same_headers(other, one)


@pytest.mark.parametrize(
    ("milliseconds", "moment"),
    [
        (0, dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
        (-1, dt.datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=dt.UTC)),
        (1_700_000_000_123, dt.datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=dt.UTC)),
        (253_402_300_799_999, dt.datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=dt.UTC)),
        (-62_135_596_800_000, dt.datetime(1, 1, 1, tzinfo=dt.UTC)),
    ],
)
def test_a_timestamp_is_a_moment_to_the_millisecond(milliseconds: int, moment: dt.datetime) -> None:
    assert Timestamp(milliseconds).datetime == moment
    assert Timestamp.at(moment) == milliseconds


@given(
    st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 12, 31)),
    st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)).map(dt.timezone),
)
def test_a_datetime_is_rounded_down_to_the_millisecond(moment: dt.datetime, zone: dt.timezone) -> None:
    moment = moment.replace(tzinfo=zone)
    lost = moment - Timestamp.at(moment).datetime
    assert dt.timedelta(0) <= lost < dt.timedelta(milliseconds=1)


def test_a_datetime_without_a_time_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="has no time zone; say which it is in"):
        Timestamp.at(dt.datetime(2026, 1, 1))


@pytest.mark.parametrize("milliseconds", [253_402_300_800_000, -62_135_596_800_001, 2**63 - 1, -(2**63)])
def test_a_moment_no_datetime_can_say_is_still_kept(milliseconds: int) -> None:
    value = decode_headers(encode_headers({"n": Timestamp(milliseconds)}))["n"]
    assert isinstance(value, Timestamp)
    assert value == milliseconds
    with pytest.raises(OverflowError, match=r"^Timestamp\(-?\d+\) is outside the years 1 to 9999"):
        _ = value.datetime
