"""Streams: each stage follows from the one before, the repr says all, and a fault is where it was put."""

import dataclasses
from collections.abc import Iterator
from itertools import accumulate, pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sliceproof.strategies.streams import streams
from sliceproof.wire.dialects import DIALECTS, Style, dialect, encode, reader
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.events import HEADER_VARIANTS
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.messages import MessageDecoder
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

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
    for id_, kind in product(("tgi-sse", "openai-sse", "djl-json", "djl-outputs", "text"), FaultKind):
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

    @pytest.mark.parametrize(
        ("changes", "kept"),
        [
            ({}, ("body", "parts", "frames")),
            ({"chunk_cuts": (1,)}, ("body", "parts", "frames")),
            ({"chunk_cuts": (1,), "part_cuts": (1,)}, ("body",)),
            ({"part_cuts": (1,)}, ("body",)),
            ({"unknown": (0,)}, ("body",)),
            ({"chunk_cuts": (1,), "part_cuts": (1,), "headers": "reversed", "unknown": (0,)}, ("body",)),
            ({"tokens": ("a", "b")}, ()),
        ],
        ids=str,
    )
    def test_what_a_change_leaves_alone_is_not_made_again(self, changes: dict[str, Any], kept: tuple[str, ...]) -> None:
        stream = Stream("text", ("ab",))
        before = {stage: getattr(stream, stage) for stage in ("body", "parts", "frames")}
        changed = stream.but(**changes)
        assert [stage for stage in before if getattr(changed, stage) is before[stage]] == list(kept)
        fresh = Stream(**{field.name: getattr(changed, field.name) for field in dataclasses.fields(changed)})
        assert (changed.parts, changed.wire, changed.chunks) == (fresh.parts, fresh.wire, fresh.chunks)

    @pytest.mark.parametrize("value", [Stream("text", ("a",)), Style(), Fault("silence", 0)], ids=str)
    def test_nothing_can_be_assigned(self, value: Stream | Style | Fault) -> None:
        for field in dataclasses.fields(value):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, field.name, None)

    def test_an_unknown_fault_is_answered_with_the_choices(self) -> None:
        with pytest.raises(SliceproofError, match=f"'silent'.*{', '.join(FaultKind)}"):
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
        lines = [characters for characters, _ in stream.arrivals]
        assert lines == list(accumulate(map(len, tokens or ("",))))
        assert stream.complete(len(stream.wire)) == len(stream.text)

    @pytest.mark.parametrize("stream", FAULTY, ids=repr)
    def test_before_a_fault_are_what_can_be_decoded(self, stream: Stream) -> None:
        assert stream.text == "".join(stream.tokens)[: len(stream.text)]
        *_, (_, told) = decoded(stream)
        sound = stream.complete(stream.fault_offset)
        assert sound == told if stream.format.framing in ("sse", "lines") else sound <= told

    def test_of_nothing_come_with_their_own_part(self) -> None:
        stream = Stream("text", ("", "a", "b"))
        assert stream.arrivals == tuple(enumerate(stream.frame_stops))
        assert Stream("text", ()).arrivals == ((0, 0),)

    def test_of_a_body_of_nothing_are_there_with_the_last_message(self) -> None:
        stream = Stream("text", (), unknown=(0, 0))
        assert stream.arrivals == ((0, len(stream.wire)),)

    @pytest.mark.parametrize("stream", FAULTY, ids=repr)
    def test_come_in_order(self, stream: Stream) -> None:
        assert all(a <= c and b <= d for (a, b), (c, d) in pairwise(stream.arrivals))
