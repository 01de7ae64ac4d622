"""Faulty streams: what goes wrong does so where it was said, and nowhere before."""

import pytest

from sliceproof.wire.dialects import ModelError, dialect, reader
from sliceproof.wire.errors import HeaderError, IncompleteMessageError, LengthError, MessageError, SliceproofError
from sliceproof.wire.faults import Fault
from sliceproof.wire.messages import MessageDecoder
from sliceproof.wire.stream import Stream


class TestFaults:
    PLAIN = Stream("tgi-sse", ("a", "b", "c"))

    def faulty(self, kind: str, at: int) -> Stream:
        return self.PLAIN.but(fault=Fault(kind, at))

    @pytest.mark.parametrize("kind", ["exception", "error-record", "silence", "oversized"])
    @pytest.mark.parametrize("at", [0, 1, 3])
    def test_the_parts_before_a_fault_are_those_of_the_whole(self, kind: str, at: int) -> None:
        stream, told = self.faulty(kind, at), min(at, 2)  # the third would be the finish mark
        assert stream.text == "abc"[:at]
        assert stream.parts[:told] == self.PLAIN.parts[:told]
        assert len(stream.parts) == at + (kind == "error-record")

    @pytest.mark.parametrize(
        ("name", "code"),
        [("ModelStreamError", "StreamBroken"), ("InternalStreamFailure", None), ("error", "InternalError")],
    )
    def test_an_exception_is_the_last_message(self, name: str, code: str | None) -> None:
        fault = Fault("exception", 1, name, "é went wrong", code)
        last = self.PLAIN.but(fault=fault).messages[-1]
        told = str(dict(last.headers)) + last.payload.decode()
        assert last.headers[":message-type"] == ("error" if name == "error" else "exception")
        assert all(what in told for what in ("é went wrong", code or name))

    def test_an_error_record_is_the_last_part(self) -> None:
        reading = reader(dialect("tgi-sse"))
        body = self.faulty("error-record", 1).body
        with pytest.raises(ModelError, match="the model ran out of time"):
            list(reading.feed(body))

    def test_a_body_or_wire_that_breaks_off_is_the_start_of_the_whole(self) -> None:
        for at in range(len(self.PLAIN.body)):
            assert self.faulty("broken-off", at).body == self.PLAIN.body[:at]
        for at in range(len(self.PLAIN.wire)):
            assert self.faulty("truncated", at).wire == self.PLAIN.wire[:at]

    @pytest.mark.parametrize("more", [0, 3])
    def test_a_body_that_breaks_off_has_the_records_before_it_and_what_is_left(self, more: int) -> None:
        stream = self.faulty("broken-off", self.PLAIN.records[0].stop + more)
        assert stream.parts == (self.PLAIN.parts[0], *[self.PLAIN.parts[1][:more]] * (more > 0))
        assert stream.text == "a"

    @pytest.mark.parametrize("more", [0, 1])
    def test_a_damaged_wire_comes_in_chunks_that_end_where_its_messages_did(self, more: int) -> None:
        truncated = self.faulty("truncated", self.PLAIN.frame_stops[1] + more)
        assert list(map(len, truncated.chunks)) == [*map(len, self.PLAIN.frames[:2]), *[1] * more]
        assert list(map(len, self.faulty("corrupt", 5).chunks)) == list(map(len, self.PLAIN.frames))

    def test_a_wire_that_is_cut_short_inside_a_message_is_incomplete(self) -> None:
        for at in set(range(len(self.PLAIN.wire))) - {0, *self.PLAIN.frame_stops}:
            decoder = MessageDecoder()
            list(decoder.feed(self.faulty("truncated", at).wire))
            with pytest.raises(IncompleteMessageError):
                decoder.close()

    def test_any_flipped_byte_of_the_wire_is_detected(self) -> None:
        for at in range(len(self.PLAIN.wire)):
            wire = self.faulty("corrupt", at).wire
            differs = [n for n, (a, b) in enumerate(zip(wire, self.PLAIN.wire, strict=True)) if a != b]
            assert differs == [at]
            assert (wire[at] ^ self.PLAIN.wire[at]).bit_count() == 1
            with pytest.raises(MessageError):
                list(MessageDecoder().feed(wire))

    def test_an_oversized_message_comes_where_the_sound_wire_ends(self) -> None:
        stream = self.faulty("oversized", 2)
        with pytest.raises(LengthError) as caught:
            list(MessageDecoder().feed(stream.wire))
        assert caught.value.offset == stream.fault_offset == len(b"".join(stream.frames[:2]))
        assert stream.frames[3:] == (bytes(1024),) * 64

    @pytest.mark.parametrize("kind", ["oversized", "silence"])
    def test_a_fault_before_everything_is_at_the_first_byte(self, kind: str) -> None:
        assert Stream("text", ("a",), fault=Fault(kind, 0)).fault_offset == 0


class TestAMalformedMessage:
    PLAIN = Stream("tgi-sse", ("a", "b", "c"))

    @pytest.mark.parametrize("at", [0, 1, 3])
    def test_stands_after_the_parts_before_it_and_ends_the_wire(self, at: int) -> None:
        stream = self.PLAIN.but(fault=Fault("malformed", at))
        assert stream.text == "abc"[:at]
        assert stream.chunks == (
            *self.PLAIN.but(fault=Fault("exception", at)).chunks[:-1],
            bytes.fromhex(stream.fault.hex),
        )
        assert stream.fault_offset == len(stream.wire) - 12
        assert stream.complete(stream.fault_offset) == at

    @pytest.mark.parametrize(
        ("hex_", "error"),
        [
            ("0000000c00000000a0d23268", LengthError),  # no longer than a prelude
            ("0000001300000007dc06a798016104dc10c1db", LengthError),  # headers past its end
            ("0000001500000005bd483314016107000143faf6ed", HeaderError),  # a string past the headers
        ],
    )
    def test_is_refused_though_its_checksums_are_right(self, hex_: str, error: type[MessageError]) -> None:
        decoder = MessageDecoder()
        with pytest.raises(error):
            list(decoder.feed(Stream("text", (), fault=Fault("malformed", 0, hex=hex_)).wire))

    @pytest.mark.parametrize(
        "hex_",
        [
            "",
            "0000000c",  # it may go on
            "000000100000000005c248eb7d98c8ff",  # a message without headers and payload
        ],
    )
    def test_is_not_made_of_what_a_decoder_may_read_or_wait_for(self, hex_: str) -> None:
        with pytest.raises(SliceproofError, match="is no malformed message"):
            Fault("malformed", 0, hex=hex_)

    def test_is_not_told_where_it_is_the_plainest(self) -> None:
        assert repr(Fault("malformed", 1)) == "Fault('malformed', 1)"
