"""Hints: each requirement has one, and its code mends the decoders that break the requirement."""

import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

from mending import CALLS, STEPS, mended
from sliceproof.conformance.cli.main import cli
from sliceproof.conformance.cli.teaching import smallest
from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.reporting.finding_table import plain, rows
from sliceproof.conformance.reporting.report import report, row
from sliceproof.conformance.reporting.sarif import sarif
from sliceproof.conformance.requirements import REQUIREMENTS, UnknownRequirementError, requirements
from sliceproof.conformance.requirements.hints import hint, snippets
from sliceproof.conformance.requirements.hints.snippets import whole
from sweeps import shared

TEXT = [broken for broken in BROKEN.values() if broken.yields in ("text", "deltas")]
SNIPPETS = {path.name.removesuffix(".py") for path in files(snippets).iterdir() if path.name.endswith(".py")}
SHOWN = 110  # characters of a row of a finding


def verdict(broken: Broken) -> str:
    """What is said of a decoder by the requirement that is its own."""
    plan = Plan([shared(broken.breaks[0])], PROFILES["ci"], examples=5)
    return next(iter(run(broken.decoder(), plan, [broken.dialect]))).verdict


@pytest.mark.parametrize("broken", TEXT, ids=lambda one: one.name)
def test_the_code_of_a_hint_mends_a_decoder_that_breaks_its_requirement(broken: Broken) -> None:
    requirement = REQUIREMENTS[broken.breaks[0]]
    assert verdict(broken) == requirement.verdict
    assert verdict(mended(broken, hint(requirement.id).snippet)) == "pass"


@pytest.mark.parametrize("dialect", ["tgi-sse", "openai-sse"])
def test_the_pieces_together_are_a_sound_decoder(dialect: str) -> None:
    decoder = load(f"{whole.__name__}:decode")
    plan = Plan([shared(id_, 3) for id_ in REQUIREMENTS], PROFILES["ci"], examples=5)
    results = list(run(decoder, plan, [dialect]))
    assert {one.requirement.id: one.reason for one in results if one.verdict not in ("pass", "n/a")} == {}
    assert sum(one.verdict == "pass" for one in results) > 60


@pytest.mark.parametrize("id_", REQUIREMENTS)
def test_a_requirement_has_sentences_the_first_of_which_fits_in_a_row(id_: str) -> None:
    assert all(sentence.endswith(".") for sentence in hint(id_).sentences)
    assert 1 <= len(hint(id_).sentences) <= 3
    assert len(hint(id_).first) <= SHOWN


def test_each_piece_of_code_is_some_hint_s_and_is_tried() -> None:
    assert {hint(id_).snippet for id_ in REQUIREMENTS} == SNIPPETS - {"__init__"} == {*STEPS, *CALLS}


def test_a_finding_says_how_to_mend_it_in_each_form() -> None:
    broken = BROKEN["decodes_parts_alone"]
    plan = Plan([REQUIREMENTS["U1"]], PROFILES["quick"])
    results = list(run(broken.decoder(), plan, [broken.dialect]))
    assert results[0].finding is not None
    assert f"      fix       {hint('U1').first}\n" in plain(rows(results[0].finding))
    assert row(results[0])["finding"]["hint"] == hint("U1").text
    help_ = json.loads(sarif(report(results, plan)))["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    assert hint("U1").text in help_["text"]


@pytest.mark.parametrize("id_", REQUIREMENTS)
def test_a_requirement_is_taught(id_: str) -> None:
    shown = CliRunner().invoke(cli, ["list", "requirements", id_])
    assert shown.exit_code == 0, shown.output
    titles = [line for line in shown.output.splitlines() if line.startswith(f"{id_}  ")]
    assert titles == [f"{id_}  {REQUIREMENTS[id_].title}"]
    for text in (REQUIREMENTS[id_].rule, *REQUIREMENTS[id_].seen, *hint(id_).sentences, *hint(id_).code.splitlines()):
        assert text in shown.output
    assert not any(line.endswith(" ") for line in shown.output.splitlines())


@pytest.mark.parametrize("id_", [id_ for id_ in REQUIREMENTS if id_ != "Q1"])
def test_the_stream_that_is_shown_breaks_a_decoder_that_is_broken_on_purpose(id_: str) -> None:
    stream = smallest(REQUIREMENTS[id_])
    these = [one for one in BROKEN.values() if one.dialect == stream.dialect and (one.breaks[0] == id_ or id_ == "MIX")]
    assert any(REQUIREMENTS[id_].check(one.decoder(), stream) for one in these)


def test_an_id_that_there_is_not_is_one_error_that_names_those_near() -> None:
    with pytest.raises(UnknownRequirementError, match=r"unknown requirement 'E1-RECORDS': did you mean .*E1-record"):
        requirements(("e1-records",))
    assert "takes no more words" in CliRunner().invoke(cli, ["list", "cases", "U1"]).output
