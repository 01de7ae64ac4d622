"""Streams: each stage follows from the one before, the repr says all, and a fault is where it was put."""

import dataclasses
from collections.abc import Iterator
from itertools import accumulate, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sliceproof.strategies.streams import streams
from sliceproof.wire.dialects import DIALECTS, ModelError, Style, dialect, encode, reader
from sliceproof.wire.errors import IncompleteMessageError, LengthError, MessageError, SliceproofError
from sliceproof.wire.events import HEADER_VARIANTS
from sliceproof.wire.messages import MessageDecoder
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import FAULTS, Fault, Stream

TOKENS = ("H", "é你", '"', "😀")
EACH_DIALECT = pytest.mark.parametrize("id_", DIALECTS)


def decoded(stream: Stream) -> Iterator[tuple[int, int]]:
    """After each chunk, by decoding alone: the bytes of the wire so far, and the characters they gave."""
    decoder, reading = MessageDecoder(), reader(dialect(stream.dialect))
    fed = told = 0
    yield fed, told
    for chunk in stream.chunks:
        fed += len(chunk)
        try:
            for message in decoder.feed(chunk):
                if message.headers.get(":event-type") == "PayloadPart":
                    told += sum(map(len, reading.feed(message.payload)))
        except SliceproofError:
            yield fed, told
            return
        yield fed, told


def faulty_streams() -> Iterator[Stream]:
    for id_, kind in product(("tgi-sse", "openai-sse", "djl-json", "djl-outputs", "text"), FAULTS):
        for at in (0, 5, 40) if kind in ("broken-off", "truncated", "corrupt") else (0, 1, 4):
            stream = Stream(id_, TOKENS, fault=Fault(kind, at))
            yield from (stream, stream.but(unknown=(0, 1)))
            if len(stream.wire) > 3:
                yield stream.but(chunk_cuts=(1, 3))


FAULTY = list(faulty_streams())


@st.composite
def cut_anywhere(draw: st.DrawFn, id_: str) -> Stream:
    """A stream of a few tokens with cuts that no letter would place."""
    stream = Stream(id_, tuple(draw(st.lists(st.sampled_from(["", *TOKENS]), max_size=4))))
    if draw(st.booleans()):
        stream = stream.but(unknown=draw(st.lists(st.integers(0, 3), max_size=2)))
    if draw(st.booleans()):
        offsets = st.lists(st.integers(0, len(stream.body)), max_size=5)
        stream = stream.but(part_cuts=sorted(draw(offsets)))
    if draw(st.booleans()):
        offsets = st.lists(st.integers(0, len(stream.wire)), max_size=5)
        stream = stream.but(chunk_cuts=sorted(draw(offsets)))
    return stream


def consistent(stream: Stream) -> None:
    assert b"".join(stream.parts) == stream.body
    assert b"".join(stream.chunks) == stream.wire
    assert stream.frame_stops == tuple(accumulate(map(len, stream.frames)))
    assert stream.edges[0] == 0
    assert stream.edges[-1] == len(stream.body)
    assert list(stream.edges) == sorted(stream.edges)


class TestStages:
    @EACH_DIALECT
    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_follow_from_each_other(self, id_: str, data: st.DataObject) -> None:
        stream = data.draw(cut_anywhere(id_) | streams(id_))
        consistent(stream)
        assert stream.body == encode(dialect(id_), stream.tokens, stream.style).data
        events = [(message.headers[":event-type"], message.payload) for message in stream.messages]
        assert [payload for kind, payload in events if kind == "PayloadPart"] == list(stream.parts)
        assert len(events) == len(stream.parts) + len(stream.unknown)
        assert stream.text == "".join(stream.tokens)

    @EACH_DIALECT
    def test_are_one_record_a_part_and_one_message_a_chunk_unless_cut(self, id_: str) -> None:
        stream = Stream(id_, TOKENS)
        assert stream.parts == tuple(stream.body[record.start : record.stop] for record in stream.records)
        assert stream.chunks == stream.frames
        assert len(stream.frames) == len(stream.parts)

    @pytest.mark.parametrize("stream", FAULTY, ids=repr)
    def test_follow_from_each_other_when_something_goes_wrong(self, stream: Stream) -> None:
        consistent(stream)

    @pytest.mark.parametrize(
        ("cuts", "parts"),
        [
            ((), (b"abc",)),
            ((1, 1), (b"a", b"", b"bc")),
            ((0, 3), (b"", b"abc", b"")),
            (every(1, 3), (b"a", b"b", b"c")),
        ],
    )
    def test_have_empty_parts_and_chunks_where_cuts_are_repeated(
        self, cuts: tuple[int, ...], parts: tuple[bytes, ...]
    ) -> None:
        assert Stream("text", ("abc",), part_cuts=cuts).parts == parts
        sizes = [len(part) for part in parts[:-1]]
        assert [len(chunk) for chunk in Stream("text", ("abc",), chunk_cuts=cuts).chunks[:-1]] == sizes

    @pytest.mark.parametrize("variant", HEADER_VARIANTS)
    def test_have_the_headers_that_were_chosen(self, variant: str) -> None:
        stream = Stream("text", ("a",), headers=variant)
        assert list(stream.messages[0].headers.items()) == list(HEADER_VARIANTS[variant].items())

    @pytest.mark.parametrize(("unknown", "numbers"), [((0,), [0]), ((1,), [1]), ((2,), [2]), ((1, 0), [0, 2])])
    def test_have_unknown_events_before_the_parts_said(self, unknown: tuple[int, ...], numbers: list[int]) -> None:
        messages = Stream("text", ("a", "b"), unknown=unknown).messages
        kinds = [message.headers[":event-type"] for message in messages]
        assert [number for number, kind in enumerate(kinds) if kind != "PayloadPart"] == numbers


class TestValue:
    @EACH_DIALECT
    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_repr_is_an_expression_for_an_equal_stream(self, id_: str, data: st.DataObject) -> None:
        stream = data.draw(cut_anywhere(id_) | streams(id_))
        again = eval(repr(stream), {"Stream": Stream, "Style": Style, "Fault": Fault})
        assert again == stream
        assert hash(again) == hash(stream)

    @pytest.mark.parametrize(
        ("stream", "told"),
        [
            (Stream("text", ("你",), part_cuts=(1,)), "Stream('text', ['你'], part_cuts=[1])"),
            (Stream("text", ("a",), part_cuts=(1, 2, 3, 4)), "Stream('text', ['a'], part_cuts=range(1, 5))"),
            (Stream("text", ("a",), part_cuts=(7, 14, 21, 28)), "part_cuts=range(7, 29, 7))"),
            (Stream("text", ("a",), chunk_cuts=(1, 1, 1, 1)), "chunk_cuts=[1, 1, 1, 1])"),
            (Stream("text", ("x" * 99,)), "Stream('text', ['x' * 99])"),
            (Stream("text", ("a",) * 9), "Stream('text', ['a'] * 9)"),
            (Stream("text", ("\u2028é",)), r"Stream('text', ['\u2028\xe9'])"),
            (Stream("text", ()), "Stream('text', [])"),
            (Stream("tgi-sse", ("a",), Style(space=False)), "style=Style(space=False))"),
            (Stream("tgi-sse", ("a",), Style(asides=((0, "comment"),))), "0, 'comment'"),
            (Stream("text", ("a",), fault=Fault("silence", 0)), "fault=Fault('silence', 0))"),
            (Stream("text", (), fault=Fault("exception", 1, code=None)), "Fault('exception', 1, code=None)"),
        ],
        ids=str,
    )
    def test_repr_is_short_and_still_says_all(self, stream: Stream, told: str) -> None:
        assert told in repr(stream)
        assert eval(repr(stream), {"Stream": Stream, "Style": Style, "Fault": Fault}) == stream

    def test_lists_are_taken_for_tuples(self) -> None:
        listed = Stream("text", ()).but(tokens=["ab"], part_cuts=[1], chunk_cuts=range(1, 3), unknown=[0])
        assert listed == Stream("text", ("ab",), part_cuts=(1,), chunk_cuts=(1, 2), unknown=(0,))
        assert len({listed, listed.but(), listed.but(unknown=[])}) == 2

    @pytest.mark.parametrize("value", [Stream("text", ("a",)), Style(), Fault("silence", 0)], ids=str)
    def test_nothing_can_be_assigned(self, value: Stream | Style | Fault) -> None:
        for field in dataclasses.fields(value):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, field.name, None)

    def test_an_unknown_fault_is_answered_with_the_choices(self) -> None:
        with pytest.raises(SliceproofError, match=f"'silent'.*{', '.join(FAULTS)}"):
            Fault("silent", 0)

    @pytest.mark.parametrize("cuts", [(2, 1), (-1,), (99,)])
    def test_cuts_that_do_not_ascend_through_the_body_are_refused(self, cuts: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="ascend"):
            _ = Stream("text", ("abc",), part_cuts=cuts).parts


class TestArrivals:
    @EACH_DIALECT
    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_agree_with_an_independent_decoder_after_each_chunk(self, id_: str, data: st.DataObject) -> None:
        stream = data.draw(cut_anywhere(id_) | streams(id_))
        ends = [0, *accumulate(map(len, stream.tokens or ("",)))]
        for fed, told in decoded(stream):
            whole_deltas = max(end for end in ends if end <= told)
            if stream.format.framing == "document":  # its last delta is told before its quote and brace
                assert stream.complete(fed) in (whole_deltas, ends[-2] if whole_deltas == ends[-1] else -1)
            else:
                assert stream.complete(fed) == whole_deltas

    @EACH_DIALECT
    def test_agree_with_it_at_every_byte_of_the_wire(self, id_: str) -> None:
        plain = Stream(id_, ("é", "你b"), unknown=(1,))
        stream = plain.but(chunk_cuts=every(1, len(plain.wire)))
        assert [stream.complete(fed) for fed, _ in decoded(stream)] == [told for _, told in decoded(stream)]

    @pytest.mark.parametrize("tokens", [(), ("",), ("", "a"), ("a", "")])
    @EACH_DIALECT
    def test_are_there_for_deltas_of_nothing(self, id_: str, tokens: tuple[str, ...]) -> None:
        stream = Stream(id_, tokens)
        told = [characters for characters, _ in stream.arrivals]
        assert told == list(accumulate(map(len, tokens or ("",))))
        assert stream.complete(len(stream.wire)) == len(stream.text)

    @pytest.mark.parametrize("stream", FAULTY, ids=repr)
    def test_before_a_fault_are_what_can_be_decoded(self, stream: Stream) -> None:
        assert stream.text == "".join(stream.tokens)[: len(stream.text)]
        *_, (_, told) = decoded(stream)
        sound = stream.complete(stream.fault_offset)
        assert sound == told if stream.format.framing in ("sse", "lines") else sound <= told

    @pytest.mark.parametrize("stream", FAULTY, ids=repr)
    def test_come_in_order(self, stream: Stream) -> None:
        assert all(a <= c and b <= d for (a, b), (c, d) in pairwise(stream.arrivals))


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
            with pytest.raises(MessageError):
                list(MessageDecoder().feed(wire))

    def test_an_oversized_message_comes_where_the_sound_wire_ends(self) -> None:
        stream = self.faulty("oversized", 2)
        with pytest.raises(LengthError) as caught:
            list(MessageDecoder().feed(stream.wire))
        assert caught.value.offset == stream.fault_offset == len(b"".join(stream.frames[:2]))
