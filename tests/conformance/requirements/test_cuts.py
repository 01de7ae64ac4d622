"""The sweeps that cut: one cut at each byte where one can be, and every record or message of the sizes that tell."""

from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

import pytest

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.rules.f7 import SIZES, sized
from sliceproof.strategies.controls import said_plainly
from sliceproof.strategies.crossing import texts_carried
from sliceproof.strategies.letters import LINE
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.slicing import inside_code_points
from sliceproof.wire.stream import Stream

EACH = pytest.mark.parametrize("known", DIALECTS.values(), ids=DIALECTS)
RECORDS = [dialect for dialect in DIALECTS.values() if dialect.framing != "raw"]
OF_RECORDS = pytest.mark.parametrize("known", RECORDS, ids=lambda known: known.id)


def more(id_: str, dialect: Dialect) -> list[Stream]:
    """What a requirement sweeps beyond its letters."""
    found = REQUIREMENTS[id_].more
    assert found is not None
    return list(found(dialect))


def added(cuts: Sequence[int] | None, plain: Sequence[int]) -> list[int]:
    """What is cut beside the *plain* cuts; fails if one of these is missing."""
    counted = Counter(cuts or ())
    counted.subtract(plain)
    assert min(counted.values(), default=0) >= 0
    return sorted(counted.elements())


def part_cuts_added(streams: Sequence[Stream]) -> list[list[int]]:
    return [added(stream.part_cuts, stream.but(part_cuts=None).edges[1:-1]) for stream in streams]


def chunk_cuts_added(streams: Sequence[Stream]) -> list[list[int]]:
    return [added(stream.chunk_cuts, stream.frame_stops[:-1]) for stream in streams]


def single(cuts: list[list[int]]) -> list[int]:
    """The cuts of the streams that have one more each, which come first."""
    return [offset for (offset,) in takewhile(lambda one: len(one) == 1, cuts)]


def lengths(slices: Sequence[Sequence[bytes]]) -> list[int]:
    """The longest slice of each."""
    return [max(map(len, slice_)) for slice_ in slices]


class TestARecord:
    @OF_RECORDS
    def test_is_cut_once_at_each_of_its_bytes_and_stays_cut_from_its_neighbour(self, known: Dialect) -> None:
        streams = more("R1", known)
        plain = Stream(known.id, streams[0].tokens)
        inside = [offset for offset in range(1, len(plain.body)) if offset not in plain.edges]
        assert len(plain.tokens) == 2
        assert single(part_cuts_added(streams)) == inside

    @OF_RECORDS
    def test_comes_then_in_slices_of_one_byte_and_of_more_and_more(self, known: Dialect) -> None:
        streams = more("R1", known)
        sizes = lengths([stream.parts for stream in streams[len(single(part_cuts_added(streams))) :]])
        assert sizes[:1] == [1]
        assert sizes == sorted(set(sizes))
        assert len(sizes) > 1

    def test_is_not_cut_where_there_is_none(self) -> None:
        assert more("R1", DIALECTS["text"]) == []


class TestACodePoint:
    @EACH
    def test_is_cut_once_at_each_place_inside_it_in_each_length_that_utf8_has(self, known: Dialect) -> None:
        streams = more("U1", known)
        text, body = "".join(streams[0].tokens), streams[0].body
        assert {len(character.encode()) for character in text} == {1, 2, 3, 4}
        assert single(part_cuts_added(streams)) == inside_code_points(body)
        assert len(inside_code_points(body)) >= sum(len(character.encode()) - 1 for character in text)

    @EACH
    def test_comes_then_in_slices_of_one_byte_and_of_more_and_more(self, known: Dialect) -> None:
        streams = more("U1", known)
        part_cuts_added(streams)
        sizes = lengths([stream.parts for stream in streams[len(inside_code_points(streams[0].body)) :]])
        assert sizes[:1] == [1]
        assert sizes == sorted(set(sizes))
        assert len(sizes) > 1


class TestAMessage:
    @EACH
    def test_is_cut_once_at_each_of_its_bytes_and_stays_cut_from_its_neighbour(self, known: Dialect) -> None:
        streams = more("F1", known)
        plain = streams[0].but(chunk_cuts=None)
        inside = [offset for offset in range(1, len(plain.wire)) if offset not in plain.frame_stops]
        assert len(plain.tokens) == 2
        cut = [stream for stream in streams if len(stream.chunks) == len(plain.frames) + 1]
        assert single(chunk_cuts_added(cut)) == inside

    @EACH
    def test_comes_then_in_slices_of_one_byte_and_of_more_and_more(self, known: Dialect) -> None:
        streams = more("F1", known)
        messages = len(streams[0].frames)
        sizes = lengths([stream.chunks for stream in streams if len(stream.chunks) != messages + 1])
        assert sizes[:1] == [1]
        assert sizes == sorted(set(sizes))
        assert len(sizes) > 1

    @EACH
    def test_has_a_length_that_ends_in_each_byte_there_is(self, known: Dialect) -> None:
        first = len(known.opening(2, ""))
        assert sorted(stream.frames[first][3] for stream in more("F4", known)) == list(range(256))

    def test_and_a_record_have_the_sizes_of_buffers_and_those_around_the_line(self) -> None:
        wanted = {2**10, 2**12, LINE - 1, LINE, LINE + 1, 2**14}
        for known in RECORDS:
            streams = more("F6", known)
            assert wanted <= {len(part) for stream in streams for part in stream.parts}, known
            assert wanted <= {len(frame) for stream in streams for frame in stream.frames}, known

    def test_of_plain_text_has_no_record_whose_size_could_be_chosen(self) -> None:
        assert max(len(stream.body) for stream in more("F6", DIALECTS["text"])) < 10

    def test_is_empty_before_all_inside_a_record_and_behind_it(self) -> None:
        for known in RECORDS:
            plain, *others = [stream for stream in more("F6", known) if b"" in stream.parts]
            record = [record for record in plain.records if record.kind == "delta"][1]
            empty = {at for stream in (plain, *others) for at in stream.edges if stream.edges.count(at) > 1}
            assert {0, record.text_start + 1, record.stop} <= empty
            assert any(b"" in stream.chunks for stream in more("F6", known))


class TestATextThatIsCarried:
    @pytest.mark.parametrize("id_", [requirement.id for requirement in REQUIREMENTS.values() if requirement.carried])
    def test_has_a_part_that_ends_in_it_and_is_joined_to_others(self, id_: str) -> None:
        streams = list(texts_carried(DIALECTS["tgi-sse"], REQUIREMENTS[id_].alphabet(DIALECTS["tgi-sse"])))
        assert () in [stream.part_cuts for stream in streams]
        assert () in [stream.chunk_cuts for stream in streams]
        inside = [set(stream.edges[1:-1]) - {record.stop for record in stream.records} for stream in streams]
        assert len({tuple(cuts) for cuts in inside}) > 2

    @pytest.mark.parametrize("id_", [requirement.id for requirement in REQUIREMENTS.values() if requirement.carried])
    def test_has_a_control_that_is_cut_at_the_same_bytes(self, id_: str) -> None:
        for stream in texts_carried(DIALECTS["djl-jsonlines"], REQUIREMENTS[id_].alphabet(DIALECTS["djl-jsonlines"])):
            control = said_plainly(stream)
            assert (control.part_cuts, control.chunk_cuts) == (stream.part_cuts, stream.chunk_cuts)
            assert len(control.body) == len(stream.body)
            assert control.text.isascii()

    def test_is_cut_inside_no_code_point(self) -> None:
        """That is a hazard of its own."""
        for stream in texts_carried(DIALECTS["tgi-sse"], REQUIREMENTS["U2"].alphabet(DIALECTS["tgi-sse"])):
            assert not set(inside_code_points(stream.body)).intersection(stream.edges)


@pytest.mark.parametrize("known", [dialect for dialect in DIALECTS.values() if dialect.reasons], ids=lambda one: one.id)
def test_an_answer_ends_for_each_reason_that_its_servers_give(known: Dialect) -> None:
    bodies = [stream.body.decode() for stream in more("R4", known)]
    assert all(any(reason in body for body in bodies) for reason in known.reasons)


@EACH
def test_a_large_part_is_of_the_size_that_is_asked(known: Dialect) -> None:
    """Also where an answer begins with records without text; a document, too, and plain text."""
    for size in SIZES:
        assert len(sized(known, size).parts[0]) == size
