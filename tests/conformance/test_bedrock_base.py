"""What decoders of Bedrock inherit from botocore: that it passes over a wire cut inside a message, and nothing else."""

from dataclasses import replace

import pytest

from sliceproof.conformance.decoders.adapters.bedrock_runtime import BASE
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import BEDROCK

MUSTS = [requirement for requirement in REQUIREMENTS.values() if requirement.level == "must"]
CONVERSE = "bedrock-converse"


@pytest.mark.parametrize("dialect", BEDROCK)
def test_botocore_breaks_one_must(dialect: str) -> None:
    results = list(run(load(BASE), Plan(MUSTS, PROFILES["quick"]), [dialect]))
    assert {result.requirement.id for result in results if result.finding} == {"T2"}
    assert [result for result in results if result.verdict == "error"] == []


def test_who_is_built_on_it_inherits_that_alone() -> None:
    wrong = replace(BROKEN["swallows_exception_messages"].decoder(), dialects=(CONVERSE,), builds_on=(BASE,))
    cut = replace(BROKEN["ignores_half_a_message"].decoder(), dialects=(CONVERSE,), builds_on=(BASE,))
    base = load(BASE)
    (own,) = run(wrong, Plan([REQUIREMENTS["E1"]], PROFILES["quick"]), [CONVERSE], [base])
    (inherited,) = run(cut, Plan([REQUIREMENTS["T2"]], PROFILES["quick"]), [CONVERSE], [base])
    assert own.finding
    assert inherited.finding
    assert (own.finding.inherited, inherited.finding.inherited) == ("", f"botocore {base.version()}")
