"""`[tool.sliceproof]`: what it says is asked, by the command and in pytest, unless the command line says otherwise."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.engine.project import KEYS, Project, ProjectError, _checks, nearest, origin, read

Sliceproof = Callable[..., tuple[int, str, str]]
Run = Callable[..., pytest.RunResult]

TABLE = """
[tool.sliceproof]
decoders = ["own.py:halves"]
accepts = "parts"
dialects = ["text"]
requirements = ["U1"]
examples = 3
"""
DOCS = Path(__file__).parents[2] / "docs"


def table(folder: Path, text: str = TABLE) -> Path:
    file = folder / "pyproject.toml"
    file.write_text(text)
    return file


def test_the_keys_are_checked_and_told_of() -> None:
    assert tuple(_checks()) == KEYS
    page = (DOCS / "settings.md").read_text("utf-8").split("| key |")[1].split("\n\n")[0]
    first = [row.split("|")[1] for row in page.splitlines()[2:]]
    assert sorted(re.findall(r"`(\w+)`", "".join(first))) == sorted(KEYS)


class TestReading:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ('profil = "ci"', "profil: there is no such key; did you mean profile?"),
            ('dialect = ["text"]', "dialect: there is no such key; did you mean dialects?"),
            ("zzz = 1", "zzz: there is no such key; there are decoders, dialects, "),
            ('profile = "fast"', 'profile: "fast" is none of quick, ci, dev, deep'),
            ("profile = 3", "profile: 3 is none of quick, ci, dev, deep"),
            ('dialects = "text"', 'dialects: "text" is no list of words, as in ["one", "another"]'),
            ("dialects = [1]", "dialects: [1] is no list of words"),
            ('corpus = [""]', 'corpus: [""] is no list of words'),
            ("baseline = []", 'baseline: [] is no path, as in "tests/known.toml"'),
            ("examples = 0", "examples: 0 is no whole number from 1 on"),
            ("examples = true", "examples: true is no whole number from 1 on"),
            ('seed = "today"', 'seed: "today" is no whole number, nor "random"'),
            ("seconds = 0", "seconds: 0 is no number of seconds that is more than 0"),
            ("seconds = inf", "seconds: Infinity is no number of seconds that is more than 0"),
            ("jobs = -1", 'jobs: -1 is no whole number from 0 on, nor "auto"'),
            ('accepts = "bytes"', 'accepts: "bytes" is none of chunks, events, parts, endpoint'),
        ],
    )
    def test_names_file_and_key_of_a_mistake(self, tmp_path: Path, line: str, told: str) -> None:
        file = table(tmp_path, f"[tool.sliceproof]\n{line}\n")
        with pytest.raises(ProjectError) as error:
            read(file)
        assert str(error.value).startswith(f"{file}: tool.sliceproof.{told}")
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("[tool.sliceproof]\nseed = \n", "it is no TOML: Invalid value"),
            ("tool = 1\n# sliceproof\n", "tool is no table"),
            ("[tool]\nsliceproof = 1\n", "tool.sliceproof is no table"),
            ("# sliceproof\n" + "a" * 3 + " = " + "[" * 3000, "it is no TOML"),
        ],
    )
    def test_tells_of_a_file_that_is_none(self, tmp_path: Path, text: str, told: str) -> None:
        with pytest.raises(ProjectError, match=f"pyproject.toml: {told}"):
            read(table(tmp_path, text))

    def test_leaves_files_without_the_table_alone(self, tmp_path: Path) -> None:
        assert not read(table(tmp_path, "this is no TOML at all"))
        assert not read(table(tmp_path, '[project]\ndependencies = ["sliceproof"]\n'))

    def test_takes_the_nearest_file_and_no_other(self, tmp_path: Path) -> None:
        table(tmp_path)
        inner = tmp_path / "a" / "b"
        inner.mkdir(parents=True)
        assert nearest(inner).folder == tmp_path
        table(inner.parent, "")
        assert not nearest(inner)

    def test_says_nothing_of_its_origin_without_a_table(self) -> None:
        assert origin(Project(), {"the command line": ["seed"]}) == ""


class TestCommand:
    def judged(self, sliceproof: Sliceproof, *arguments: str) -> tuple[int, list[tuple[Any, ...]], Any]:
        code, out, err = sliceproof("check", *arguments, "--json", "-")
        assert err == ""
        report = json.loads(out)
        keys = ("decoder", "dialect", "requirement", "verdict")
        return code, [tuple(row[key] for key in keys) for row in report["results"]], report

    def test_asks_for_what_the_table_says(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        table(tmp_path, f'{TABLE}seed = 5\nprofile = "dev"\n')
        code, rows, report = self.judged(sliceproof)
        assert (code, rows) == (1, [("own.py:halves", "text", "U1", "fail")])
        assert (report["seed"], report["profile"]) == (5, "dev")

    def test_on_its_line_wins(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        table(tmp_path, f"{TABLE}seed = 5\n")
        given = ("own.py:sound", "--accepts", "chunks", "--requirement", "F1", "--seed", "0")
        code, rows, report = self.judged(sliceproof, *given)
        assert (code, rows, report["seed"]) == (0, [("own.py:sound", "text", "F1", "pass")], 0)

    def test_shows_what_came_from_where(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        table(tmp_path)
        _, out, _ = sliceproof("check", "--seed", "7")
        assert out.splitlines()[2] == (
            "settings: decoders, dialects, requirements, examples, accepts from pyproject.toml; "
            "seed from the command line"
        )
        (tmp_path / "pyproject.toml").unlink()
        assert "settings:" not in sliceproof("check", "reference", "--dialect", "text", "--requirement", "U1")[1]

    def test_finds_what_the_table_names_from_a_folder_below(
        self, sliceproof: Sliceproof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table(tmp_path, f'{TABLE}baseline = "known.toml"\nsave = "cases"\n')
        below = tmp_path / "below"
        below.mkdir()
        monkeypatch.chdir(below)
        code, out, err = sliceproof("check", "--update-baseline", "--json", "out.json")
        assert (code, err) == (0, "")
        assert "from ../pyproject.toml" in out
        assert (tmp_path / "known.toml").exists()
        assert len([*(tmp_path / "cases").iterdir()]) == 1
        assert (below / "out.json").exists()
        assert sliceproof("check")[0] == 0
        table(tmp_path, f'{TABLE}corpus = ["cases"]\n')
        assert self.judged(sliceproof)[1] == [("own.py:halves", "text", "U1", "fail")]

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ('dialects = ["tgi"]', "tool.sliceproof.dialects: unknown dialect 'tgi': did you mean tgi-sse?"),
            ('requirements = ["U99"]', "tool.sliceproof.requirements: unknown requirement 'U99'"),
            ("colour = 1", "tool.sliceproof.colour: there is no such key"),
        ],
    )
    def test_tells_of_a_mistake_in_one_line(self, sliceproof: Sliceproof, tmp_path: Path, line: str, told: str) -> None:
        file = table(tmp_path, f"[tool.sliceproof]\n{line}\n")
        code, out, err = sliceproof("check", "reference")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert f"{file}: {told}" in err

    def test_without_a_target_anywhere_asks_for_one(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        table(tmp_path, "[tool.sliceproof]\nseed = 1\n")
        assert sliceproof("check") == (2, "", "sliceproof: Missing argument 'TARGET...'.\n")

    def test_that_runs_a_program_reads_it_too(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        table(tmp_path, '[tool.sliceproof]\ndecoders = ["own.py:halves"]\nlevel = "should"\nrequirements = ["U1"]\n')
        code, _, err = sliceproof("run", "--", "true")
        assert (code, "no requirement asked for has level should" in err) == (2, True)

    def test_shows_its_help_whatever_the_table_says(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        table(tmp_path, "[tool.sliceproof]\ncolour = 1\n")
        code, out, err = sliceproof("check", "--help")
        assert (code, err, "[tool.sliceproof]" in out) == (0, "", True)


OF_PYTEST = """
[tool.sliceproof]
decoders = ["app:halves"]
accepts = "parts"
dialects = ["text"]
requirements = ["U1", "U3"]
examples = 3
jobs = 1
"""


class TestPytest:
    def test_judges_what_the_table_says(self, project: Run, pytester: pytest.Pytester) -> None:
        table(pytester.path, OF_PYTEST)
        ran = project("-v", ini="pythonpath = .")
        ran.assert_outcomes(failed=1, passed=1)
        ran.stdout.fnmatch_lines(
            [
                "settings: decoders, dialects, requirements, examples, accepts from pyproject.toml",
                "sliceproof::app:halves::text::U1-code-point-cut-between-parts FAILED*",
            ]
        )

    def test_on_its_line_and_in_its_ini_file_wins(self, project: Run, pytester: pytest.Pytester) -> None:
        table(pytester.path, OF_PYTEST)
        ini = "pythonpath = .\nsliceproof_requirements = U1 U3\nsliceproof_decoders = app:whole"
        ran = project("-v", "--sliceproof-requirements", "U1", ini=ini)
        ran.assert_outcomes(passed=1)
        ran.stdout.fnmatch_lines(
            [
                "settings: dialects, examples, accepts from pyproject.toml; decoders from pytest.ini; "
                "requirements from the command line"
            ]
        )

    def test_gives_it_to_tests_of_ones_own(self, project: Run, pytester: pytest.Pytester) -> None:
        table(pytester.path, OF_PYTEST.replace('decoders = ["app:halves"]\n', ""))
        test = "from app import halves\n\ndef test_it(sliceproof):\n    sliceproof.check(halves)\n"
        project("-q", ini="pythonpath = .", test_it=test).assert_outcomes(failed=1, passed=1)

    def test_finds_the_baseline_beside_the_table(self, project: Run, pytester: pytest.Pytester) -> None:
        table(pytester.path, f'{OF_PYTEST}baseline = "inner/known.toml"\n')
        (pytester.path / "inner").mkdir()
        project("--sliceproof-update-baseline", ini="pythonpath = .").assert_outcomes(xfailed=1, passed=1)
        assert (pytester.path / "inner" / "known.toml").exists()
        project().assert_outcomes(xfailed=1, passed=1)

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ('requirement = ["U1"]', "tool.sliceproof.requirement: there is no such key; did you mean requirements?"),
            ('profile = "fast"', 'tool.sliceproof.profile: "fast" is none of quick, ci, dev, deep'),
            ('dialects = ["tgi"]\ndecoders = ["app:whole"]', "tool.sliceproof.dialects: unknown dialect 'tgi'"),
        ],
    )
    def test_tells_of_a_mistake_in_one_line(
        self, project: Run, pytester: pytest.Pytester, line: str, told: str
    ) -> None:
        file = table(pytester.path, f"[tool.sliceproof]\n{line}\n")
        ran = project(ini="pythonpath = .")
        assert ran.ret == pytest.ExitCode.USAGE_ERROR
        assert [each for each in ran.errlines if each.strip()] == [
            each for each in ran.errlines if f"ERROR: sliceproof: {file}: {told}" in each
        ]
        assert any(told in each for each in ran.errlines)

    def test_pays_nothing_without_a_table(self, project: Run, pytester: pytest.Pytester) -> None:
        table(pytester.path, '[project]\nname = "app"\n')
        code = "import sys\n\ndef test_it():\n    assert 'sliceproof.conformance.engine.project' not in sys.modules\n"
        project("-p", "no:asyncio", "-p", "no:randomly", alone=False, test_it=code).assert_outcomes(passed=1)
