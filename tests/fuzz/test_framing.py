"""Framing decoders against ours: sound ones differ on no wire at all, and each broken one on some."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from growing import grown
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.harness.contract import Decoder, TargetError, of_callable
from sliceproof.fuzz import framing
from sliceproof.fuzz.framing import difference, expected
from sliceproof.fuzz.fuzz_messages import Messages
from sliceproof.fuzz.target import Options
from sliceproof.fuzz.wire_edit import Piece, together
from sliceproof.fuzz.wire_to_stream import PLAINEST
from sliceproof.wire.events import part_header_block
from sliceproof.wire.headers import Timestamp, encode_header
from sliceproof.wire.messages import decode_messages

WIRES = grown(5, 3000)
PLAIN = part_header_block("plain")


def found(decoder: Decoder, wire: bytes) -> tuple[str, str] | None:
    one = difference(decoder, wire, expected(wire))
    return one and (one.requirement, one.what)


@pytest.mark.parametrize("name", ["sound:messages", "sound:whole_messages", "sound:incremental_codec", "reference"])
def test_a_sound_decoder_differs_on_no_wire(name: str) -> None:
    decoder = load(name)
    assert [wire for wire in WIRES if difference(decoder, wire, expected(wire))] == []


@pytest.mark.parametrize("piece", PLAINEST)
def test_what_a_person_would_write_is_forbidden_and_a_sound_decoder_says_so(piece: Piece) -> None:
    assert expected(piece.wire()).error is not None
    assert found(load("sound:messages"), piece.wire()) is None


@pytest.mark.parametrize(
    ("piece", "what"),
    [
        (Piece(b"", total=12), "at least"),
        (Piece(b"\x01a\x07\x00\x01"), "past the header block"),
        (Piece(b"\x00\x00"), "empty"),
        (Piece(b"", b"\x01a\x04", headers=7), "left in the message"),
    ],
)
def test_botocore_takes_what_the_framing_forbids(piece: Piece, what: str) -> None:
    assert found(load("botocore"), piece.wire()) == ("F2", what)


def test_a_message_that_stops_in_the_middle_is_nobodys_fault_here() -> None:
    assert found(load("botocore"), Piece(PLAIN, b"x").wire()[:-1]) is None


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("broken:messages_with_headers_in_order", "count"),
        ("broken:messages_with_a_payload", "count"),
    ],
)
def test_a_broken_decoder_differs_on_a_sound_wire(name: str, what: str) -> None:
    decoder = load(name)
    differing = {one for wire in WIRES if (one := found(decoder, wire)) and one[0] == "F5"}
    assert ("F5", what) in differing


def refusing_far_timestamps(chunks: Iterable[bytes]) -> Iterator[Any]:
    for headers, payload in load("sound:messages").modes["sync"].open("text", "")(chunks):
        for value in headers.values():
            if isinstance(value, Timestamp):
                value.datetime  # noqa: B018 - OverflowError past the year 9999
        yield headers, payload


def test_a_decoder_that_does_not_end_is_no_hung_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def spinning(chunks: Iterable[bytes]) -> Iterator[Any]:
        yield from load("sound:messages").modes["sync"].open("text", "")(chunks)
        while True:
            pass

    monkeypatch.setattr(framing, "PATIENCE", 0.2)
    decoder = of_callable(spinning, "spinning", dialects=("text",), yields="messages")
    assert found(decoder, Piece(PLAIN, b"x").wire()) == ("F5", "Hang")


class TestWhatIsFound:
    def settled(self, decoder: Decoder, wire: bytes) -> Any:
        target = Messages(Options(("sound:messages",)))
        target.decoders = [decoder]
        (suspect,) = target.run(wire)
        return target.settle(suspect)

    def test_is_told_as_the_plainest_stream(self) -> None:
        wire = Piece(PLAIN + b"\x02ab\x07\x00\x99xyz", b"payload").wire()
        settled = self.settled(load("botocore"), wire)
        assert settled.key == "F2 past the header block"
        stream = settled.result.finding.stream
        assert (
            repr(stream)
            == "Stream('text', [], fault=Fault('malformed', 0, hex='0000001500000005bd483314016107000143faf6ed'))"
        )

    def test_is_told_as_headers_where_these_are_what_is_read_otherwise(self) -> None:
        far = encode_header("when", Timestamp(1 << 60))
        decoder = of_callable(refusing_far_timestamps, "refusing", dialects=("tgi-sse",), yields="messages")
        settled = self.settled(decoder, Piece(PLAIN + encode_header("other", True) + far, b"payload").wire())
        stream = settled.result.finding.stream
        assert settled.result.requirement.id == "F5"
        assert stream.tokens == ("x",)
        assert stream.headers.startswith("plain+")
        assert Timestamp in map(type, stream.messages[0].headers.values())

    def test_is_told_as_messages_of_one_chunk_where_one_hides_another(self) -> None:
        def after_a_line_feed(chunks: Iterable[bytes]) -> Iterator[Any]:
            for chunk in chunks:
                first, *others = decode_messages(chunk)
                yield first.headers, first.payload
                for other in others:
                    if b"\n" not in len(other.encode()).to_bytes(4):
                        yield other.headers, other.payload

        decoder = of_callable(after_a_line_feed, "after", dialects=("text",), yields="messages")
        long = Piece(PLAIN, b"x" * (0x10A - len(Piece(PLAIN).wire())))
        settled = self.settled(decoder, together((Piece(PLAIN, b"y"), long)))
        assert settled.result.requirement.id == "F4"
        assert settled.result.finding.stream.chunk_cuts == ()

    def test_an_adapter_that_never_sees_the_wire_is_refused(self) -> None:
        with pytest.raises(TargetError, match="accepts parts and never sees the wire"):
            Messages(Options(("sound:parts",)))


def test_the_wires_of_this_test_are_of_all_kinds() -> None:
    kinds = {type(expected(wire).error).__name__ for wire in WIRES}
    assert {"NoneType", "HeaderError", "LengthError", "MessageChecksumError", "IncompleteMessageError"} <= kinds
