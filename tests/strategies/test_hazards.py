"""Hazards: every letter puts its hazard into the stream, benign ones put none, and what is drawn is sound."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import accumulate, pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sliceproof.strategies.hazards import ALLOWED_ONLY, BENIGN, HAZARDS, hazard
from sliceproof.strategies.letters import LINE, Letter, compose
from sliceproof.strategies.mixture import mixed
from sliceproof.strategies.streams import benign, streams
from sliceproof.wire.dialects import DIALECTS, Dialect, dialect, reader
from sliceproof.wire.events import PART_HEADERS
from sliceproof.wire.messages import MessageDecoder
from sliceproof.wire.slicing import inside_code_points, inside_escapes, inside_line_ends
from sliceproof.wire.stream import Stream

EACH_DIALECT = pytest.mark.parametrize("known", DIALECTS.values(), ids=str)
EACH_HAZARD = pytest.mark.parametrize("id_", HAZARDS)

FRAME_LIKE = b'\n\r "{}:'
FIELDS = ("data:", "event: ", "id: ", ": ")
SENTINELS = ("[DONE]", "</s>", "<s>", "<|", "null", '"finish_reason"', '{"', '"}', "}\n", "]")
BREAKS = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\r"
STRIPPED = "data: [DONE]</s>{}'n0"
BEGINNINGS = "<|[/OEdekl`a\n\\{&-#*@$s!"
ESCAPED = '\\"/&%\n\t\0\b'


def cuts(stream: Stream) -> set[int]:
    return set(stream.edges[1:-1])


def cut_inside(stream: Stream, seams: list[int]) -> bool:
    return not cuts(stream).isdisjoint(seams)


def records_cut(stream: Stream) -> bool:
    return any(record.start < cut < record.stop for record in stream.records for cut in cuts(stream))


def records_in(stream: Stream, start: int, stop: int) -> int:
    return sum(start <= record.start < record.stop <= stop for record in stream.records)


def records_joined(stream: Stream) -> bool:
    return any(records_in(stream, start, stop) > 1 for start, stop in pairwise(stream.edges))


def chunk_stops(stream: Stream) -> set[int]:
    return {0, *accumulate(map(len, stream.chunks))}


def messages_cut(stream: Stream) -> bool:
    return not chunk_stops(stream) <= {0, *stream.frame_stops}


def messages_joined(stream: Stream) -> bool:
    return not chunk_stops(stream) >= set(stream.frame_stops)


def lengths(stream: Stream) -> bytes:
    """The bytes of the preludes that say how long a message is."""
    return b"".join(frame[:4] for frame in stream.frames)


def of_size(stream: Stream) -> bool:
    sizes = {*map(len, stream.parts), *map(len, stream.chunks)}
    return bool({0, LINE} & sizes)


def tokens_with(*pieces: str) -> Callable[[Stream], bool]:
    return lambda stream: any(piece in stream.text for piece in pieces)


def kinds(stream: Stream) -> set[str]:
    """Of the records that no plain answer has."""
    plain = {"delta", "done"} if stream.style.form else {"delta", "done", "textless"}
    return {record.kind for record in stream.records} - plain


# What is true of a stream that has the hazard.
SHOWN: dict[str, Callable[[Stream], bool]] = {
    "U1": lambda stream: cut_inside(stream, inside_code_points(stream.body)),
    "U1-clusters": lambda stream: records_cut(stream) and not stream.text.isascii(),
    "U2": lambda stream: not stream.body.isascii(),
    "U3": lambda stream: "\ufffd".encode() in stream.body,
    "U4": lambda stream: cut_inside(stream, inside_escapes(stream.body)) and stream.body.isascii(),
    "U5": lambda stream: "\ufeff".encode() in stream.body[1:],
    "U6": lambda stream: not stream.text.isascii() or not stream.text.isprintable(),
    "L1": lambda stream: any(line_break.encode() in stream.body for line_break in BREAKS),
    "L2": lambda stream: cut_inside(stream, inside_line_ends(stream.body)),
    "L3": lambda stream: b"\r" in stream.body,
    "L4": lambda stream: stream.format.framing == "lines" and not stream.body.endswith(b"\n"),
    "L5": lambda stream: stream.format.framing == "sse" and not stream.body.endswith(b"\n\n"),
    "R1": records_cut,
    "R2": records_joined,
    "R3": lambda stream: bool(kinds(stream) or stream.style.form),
    "R3-allowed": lambda stream: not kinds(stream).isdisjoint(stream.format.allowed),
    "P1": lambda stream: any(token[0] in STRIPPED or token[-1] in STRIPPED for token in stream.tokens),
    "P2": tokens_with(*FIELDS),
    "P3": lambda stream: b"data:{" in stream.body,
    "P4": lambda stream: any(token != token.strip() or not token for token in stream.tokens),
    "S1": tokens_with(*SENTINELS),
    "S1-whole": lambda stream: any(token[:1] == "<" and token[-1:] == ">" for token in stream.tokens),
    "S2": lambda stream: bool(kinds(stream)),
    "S2-fields": lambda stream: b"\nretry: 100\nx: y\ndata: " in stream.body,
    "S3": lambda stream: bool(re.search(rb"data:[^\r\n]*(\r\n|\n|\r)data:", stream.body)),
    "F1": messages_cut,
    "F4": lambda stream: any(byte in FRAME_LIKE or byte > 0x7F for byte in lengths(stream)),
    "F5": lambda stream: list(stream.messages[0].headers) != list(PART_HEADERS),
    "F6": of_size,
    "K1": lambda stream: any(message.headers[":event-type"] != "PayloadPart" for message in stream.messages),
    "D2": lambda stream: any(one == other for one, other in pairwise(stream.tokens)),
    "J1": lambda stream: b"-Infinity" in stream.body,
    "J2": lambda stream: any(character in stream.text for character in ESCAPED),
    "J3": tokens_with(*'{}[]",', "NaN", "Infinity"),
    "J4": lambda stream: stream.body != stream.but(style=replace(stream.style, json="")).body,
    "S4": lambda stream: any(token[-1] in BEGINNINGS for token in stream.tokens if token),
    "O1": messages_joined,
    "sizes": lambda stream: records_cut(stream) or records_joined(stream) or messages_joined(stream),
}
NEVER = {
    "U4": {id_ for id_ in DIALECTS if id_ != "djl-outputs"},
    "P3": {id_ for id_ in DIALECTS if id_ not in ("tgi-sse", "openai-sse")},
    "R1": {"text"},
    "R2": {"text"},
    "J4": {"text"},
}


def contexts(letter: Letter) -> Iterator[list[Letter]]:
    """Words that hold the letter: alone, first, between, and beside itself."""
    yield from ([letter], [letter, Letter("b")], [Letter("z"), letter, Letter("Hello")], [letter, letter])


def read(stream: Stream) -> str:
    """What a decoder that is not the stream's own makes of its chunks; raises if it is not sound."""
    decoder, reading = MessageDecoder(), reader(dialect(stream.dialect))
    told: list[str] = []
    for chunk in stream.chunks:
        for message in decoder.feed(chunk):
            if message.headers[":event-type"] == "PayloadPart":
                told += reading.feed(message.payload)
    decoder.close()
    return "".join([*told, *reading.close()])


class TestEachHazard:
    def test_is_told_by_a_sign(self) -> None:
        assert set(SHOWN) == set(HAZARDS)

    @EACH_HAZARD
    @EACH_DIALECT
    def test_is_in_the_stream_with_any_of_its_letters(self, id_: str, known: Dialect) -> None:
        without = [
            letter
            for letter in hazard(id_, known)
            if not any(SHOWN[id_](compose(known.id, word, distinct=False)) for word in contexts(letter))
        ]
        assert without == []

    @EACH_HAZARD
    @EACH_DIALECT
    def test_is_read_back_without_loss(self, id_: str, known: Dialect) -> None:
        for letter in hazard(id_, known):
            for word in contexts(letter):
                stream = compose(known.id, word)
                assert read(stream) == stream.text == "".join(stream.tokens)

    @EACH_HAZARD
    @EACH_DIALECT
    def test_has_each_letter_once_and_no_fault(self, id_: str, known: Dialect) -> None:
        found = hazard(id_, known)
        assert len(set(found)) == len(found)
        assert all(letter.fault is None for letter in found)

    @EACH_HAZARD
    def test_can_be_had_by_a_dialect(self, id_: str) -> None:
        having = {dialect.id for dialect in DIALECTS.values() if hazard(id_, dialect)}
        assert having
        assert having.isdisjoint(NEVER.get(id_, ()))

    @EACH_DIALECT
    def test_of_frames_has_each_kind_of_byte_in_a_length(self, known: Dialect) -> None:
        text = b"".join(lengths(compose(known.id, [letter])) for letter in hazard("F4", known))
        assert set(FRAME_LIKE) <= set(text)
        assert max(text) > 0x7F

    @EACH_DIALECT
    def test_of_sizes_has_a_part_and_a_message_that_end_on_the_line(self, known: Dialect) -> None:
        drawn = [compose(known.id, [letter]) for letter in hazard("F6", known)]
        if known.framing != "raw":
            assert any(len(part) == LINE for stream in drawn for part in stream.parts)
            assert any(len(frame) == LINE for stream in drawn for frame in stream.frames)
        assert any(not part for stream in drawn for part in stream.parts)
        assert any(not chunk for stream in drawn for chunk in stream.chunks)


class TestBenign:
    @EACH_DIALECT
    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_streams_have_no_hazard(self, known: Dialect, data: st.DataObject) -> None:
        stream = data.draw(benign(known.id))
        assert all(token.isascii() and token.isalpha() for token in stream.tokens)
        assert stream == Stream(known.id, stream.tokens)
        assert stream.parts == tuple(stream.body[record.start : record.stop] for record in stream.records)
        assert stream.chunks == stream.frames
        assert len(stream.frames) == len(stream.records)
        assert read(stream) == stream.text

    @EACH_DIALECT
    def test_letters_show_no_sign_of_a_hazard(self, known: Dialect) -> None:
        stream = compose(known.id, BENIGN)
        assert {id_ for id_, shown in SHOWN.items() if shown(stream)} <= {"F4"}  # some length is like text


class TestMixed:
    @EACH_DIALECT
    def test_has_no_letter_that_only_a_specification_allows(self, known: Dialect) -> None:
        allowed = {letter for id_ in ALLOWED_ONLY for letter in hazard(id_, known)}
        assert allowed.isdisjoint(mixed(known))

    @EACH_DIALECT
    def test_has_letters_of_all_other_hazards_and_begins_with_what_is_benign(self, known: Dialect) -> None:
        table = mixed(known)
        assert table[: len(BENIGN)] == BENIGN
        for id_ in set(HAZARDS) - ALLOWED_ONLY - (set() if known.asides else {"S2"}):
            assert not hazard(id_, known) or not set(hazard(id_, known)).isdisjoint(table)

    @EACH_DIALECT
    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_streams_are_read_back_without_loss(self, known: Dialect, data: st.DataObject) -> None:
        stream = data.draw(streams(known.id))
        assert read(stream) == stream.text


def smallest(drawn: SearchStrategy[Stream], sign: Callable[[Stream], bool], seed: int) -> Stream:
    quick = settings(max_examples=2000, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    return find(drawn, sign, settings=quick, random=Random(seed))


def small(stream: Stream) -> bool:
    """One or two characters, and one cut at most."""
    return len(stream.text) <= 2 and len(stream.part_cuts or ()) + len(stream.chunk_cuts or ()) <= 1


class TestShrinking:
    @pytest.mark.parametrize(
        ("id_", "found"),
        [
            ("tgi-sse", "U1"),
            ("text", "U1"),
            ("djl-outputs", "U4"),
            ("djl-jsonlines", "R1"),
            ("triton-sse", "R2"),
            ("tgi-sse", "F1"),
            ("text", "F6"),
            ("lmi-jsonlines", "O1"),
            ("djl-3p", "L2"),
        ],
    )
    def test_among_the_letters_of_a_hazard_ends_at_what_a_person_would_draw(self, id_: str, found: str) -> None:
        drawn = streams(id_, hazard(found, dialect(id_)))
        assert all(small(smallest(drawn, SHOWN[found], seed)) for seed in range(2))

    @pytest.mark.parametrize(
        ("id_", "sign"),
        [
            pytest.param("tgi-sse", SHOWN["U1"], id="a code point cut"),
            pytest.param("djl-jsonlines", SHOWN["R1"], id="a record cut"),
            pytest.param("triton-sse", SHOWN["R2"], id="records joined"),
            pytest.param("tgi-sse", SHOWN["F1"], id="a message cut"),
            pytest.param("triton-sse", lambda stream: b"" in stream.chunks, id="an empty chunk"),
            pytest.param("text", lambda stream: b"" in stream.parts, id="an empty part"),
            pytest.param("lmi-jsonlines", lambda stream: "你" in stream.text, id="a character"),
        ],
    )
    def test_among_all_letters_ends_there_too(self, id_: str, sign: Callable[[Stream], bool]) -> None:
        assert all(small(smallest(streams(id_), sign, seed)) for seed in range(4))
