"""The step of the GitHub action that judges, run as a runner runs it: inputs in the environment, outputs in files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import github_step
import pytest

STEP = Path(__file__).parents[2] / "tools" / "github_step.py"
HALVES = "def decode(parts):\n    for part in parts:\n        yield part.decode('utf-8', 'replace')\n"


def stepped(folder: Path, **inputs: str) -> tuple[int, dict[str, str], str]:
    """Exit code, outputs and summary."""
    told, shown = folder / "output", folder / "summary"
    files = {"GITHUB_OUTPUT": str(told), "GITHUB_STEP_SUMMARY": str(shown)}
    ran = subprocess.run(
        [sys.executable, str(STEP)], cwd=folder, env={**os.environ, **files, **inputs}, capture_output=True, check=False
    )
    outputs = dict(line.split("=", 1) for line in told.read_text("utf-8").splitlines())
    return ran.returncode, outputs, shown.read_text("utf-8")


def test_a_sound_decoder_passes(tmp_path: Path) -> None:
    code, outputs, summary = stepped(tmp_path, TARGETS="sound:whole_body", DIALECTS="text", ARGS="--profile quick")
    assert (code, outputs["exit-code"]) == (0, "0")
    assert Path(outputs["report"]) == tmp_path / "sliceproof.json"
    assert summary.startswith("## sliceproof: no MUST is broken\n")
    assert " pass" in summary


def test_a_broken_decoder_fails_and_the_summary_shows_where(tmp_path: Path) -> None:
    (tmp_path / "my streams.py").write_text(HALVES)
    inputs = {"TARGETS": "'my streams.py:decode'", "DIALECTS": "text", "ARGS": "--accepts parts --requirement 'U1'"}
    code, outputs, summary = stepped(tmp_path, **inputs, JUNIT="junit.xml", SARIF="sarif.json", JSON="out.json")
    assert (code, outputs["exit-code"]) == (1, "1")
    (row,) = json.loads(Path(outputs["report"]).read_text("utf-8"))["results"]
    assert (row["requirement"], row["verdict"]) == ("U1", "fail")
    assert "| my streams.py:decode | text | U1 code point cut between parts | fail |" in summary
    assert "Stream('text', ['é'], part_cuts=[1])" in summary
    assert (tmp_path / "junit.xml").is_file()
    assert (tmp_path / "sarif.json").is_file()


def test_it_may_leave_the_verdict_to_others(tmp_path: Path) -> None:
    inputs = {"TARGETS": "broken:decodes_parts_alone", "DIALECTS": "tgi-sse", "ARGS": "--requirement U1"}
    code, outputs, _ = stepped(tmp_path, **inputs, FAIL="false")
    assert (code, outputs["exit-code"]) == (0, "1")


@pytest.mark.parametrize("inputs", [{"TARGETS": "nobody"}, {"TARGETS": "'open"}])
def test_what_cannot_be_judged_exits_2_without_a_report(tmp_path: Path, inputs: dict[str, str]) -> None:
    (tmp_path / "sliceproof.json").write_text("of an earlier run")
    code, outputs, summary = stepped(tmp_path, **inputs)
    assert (code, outputs) == (2, {"exit-code": "2", "report": ""})
    assert "could not judge" in summary


def test_no_input_is_read_as_a_script(tmp_path: Path) -> None:
    code, _, _ = stepped(tmp_path, TARGETS="$(touch told) ; touch told", ARGS="`touch told`")
    assert code == 2
    assert not (tmp_path / "told").exists()


def test_a_cell_of_the_summary_stays_one() -> None:
    found = {"title": "a|b", "follows": "", "what": "`x`\n<b>", "byte_map": [], "rule": "", "stream": ""}
    row = {"decoder": "d", "dialect": "text", "requirement": "U1", "verdict": "fail"}
    more = {"expected": "", "got": "", "difference": "", "replay": "````"}
    text = github_step.summary(1, {"results": [{**row, "finding": found | more}]})
    assert "| d | text | U1 a\\|b | fail | \\`x\\` &lt;b> |" in text
    assert text.count("````") == 2
