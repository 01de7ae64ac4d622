"""SageMaker's events as messages, to the byte: parts, exceptions, and what the framing allows besides."""

import json
from struct import unpack
from uuid import UUID
from zlib import crc32

import pytest

from sliceproof.wire.errors import LengthError
from sliceproof.wire.events import (
    EDGE_HEADERS,
    EXTRA_HEADERS,
    HEADER_VARIANTS,
    exception,
    oversized_prelude,
    part_header_block,
    unknown_event,
)
from sliceproof.wire.headers import Int8, Int16, Int32, Int64, Timestamp, decode_headers, encode_header, encode_headers
from sliceproof.wire.messages import MessageDecoder

TYPE = (":event-type", "PayloadPart")
CONTENT = (":content-type", "application/octet-stream")
MESSAGE = (":message-type", "event")
EXTRA = [
    ("true", True),
    ("false", False),
    ("byte", Int8(-1)),
    ("short", Int16(-2)),
    ("integer", Int32(3)),
    ("long", Int64(1_099_511_627_776)),
    ("blob", b"\x00data: \n"),
    ("string", "é"),
    ("timestamp", Timestamp(1_700_000_000_000)),
    ("uuid", UUID("00000000-0000-0000-0000-000000000001")),
]


class TestAPart:
    @pytest.mark.parametrize(
        ("variant", "headers"),
        [
            ("plain", [TYPE, CONTENT, MESSAGE]),
            ("reversed", [MESSAGE, CONTENT, TYPE]),
            ("type-last", [MESSAGE, CONTENT, TYPE]),
            ("no-content-type", [TYPE, MESSAGE]),
            ("extra-first", [*EXTRA, TYPE, CONTENT, MESSAGE]),
            ("extra-last", [TYPE, CONTENT, MESSAGE, *EXTRA]),
        ],
    )
    def test_has_the_headers_of_its_variant_in_their_order(self, variant: str, headers: list[object]) -> None:
        read = decode_headers(part_header_block(variant))
        assert list(read.items()) == headers
        assert [type(value) for value in read.values()] == [type(value) for value in HEADER_VARIANTS[variant].values()]

    def test_has_more_headers_where_their_bytes_are_told(self) -> None:
        read = decode_headers(part_header_block("plain+" + encode_header("a", Int8(1)).hex()))
        assert list(read.items()) == [TYPE, CONTENT, MESSAGE, ("a", Int8(1))]

    @pytest.mark.parametrize("more", ["0", "zz", "0161", "016100016100"])
    def test_has_none_of_what_are_no_headers(self, more: str) -> None:
        with pytest.raises(ValueError, match=r"non-hexadecimal|ends|twice"):
            part_header_block(f"plain+{more}")

    def test_may_have_headers_at_the_edges_of_what_the_framing_allows(self) -> None:
        lengths = [len(name.encode()) for name in EDGE_HEADERS]
        assert lengths == [127, 128, 255, 2, 3, 5, 7, 7]  # a signed byte ends, the longest there is, more than ASCII
        assert list(EDGE_HEADERS.values()) == [True, True, True, True, 2**63 - 1, -(2**63), b"", ""]
        assert {len(set(name)) for name in list(EDGE_HEADERS)[:3]} == {1}
        assert dict(decode_headers(encode_headers(EDGE_HEADERS))) == EDGE_HEADERS

    def test_may_have_a_header_of_each_type(self) -> None:
        assert [type(value) for value in EXTRA_HEADERS.values()] == [type(value) for _, value in EXTRA]


class TestAnException:
    @pytest.mark.parametrize(
        ("code", "payload"),
        [("Broken", '{"Message": "é no", "ErrorCode": "Broken"}'), (None, '{"Message": "é no"}')],
    )
    def test_says_its_name_in_a_header_and_the_rest_as_json(self, code: str | None, payload: str) -> None:
        message = exception("ModelStreamError", "é no", code)
        assert dict(message.headers) == {
            ":exception-type": "ModelStreamError",
            ":content-type": "application/json",
            ":message-type": "exception",
        }
        assert message.payload.decode() == payload

    @pytest.mark.parametrize(("code", "told"), [("Throttled", "Throttled"), (None, "InternalError")])
    def test_that_is_an_error_says_all_in_headers(self, code: str | None, told: str) -> None:
        message = exception("error", "é no", code)
        assert dict(message.headers) == {":message-type": "error", ":error-code": told, ":error-message": "é no"}
        assert message.payload == b""


def test_an_unknown_event_is_an_event_of_another_type() -> None:
    message = unknown_event(b"{}")
    assert dict(message.headers) == {
        ":event-type": "Metrics",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert json.loads(message.payload) == {}


@pytest.mark.parametrize(("given", "total"), [((), 2**31 - 1), ((2**32 - 1,), 2**32 - 1)])
def test_an_oversized_prelude_is_sound_but_for_its_length(given: tuple[int, ...], total: int) -> None:
    prelude = oversized_prelude(*given)
    assert unpack(">III", prelude) == (total, 0, crc32(prelude[:8]))
    with pytest.raises(LengthError, match=f"payload length is {total - 16}"):
        list(MessageDecoder().feed(prelude))
