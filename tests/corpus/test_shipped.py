"""The shipped cases: sound decoders pass them all, and each still breaks what it was found in."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.loading import load as target
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, layout, reading, shipped

TIMED = {"Q1"}  # measures; a test does not

SOUND_ONES = {DECODERS["reference"].load(): ()} | {build.decoder(): build.weak for build in SOUND.values()}
"""Every decoder that must pass every case of the dialects that it claims, but for the requirements it is weak at."""

APPLYING = {
    decoder: [
        case
        for case in shipped()
        if case.requirement not in (*TIMED, *weak)
        and not REQUIREMENTS[case.requirement].inapplicable(decoder, case.stream.format)
    ]
    for decoder, weak in SOUND_ONES.items()
}
FOUND = [(case, found) for case in shipped() for found in case.found if case.requirement not in TIMED]


@cache
def named(decoder: str) -> Decoder:
    return target(decoder)


def name(value: object) -> str:
    return value.name if isinstance(value, Case | Decoder) else str(value)


@pytest.mark.parametrize("decoder", APPLYING, ids=name)
def test_a_sound_decoder_passes_each_case(decoder: Decoder) -> None:
    found = {case.name: REQUIREMENTS[case.requirement].check(decoder, case.stream) for case in APPLYING[decoder]}
    assert {case: broken for case, broken in found.items() if broken is not None} == {}


@pytest.mark.parametrize(
    ("case", "decoder"),
    [(case, found.decoder) for case, found in FOUND if found.decoder.startswith("broken:")],
    ids=name,
)
def test_what_was_broken_on_purpose_is_still_broken(case: Case, decoder: str) -> None:
    assert REQUIREMENTS[case.requirement].check(named(decoder), case.stream) is not None


@pytest.mark.parametrize("case", [case for case, found in FOUND if found.decoder == "botocore"], ids=name)
def test_what_botocore_broke_it_still_breaks_in_the_same_version(case: Case) -> None:
    decoder = named("botocore")
    if decoder.version() not in {found.version for found in case.found if found.decoder == "botocore"}:
        pytest.skip(f"it was not found in botocore {decoder.version()}")
    assert REQUIREMENTS[case.requirement].check(decoder, case.stream) is not None


class TestTheCorpus:
    def test_is_asked_of_many_sound_decoders(self) -> None:
        assert sum(map(len, APPLYING.values())) > 5000

    def test_has_a_case_for_each_requirement_and_for_nothing_else(self) -> None:
        assert {case.requirement for case in shipped()} == set(REQUIREMENTS)

    def test_has_for_each_requirement_a_case_that_shows_its_hazard(self) -> None:
        """A decoder that is broken on purpose for just this one falls for it."""
        shown = {
            case.requirement
            for case, found in FOUND
            if found.decoder.startswith("broken:")
            and BROKEN[found.decoder.removeprefix("broken:")].breaks[0] == case.requirement
        }
        assert shown == set(REQUIREMENTS) - TIMED - {"MIX"}

    def test_has_a_case_for_each_decoder_that_is_broken_on_purpose(self) -> None:
        known = {found.decoder for case in shipped() for found in case.found}
        missing = {f"broken:{id_}" for id_, broken in BROKEN.items() if not TIMED.intersection(broken.breaks)} - known
        assert not missing, "run `python tools/fill.py corpus/cases`"

    def test_asks_of_each_case_what_its_dialect_can_have(self) -> None:
        reference, of_deltas = (DECODERS[name].load() for name in ("reference", "reference-deltas"))
        for case in shipped():
            whom = replace(reference, accepts="endpoint") if case.requirement in ("A1", "A2", "A3", "A4") else reference
            whom = of_deltas if REQUIREMENTS[case.requirement].layer == "deltas" else whom
            assert REQUIREMENTS[case.requirement].inapplicable(whom, case.stream.format) == "", case.name

    def test_is_as_saving_would_write_it(self) -> None:
        folder = Path(str(reading.files("sliceproof.corpus"))) / "cases"
        for case in shipped():
            assert (folder / f"{case.name}.json").read_text("utf-8") == layout.text(case), case.name

    def test_is_small(self) -> None:
        folder = Path(str(reading.files("sliceproof.corpus"))) / "cases"
        assert sum(path.stat().st_size for path in folder.glob("*.json")) < 3_000_000

    def test_is_given_by_id_and_always_the_same(self) -> None:
        ids = [case.id for case in shipped()]
        assert ids == sorted(set(ids))
        assert shipped() is shipped()
