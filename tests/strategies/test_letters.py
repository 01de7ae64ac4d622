"""Words of letters composed to streams: every mark does what it is for, and what does not fit is dropped."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sliceproof.strategies.letters import LINE, MOST_CUTS, MOST_PADDING, Letter, Mark, compose, letters
from sliceproof.wire.dialects import DIALECTS, Record, Style, dialect
from sliceproof.wire.errors import IncompleteMessageError, MessageError
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.messages import MessageDecoder
from sliceproof.wire.stream import Stream

EACH_DIALECT = pytest.mark.parametrize("id_", DIALECTS)
RECORDS = [id_ for id_, known in DIALECTS.items() if known.framing in ("sse", "lines")]
SPATIAL = ("broken-off", "truncated", "corrupt")


def marked(*marks: Mark, id_: str = "tgi-sse") -> Stream:
    """Three deltas, the marks on the second."""
    return compose(id_, [Letter("a"), Letter("你b", marks), Letter("c")])


def spoilt(kind: str, k: int, id_: str) -> Stream:
    """Three deltas, the fault on the second."""
    return compose(id_, [Letter("a"), Letter("b", fault=Fault(kind, 0), fault_mark=k), Letter("c")])


def second(stream: Stream) -> Record:
    return [record for record in stream.records if record.kind == "delta"][1]


def cuts(stream: Stream) -> set[int]:
    """The offsets in the body at which parts are cut."""
    return set(stream.edges[1:-1])


def wire_cuts(stream: Stream) -> set[int]:
    return set(accumulate(map(len, stream.chunks[:-1])))


def unmarked(id_: str) -> Stream:
    return Stream(id_, ("a", "你b", "c"))


def number_of_second(id_: str) -> int:
    """The number of the record, part and message of the second delta, behind those that begin an answer."""
    return len(dialect(id_).opening(3, "")) + 1


SIZES = [(id_, k) for id_ in DIALECTS for k in (1, 7, 64) if len(unmarked(id_).wire) <= k * MOST_CUTS]
EACH_SIZE = pytest.mark.parametrize(("id_", "k"), SIZES)
"""The dialects, and slices that are not too many for them."""


class TestPartMarks:
    @EACH_DIALECT
    def test_text_cuts_so_many_bytes_into_the_delta(self, id_: str) -> None:
        plain = unmarked(id_)
        record = second(plain)
        for k in range(record.text_stop - record.text_start):
            assert cuts(marked(("text", k), id_=id_)) == cuts(plain) | {record.text_start + k}

    @EACH_DIALECT
    def test_head_and_tail_cut_so_many_bytes_from_the_ends_of_the_record(self, id_: str) -> None:
        plain = unmarked(id_)
        record = second(plain)
        for k in range(1, record.stop - record.start):
            assert cuts(marked(("head", k), id_=id_)) == cuts(plain) | {record.start + k}
            assert cuts(marked(("tail", k), id_=id_)) == cuts(plain) | {record.stop - k}

    @EACH_DIALECT
    def test_join_puts_the_next_record_into_the_same_part(self, id_: str) -> None:
        at = number_of_second(id_)
        one, two, *rest = unmarked(id_).parts[at:]
        assert marked(("join", 0), id_=id_).parts[at:] == (one + two, *rest)

    @EACH_DIALECT
    def test_empty_puts_an_empty_part_after_the_record(self, id_: str) -> None:
        at = number_of_second(id_)
        two, *rest = unmarked(id_).parts[at:]
        assert marked(("empty", 0), id_=id_).parts[at:] == (two, b"", *rest)
        assert marked(("empty", 0), ("empty", 0), id_=id_).parts[at:] == (two, b"", b"", *rest)

    @EACH_SIZE
    def test_every_cuts_each_so_many_bytes_and_slice_nowhere_else(self, id_: str, k: int) -> None:
        plain = unmarked(id_)
        multiples = set(range(k, len(plain.body), k))
        assert cuts(marked(("every", k), id_=id_)) == cuts(plain) | multiples
        assert cuts(marked(("slice", k), id_=id_)) == multiples

    @EACH_DIALECT
    @pytest.mark.parametrize("k", [0, 1, 2, 3])
    def test_fill_puts_a_byte_of_the_delta_on_the_line(self, id_: str, k: int) -> None:
        stream = compose(id_, [Letter("a"), Letter("你b", (("fill", k),))])
        record = [record for record in stream.records if record.kind == "delta"][-1]
        assert record.text == "你b"
        assert (record.text_start + k) % LINE == 0
        assert record.text_start + k in cuts(stream)

    @EACH_DIALECT
    @pytest.mark.parametrize("k", [300, LINE, LINE + 1])
    def test_exact_puts_a_record_of_so_many_bytes_before_the_delta(self, id_: str, k: int) -> None:
        stream = compose(id_, [Letter("a"), Letter("你", (("exact", k),))])
        before, record = [record for record in stream.records if record.kind == "delta"][-2:]
        assert record.text == "你"
        assert before.stop - before.start == k
        assert set(before.text) == {"x"}
        assert k in map(len, stream.parts)


class TestTheBudget:
    """Whatever letters meet in a word, what its stream costs is bounded."""

    @EACH_DIALECT
    @pytest.mark.parametrize("marks", [("every", 1), ("slice", 1), ("wire-every", 1)], ids=str)
    def test_keeps_the_cuts_about_the_record_where_all_would_be_too_many(self, id_: str, marks: Mark) -> None:
        plain = compose(id_, [Letter("a"), Letter("你", (("fill", 1),)), Letter("b")])
        stream = compose(id_, [Letter("a"), Letter("你", (("fill", 1), marks)), Letter("b")])
        placed = stream.chunk_cuts if marks[0] == "wire-every" else stream.part_cuts
        assert placed is not None
        assert len(placed) <= MOST_CUTS + len(plain.edges)
        record = [record for record in stream.records if record.text == "你"][-1]
        if marks[0] != "wire-every":
            assert set(range(record.start + 1, record.stop)) <= set(placed)

    @EACH_DIALECT
    def test_holds_for_many_letters_that_cut_everywhere_and_fill(self, id_: str) -> None:
        word = [Letter("你", (("fill", 1), ("every", 1), ("wire-every", 1)))] * 12
        stream = compose(id_, word)
        assert len(stream.text) <= MOST_PADDING + 2 * len(word)
        assert len(stream.part_cuts or ()) <= MOST_CUTS + len(stream.records) + len(stream.body) // LINE
        assert len(stream.chunk_cuts or ()) <= MOST_CUTS + len(stream.frames)

    @EACH_DIALECT
    @pytest.mark.parametrize("mark", [("slice", 1), ("wire-every", 1)], ids=str)
    def test_joins_nothing_beyond_the_cuts_that_it_keeps(self, id_: str, mark: Mark) -> None:
        """A part or chunk of several records would be the hazard of another requirement."""
        word = [Letter("w"), *letters("xyz" * 2), Letter("v" * 12_000), Letter("b", (mark,)), Letter("c")]
        stream = compose(id_, word)
        wire = mark[0] == "wire-every"
        cuts = stream.chunk_cuts if wire else stream.part_cuts
        stops = stream.frame_stops[:-1] if wire else [record.stop for record in stream.records[:-1]]
        assert cuts is not None
        assert set(stops) <= set(cuts)


class TestWireMarks:
    @EACH_DIALECT
    def test_wire_and_wire_tail_cut_so_many_bytes_from_the_ends_of_the_message(self, id_: str) -> None:
        plain = unmarked(id_)
        at = number_of_second(id_)
        start, stop = plain.frame_stops[at - 1 : at + 1]
        for k in range(1, stop - start):
            assert wire_cuts(marked(("wire", k), id_=id_)) == wire_cuts(plain) | {start + k}
            assert wire_cuts(marked(("wire-tail", k), id_=id_)) == wire_cuts(plain) | {stop - k}

    @EACH_DIALECT
    def test_wire_join_puts_the_next_message_into_the_same_chunk(self, id_: str) -> None:
        at = number_of_second(id_)
        one, two, *rest = unmarked(id_).chunks[at:]
        assert marked(("wire-join", 0), id_=id_).chunks[at:] == (one + two, *rest)

    @EACH_DIALECT
    def test_wire_empty_puts_an_empty_chunk_after_the_message(self, id_: str) -> None:
        at = number_of_second(id_)
        two, *rest = unmarked(id_).chunks[at:]
        assert marked(("wire-empty", 0), id_=id_).chunks[at:] == (two, b"", *rest)

    @EACH_SIZE
    def test_wire_every_makes_chunks_of_so_many_bytes(self, id_: str, k: int) -> None:
        *full, last = marked(("wire-every", k), id_=id_).chunks
        assert {len(chunk) for chunk in full} == {k}
        assert 1 <= len(last) <= k

    def test_they_cut_the_messages_of_parts_that_are_cut(self) -> None:
        stream = marked(("head", 9), ("wire", 5))
        assert len(stream.parts) == 4
        assert wire_cuts(stream) == {*stream.frame_stops[:-1], stream.frame_stops[0] + 5}

    def test_they_pass_over_events_of_unknown_type(self) -> None:
        stream = compose("tgi-sse", [Letter("a", unknown=True), Letter("b", (("wire", 5),))])
        assert wire_cuts(stream) == {*stream.frame_stops[:-1], stream.frame_stops[1] + 5}


class TestMarksThatDoNotFit:
    @EACH_DIALECT
    @pytest.mark.parametrize("kind", ["text", "head", "tail", "every", "wire", "wire-tail"])
    def test_are_dropped(self, id_: str, kind: str) -> None:
        stream = marked((kind, 9999), id_=id_)
        assert (stream.parts, stream.chunks) == (unmarked(id_).parts, unmarked(id_).chunks)

    @EACH_DIALECT
    def test_text_right_after_the_delta_is_dropped(self, id_: str) -> None:
        record = second(unmarked(id_))
        assert cuts(marked(("text", record.text_stop - record.text_start), id_=id_)) == cuts(unmarked(id_))

    @EACH_DIALECT
    def test_exact_is_dropped_where_a_record_is_longer_anyway(self, id_: str) -> None:
        assert marked(("exact", 0), id_=id_).tokens == ("a", "你b", "c")

    @EACH_DIALECT
    @pytest.mark.parametrize("kind", ["text", "head", "join", "wire", "wire-tail", "wire-join", "wire-every"])
    @pytest.mark.parametrize("token", ["", None])
    def test_are_dropped_where_there_is_no_delta_or_an_empty_one(self, id_: str, kind: str, token: str | None) -> None:
        stream = compose(id_, [Letter(token, ((kind, 1),))])
        assert stream.body == Stream(id_, ()).body
        assert b"".join(stream.chunks) == b"".join(stream.frames)

    @pytest.mark.parametrize(
        "id_", [id_ for id_ in DIALECTS if not dialect(id_).done and not dialect(id_).closing(2, "")]
    )
    def test_join_after_the_last_record_is_dropped(self, id_: str) -> None:
        word = [Letter("a"), Letter("b", (("join", 0), ("wire-join", 0)))]
        assert compose(id_, word).chunks == Stream(id_, ("a", "b")).chunks


class TestOtherDecisions:
    @EACH_DIALECT
    def test_letters_without_marks_are_the_plain_stream(self, id_: str) -> None:
        assert compose(id_, letters(["a", "你b", "c"])) == unmarked(id_)
        assert compose(id_, []) == Stream(id_, ())

    def test_styles_are_merged_and_the_last_one_counts(self) -> None:
        form = Letter(style=(("form", "top-tokens"),))
        word = [*letters("a", ascii=True, space=False), form, *letters("b", ascii=False)]
        assert compose("tgi-sse", word).style == Style(space=False, ascii=False, form="top-tokens")

    def test_an_aside_stands_where_servers_write_it_and_else_before_the_next_delta(self) -> None:
        word = [Letter("a", aside="usage"), Letter("b", aside="comment"), Letter(aside="role")]
        kinds = [record.kind for record in compose("openai-sse", word).records]
        assert kinds == ["role", "delta", "comment", "delta", "usage", "done"]

    def test_headers_are_those_of_the_last_letter_that_has_some(self) -> None:
        word = [Letter("a", headers="reversed"), Letter("b", headers="extra-first"), Letter("c")]
        assert compose("text", word).headers == "extra-first"

    def test_an_unknown_event_stands_where_the_letter_does(self) -> None:
        word = [Letter(unknown=True), Letter("a"), Letter("b", unknown=True), Letter("c")]
        kinds = [message.headers[":event-type"] for message in compose("text", word).messages]
        assert kinds == ["Metrics", "PayloadPart", "PayloadPart", "Metrics", "PayloadPart"]

    def test_equal_neighbours_are_kept_apart_unless_asked_for(self) -> None:
        word = letters(["a", "a", "b", "b"])
        assert compose("text", word, distinct=False).tokens == ("a", "a", "b", "b")
        assert all(one != other for one, other in pairwise(compose("text", word).tokens))

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.sampled_from(letters(["a", "你"], ("text", 1), ("wire", 9)))))
    def test_the_same_word_is_the_same_stream(self, word: list[Letter]) -> None:
        assert compose("tgi-sse", word) == compose("tgi-sse", word)


class TestFaults:
    @pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in (*SPATIAL, "source-error")])
    def test_comes_after_the_deltas_before_its_letter(self, kind: str) -> None:
        word = [Letter("a"), Letter("b", fault=Fault(kind, 0)), Letter("c")]
        assert compose("tgi-sse", word).fault == Fault(kind, 2)

    def test_only_the_first_counts(self) -> None:
        told = Fault("exception", 0, "InternalStreamFailure", "no", None)
        word = [Letter("a", fault=told), Letter("b", fault=Fault("silence", 0))]
        assert compose("tgi-sse", word).fault == Fault("exception", 1, "InternalStreamFailure", "no", None)

    @EACH_DIALECT
    @pytest.mark.parametrize("k", [1, 4, 20, 100])
    def test_truncated_leaves_out_the_last_bytes_of_the_letters_message(self, id_: str, k: int) -> None:
        stream = spoilt("truncated", k, id_)
        whole = Stream(id_, ("a", "b", "c"))
        at = number_of_second(id_)
        assert stream.wire == whole.wire[: whole.frame_stops[at] - k]
        decoder = MessageDecoder()
        assert len(list(decoder.feed(stream.wire))) == at
        with pytest.raises(IncompleteMessageError):
            decoder.close()

    @EACH_DIALECT
    @pytest.mark.parametrize("k", [0, 8, 20, 100])
    def test_corrupt_flips_a_byte_of_the_letters_message(self, id_: str, k: int) -> None:
        stream = spoilt("corrupt", k, id_)
        assert stream.fault == Fault("corrupt", stream.frame_stops[number_of_second(id_) - 1] + k)
        with pytest.raises(MessageError):
            list(MessageDecoder().feed(stream.wire))

    @pytest.mark.parametrize("id_", RECORDS)
    def test_broken_off_leaves_out_the_last_bytes_of_the_letters_record(self, id_: str) -> None:
        whole = Stream(id_, ("a", "b", "c"))
        assert spoilt("broken-off", 5, id_).body == whole.body[: second(whole).stop - 5]

    @EACH_DIALECT
    @pytest.mark.parametrize("kind", FaultKind)
    @pytest.mark.parametrize("mark", [("text", 1), ("every", 7), ("join", 0), ("wire", 5), ("wire-every", 7)])
    def test_may_come_together_with_any_cut(self, id_: str, kind: str, mark: Mark) -> None:
        word = [*letters(["ab", "你c"], mark), Letter("d", (mark,), fault=Fault(kind, 0), fault_mark=1)]
        for stream in (compose(id_, word), compose(id_, [*word, Letter("ef", (mark,))])):
            assert b"".join(stream.parts) == stream.body
            assert b"".join(stream.chunks) == stream.wire

    @EACH_DIALECT
    @pytest.mark.parametrize("kind", FaultKind)
    def test_may_come_before_any_text(self, id_: str, kind: str) -> None:
        stream = compose(id_, [Letter(fault=Fault(kind, 0))])
        assert b"".join(stream.chunks) == stream.wire
