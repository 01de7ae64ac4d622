"""OpenAI's client before LiteLLM's proxy before the endpoint, both unmodified: what gets lost on the way."""

import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS

CLIENT = Path(__file__).parents[2] / "examples/gateway/client.py"

if missing := [name for name in ("litellm", "openai", "apscheduler", "uvicorn", "yaml") if find_spec(name) is None]:
    pytest.skip(f"tox -e gateway has {', '.join(missing)}", allow_module_level=True)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy takes half a minute to start where nothing else runs."""
    monkeypatch.setenv("SLICEPROOF_SILENCE", "240")


def litellm() -> tuple[int, int]:
    try:
        major, minor, *_ = version("litellm").split(".")
    except PackageNotFoundError:
        return 0, 0
    return int(major), int(minor)


MENDED = litellm() >= (1, 109)
"""From then on its decoder reads records that are cut anywhere."""
ASKED = ("PLAIN", "U1", "R1", "R2", "J2", "T4", "A1", "A3")


def broken(dialect: str, ids: tuple[str, ...]) -> dict[str, str]:
    """What is broken of these, each with the smallest stream."""
    judged = load(f"run:{shlex.join([sys.executable, str(CLIENT)])}", dialects=(dialect,))
    plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["quick"])
    results = list(run(judged, plan, [dialect]))
    assert [result.reason for result in results if result.verdict == "error"] == []
    return {result.requirement.id: repr(result.finding.stream) for result in results if result.finding}


@pytest.mark.skipif(not MENDED, reason="LiteLLM before 1.109 loses what is cut")
def test_text_that_is_cut_anywhere_comes_through_the_gateway() -> None:
    assert broken("openai-sse", ASKED) == {}


@pytest.mark.skipif(MENDED, reason="LiteLLM from 1.109 on reads what is cut")
def test_an_old_gateway_loses_what_is_cut() -> None:
    assert broken("openai-sse", ASKED).keys() == {"U1", "R1", "R2"}


def test_a_wire_that_ends_inside_its_first_message_passes_for_an_empty_answer() -> None:
    assert broken("openai-sse", ("T2",)) == {"T2": "Stream('openai-sse', ['x'], fault=Fault('truncated', 277))"}


@pytest.mark.skipif(not MENDED, reason="LiteLLM before 1.109 breaks more")
def test_the_completion_api_loses_what_looks_like_a_template() -> None:
    assert broken("tgi-sse", ("PLAIN", "U1", "G1", "S1")) == {
        "G1": "Stream('tgi-sse', ['y'])",
        "S1": "Stream('tgi-sse', ['x</s>'])",
    }
