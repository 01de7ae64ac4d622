"""Broken decoders: each is caught for what it does wrong and for nothing else, by a stream as small as can be."""

from functools import cache

import pytest

from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.reporting.report import cuts
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS
from sweeps import shared

EACH = pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN, scope="module")  # all of one in turn
OF_LENGTH = ("F4", "F6", "F7", "N1", "N2", "Q1", "Q2", "X3")
LATE = ("trusts_a_stream_that_went_well", "finds_a_sentinel_in_pieces")  # about what comes late, or in several deltas
EXAMPLES = 2  # the sweeps before the search find all but what only interacts


@cache
def verdicts(broken: Broken) -> dict[str, Result]:
    """What all requirements say of a broken decoder; the slow Q1 only where it is meant.

    Of what it does not break it is asked a tenth of the sweep, others for each decoder; benchmarks/power.py asks all.
    """
    turn = list(BROKEN).index(broken.name)
    asked = [id_ for id_ in REQUIREMENTS if id_ != "MIX" and (id_ != "Q1" or id_ in broken.breaks)]
    chosen = [shared(id_) if id_ in broken.breaks else shared(id_, 10, turn) for id_ in asked]
    plan = Plan(chosen, PROFILES["ci"], examples=EXAMPLES)
    return {result.requirement.id: result for result in run(broken.decoder(), plan, [broken.dialect])}


def own(broken: Broken) -> Result:
    return verdicts(broken)[broken.breaks[0]]


@EACH
def test_breaks_what_it_says_and_nothing_else(broken: Broken) -> None:
    roots = {id_ for id_, one in verdicts(broken).items() if one.finding and not one.finding.follows}
    assert roots == set(broken.breaks)


@EACH
def test_is_judged_without_an_error_of_the_harness(broken: Broken) -> None:
    assert {id_: one.reason for id_, one in verdicts(broken).items() if one.verdict == "error"} == {}


@EACH
def test_fails_a_must_and_warns_for_a_should(broken: Broken) -> None:
    for result in verdicts(broken).values():
        if result.finding:
            assert result.verdict == {"must": "fail", "should": "warn"}[result.requirement.level]
            assert result.examples_to_failure is not None
            assert 1 <= result.examples_to_failure <= result.streams


@EACH
def test_is_shown_by_one_hazard_alone(broken: Broken) -> None:
    """Two characters, or the one word that is the hazard, and one cut."""
    requirement, finding = REQUIREMENTS[broken.breaks[0]], own(broken).finding
    assert finding is not None
    if requirement.id not in OF_LENGTH and broken.name not in LATE:
        words = {(one.token,) for one in requirement.alphabet(DIALECTS[broken.dialect])}
        few = len("".join(finding.stream.tokens)) <= 4 and len(finding.stream.tokens) <= 3
        assert few or finding.stream.tokens in words
        assert cuts(finding) <= 1


@EACH
def test_is_told_in_words(broken: Broken) -> None:
    finding = own(broken).finding
    assert finding is not None
    breach = finding.broken.breach
    assert breach.what
    assert breach.expected != breach.got
    assert finding.layer


def test_every_requirement_has_a_decoder_that_breaks_it_first() -> None:
    assert {broken.breaks[0] for broken in BROKEN.values()} == set(REQUIREMENTS) - {"MIX"}


@pytest.mark.parametrize("name", ["decodes_parts_alone", "strips_character_sets", "chokes_on_comments"])
def test_all_hazards_together_find_it_too_and_lead_back_to_its_own(name: str) -> None:
    broken = BROKEN[name]
    chosen = [REQUIREMENTS[broken.breaks[0]], REQUIREMENTS["MIX"]]
    results = list(run(broken.decoder(), Plan(chosen, PROFILES["ci"]), [broken.dialect]))
    assert [result.verdict for result in results] == ["fail", "fail"]
    assert results[1].finding is not None
    assert results[1].finding.follows == broken.breaks[0]
