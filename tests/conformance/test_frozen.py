"""Frozen sets: a file that was released never changes, and what a run of one says is what was asked."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import freeze
import jsonschema
import pytest

from sliceproof import check
from sliceproof.conformance.engine import frozen as asking
from sliceproof.conformance.engine.claim import claimed
from sliceproof.conformance.engine.frozen import ConformanceError, asked_in, belonging, demanded
from sliceproof.conformance.engine.options import Options
from sliceproof.conformance.engine.project import overruled
from sliceproof.conformance.engine.result import NO_MORE, Result
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.reporting.report import schema
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import shipped
from sliceproof.profiles import UnknownSetError, frozen_set, names
from sliceproof.wire.dialects import BEDROCK, DIALECTS

RELEASED = {"2026.1": "370f7deb8f1d50263d8010122067f0e6934f1b22e8e0f65667fc87da064ff610"}
VECTORS = {
    "2026.1": "50121c797a918eed8cfb14dcc1021ae375013c5aa6085affbd0b9727826dedae",
}
"""The SHA-256 of each released set, and of its vectors. A line never changes: another demand is another set."""

DECODER = Decoder("mine", {"sync": Mode(lambda dialect, form: iter)}, ("text",))
BUFFER = """
from botocore.eventstream import EventStreamBuffer

def messages(chunks):
    buffer = EventStreamBuffer()
    for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            yield message.headers, message.payload
"""
Sliceproof = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_set_never_changes(name: str) -> None:
    assert hashlib.sha256((freeze.FOLDER / f"{name}.toml").read_bytes()).hexdigest() == RELEASED[name]


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_a_released_set_never_change(name: str) -> None:
    assert hashlib.sha256((freeze.FOLDER / f"{name}.vectors.json").read_bytes()).hexdigest() == VECTORS[name]


def test_every_set_is_frozen() -> None:
    assert names() == list(RELEASED) == list(VECTORS)


def test_each_requirement_is_scored_or_its_reason_told() -> None:
    frozen = frozen_set("2026.1")
    scored = {demand.id for demand in frozen.demands}
    assert not scored & frozen.unscored.keys()
    assert scored | frozen.unscored.keys() <= REQUIREMENTS.keys()
    assert frozen.dialects == (*DIALECTS, *BEDROCK)[: len(frozen.dialects)]


def test_the_tool_writes_the_same_file_again() -> None:
    assert freeze.frozen("9.9") == freeze.frozen("9.9")
    assert freeze.frozen("2026.1").splitlines()[:6] == (freeze.FOLDER / "2026.1.toml").read_text().splitlines()[:6]


class TestWhatIsAsked:
    def test_it_is_the_set_s_requirements_and_cases(self) -> None:
        frozen = frozen_set("2026.1")
        plan = Options(conformance="2026.1").plan(shipped())
        assert {requirement.id for requirement in plan.requirements} == {demand.id for demand in frozen.demands}
        assert {case.id for case in plan.cases} == frozen.cases
        assert (plan.conformance, plan.seed, plan.profile.name) == ("2026.1", 0, "ci")

    def test_a_shipped_case_of_later_is_left_out_and_one_s_own_is_asked(self) -> None:
        first, second, *_ = shipped()
        frozen = replace(frozen_set("2026.1"), cases=frozenset({first.id}))
        own = replace(second, title="mine", requirement="MIX")
        assert belonging(frozen, [*shipped(), own]) == [first, own]

    def test_a_case_that_is_not_shipped_is_an_error(self) -> None:
        with pytest.raises(ConformanceError, match="case 000000000000 is not shipped"):
            belonging(replace(frozen_set("2026.1"), cases=frozenset({"0" * 12})), shipped())

    def test_an_unknown_set_names_those_that_there_are(self) -> None:
        with pytest.raises(UnknownSetError, match=r"no conformance '1\.2'; there is 2026\.1"):
            Options(conformance="1.2")

    @pytest.mark.parametrize(
        "less",
        [
            {"requirements": ("U1",)},
            {"level": "must"},
            {"profile": "quick"},
            {"seed": 7},
            {"examples": 3},
            {"seconds": 1.0},
        ],
        ids=lambda less: next(iter(less)),
    )
    def test_less_than_all_is_refused(self, less: dict[str, object]) -> None:
        with pytest.raises(ConformanceError, match=f"leave out {next(iter(less))}"):
            Options(conformance="2026.1", **less)  # type: ignore[arg-type]

    def test_a_deeper_profile_may_be_asked(self) -> None:
        assert Options(conformance="2026.1", profile="dev").plan(shipped()).profile.name == "dev"

    def test_a_narrowed_claim_is_refused(self) -> None:
        two = replace(DECODER, dialects=("text", "tgi-sse", "djl-sse"))
        with pytest.raises(ConformanceError, match="claims tgi-sse and 1 more too"):
            asked_in(frozen_set("2026.1"), two, ("text",))
        assert asked_in(frozen_set("2026.1"), replace(two, dialects=None), ("text",)) == ("text",)

    @pytest.mark.parametrize(
        ("nearness", "left"),
        [
            ({"conformance": 0, "profile": 1, "seed": 1, "dialects": 1}, {"profile", "seed"}),
            ({"conformance": 1, "requirements": 0, "profile": 1}, {"conformance"}),
            ({"conformance": 1, "profile": 1}, set()),
            ({"profile": 1}, set()),
        ],
    )
    def test_what_is_nearer_counts(self, nearness: dict[str, int], left: set[str]) -> None:
        assert overruled(nearness) == left


class TestAnotherVersion:
    """What a set demands and a version of sliceproof does not know alike is one clear error."""

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"rule": "Another."}, "its rule of U1 is another in"),
            ({"level": "should"}, "U1 is no MUST in"),
            (None, "its requirement U1 is unknown to"),
        ],
    )
    def test_it_is_told(self, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str] | None, told: str) -> None:
        of_then = {id_: each for id_, each in REQUIREMENTS.items() if id_ != "U1"}
        if changes is not None:
            of_then["U1"] = replace(REQUIREMENTS["U1"], **changes)  # type: ignore[arg-type]
        monkeypatch.setattr(asking, "REQUIREMENTS", of_then)
        with pytest.raises(ConformanceError, match=told):
            demanded(frozen_set("2026.1"))


def _result(id_: str, verdict: str, dialect: str = "text", reason: str = "", standing: str = "") -> Result:
    return Result(DECODER, dialect, REQUIREMENTS[id_], verdict, reason=reason, standing=standing)


class TestClaim:
    @pytest.mark.parametrize(
        ("results", "told"),
        [
            ([_result("U1", "pass"), _result("W1", "warn")], "conforms to 2026.1 (MUST 1/1, SHOULD 0/1)"),
            (
                [_result("U1", "pass"), _result("U1", "fail", "tgi-sse"), _result("R1", "n/a")],
                "does not conform to 2026.1 (MUST 0/1, SHOULD 0/0): U1",
            ),
            ([_result("U1", "fail", standing="known")], "does not conform to 2026.1 (MUST 0/1, SHOULD 0/0): U1"),
            (
                [_result("U1", "pass"), _result("R1", "pass", standing="stale")],
                "was not judged whole, so nothing is said of 2026.1: not R1",
            ),
            (
                [_result("U1", "pass"), _result("R1", "error")],
                "was not judged whole, so nothing is said of 2026.1: not R1",
            ),
            (
                [_result("U1", "fail"), _result("R1", "n/a", reason=f"it hung on a plain stream{NO_MORE}")],
                "does not conform to 2026.1 (MUST 0/2, SHOULD 0/0): U1",
            ),
            (
                [_result("U1", "pass"), _result("T3", "n/a", reason="by design: whole")],
                "conforms in part to 2026.1 (MUST 1/1, SHOULD 0/0): by design not asked T3",
            ),
            ([_result("U1", "n/a")], "was not judged whole, so nothing is said of 2026.1: not any MUST"),
            ([_result("U1", "pass"), _result("R1", "fail", "djl-sse")], "conforms to 2026.1 (MUST 1/1, SHOULD 0/0)"),
        ],
        ids=["conforms", "broken", "known", "stale", "error", "no more", "by design", "nothing", "another dialect"],
    )
    def test_it_says_what_was_asked(self, results: list[Result], told: str) -> None:
        assert str(claimed("2026.1", results, ("text", "tgi-sse"))) == told


class TestTheCommand:
    def test_a_broken_decoder_does_not_conform(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        files = [f"--{form}={tmp_path / form}" for form in ("json", "junit", "sarif")]
        code, out, _ = sliceproof("check", "broken:decodes_parts_alone", "--conformance", "2026.1", *files)
        assert code == 1
        last = out.strip().splitlines()[-1]
        assert last == "broken:decodes_parts_alone does not conform to 2026.1 (MUST 41/42, SHOULD 18/18): U1"
        report = json.loads((tmp_path / "json").read_text())
        jsonschema.validate(report, schema())
        (claim,) = report["conformance"]["decoders"]
        assert (claim["verdict"], claim["must"]["broken"], claim["dialects"]) == (
            "does not conform",
            ["U1"],
            ["tgi-sse"],
        )
        assert {row["requirement"] for row in report["results"]} == {each.id for each in frozen_set("2026.1").demands}
        assert 'name="conformance" value="does not conform to 2026.1' in (tmp_path / "junit").read_text()
        assert json.loads((tmp_path / "sarif").read_text())["runs"][0]["properties"]["conformance"]["set"] == "2026.1"

    def test_the_reference_conforms(self, sliceproof: Sliceproof) -> None:
        """As a decoder of one's own, which is asked in the dialect that it says it reads."""
        code, out, _ = sliceproof("check", "own.py:sound", "--dialect", "text", "--conformance", "2026.1")
        assert code == 0
        last = out.strip().splitlines()[-1]
        assert last.startswith("own.py:sound conforms to 2026.1 (MUST ")
        assert "conforms: no MUST" not in out

    def test_a_real_package_of_messages(self, sliceproof: Sliceproof) -> None:
        """botocore's buffer is asked of the framing alone, and breaks T2; what is in the payloads does not apply."""
        Path("buffer.py").write_text(BUFFER)
        given = ("--yields", "messages", "--dialect", "text", "--conformance", "2026.1")
        code, out, _ = sliceproof("check", "buffer.py:messages", *given)
        assert code == 1
        last = out.strip().splitlines()[-1]
        assert "does not conform to 2026.1" in last
        assert last.endswith(": T2")

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            (("--level", "must"), "leave out level"),
            (("--worker", "0/2"), "leave --worker and --seeds out"),
            (("--seeds", "2"), "leave --worker and --seeds out"),
            (("--dialect", "text"), "claims"),
        ],
    )
    def test_a_part_of_it_is_refused(self, sliceproof: Sliceproof, more: tuple[str, ...], told: str) -> None:
        code, _, err = sliceproof("check", "reference", "--conformance", "2026.1", *more)
        assert (code, err.count("\n")) == (2, 1)
        assert told in err

    def test_the_project_may_ask_for_it(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        settings = '[tool.sliceproof]\nconformance = "2026.1"\ndecoders = ["broken:decodes_parts_alone"]\n'
        Path("pyproject.toml").write_text(settings)
        code, out, _ = sliceproof("check", "--requirement", "R1")
        assert code == 0
        assert "2026.1" not in out
        Path("pyproject.toml").write_text(settings + 'profile = "quick"\nrequirements = ["U1"]\n')
        code, _, err = sliceproof("check")
        assert (code, "leave out requirements and profile" in err) == (2, True)
        Path("pyproject.toml").write_text(settings.replace("2026.1", "1.1"))
        code, _, err = sliceproof("check")
        assert (code, "tool.sliceproof.conformance: there is no conformance '1.1'" in err) == (2, True)

    def test_the_list_says_what_is_in_it_and_what_not(self, sliceproof: Sliceproof) -> None:
        code, out, _ = sliceproof("list", "conformance")
        assert code == 0
        for told in ("2026.1: ", "MUST       55: PLAIN", "not scored Q1: it measures time"):
            assert told in out


def _halves(parts: Iterable[bytes]) -> Iterator[str]:
    return (part.decode("utf-8", "replace") for part in parts)


def test_python_is_told_too() -> None:
    checked = check(_halves, "text", accepts="parts", conformance="2026.1")
    assert checked.claim is not None
    assert checked.claim.verdict == "does not conform"
    assert "U1" in checked.claim.must["broken"]
    assert checked.claim.dialects == ("text",)
