"""Whom each requirement is asked, and of what: who never sees the wire, what is not drawn, what is not swept."""

from dataclasses import replace
from functools import partial

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.conformance.requirements.roots import has
from sliceproof.strategies.letters import letters
from sliceproof.wire.dialects import DIALECTS, Dialect

REFERENCE = DECODERS["reference"].load()


def dialects_of(id_: str) -> list[Dialect]:
    return [dialect for dialect in DIALECTS.values() if not REQUIREMENTS[id_].inapplicable(REFERENCE, dialect)]


def without_reason(decoder: Decoder) -> set[str]:
    return {id_ for id_, one in REQUIREMENTS.items() if not one.inapplicable(decoder, DIALECTS["tgi-sse"])}


class TestWhoIsAsked:
    @pytest.mark.parametrize("accepts", ["parts", "events"])
    def test_who_never_sees_the_wire_is_not_asked_what_stands_only_there(self, accepts: str) -> None:
        """Cut, corrupt, absurd or strange messages; an exception or a lost end is seen above the wire too."""
        above = replace(REFERENCE, accepts=accepts)
        assert without_reason(REFERENCE) - without_reason(above) == {
            *("F1", "F2", "F2-malformed", "F3", "F4", "F5", "K1", "T2"),
        }

    @pytest.mark.parametrize(
        ("names", "asked"),
        [
            (["sync"], False),
            (["async"], False),
            (["sync", "other"], False),
            (["sync", "async"], True),
            (["sync", "async", "other"], True),
        ],
    )
    def test_whether_the_ways_of_calling_agree_is_asked_of_those_that_have_both(
        self, names: list[str], asked: bool
    ) -> None:
        modes = {name: Mode(lambda dialect, form: iter) for name in names}
        assert ("X2" in without_reason(replace(REFERENCE, modes=modes))) is asked

    def test_who_cannot_be_thrown_into_is_asked_all_the_same_but_for_that(self) -> None:
        assert without_reason(REFERENCE) - without_reason(replace(REFERENCE, throwable=False)) == {
            *("C1", "C2", "C3", "C4", "C5", "T4", "X3"),
        }

    def test_who_has_no_clock_is_asked_all_the_same_but_for_its_cost(self) -> None:
        assert without_reason(REFERENCE) - without_reason(replace(REFERENCE, cpu_seconds=None)) == {"Q1"}


class TestInWhichDialects:
    def test_a_comment_is_a_must_where_the_servers_write_it_and_a_should_in_all_other_events(self) -> None:
        assert dialects_of("S2") == [dialect for dialect in DIALECTS.values() if dialect.asides]
        others = [dialect for dialect in DIALECTS.values() if dialect.framing == "sse" and not dialect.asides]
        assert dialects_of("S2-allowed") == others
        assert others

    def test_the_repeated_text_is_asked_about_where_it_is_repeated(self) -> None:
        assert dialects_of("D1") == [
            dialect for dialect in DIALECTS.values() if any(map(dialect.repeats_in, dialect.forms))
        ]
        assert DIALECTS["lmi-jsonlines"] in dialects_of("D1")

    def test_the_repeated_text_is_asked_about_in_the_forms_that_repeat_it(self) -> None:
        dialect = DIALECTS["lmi-jsonlines"]
        streams = [stream for stream in REQUIREMENTS["D1"].sweep(dialect) if stream.style.form]
        assert {stream.style.form for stream in streams} == {"token", "token-details", "token-trtllm"}
        twice = replace(BROKEN["gives_the_full_text_too"].decoder(), dialects=(dialect.id,))
        for stream in streams:
            assert not REQUIREMENTS["D1"].check(REFERENCE, stream)
            assert REQUIREMENTS["D1"].check(twice, stream)
            assert not REQUIREMENTS["R3"].check(twice, stream)

    def test_an_error_record_is_asked_about_where_there_is_one(self) -> None:
        assert dialects_of("E1-record") == [dialect for dialect in DIALECTS.values() if dialect.error]

    def test_a_lost_finish_mark_is_asked_about_where_there_is_one(self) -> None:
        assert dialects_of("T1") == [dialect for dialect in DIALECTS.values() if dialect.finishes]

    def test_a_byte_order_mark_is_asked_about_wherever_text_is_not_the_whole_body(self) -> None:
        assert dialects_of("U5-bom") == [dialect for dialect in DIALECTS.values() if dialect.framing != "raw"]

    @pytest.mark.parametrize("id_", ["R1", "R2"])
    def test_records_are_asked_about_where_there_are_some(self, id_: str) -> None:
        assert dialects_of(id_) == [dialect for dialect in DIALECTS.values() if dialect.framing != "raw"]

    def test_only_the_cost_is_asked_once_whatever_the_dialects(self) -> None:
        assert [id_ for id_, one in REQUIREMENTS.items() if one.once] == ["Q1"]


class TestOfWhat:
    def test_nothing_is_drawn_where_a_drawn_text_could_tell_nothing(self) -> None:
        """Ends, two ways of calling, what a consumer throws, what length costs: the sweep has it all."""
        ends, calls = {"H1", "F2-malformed"}, {"X2", "X3", "C1", "C2", "C3", "C4", "C5"}
        numbers, shapes = {"Q1", "Q2", "N1", "N2", "F7"}, {"PLAIN", "R4", "R4-reasons", "G1"}
        clients = {"A1", "A2", "A3", "A4"}
        channels = {"M1", "M2", "M3", "M4", "M5", "M6", "M7", "I1", "I1-first", "X1-deltas"}  # which M8 draws together
        turns = {"M4-turns"}  # which it does not: servers write one call after the other
        beside = {"M9"}  # of who gives text, and M8 draws for who gives channels
        assert {
            id_ for id_, one in REQUIREMENTS.items() if not one.searched
        } == ends | calls | numbers | shapes | clients | channels | turns | beside

    def test_all_hazards_together_are_drawn_and_swept_in_pairs(self) -> None:
        assert [id_ for id_, one in REQUIREMENTS.items() if not one.swept] == ["M8", "MIX"]
        for dialect in DIALECTS.values():
            swept = list(REQUIREMENTS["MIX"].sweep(dialect))
            cut = [one for one in swept if one.part_cuts is not None or one.chunk_cuts is not None]
            assert any(has(stream, "U2") and has(stream, "F1") for stream in cut)
            assert any(has(stream, "J3") and has(stream, "F5") for stream in swept)

    def test_a_requirement_is_asked_only_where_there_is_a_stream_to_ask(self) -> None:
        for dialect in DIALECTS.values():
            for requirement in REQUIREMENTS.values():
                if not requirement.inapplicable(REFERENCE, dialect) and not requirement.searched:
                    assert next(requirement.sweep(dialect), None) is not None, (requirement.id, dialect.id)

    @pytest.mark.parametrize("requirement", REQUIREMENTS.values(), ids=REQUIREMENTS)
    def test_equal_neighbours_stand_only_where_they_are_the_hazard(self, requirement: Requirement) -> None:
        twice = requirement.composed(DIALECTS["text"], letters(["x", "x"]))
        assert (twice.tokens == ("x", "x")) == (requirement.id in ("D2", "MIX"))

    def test_the_repeated_text_is_shown_also_after_a_special_token_that_is_not_in_it(self) -> None:
        shown = [stream.style.special for stream in REQUIREMENTS["D1"].sweep(DIALECTS["tgi-sse"])]
        assert {True, False} == set(shown)

    def test_a_byte_order_mark_stands_before_every_body_that_asks_about_it(self) -> None:
        for known in dialects_of("U5-bom"):
            bodies = [stream.body for stream in REQUIREMENTS["U5-bom"].sweep(known)]
            assert bodies
            assert all(body.startswith(b"\xef\xbb\xbf") for body in bodies)


@pytest.mark.parametrize("broken", [one for one in BROKEN.values() if one.breaks[0] != "Q1"], ids=lambda one: one.name)
def test_the_sweep_alone_tells_a_broken_decoder(broken: Broken) -> None:
    requirement = REQUIREMENTS[broken.breaks[0]]
    check = partial(requirement.check, broken.decoder())
    assert any(map(check, requirement.sweep(DIALECTS[broken.dialect])))
