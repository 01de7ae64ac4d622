"""The sweeps of faults: where each strikes, that nothing but it is wrong, and what of the text came before."""

from collections.abc import Sequence

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements import FAMILIES, REQUIREMENTS
from sliceproof.conformance.requirements.faults import of_service
from sliceproof.conformance.requirements.judge import tells
from sliceproof.conformance.requirements.roots import has
from sliceproof.wire.dialects import BEDROCK, DIALECTS, BodyError, Dialect, read_back
from sliceproof.wire.faults import SOURCE_ERRORS, FaultKind
from sliceproof.wire.specimens import SPECIMENS
from sliceproof.wire.stream import Stream

EACH = pytest.mark.parametrize("known", DIALECTS.values(), ids=DIALECTS)
REFERENCE = DECODERS["reference"].load()
FAULTY = [
    REQUIREMENTS[id_] for about, ids in FAMILIES.items() if about.startswith("Faults") for id_ in ids if id_ != "H1"
]
PRELUDE, CHECKSUM = 12, 4  # bytes


def swept(id_: str, dialect: Dialect) -> list[Stream]:
    return list(REQUIREMENTS[id_].sweep(dialect))


def more(id_: str, dialect: Dialect) -> list[Stream]:
    """What a requirement sweeps beyond its letters."""
    found = REQUIREMENTS[id_].more
    assert found is not None
    return list(found(dialect))


def places(streams: Sequence[Stream]) -> list[int]:
    return [stream.fault.at for stream in streams if stream.fault]


def crossings(id_: str, dialect: Dialect) -> list[Stream]:
    """The streams of a fault in the last message, with a cut inside that message."""
    return [stream for stream in more(id_, dialect) if _cut_inside(stream)]


def _cut_inside(stream: Stream) -> bool:
    start = stream.frame_stops[-2] if len(stream.frame_stops) > 1 else 0
    return any(start < cut < len(stream.wire) for cut in stream.chunk_cuts or ())


class TestAFaultInPieces:
    """An exception or error record, cut and joined in every way."""

    @pytest.mark.parametrize("id_", ["E1", "E1-record"])
    def test_comes_in_two_chunks_and_behind_others_first_and_late(self, id_: str) -> None:
        for known in [dialect for dialect in DIALECTS.values() if dialect.error]:
            streams, cut = more(id_, known), crossings(id_, known)
            assert {0, 1, 2} <= {stream.fault.at for stream in cut if stream.fault}
            assert any(len(stream.chunks) == 1 and len(stream.frames) > 1 for stream in streams)
            assert max(places(streams)) > 33

    def test_finds_half_a_record_held(self) -> None:
        for known in [dialect for dialect in DIALECTS.values() if dialect.framing != "raw"]:
            held = [stream for stream in more("E1", known) if stream.fault and stream.fault.held]
            assert held
            assert all(stream.body and stream.text != "".join(stream.tokens) for stream in held)

    def test_of_an_error_record_is_cut_in_the_body_too(self) -> None:
        for known in [dialect for dialect in DIALECTS.values() if dialect.error and dialect.framing != "document"]:
            assert any(has(stream, "R1") for stream in more("E1-record", known))
            assert any(has(stream, "R2") for stream in more("E1-record", known))

    def test_has_any_name_and_a_payload_that_is_no_json(self) -> None:
        lines = [stream.fault for stream in more("E1", DIALECTS["tgi-sse"]) if stream.fault]
        assert "ThrottlingException" in {fault.name for fault in lines}
        assert {fault.json for fault in lines} == {True, False}


class TestASourceThatFails:
    @EACH
    def test_fails_before_all_between_messages_and_inside_one_with_each_error(self, known: Dialect) -> None:
        streams = swept("T4", known)
        stops = Stream(known.id, streams[-1].tokens[:3]).frame_stops
        assert {0, *stops[:2]} <= set(places(streams))
        assert {type(stream.fault.raised) for stream in streams if stream.fault} == set(SOURCE_ERRORS.values())


class TestALetter:
    @pytest.mark.parametrize("requirement", FAULTY, ids=lambda one: one.id)
    def test_leaves_it_to_its_word_where_the_fault_is(self, requirement: object) -> None:
        """What a letter says of the place counts for nothing, so it always says the same."""
        for dialect in DIALECTS.values():
            alphabet = REQUIREMENTS[requirement.id].alphabet(dialect)  # type: ignore[attr-defined]
            assert {letter.fault.at for letter in alphabet if letter.fault} <= {0}


class TestAnExceptionOrError:
    @pytest.mark.parametrize("id_", ["E1", "E1-record", "E2"])
    def test_comes_before_any_text_and_after_some(self, id_: str) -> None:
        for dialect in DIALECTS.values():
            streams = swept(id_, dialect)
            assert {len(stream.text) > 0 for stream in streams} == ({True, False} if streams else set())


class TestWhatAnErrorSaid:
    @pytest.mark.parametrize(
        ("name", "told"), [("ModelStreamErrorException", True), ("modelStreamErrorException", True), ("Error", False)]
    )
    def test_has_the_name_of_the_member_or_of_its_shape(self, name: str, told: bool) -> None:
        stream = Stream("bedrock-converse", (), fault=of_service(BEDROCK["bedrock-converse"])[0])
        assert stream.fault is not None
        error = type(name, (Exception,), {})(stream.fault.message)
        assert (tells(stream, Outcome((), (), "error", error, 1, False, "chunks"), "text") is None) == told


class TestALostFinishMark:
    @pytest.mark.parametrize(
        "known", [dialect for dialect in DIALECTS.values() if dialect.finishes], ids=lambda one: one.id
    )
    def test_is_lost_between_records_and_inside_one(self, known: Dialect) -> None:
        streams = swept("T1", known)
        for stream in streams:
            with pytest.raises(BodyError):
                read_back(known, stream.body)
        assert b"" in {stream.wire for stream in streams}
        alone = [stream for stream in streams if stream.tokens == ("x",)]
        whole = next(record for record in Stream(known.id, ("x",)).records if record.kind == "delta")
        assert {stream.fault.kind for stream in alone if stream.fault} == {"silence", "broken-off"}
        ends = [len(stream.body) for stream in alone if stream.fault and stream.fault.kind == "broken-off"]
        assert all(0 <= end < whole.stop for end in ends)
        assert len(set(ends)) > 2


class TestACutWire:
    @EACH
    def test_ends_at_each_byte_of_a_second_message(self, known: Dialect) -> None:
        streams = more("T2", known)
        first, second = Stream(known.id, streams[0].tokens).frame_stops[:2]
        plain = [stream for stream in streams if stream.chunk_cuts is None and len(stream.tokens) == 2]
        assert places(plain) == [*range(first + 1, second), *range(1, first)]

    @EACH
    def test_ends_behind_whole_messages_of_its_chunk_in_pieces_and_late(self, known: Dialect) -> None:
        streams = more("T2", known)
        assert any(len(stream.chunks) == 1 and len(stream.wire) > stream.frame_stops[0] for stream in streams)
        assert any(len(stream.chunks) == len(stream.wire) for stream in streams)
        assert any(len(stream.tokens) > 33 for stream in streams)

    @EACH
    def test_ends_also_when_drawn_inside_and_before_the_checksum_and_a_byte_before_the_payload_is_whole(
        self, known: Dialect
    ) -> None:
        requirement = REQUIREMENTS["T2"]
        alone = [requirement.composed(known, (letter,)) for letter in requirement.alphabet(known)]
        missing = {stream.frame_stops[len(known.opening(1, ""))] - len(stream.wire) for stream in alone}
        assert {1, CHECKSUM, CHECKSUM + 1} <= missing
        assert all(stream.wire for stream in alone)

    @pytest.mark.parametrize("id_", ["T2", "T3", "H1"])
    def test_ends_before_its_last_message_does(self, id_: str) -> None:
        cut = [one for dialect in DIALECTS.values() for one in swept(id_, dialect) if one.fault]
        cut = [one for one in cut if one.fault and one.fault.kind == "truncated"]
        assert cut
        assert all(len(stream.wire) < stream.frame_stops[-1] for stream in cut)


class TestACorruptWire:
    @EACH
    def test_has_each_byte_of_its_first_message_flipped_in_turn(self, known: Dialect) -> None:
        plain = [stream for stream in more("F2", known) if stream.chunk_cuts is None]
        assert places(plain) == list(range(plain[0].frame_stops[0]))

    @EACH
    def test_is_cut_joined_and_late_too(self, known: Dialect) -> None:
        cut = [stream for stream in more("F2", known) if stream.chunk_cuts is not None]
        assert any(len(stream.chunks) == 1 for stream in cut)
        assert any(set(stream.chunk_cuts or ()) - set(stream.frame_stops) for stream in cut)
        assert any(len(stream.tokens) > 10 for stream in cut)

    @EACH
    def test_is_wrong_in_one_byte_and_in_nothing_else(self, known: Dialect) -> None:
        for stream in swept("F2", known):
            sound = stream.but(fault=None).wire
            assert len(stream.wire) == len(sound)
            assert sum(one != other for one, other in zip(stream.wire, sound, strict=True)) == 1

    @EACH
    def test_is_wrong_also_when_drawn_where_each_length_the_checksum_of_these_and_the_headers_begin(
        self, known: Dialect
    ) -> None:
        requirement = REQUIREMENTS["F2"]
        alone = [requirement.composed(known, (letter,)) for letter in requirement.alphabet(known)]
        start = (0, *alone[0].frame_stops)[len(known.opening(1, ""))]
        assert {start + at for at in (*range(0, PRELUDE, 4), PRELUDE)} <= set(places(alone))
        headers = len(alone[0].frames[0]) - len(alone[0].parts[0]) - CHECKSUM
        assert max(places(alone)) >= start + headers


class TestTextBeforeAFault:
    @EACH
    def test_comes_in_a_message_of_its_own_and_in_one_chunk_with_the_fault(self, known: Dialect) -> None:
        lines = [stream for stream in swept("T3", known) if has(stream, "E1") and stream.text]
        assert {len(stream.chunks) < len(stream.frames) for stream in lines} == {True, False}

    def test_comes_in_one_part_with_an_error_record_where_both_are_records(self) -> None:
        shared = {
            dialect.id
            for dialect in DIALECTS.values()
            for stream in swept("T3", dialect)
            if has(stream, "E1-record") and has(stream, "R2")
        }
        assert shared == {
            dialect.id for dialect in DIALECTS.values() if dialect.error and dialect.framing != "document"
        }

    @EACH
    def test_comes_before_faults_of_every_kind(self, known: Dialect) -> None:
        kinds = {stream.fault.kind for stream in swept("T3", known) if stream.fault and stream.text}
        records = {"unreadable-record"} if known.framing in ("sse", "lines") else set()
        errors_ = {"error-record"} if known.error else set()
        assert kinds == {"exception", "truncated", "corrupt", "malformed", "source-error"} | records | errors_


class TestAnEnd:
    @EACH
    def test_is_sound_and_empty_too(self, known: Dialect) -> None:
        sound = [stream.tokens for stream in more("H1", known) if stream.fault is None and stream.style.done]
        assert () in sound
        assert any(sound)

    @EACH
    def test_cuts_the_wire_around_its_first_byte_and_its_prelude_in_its_headers_and_a_byte_too_soon(
        self, known: Dialect
    ) -> None:
        ends = [stream for stream in more("H1", known) if stream.fault and stream.fault.kind == "truncated"]
        at = places(ends)
        assert len(set(at)) == len(at)
        assert {0, 1, PRELUDE - 1, PRELUDE, ends[0].frame_stops[-1] - 1} <= set(at)
        assert [offset for offset in at if PRELUDE < offset < ends[0].frame_stops[0] - len(ends[0].parts[0]) - CHECKSUM]

    @EACH
    def test_breaks_the_body_off_after_its_first_byte_in_the_middle_and_a_byte_too_soon(self, known: Dialect) -> None:
        ends = [stream for stream in more("H1", known) if stream.fault and stream.fault.kind == "broken-off"]
        length = len(ends[0].but(fault=None).body)
        assert places(ends) == [1, length // 2, length - 1]

    @EACH
    def test_is_of_every_kind_that_there_is(self, known: Dialect) -> None:
        kinds = {stream.fault.kind for stream in more("H1", known) if stream.fault}
        assert kinds == set(FaultKind) - {"unreadable-record"} - (set() if known.error else {"error-record"})

    @EACH
    def test_has_a_message_corrupt_in_its_first_byte_the_length_and_in_its_last(self, known: Dialect) -> None:
        ends = [stream for stream in more("H1", known) if stream.fault and stream.fault.kind == "corrupt"]
        assert places(ends) == [0, ends[0].frame_stops[0] - 1]

    @pytest.mark.parametrize("kind", ["silence", "exception", "oversized", "malformed", "error-record"])
    def test_of_other_kinds_comes_before_any_text_and_between_two_deltas(self, kind: str) -> None:
        for known in [dialect for dialect in DIALECTS.values() if dialect.error or kind != "error-record"]:
            ends = [stream for stream in more("H1", known) if stream.fault and stream.fault.kind == kind]
            assert [stream.text for stream in ends[:2]] == ["", "x"]

    def test_is_each_malformed_message_of_the_specimens(self) -> None:
        refused = {
            specimen.doubtful.hex()
            for specimen in SPECIMENS
            if specimen.name in ("total-0", "headers-past-end", "type-10")
        }
        for dialect in DIALECTS.values():
            told = {stream.fault.hex for stream in more("H1", dialect) if stream.fault}
            assert refused <= told
            assert len(told) > 20

    def test_without_a_line_end_or_a_sentinel_is_asked_first(self) -> None:
        for dialect in DIALECTS.values():
            first = more("H1", dialect)[0]
            bare = dialect.framing in ("sse", "lines")
            assert (first.fault is None) is bare
            assert not bare or not first.body.endswith((b"\n", b"[DONE]")), dialect
