"""`StreamDecoderTests`, inherited: a test of each requirement in each dialect, of pytest and of unittest."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from sliceproof.conformance.plugin import inheriting  # noqa: F401 - kept, as runs in this process import it
from sliceproof.conformance.plugin.inherited import METHODS
from sliceproof.conformance.requirements import REQUIREMENTS

Run = Callable[..., pytest.RunResult]

HEAD = """
import unittest
import pytest
from app import asound, halves, late, sound, whole
from sliceproof.testing import StreamDecoderTests
"""
SOUND = (
    HEAD
    + """
class TestSound(StreamDecoderTests):
    dialects = ["text"]
    examples = 2

    def decoder(self):
        return sound

    def adecoder(self):
        return asound
"""
)
HALVES = (
    HEAD
    + """
class TestHalves(StreamDecoderTests):
    dialects = "text"
    requirements = "U1 F1 W1"
    accepts = "parts"

    def decoder(self):
        return halves
"""
)


def test_a_sound_decoder_passes_and_what_does_not_apply_is_skipped_with_the_reason(project: Run) -> None:
    result = project("-rs", test_own=SOUND)
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped"}
    assert sum(outcomes.values()) == len(REQUIREMENTS)
    assert outcomes["passed"] > 30
    result.stdout.fnmatch_lines(["SKIPPED * plain text has no records"])


def test_each_requirement_in_each_dialect_is_a_test_of_its_own(project: Run) -> None:
    result = project("--collect-only", "-q", test_own=HALVES.replace('"text"', '"text djl-json"'))
    assert [line for line in result.outlines if "::" in line] == [
        f"test_own.py::TestHalves::test_{id_.split('-')[0]}[{dialect}-{id_}]"
        for id_ in ("F1-message-cut-across-reads", "U1-code-point-cut-between-parts", "W1-as-soon-as-it-is-complete")
        for dialect in ("text", "djl-json")
    ]


def test_a_broken_decoder_fails_with_the_requirement_and_the_stream(project: Run) -> None:
    result = project(test_own=HALVES)
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "*TestHalves.test_U1?text-U1-code-point-cut-between-parts?*",
            "U1 code point cut between parts: app:halves in text replaces bytes*",
            "*sliceproof replay *U1*",
            "FAILED test_own.py::TestHalves::test_U1?text-U1-*",
        ]
    )
    result.stdout.no_fnmatch_line("*sliceproof.check(*")
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("said", ['decoder = "app:halves"', "@property\n def decoder(self): return halves"])
def test_the_decoder_may_be_named_or_a_property(project: Run, said: str) -> None:
    own = (
        HEAD + f"class TestOwn(StreamDecoderTests):\n dialects, requirements, accepts = 'text', 'U1', 'parts'\n {said}"
    )
    result = project(test_own=own)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["U1 code point cut between parts: app:halves in text*"])


def test_the_decoder_may_be_a_fixture_of_the_class_that_takes_others(project: Run) -> None:
    own = (
        HEAD
        + """
@pytest.fixture
def kept(): return whole

class TestOwn(StreamDecoderTests):
    dialects, requirements, accepts = "text", "U1", "parts"

    @pytest.fixture
    def decoder(self, kept): return kept
"""
    )
    project(test_own=own).assert_outcomes(passed=1)


KNOWN = (
    HALVES
    + """
class TestKnown(TestHalves):
    known_failures = {"U1": "parts are decoded alone"}

class TestInText(TestHalves):
    known_failures = {("U1", "text"): "parts are decoded alone"}

class TestElsewhere(TestHalves):
    known_failures = {("U1", "tgi-sse"): "parts are decoded alone"}

class TestOverridden(TestHalves):
    @pytest.mark.xfail(reason="told by the test", strict=True)
    def test_U1(self, sliceproof):
        super().test_U1(sliceproof)

class TestNotAsked(TestHalves):
    test_U1 = None
"""
)


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("TestKnown", {"passed": 1, "skipped": 1, "xfailed": 1}),
        ("TestInText", {"passed": 1, "skipped": 1, "xfailed": 1}),
        ("TestElsewhere", {"failed": 1, "passed": 1, "skipped": 1}),
        ("TestOverridden", {"passed": 1, "skipped": 1, "xfailed": 1}),
        ("TestNotAsked", {"passed": 1, "skipped": 1}),
    ],
)
def test_a_known_failure_is_expected_by_requirement_by_dialect_or_by_overriding(
    project: Run, name: str, outcomes: dict[str, int]
) -> None:
    result = project("-rx", f"test_own.py::{name}", test_own=KNOWN)
    assert result.parseoutcomes() == outcomes


def test_a_known_failure_that_passes_is_an_error(project: Run) -> None:
    own = SOUND + "    requirements = 'U1'\n    known_failures = {'U1': 'was so'}"
    result = project(test_own=own)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["U1 * passes and is in known_failures (was so): take it out"])


def test_a_should_that_is_known_to_be_broken_is_expected_and_else_warns(project: Run) -> None:
    own = (
        HEAD
        + """
class TestLate(StreamDecoderTests):
    dialects, requirements = "text", "W1"
    def decoder(self): return late

class TestKnown(TestLate):
    known_failures = {"W1": "it waits"}

class TestMarked(TestLate):
    @pytest.mark.xfail(strict=True)
    def test_W1(self, sliceproof): super().test_W1(sliceproof)
"""
    )
    result = project(test_own=own)
    result.assert_outcomes(passed=1, xfailed=2, warnings=1)
    result.stdout.fnmatch_lines(["*app.py:*SliceproofWarning: W1 *"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('requirements = "U99"', "sliceproof: TestOwn: unknown requirement 'U99'*"),
        ('profle = "quick"', "sliceproof: TestOwn: it has no attribute 'profle': did you mean 'profile'?*"),
        ('requirement = ["U1"]', "*no attribute 'requirement': did you mean 'requirements'?*"),
        ('dialects = "tgi"', "TestOwn: sliceproof: unknown dialect 'tgi'*"),
        ('requirements = "U1"', "TestOwn: sliceproof: say in which dialects: dialects = *"),
        ('known_failures = {"U98": ""}', "sliceproof: TestOwn: unknown requirement 'U98'*"),
        ('dialects, profile = "text", "slow"', "TestOwn: sliceproof: profile 'slow' is none of *"),
        ('dialects, requirements = "text", "U1"', "sliceproof: TestOwn names no decoder; *"),
        ("dialects, requirements, decoder = 'text', 'U1', lambda self, chunks: ()", "*TestOwn.decoder takes chunks*"),
    ],
)
def test_a_mistake_is_one_clear_line(project: Run, said: str, told: str) -> None:
    result = project(test_own=HEAD + f"class TestOwn(StreamDecoderTests):\n    {said}\n")
    assert result.ret in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    result.stdout.fnmatch_lines([told])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert sum(result.parseoutcomes().values()) == 1


def test_what_the_class_does_not_say_comes_from_the_ini_file(project: Run) -> None:
    own = SOUND.replace('    dialects = ["text"]\n', "")
    ini = "    sliceproof_dialects = text\n    sliceproof_requirements = U1"
    result = project("-rs", ini=ini, test_own=own)
    result.assert_outcomes(passed=1, skipped=len(REQUIREMENTS) - 1)
    result.stdout.fnmatch_lines(["SKIPPED * it is not among the requirements that this run asks for"])


def test_workers_of_xdist_judge_alike(project: Run) -> None:
    result = project("-n", "2", test_own=HALVES, alone=False)
    result.assert_outcomes(passed=1, failed=1, skipped=1)


UNITTEST = HALVES.replace("(StreamDecoderTests)", "(StreamDecoderTests, unittest.TestCase)")
UNITTEST_KNOWN = UNITTEST + '    known_failures = {("U1", "text"): "parts are decoded alone"}'


class TestUnittest:
    def test_has_a_method_for_each_requirement_in_each_dialect(self, project: Run) -> None:
        result = project("-v", test_own=UNITTEST)
        result.assert_outcomes(passed=1, failed=1, skipped=1)
        result.stdout.fnmatch_lines(
            ["*TestHalves::test_U1_in_text FAILED*", "*AssertionError: U1 code point cut between parts: app:halves*"]
        )

    def test_expects_a_known_failure(self, project: Run) -> None:
        project(test_own=UNITTEST_KNOWN).assert_outcomes(passed=1, xfailed=1, skipped=1)

    def test_runs_without_pytest(self, project: Run, pytester: pytest.Pytester) -> None:
        project("--collect-only", test_own=UNITTEST)
        command = [sys.executable, "-m", "unittest", "test_own"]
        ran = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, encoding="utf-8", check=False)
        assert ran.returncode == 1
        assert "FAILED (failures=1, skipped=1)" in ran.stderr
        assert "U1 code point cut between parts: app:halves in text" in ran.stderr
        assert "unittests.py" not in ran.stderr

    def test_without_dialects_fails(self, project: Run) -> None:
        result = project(test_own=UNITTEST.replace('dialects = "text"', ""))
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*TestHalves says no dialects*"])


def test_every_requirement_has_a_test() -> None:
    assert list(METHODS.values()) == list(REQUIREMENTS)
    assert all(name.isidentifier() for name in METHODS)


class TestAFrozenSet:
    OF_PARTS = HALVES.replace('requirements = "U1 F1 W1"', 'conformance = "2026.1"')

    def test_is_judged_by_the_class(self, project: Run) -> None:
        result = project(test_own=self.OF_PARTS)
        (line,) = [line for line in result.outlines if "2026.1" in line and "MUST" in line]
        assert line.startswith("test_own.py::TestHalves: app:halves does not conform to 2026.1 (MUST ")
        assert line.endswith("U1")

    def test_is_judged_by_processes_that_share_the_work(self, project: Run) -> None:
        result = project("-n", "2", test_own=self.OF_PARTS, alone=False)
        assert [line for line in result.outlines if ": app:halves does not conform to 2026.1 (MUST " in line]

    def test_is_not_judged_by_a_part(self, project: Run) -> None:
        result = project("-k", "U1", test_own=self.OF_PARTS)
        (line,) = [line for line in result.outlines if "2026.1" in line and "not judged" in line]
        assert "so nothing is said of 2026.1: " in line
        assert line.endswith(" items did not run")
