"""Judging for the matrix: what is measured, what a report becomes, and that a failure is a row."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from matrix import cases, evidence, judging
from matrix.environment import InstallError, Place, fetched, last_lines, place
from matrix.record import Environment, Finding, Ran
from matrix.roster import Package
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.case_files import case_of
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.reporting.report import report
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, Found, load_folder, save
from sliceproof.wire.stream import Stream

PIP = """Collecting litellm==1.63.3
  Downloading litellm-1.63.3-py3-none-any.whl.metadata (36 kB)
Collecting boto3
  Downloading boto3-1.44.8-py3-none-any.whl (140 kB)
Downloading litellm-1.63.3-py3-none-any.whl (6.5 MB)
Downloading six-1.17.0-py2.py3-none-any.whl (900 bytes)
Using cached nothing-1.0-py3-none-any.whl (999 MB)
Installing collected packages: litellm
"""
WRONG = "litellm-proposed-fix"  # ours, loses bytes, and needs nothing installed


def results(*ids: str) -> list[Result]:
    plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["ci"])
    return list(run(load(WRONG), plan, ["tgi-sse", "openai-sse"], [load("botocore")]))


def told(*ids: str) -> Any:
    return report(results(*ids), Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["ci"]))


def finding(**changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "requirement": "U1",
        "level": "must",
        "title": "code point cut between parts",
        "dialects": ["tgi-sse"],
        "roots": ["tgi-sse"],
        "follows": [],
        "inherited": "",
        "stream": "Stream('tgi-sse', ['é'], part_cuts=[43])",
        "expected": "'é'",
        "got": "''",
    }
    return Finding(**(fields | changes))


class TestWhatIsMeasured:
    def test_is_what_pip_says_that_it_downloads(self) -> None:
        assert fetched(PIP) == pytest.approx(6.5 + 0.140 + 0.036 + 0.0009)

    def test_is_also_what_it_takes_from_an_index_of_the_machine_but_not_our_own_wheel(self, tmp_path: Path) -> None:
        for name in (
            "numpy-2.4.6-cp311-cp311-linux_x86_64.whl",
            "torch-2.14.1.tar.gz",
            "sliceproof-0.1.0-py3-none-any.whl",
        ):
            (tmp_path / name).write_bytes(bytes(2_000_000))
        said = "".join(f"Processing {file} (from a==1->b)\n" for file in sorted(tmp_path.iterdir()))
        assert fetched(said + PIP) == pytest.approx(4.0 + fetched(PIP))

    def test_is_how_long_each_thing_took(self, tmp_path: Path) -> None:
        here = Place(tmp_path)
        for _ in range(2):
            assert here.run([sys.executable, "-c", "print(1)"], "check", 60).stdout == "1\n"
        assert here.seconds["check"] > 0

    def test_of_a_failure_is_what_was_said_last_without_warnings(self) -> None:
        said = (
            "WARNING: old\nERROR: Could not find a version\nERROR: No matching distribution\n[notice] A new release\n"
        )
        assert last_lines(said) == "ERROR: Could not find a version ERROR: No matching distribution"
        assert last_lines("") == "it said nothing"


class TestAFailureIsARow:
    package = Package(name="six", versions=["1"], targets=["reference"])

    def test_where_it_cannot_be_installed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(here: Place, *_: object) -> None:
            here.megabytes = 3.25
            raise InstallError("pip cannot install it: ERROR: No matching distribution")

        monkeypatch.setattr(judging, "install", fails)
        entry = judging.judged(self.package, "1", tmp_path / "none.whl", ())
        assert entry.error == "pip cannot install it: ERROR: No matching distribution"
        assert (entry.decoders, entry.tests, entry.megabytes) == ([], [], 3.2)

    def test_where_a_program_there_writes_what_it_should_not(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def garbage(*_: object) -> Any:
            return json.loads("no JSON")

        monkeypatch.setattr(judging, "install", lambda *_: None)
        monkeypatch.setattr(judging, "_checked", garbage)
        entry = judging.judged(self.package, "1", Path("none.whl"), ())
        assert entry.error.startswith("it could not be judged: JSONDecodeError: ")

    def test_where_there_is_no_python_for_it(self, tmp_path: Path) -> None:
        entry = judging.judged(Package(name="six", versions=["1"], targets=["x"], python="3.99"), "1", tmp_path, ())
        assert entry.error == "skipped: it needs Python 3.99 or later, and there is none here"

    def test_where_it_takes_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(InstallError, match="check was not over after 0 s"):
            Place(tmp_path).run([sys.executable, "-c", "import time; time.sleep(30)"], "check", 0.2)

    def test_where_there_is_no_such_program(self, tmp_path: Path) -> None:
        with pytest.raises(InstallError, match="no-such-program cannot be started"):
            Place(tmp_path).run(["no-such-program"], "install", 5)

    def test_where_evidence_is_asked_again_and_nothing_was_kept(self, tmp_path: Path) -> None:
        with pytest.raises(InstallError, match="holds no environment; judge six with --keep first"):
            judging.confirmed_again(entry(), self.package, tmp_path)

    def test_a_folder_is_kept_if_that_is_asked_for_and_else_is_gone(self, tmp_path: Path) -> None:
        with place(tmp_path / "kept") as here:
            assert here.folder.is_dir()
        assert here.folder.is_dir()
        with place() as here:
            assert here.folder.is_dir()
        assert not here.folder.exists()


def entry(**changes: Any) -> Environment:
    fields: dict[str, Any] = {
        "package": "six",
        "version": "1",
        "date": "2026-11-24",
        "sliceproof": "0.1.0",
        "python": "3.11.7",
        "requirements": ["six==1"],
        "installed": {},
        "seconds": {},
        "megabytes": 0.0,
    }
    return Environment(**(fields | changes))


class TestAReport:
    def judged(self, *ids: str) -> Any:
        inside = {"version": "1.0", "plain": {"tgi-sse": "Stream('tgi-sse', ['é'])"}, "framing": []}
        return judging._decoder(WRONG, inside, told(*ids)["results"], False)

    def test_becomes_verdicts_by_requirement_and_dialect(self) -> None:
        one = self.judged("U1", "U2", "U4")
        assert one.verdicts["U1"] == {"fail": ["tgi-sse", "openai-sse"]}
        assert one.verdicts["U2"] == {"pass": ["tgi-sse", "openai-sse"]}
        assert list(one.verdicts["U4"]) == ["n/a"]
        assert one.reasons == {"U4": "tgi-sse cannot have this hazard"}

    def test_becomes_one_finding_a_requirement_with_its_smallest_stream(self) -> None:
        (one,) = self.judged("U1", "U2").findings
        assert (one.requirement, one.level, one.dialects, one.follows) == ("U1", "must", one.roots, [])
        assert one.stream == "Stream('tgi-sse', ['é'], part_cuts=[43])"

    def test_says_what_a_finding_follows_from(self) -> None:
        one = {each.requirement: each for each in self.judged("R2", "T3").findings}
        assert (one["T3"].roots, one["T3"].follows) == ([], ["R2"])

    def test_says_what_a_finding_is_inherited_from(self) -> None:
        (one,) = self.judged("T2").findings
        assert one.inherited.startswith("botocore ")

    def test_keeps_no_text_of_any_length(self) -> None:
        assert len(judging._short("x" * 5000)) == judging.SHOWN


class TestACase:
    def saved(self, folder: Path) -> list[Case]:
        for result in results("U1"):
            assert result.finding
            save(case_of(result.finding), folder)
        return cases.saved(folder)

    def test_is_made_where_there_is_none_and_one_is_enough(self, tmp_path: Path) -> None:
        name = cases.file_case(finding(thread="a/b#1"), WRONG, self.saved(tmp_path / "new"), False, tmp_path / "filed")
        (case,) = load_folder(tmp_path / "filed")
        assert case.name == name
        assert [(one.decoder, one.thread) for one in case.found] == [(WRONG, "https://github.com/a/b/issues/1")]

    def test_that_is_filed_already_is_taken_and_told_more(self, tmp_path: Path) -> None:
        saved = self.saved(tmp_path / "new")
        known = max(saved, key=lambda case: len(case.stream.wire))
        save(
            Case(known.requirement, known.title, known.stream, (Found("other", "2", "2026-11-24"),)), tmp_path / "filed"
        )
        assert cases.file_case(finding(), WRONG, saved, False, tmp_path / "filed") == known.name
        (case,) = load_folder(tmp_path / "filed")
        assert [one.decoder for one in case.found] == [WRONG, "other"]

    def test_is_not_made_for_what_is_ours_or_a_should(self, tmp_path: Path) -> None:
        saved = self.saved(tmp_path / "new")
        assert cases.file_case(finding(), WRONG, saved, True, tmp_path / "filed") == ""
        assert cases.file_case(finding(level="should"), WRONG, saved, False, tmp_path / "filed") == ""
        assert not (tmp_path / "filed").exists()

    def test_is_none_where_another_target_found_it(self, tmp_path: Path) -> None:
        assert cases.file_case(finding(), "litellm", self.saved(tmp_path), False, tmp_path / "filed") == ""

    def test_that_would_be_huge_is_not_kept(self, tmp_path: Path) -> None:
        stream = Stream("text", tuple(f"{number} " for number in range(40_000)))
        huge = Case("U1", "t", stream, (Found(WRONG, "1", "2026-11-24"),))
        assert cases.file_case(finding(), WRONG, [huge], False, tmp_path / "filed") == ""

    def test_of_no_folder_is_none(self, tmp_path: Path) -> None:
        assert cases.saved(tmp_path / "none") == []


EVIDENCE = """
import pytest

@pytest.mark.confirms("litellm", "U1", "R1")
def test_shown(): pass

@pytest.mark.parametrize("one", [pytest.param(1, marks=pytest.mark.confirms("botocore", "T2"))])
def test_shown_too(one): pass

@pytest.mark.confirms("litellm", "R2")
def test_not_shown(): assert False

@pytest.mark.confirms("litellm", "S2")
def test_left_out(): pytest.skip("another version")

def test_confirms_nothing(): pass
"""


class TestEvidence:
    @pytest.fixture
    def ran(self, pytester: pytest.Pytester) -> list[Ran]:
        """What pytest's own report says of EVIDENCE, with the hook of this suite."""
        pytester.makeconftest((Path(__file__).parents[1] / "conftest.py").read_text("utf-8"))
        pytester.makeini("[pytest]\nmarkers = confirms: as in this suite")
        pytester.makepyfile(test_some=EVIDENCE)
        pytester.runpytest_subprocess(
            "-p", "no:cacheprovider", "-p", "no:randomly", "-o", "junit_family=xunit1", "--junitxml=report.xml"
        )
        return list(evidence.tests(pytester.path / "report.xml"))

    def test_is_read_from_pytests_report(self, ran: list[Ran]) -> None:
        assert [(one.test, one.passed, one.confirms) for one in ran] == [
            ("test_some.py::test_shown", True, ["litellm U1", "litellm R1"]),
            ("test_some.py::test_shown_too[1]", True, ["botocore T2"]),
            ("test_some.py::test_not_shown", False, ["litellm R2"]),
            ("test_some.py::test_confirms_nothing", True, []),
        ]

    def test_confirms_only_if_it_passed_and_for_that_target(self, ran: list[Ran]) -> None:
        assert evidence.confirming("litellm", finding(), ran) == ["test_some.py::test_shown"]
        assert evidence.confirming("litellm", finding(requirement="R2"), ran) == []
        assert evidence.confirming("strands-agents", finding(), ran) == []

    def test_of_a_dependency_confirms_what_is_inherited_from_it(self, ran: list[Ran]) -> None:
        inherited = finding(requirement="T2", inherited="botocore 1.44.8")
        assert evidence.confirming("litellm", inherited, ran) == ["test_some.py::test_shown_too[1]"]
        assert evidence.confirming("litellm", finding(requirement="T2"), ran) == []

    def test_is_wanted_of_each_must_of_others_that_stands_for_itself(self) -> None:
        assert evidence.unconfirmed(finding(), ours=False)
        assert not evidence.unconfirmed(finding(evidence=["test_some.py::test_shown"]), ours=False)
        assert not evidence.unconfirmed(finding(), ours=True)
        assert not evidence.unconfirmed(finding(level="should"), ours=False)
        assert not evidence.unconfirmed(finding(roots=[], follows=["R1"]), ours=False)


def test_each_marker_names_a_target_and_requirements_that_there_are() -> None:
    """A marker that is misspelt would confirm nothing, and nobody would be told."""
    import ast

    from matrix.roster import read
    from sliceproof.conformance.decoders import DECODERS

    known = {*DECODERS, *(target for one in read() for target in one.targets)}
    for path in sorted((Path(__file__).parents[1]).rglob("test_*.py")):
        if path.name.startswith("test_matrix"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.confirms":
                target, *ids = (arg.value if isinstance(arg, ast.Constant) else None for arg in node.args)
                program = target is not None and target.startswith("run:")  # a whole program, which no package is
                assert target is None or target in known or program, (path, target)
                assert set(ids) <= REQUIREMENTS.keys(), (path, ids)


def test_what_runs_inside_says_how_a_decoder_reads_plainly_and_the_framing(capsys: pytest.CaptureFixture[str]) -> None:
    from matrix import inside

    inside.main(json.dumps(["reference", "botocore"]), json.dumps(["sliceproof", "botocore"]))
    said = json.loads(capsys.readouterr().out)
    assert set(said["decoders"]) == {"reference", "botocore", "sliceproof"}
    assert said["decoders"]["reference"]["plain"]["tgi-sse"] == "Stream('tgi-sse', ['é', ' 🎉', '字'])"
    buffer, events = said["decoders"]["botocore"]["framing"]
    assert (buffer["mode"], events["mode"]) == ("buffer", "event stream")
    assert buffer["reactions"]["truncated-9"] == "silent"
    assert buffer["reactions"]["payload-bit"] == "error ChecksumMismatch"
    assert "Checksum mismatch" in buffer["errors"]["payload-bit"]
    assert said["installed"]["botocore"]
