"""What a run of pytest leaves behind: JUnit properties, GitHub's annotations and summary, a baseline, cases."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any

import pytest

from sliceproof.conformance.engine.baseline.reading import read
from sliceproof.conformance.plugin import github
from sliceproof.corpus import load_folder

Run = Callable[..., pytest.RunResult]

HALVES = """
    sliceproof_decoders = app:halves
    sliceproof_dialects = text
    sliceproof_requirements = U1 L1
    sliceproof_accepts = parts
    sliceproof_examples = 2
"""
KNOWN = HALVES + "    sliceproof_baseline = known.toml\n"
U1 = "sliceproof::app:halves::text::U1-code-point-cut-between-parts"


def test_junit_gets_a_property_for_all_that_was_judged(project: Run, pytester: pytest.Pytester) -> None:
    project("--junitxml=junit.xml", ini=HALVES)
    cases = ElementTree.parse(pytester.path / "junit.xml").iter("testcase")
    told = {case.get("name"): {one.get("name"): one.get("value") for one in case.iter("property")} for case in cases}
    assert told["U1-code-point-cut-between-parts"] == {
        "decoder": "app:halves",
        "dialect": "text",
        "requirement": "U1",
        "level": "must",
        "verdict": "fail",
        "case": "Stream('text', ['é'], part_cuts=[1])",
    }
    assert told["L1-unicode-line-breaks-are-text"]["verdict"] == "pass"


class TestABaseline:
    def test_is_written_and_then_met(self, project: Run, pytester: pytest.Pytester) -> None:
        result = project("--sliceproof-update-baseline", ini=KNOWN)
        result.assert_outcomes(passed=1, xfailed=1)
        result.stdout.fnmatch_lines(["known.toml: 1 added, 0 removed, 0 altered"])
        result = project("-rx", ini=KNOWN)
        result.assert_outcomes(passed=1, xfailed=1)
        result.stdout.fnmatch_lines([f"XFAIL {U1} - U1 is known of app:halves: bug"])
        result = project("--sliceproof-update-baseline", ini=KNOWN)
        result.stdout.fnmatch_lines(["known.toml: 0 added, 0 removed, 0 altered"])

    def test_fails_what_is_no_failure_any_more(self, project: Run, pytester: pytest.Pytester) -> None:
        project("--sliceproof-update-baseline", ini=KNOWN)
        pytester.path.joinpath("app.py").write_text(
            pytester.path.joinpath("app.py").read_text().replace("halves", "_") + "\nhalves = whole\n"
        )
        result = project(ini=KNOWN)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(
            [
                "*app:halves in text is no known failure any more: entry 1 of known.toml can go: *",
                "app:halves: stale: U1",
            ]
        )
        result = project("--sliceproof-update-baseline", ini=KNOWN)
        result.assert_outcomes(passed=2)
        assert read(pytester.path / "known.toml").entries == []

    def test_fails_what_fails_otherwise(self, project: Run, pytester: pytest.Pytester) -> None:
        project("--sliceproof-update-baseline", ini=KNOWN)
        path = pytester.path / "known.toml"
        path.write_text(path.read_text("utf-8").replace("replaces bytes by U+FFFD", "loses text"), "utf-8")
        result = project(ini=KNOWN)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(
            [
                "*, which is not how it is known: entry 1 of known.toml says that it loses text *",
                "app:halves: changed: U1",
            ]
        )

    def test_says_nothing_of_what_was_not_asked(self, project: Run, pytester: pytest.Pytester) -> None:
        project("--sliceproof-update-baseline", ini=KNOWN)
        before = (pytester.path / "known.toml").read_text("utf-8")
        for choice in (("-k", "L1"), ("--sliceproof-requirements", "L1"), ("--sliceproof-decoders", "app:whole")):
            project("--sliceproof-update-baseline", *choice, ini=KNOWN).assert_outcomes(
                passed=2 if "whole" in choice[1] else 1, deselected=int("-k" in choice)
            )
        assert (pytester.path / "known.toml").read_text("utf-8") == before

    def test_has_an_item_for_what_does_not_apply_at_all(self, project: Run, pytester: pytest.Pytester) -> None:
        project("--sliceproof-update-baseline", ini=KNOWN)
        path = pytester.path / "known.toml"
        path.write_text(path.read_text("utf-8").replace('"U1"', '"X2"'), "utf-8")
        result = project("--sliceproof-requirements", "L1 X2", ini=KNOWN)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(
            ["X2 *app:halves in text is no known failure any more: entry 1 of known.toml can go*"]
        )

    def test_is_no_excuse_with_runxfail(self, project: Run) -> None:
        project("--sliceproof-update-baseline", ini=KNOWN)
        project("--runxfail", ini=KNOWN).assert_outcomes(passed=1, failed=1)

    def test_that_is_malformed_is_one_line(self, project: Run, pytester: pytest.Pytester) -> None:
        (pytester.path / "known.toml").write_text("[[known]]\n")
        result = project(ini=KNOWN)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: sliceproof: known.toml: entry 1: decoder: is missing"])

    def test_counts_for_a_test_function_too(self, project: Run) -> None:
        own = """
            import pytest
            from app import halves

            @pytest.mark.sliceproof(dialects=["text"], requirements="U1 L1", accepts="parts", examples=2)
            def test_halves(sliceproof):
                sliceproof.check(halves)
        """
        known = "    sliceproof_baseline = known.toml\n"
        project("--sliceproof-update-baseline", ini=known, test_own=own).assert_outcomes(passed=1, xfailed=1)
        project(ini=known, test_own=own).assert_outcomes(passed=1, xfailed=1)
        project(ini=KNOWN, test_own=own).assert_outcomes(passed=2, xfailed=2)


def test_findings_are_saved_as_cases_and_replayed(project: Run, pytester: pytest.Pytester) -> None:
    result = project("--sliceproof-save", "found", ini=HALVES)
    result.stdout.fnmatch_lines(["saved *found*U1-*.json"])
    assert [case.requirement for case in load_folder(pytester.path / "found")] == ["U1"]
    project("--sliceproof-corpus", "found", ini=HALVES).assert_outcomes(passed=1, failed=1)
    result = project("--sliceproof-corpus", "nowhere", ini=HALVES)
    assert result.ret == pytest.ExitCode.USAGE_ERROR


class TestOnGitHub:
    def test_a_failure_is_annotated_where_the_decoder_is(self, project: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        lines = [line for line in project(ini=HALVES).outlines if line.startswith("::")]
        assert len(lines) == 1
        start = "::error file=app.py,line=12,title=U1 code point cut between parts::U1 code point cut between parts%3A "
        assert lines[0].startswith(start.replace("%3A", ":"))
        assert "%0A      rule" in lines[0]

    def test_the_step_has_a_summary(
        self, project: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = pytester.path / "summary.md"
        path.write_text("# before\n")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
        project(ini=HALVES)
        told = path.read_text("utf-8")
        assert told.startswith("# before\n## sliceproof ")
        assert "### app:halves: 1 failed, 1 passed\n" in told
        assert "| U1 code point cut between parts | failed |" in told
        assert "<details><summary>U1 code point cut between parts: app:halves in text</summary>" in told

    def test_nothing_is_written_elsewhere(self, project: Run, pytester: pytest.Pytester) -> None:
        result = project(ini=HALVES)
        result.stdout.no_fnmatch_line("::error*")


def told(**changes: Any) -> dict[str, Any]:
    return {
        "decoder": "app:decode", "version": "", "dialect": "text", "requirement": "U1", "title": "a: b, c",
        "level": "must", "verdict": "fail", "standing": "", "follows": "", "case": "", "at": [], "outcome": "failed",
        "text": "50 %\r\nend", "expected": "'a'", "got": "'b'", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "::error title=U1 a%3A b%2C c::50 %25%0D%0Aend"),
        ({"at": ["a,b.py", 3]}, "::error file=a%2Cb.py,line=3,title=U1 a%3A b%2C c::50 %25%0D%0Aend"),
        (
            {"verdict": "warn", "outcome": "passed"},
            "::warning title=U1 a%3A b%2C c::app:decode in text: expected 'a', got 'b'",
        ),
        ({"verdict": "pass", "outcome": "passed"}, ""),
        ({"standing": "known", "outcome": "skipped"}, ""),
    ],
)
def test_annotations_are_escaped(changes: dict[str, Any], line: str) -> None:
    assert github.annotation(told(**changes)) == line


def test_annotations_are_of_roots_and_no_more_than_are_shown() -> None:
    many = [told(), told(follows="R1")] + [told(requirement=f"U{number}") for number in range(30)]
    assert len(github.annotations(many)) == github.MOST_ANNOTATIONS


def test_a_summary_keeps_to_its_size_and_its_table() -> None:
    text = github.summary([told(text="````\n" + "x" * 2_000_000, title="a | b <b>")])
    assert len(text.encode()) < 2**20
    assert "| U1 a \\| b &lt;b> | failed |" in text
    assert text.count("````") == 2
