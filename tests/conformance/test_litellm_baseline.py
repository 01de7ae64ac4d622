"""The example baseline of the LiteLLM that is installed: each of its entries is a failure of that release."""

from importlib.metadata import version
from pathlib import Path

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.baseline.expected import Expectation, observed
from sliceproof.conformance.engine.baseline.reading import Baseline, read
from sliceproof.conformance.engine.baseline.writing import Changes, updated
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.plan import PROFILES, Plan, Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS

FOLDER = Path(__file__).parents[2] / "examples" / "baselines"
FILES = sorted(FOLDER.glob("litellm-*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_can_be_read_and_says_why(path: Path) -> None:
    known = read(path)
    assert {entry.decoder for entry in known.entries} == {"litellm"}
    assert {entry.versions for entry in known.entries} == {f"=={path.stem.removeprefix('litellm-')}"}
    assert all(entry.reason for entry in known.entries)


@pytest.fixture(scope="module")
def litellm() -> Decoder:
    pytest.importorskip("litellm")
    return load("litellm")


@pytest.fixture(scope="module")
def path(litellm: Decoder) -> Path:
    path = FOLDER / f"litellm-{version('litellm')}.toml"
    if path not in FILES:
        pytest.skip(f"there is no baseline of {version('litellm')}")
    return path


def confirmed(litellm: Decoder, known: Baseline) -> list[Result]:
    """What became of the entries, but for the one that takes time to measure."""
    judging = Judging(litellm, Plan([], PROFILES["ci"]), [load("botocore")], Expectation(known))
    asked = [(entry.requirement, entry.dialect) for entry in known.entries if entry.requirement != "Q1"]
    return [judging.evaluate(Task(REQUIREMENTS[id_], DIALECTS[dialect])) for id_, dialect in asked]


def test_its_entries_are_failures_of_the_release(litellm: Decoder, path: Path) -> None:
    told = {f"{one.requirement.id} {one.dialect}": one.standing for one in confirmed(litellm, read(path))}
    assert {id_: standing for id_, standing in told.items() if standing != "known"} == {}
    assert told


def test_it_is_up_to_date(litellm: Decoder, path: Path) -> None:
    known = read(path)
    seen = [observed(result, known) for result in confirmed(litellm, known)]
    assert updated(path.read_text("utf-8"), seen)[1] == Changes()
