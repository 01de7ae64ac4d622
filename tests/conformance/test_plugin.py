"""The pytest plugin: items without a file, what selects them, and what is told of a mistake."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from sliceproof import __version__
from sliceproof.conformance.plugin import items, reporting  # noqa: F401 - kept, as runs in this process import them
from sliceproof.conformance.requirements import REQUIREMENTS

Run = Callable[..., pytest.RunResult]

TWO = """
    sliceproof_decoders = app:whole app:halves
    sliceproof_dialects = text
    sliceproof_requirements = U1 L1 W1
    sliceproof_accepts = parts
    sliceproof_examples = 2
"""
LATE = """
    sliceproof_decoders = app:late
    sliceproof_dialects = text
    sliceproof_requirements = U1 W1
    sliceproof_examples = 2
"""
HALVES = """
    sliceproof_decoders = app:halves
    sliceproof_dialects = text
    sliceproof_requirements = U1 L1
    sliceproof_accepts = parts
    sliceproof_examples = 2
"""
U1 = "sliceproof::app:halves::text::U1-code-point-cut-between-parts"


def collected(result: pytest.RunResult) -> list[str]:
    """The node ids that `--collect-only -q` printed."""
    return [line for line in result.outlines if "::" in line]


class TestItems:
    def test_need_no_file_and_have_stable_ids(self, project: Run) -> None:
        assert collected(project("--collect-only", "-q", ini=HALVES)) == [
            U1,
            "sliceproof::app:halves::text::L1-unicode-line-breaks-are-text",
        ]

    def test_stand_beside_those_of_files(self, project: Run) -> None:
        result = project(ini=HALVES, test_other="def test_other(): pass")
        result.assert_outcomes(passed=2, failed=1)

    def test_are_those_of_every_dialect_that_is_asked_for(self, project: Run) -> None:
        result = project(
            "--collect-only", "-q", "--sliceproof-decoders", "reference", "--sliceproof-requirements", "Q1,U1"
        )
        ids = collected(result)
        assert len([id_ for id_ in ids if "::U1-" in id_]) > 5
        assert len([id_ for id_ in ids if "::Q1-" in id_]) == 1, "it depends on no dialect"

    def test_are_those_that_apply(self, project: Run) -> None:
        arguments = ("--sliceproof-decoders", "reference", "--sliceproof-dialects", "text", "--collect-only", "-q")
        ids = {id_.split("::")[3].split("-")[0] for id_ in collected(project(*arguments))}
        assert "U1" in ids
        assert "R1" not in ids, "text has no records"

    def test_of_a_decoder_that_claims_no_dialect_are_in_those_that_it_reads(self, project: Run) -> None:
        result = project(
            "--collect-only", "-q", "--sliceproof-decoders", "app:sound", "--sliceproof-requirements", "U1"
        )
        assert collected(result) == ["sliceproof::app:sound::text::U1-code-point-cut-between-parts"]

    def test_fail_with_the_finding_and_no_traceback(self, project: Run) -> None:
        result = project(ini=HALVES)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(
            [
                "*U1 code point cut between parts [[]app:halves, text[]]*",
                "U1 code point cut between parts: app:halves in text replaces bytes by U+FFFD",
                "*rule *A code point whose bytes come in two parts*",
                "*expected *'é'",
                "*split *c3 | a9*",
                "*replay *sliceproof replay *app:halves*",
                "*snippet *from app import halves",
                f"FAILED {U1}*",
            ]
        )
        result.stdout.no_fnmatch_line("*Traceback*")
        result.stdout.no_fnmatch_line("*settle.py*")

    def test_warn_of_a_should(self, project: Run) -> None:
        result = project(ini=LATE)
        result.assert_outcomes(passed=2)
        result.stdout.fnmatch_lines(
            ["*app.py:21: SliceproofWarning: W1 as soon as it is complete: app:late in text is late*"]
        )

    def test_fail_where_warnings_are_errors(self, project: Run) -> None:
        result = project("-W", "error::sliceproof.conformance.plugin.SliceproofWarning", ini=LATE)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["W1 as soon as it is complete: app:late in text is late"])

    def test_say_what_they_follow_from_also_alone(self, project: Run) -> None:
        """R1 is judged for that, though it is not among what was asked for."""
        wanted = ("--sliceproof-dialects", "tgi-sse", "--sliceproof-examples", "2", "--sliceproof-requirements", "U1")
        result = project("--sliceproof-decoders", "broken:wants_whole_records", *wanted)
        result.stdout.fnmatch_lines(["*follows   from R1 record cut across parts, which is broken too"])


class TestSelection:
    @pytest.mark.parametrize(
        ("arguments", "count"),
        [
            (("-k", "U1"), 2),
            (("-k", "halves and text"), 3),
            (("-m", "sliceproof"), 6),
            (("-m", "sliceproof_must"), 4),
            (("-m", "sliceproof_should"), 2),
            (("-m", "not sliceproof"), 1),
            ((U1,), 1),
            (("sliceproof::app:halves",), 3),
            (("sliceproof",), 6),
            ((U1, "test_other.py::test_other"), 2),
            (("test_other.py",), 1),
            (("test_other.py", "--sliceproof-decoders", "app:whole"), 4),
            ((".",), 7),
            (("--sliceproof-level", "should"), 3),
            (("--sliceproof-requirements", "U1", "--sliceproof-decoders", "app:halves"), 2),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_finds(self, project: Run, arguments: tuple[str, ...], count: int) -> None:
        result = project(
            "--collect-only", "-q", "--strict-markers", *arguments, ini=TWO, test_other="def test_other(): pass"
        )
        assert len(collected(result)) == count

    def test_of_an_id_that_is_not_there_is_one_line(self, project: Run) -> None:
        result = project("sliceproof::app:nobody", ini=TWO)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: sliceproof: not found: sliceproof::app:nobody; *"])

    def test_by_what_failed_last(self, project: Run, pytester: pytest.Pytester) -> None:
        project("-p", "cacheprovider", ini=TWO)
        result = project("-p", "cacheprovider", "--lf", ini=TWO)
        result.assert_outcomes(failed=1, deselected=5)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--sliceproof-decoders", "refrence"), "'refrence' names no decoder: did you mean reference? *"),
        (("--sliceproof-decoders", "nowhere:decode"), "there is no module 'nowhere'; *"),
        (("--sliceproof-decoders", "app:nothing"), "app has no 'nothing': *"),
        (("--sliceproof-dialects", "tgi"), "unknown dialect 'tgi'*"),
        (("--sliceproof-requirements", "U99"), "unknown requirement 'U99'*"),
        (("--sliceproof-profile", "fast"), "profile 'fast' is none of quick, ci, dev, deep"),
        (("--sliceproof-level", "may"), "level 'may' is none of must, should"),
        (
            ("--sliceproof-level", "should", "--sliceproof-requirements", "U1"),
            "no requirement asked for has level should*",
        ),
        (("--sliceproof-seed", "x"), "seed 'x' is neither a number nor 'random'"),
        (("--sliceproof-examples", "0"), "examples must be more than 0, not 0"),
        (("--sliceproof-seconds", "soon"), "seconds 'soon' is no number"),
        (("--sliceproof-accepts", "rows"), "accepts 'rows' is none of chunks, events, parts, endpoint"),
        (("--sliceproof-yields", "rows"), "yields 'rows' is none of text, deltas, lines, messages"),
        (("--sliceproof-baseline", "none.toml"), "none.toml: there is no such file; *"),
        (("--sliceproof-update-baseline",), "--sliceproof-update-baseline needs --sliceproof-baseline FILE"),
        (("--sliceproof-requirements", "R1"), "nothing of app:whole would be judged: plain text has no records"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_one_clear_line(project: Run, arguments: tuple[str, ...], told: str) -> None:
    result = project(*arguments, ini=TWO)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = [line for line in result.errlines if line.strip()]
    assert len(errors) == 1
    result.stderr.fnmatch_lines([f"ERROR: sliceproof: {told}"])


class TestTheHead:
    def test_tells_versions_profile_and_seed(self, project: Run) -> None:
        result = project("--collect-only", "--sliceproof-decoders", "reference", "--sliceproof-seed", "7")
        result.stdout.fnmatch_lines([f"sliceproof {__version__}: reference {__version__}, profile ci, seed 7"])

    def test_is_silent_where_nothing_is_judged(self, project: Run) -> None:
        result = project(test_other="def test_other(): pass")
        result.stdout.no_fnmatch_line("sliceproof*:*")

    def test_has_a_seed_that_can_be_given_again_where_it_is_random(self, project: Run) -> None:
        result = project("--collect-only", "--sliceproof-decoders", "reference", "--sliceproof-seed", "random")
        result.stdout.re_match_lines([r"sliceproof .* seed \d+$"])


@pytest.mark.parametrize("argument", ["--help", "--markers"])
def test_help_loads_no_decoder(project: Run, argument: str) -> None:
    result = project(argument, ini="    sliceproof_decoders = nowhere:decode")
    assert result.ret == 0
    assert "sliceproof" in result.stdout.str()


def test_the_requirements_have_ids_of_their_own() -> None:
    labels = [items.label(requirement) for requirement in REQUIREMENTS.values()]
    assert len(set(labels)) == len(labels)
    assert all(label.isascii() and " " not in label and ":" not in label for label in labels)


def test_importing_the_plugin_imports_nothing_of_the_suite() -> None:
    heavy = ("hypothesis", "botocore", "litellm", "rich", "click", "packaging.markers", "tomlkit", "asyncio")
    code = f"""
import sys, pytest
before = set(sys.modules)
import sliceproof.conformance.plugin
new = set(sys.modules) - before
print(sorted(name for name in new if name.startswith("sliceproof")), [name for name in {heavy} if name in new])
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.strip() == "['sliceproof', 'sliceproof.conformance', 'sliceproof.conformance.plugin'] []"


class TestConformance:
    HALVES = """
        sliceproof_decoders = app:halves
        sliceproof_dialects = text
        sliceproof_accepts = parts
        sliceproof_conformance = 2026.1
    """

    def test_is_told_where_all_items_ran(self, project: Run) -> None:
        result = project(ini=self.HALVES)
        (line,) = [line for line in result.outlines if "does not conform to 2026.1" in line]
        assert line.startswith("app:halves does not conform to 2026.1 (MUST ")
        assert " U1" in line

    def test_nothing_is_told_of_a_part(self, project: Run) -> None:
        result = project("-k", "L1", ini=self.HALVES)
        (line,) = [line for line in result.outlines if "nothing is said of 2026.1" in line]
        assert line.endswith("did not run")

    def test_the_command_line_may_ask_for_less(self, project: Run) -> None:
        result = project("--sliceproof-requirements", "L1", ini=self.HALVES)
        result.assert_outcomes(passed=1)
        assert "2026.1" not in "\n".join(result.outlines)

    def test_a_set_beside_requirements_is_a_mistake(self, project: Run) -> None:
        result = project(ini=HALVES + "    sliceproof_conformance = 2026.1\n")
        assert "leave out requirements and examples" in "\n".join(result.errlines)
