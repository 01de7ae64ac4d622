"""Requirements: each says what it demands and why, covers its fault, and finds its hazard in what it sweeps."""

import re
from dataclasses import replace
from itertools import islice

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.requirements import FAMILIES, REQUIREMENTS, UnknownRequirementError, requirements
from sliceproof.conformance.requirements.clients import only_clients
from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.conformance.requirements.roots import has, root
from sliceproof.strategies.hazards import ALLOWED_ONLY, HAZARDS, hazard
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

TAXONOMY = [
    *("F7", "N1", "N2", "J3", "J4", "R4", "S4", "E3", "T4", "X3", "C2", "C3", "C4", "C5"),
    *("G1", "A1", "A2", "A3", "A4"),
    *("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "M9", "I1"),
    "U1",
    "U2",
    "U3",
    "U4",
    "U5",
    "U6",
    "L1",
    "L2",
    "L3",
    "L4",
    "L5",
    "R1",
    "R2",
    "R3",
    "P1",
    "P2",
    "P3",
    "P4",
    "S1",
    "S2",
    "S3",
    "E1",
    "E2",
    "T1",
    "T2",
    "T3",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "X1",
    "X2",
    "Q1",
    "Q2",
    "D1",
    "D2",
    "J1",
    "J2",
    "O1",
    "W1",
    "H1",
    "C1",
    "K1",
]
"""The classes of fault, but for those above the decoder (G1) or of requests for several answers (I1)."""

REFERENCE = DECODERS["reference"].load()
OF_DELTAS = DECODERS["reference-deltas"].load()
SWEPT = [
    requirement for requirement in REQUIREMENTS.values() if requirement.id not in ("MIX", "Q1")
]  # searched only; a cost and no text
EACH = pytest.mark.parametrize("requirement", REQUIREMENTS.values(), ids=REQUIREMENTS)


def asked(requirement: Requirement) -> list[Dialect]:
    """Where it is asked of the reference; what only a client is asked, as if that were one."""
    if requirement.layer == "deltas":
        return [dialect for dialect in DIALECTS.values() if not requirement.inapplicable(OF_DELTAS, dialect)]
    whom = REFERENCE if requirement.decoders is not only_clients else replace(REFERENCE, accepts="endpoint")
    return [dialect for dialect in DIALECTS.values() if not requirement.inapplicable(whom, dialect)]


class TestEachRequirement:
    @EACH
    def test_says_what_where_from_how_grave_and_why(self, requirement: Requirement) -> None:
        assert requirement.level in (MUST, SHOULD)
        for told in (requirement.title, requirement.rule, requirement.source, requirement.why):
            assert told.strip() == told != ""
        assert requirement.rule.endswith(".")
        assert "\n" not in requirement.rule

    @EACH
    def test_contains_only_requirements_that_exist_or_hazards_of_one(self, requirement: Requirement) -> None:
        known = set(REQUIREMENTS) | (set(HAZARDS) if requirement.id == "MIX" else set())
        assert set(requirement.contains) <= known - {requirement.id}

    @EACH
    def test_applies_in_some_dialect(self, requirement: Requirement) -> None:
        assert asked(requirement)

    @EACH
    def test_blames_a_layer_that_the_report_knows(self, requirement: Requirement) -> None:
        assert requirement.blames in (
            "message",
            "part",
            "line",
            "JSON",
            "UTF-8",
            "order",
            "end",
            "HTTP",
            "client",
            "channel",
        )

    @EACH
    def test_is_asked_of_something(self, requirement: Requirement) -> None:
        """A requirement that neither sweeps nor searches anything would pass whatever it is shown."""
        known = asked(requirement)[0]
        assert next(iter(requirement.sweep(known)), None) or (requirement.searched and requirement.alphabet(known))


class TestTheRequirementsTogether:
    def test_cover_the_fault_taxonomy(self) -> None:
        assert {id_.split("-")[0] for id_ in REQUIREMENTS} == {*TAXONOMY, "MIX", "PLAIN"}

    def test_have_ids_of_their_own(self) -> None:
        assert len(REQUIREMENTS) == sum(map(len, FAMILIES.values()))
        assert all(one.id == id_ for id_, one in REQUIREMENTS.items())
        assert all(re.fullmatch(r"([A-Z][0-9]|MIX|PLAIN)(-[a-z]+)?", id_) for id_ in REQUIREMENTS)

    def test_never_contain_each_other(self) -> None:
        for requirement in REQUIREMENTS.values():
            above = [REQUIREMENTS[id_].contains for id_ in requirement.contains if id_ in REQUIREMENTS]
            assert not any(requirement.id in contains for contains in above)

    def test_demand_as_a_must_nothing_that_only_a_specification_allows(self) -> None:
        assert {REQUIREMENTS[id_].level for id_ in ALLOWED_ONLY} == {SHOULD}
        assert not ALLOWED_ONLY & set(REQUIREMENTS["MIX"].contains)

    def test_lead_a_must_back_to_no_should(self) -> None:
        """The report lists what follows below its root: a MUST below a SHOULD would look harmless."""
        levels = {id_: one.level for id_, one in REQUIREMENTS.items()}
        musts = [requirement for requirement in REQUIREMENTS.values() if requirement.level == MUST]
        below = [(must.id, id_) for must in musts for id_ in must.contains if levels.get(id_) == SHOULD]
        assert below == []


class TestChoosing:
    @pytest.mark.parametrize(
        ("ids", "found"),
        [
            (("U1",), ["U1"]),
            (("u1", "T2"), ["U1", "T2"]),
            (("U5",), ["U5", "U5-bom"]),
            (("U5-BOM",), ["U5-bom"]),
            (("mix", "MIX"), ["MIX"]),
            (("U5-bom", "U5"), ["U5-bom", "U5"]),
            ((), list(REQUIREMENTS)),
        ],
    )
    def test_finds_by_class_or_by_id_in_any_case(self, ids: tuple[str, ...], found: list[str]) -> None:
        assert [requirement.id for requirement in requirements(ids)] == found

    @pytest.mark.parametrize(
        ("wanted", "hint"), [("U9", "did you mean U"), ("nonsense", "`sliceproof list requirements` shows all")]
    )
    def test_of_an_unknown_id_says_where_the_known_ones_are(self, wanted: str, hint: str) -> None:
        with pytest.raises(UnknownRequirementError, match=hint):
            requirements((wanted,))


@pytest.mark.parametrize(
    ("id_", "dialect", "declared", "reason"),
    [
        ("U2", "tgi-sse", {"yields": "lines"}, "the decoder yields lines and does not read what this is about"),
        ("L1", "tgi-sse", {"yields": "messages"}, "the decoder yields messages and does not read what this is about"),
        ("F1", "tgi-sse", {"accepts": "parts"}, "the decoder accepts parts and never sees the wire"),
        ("T2", "tgi-sse", {"accepts": "events"}, "the decoder accepts events and never sees the wire"),
        ("U1", "text", {"dialects": ("tgi-sse",)}, "the decoder does not claim text"),
        ("R1", "text", {}, "plain text has no records"),
        ("S3", "djl-jsonlines", {}, "djl-jsonlines cannot have this hazard"),
        ("X2", "tgi-sse", {"modes": {"sync": REFERENCE.modes["sync"]}}, "the decoder has one way of being called"),
        ("F1", "tgi-sse", {"yields": "messages"}, ""),
        ("U1", "tgi-sse", {"yields": "lines"}, ""),
        ("U1", "tgi-sse", {"dialects": None}, ""),
    ],
)
def test_what_cannot_be_asked_says_why(id_: str, dialect: str, declared: dict[str, object], reason: str) -> None:
    decoder = replace(REFERENCE, **declared)  # type: ignore[arg-type]
    assert REQUIREMENTS[id_].inapplicable(decoder, DIALECTS[dialect]) == reason


class TestASweep:
    @EACH
    def test_is_finite_and_the_same_each_time(self, requirement: Requirement) -> None:
        for known in asked(requirement)[:3]:
            once, again = (list(islice(requirement.sweep(known), 3000)) for _ in range(2))
            assert once == again
            assert len(once) < 3000

    @pytest.mark.parametrize("requirement", [one for one in SWEPT if one.id in HAZARDS], ids=lambda one: one.id)
    def test_holds_every_letter_of_its_hazard(self, requirement: Requirement) -> None:
        for known in asked(requirement)[:2]:
            swept = set(requirement.sweep(known))
            letters = set(requirement.alphabet(known))
            assert letters <= set(hazard(requirement.id, known))
            assert {requirement.composed(known, (letter,)) for letter in letters} <= swept

    @pytest.mark.parametrize(
        "id_", ["U1", "U2", "U4", "L2", "L3", "R2", "R3", "P3", "S2", "F1", "F5", "K1", "O1", "E1", "E1-record"]
    )
    def test_shows_its_hazard_in_each_stream(self, id_: str) -> None:
        requirement = REQUIREMENTS[id_]
        for known in asked(requirement):
            streams = list(requirement.sweep(known))
            hold = [has(stream, id_) for stream in streams]
            assert sum(hold) > len(hold) / 2, known

    def test_of_a_fault_ends_in_the_fault_each_time(self) -> None:
        for id_ in ("E1", "E1-record", "E2", "T1", "T2", "T3", "F2", "F3"):
            requirement = REQUIREMENTS[id_]
            for known in asked(requirement):
                assert all(stream.fault for stream in requirement.sweep(known)), (id_, known)


class TestARoot:
    CUT = Stream("tgi-sse", ["é"], part_cuts=[43])

    def test_is_a_contained_requirement_that_is_broken_and_whose_hazard_the_stream_has(self) -> None:
        assert root(("R1", "U2"), {"R1", "U2"}, self.CUT) == "R1"
        assert root(("R1", "U2"), {"U2"}, self.CUT) == "U2"

    def test_is_none_that_the_decoder_does_not_break(self) -> None:
        assert root(("R1", "U2"), set(), self.CUT) == ""

    def test_is_none_whose_hazard_the_stream_lacks(self) -> None:
        assert root(("R2", "L3"), {"R2", "L3"}, self.CUT) == ""

    def test_may_be_the_frames_of_any_stream(self) -> None:
        assert root((), {"F4"}, self.CUT) == "F4"

    def test_may_be_the_beginning_of_any_answer_and_then_leads(self) -> None:
        assert root(("P1", "D2"), {"G1", "P1", "D2"}, Stream("tgi-sse", ("user", "user"))) == "G1"
        assert root(("P1", "D2"), {"G1", "D2"}, Stream("tgi-sse", ("qq", "qq"))) == "D2"

    @pytest.mark.parametrize(
        "id_", [id_ for id_ in REQUIREMENTS["MIX"].contains if id_ in {*HAZARDS} & {*REQUIREMENTS}]
    )
    def test_is_seen_in_a_stream_of_its_own_hazard_and_not_in_a_plain_one(self, id_: str) -> None:
        known = next(dialect for dialect in DIALECTS.values() if hazard(id_, dialect))
        assert has(REQUIREMENTS[id_].composed(known, hazard(id_, known)[:1] * 2), id_)
        if id_ != "F4":
            assert not has(Stream(known.id, ("q",)), id_)

    def test_of_a_fault_is_that_fault(self) -> None:
        stream = Stream("tgi-sse", (), fault=Fault("exception", 0))
        assert root(("E1", "E1-record"), {"E1", "E1-record"}, stream) == "E1"
        assert root(("E1", "E1-record"), {"E1-record"}, stream) == ""
