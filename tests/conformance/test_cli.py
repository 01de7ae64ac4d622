"""The command line: what it shows, and what it exits with."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from sliceproof import __version__
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.reporting.report import schema
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS

Sliceproof = Callable[..., tuple[int, str, str]]

QUICK = ("--requirement", "U1", "--dialect", "text", "--examples", "3")


class TestCheck:
    @pytest.mark.parametrize(
        ("arguments", "code", "told"),
        [
            (("reference", *QUICK), 0, f"reference {__version__} holds what was asked: no MUST of 1 is broken"),
            (("own.py:sound", *QUICK), 0, "own.py:sound holds what was asked"),
            (("own:sound", *QUICK), 0, "own:sound holds what was asked"),
            (("own.py:asound", *QUICK), 0, "own.py:asound holds what was asked"),
            (("own.py:halves", "--accepts", "parts", *QUICK), 1, "breaks 1 MUST: U1"),
            (("own.py:of_events", "--accepts", "events", *QUICK), 1, "breaks 1 MUST: U1"),
            (("own.py:lines", "--accepts", "parts", "--yields", "lines", *QUICK[2:], "--requirement", "O1"), 1, "O1"),
            (("broken:decodes_parts_alone", "--requirement", "U1"), 1, "breaks 1 MUST: U1"),
            (("broken:one_behind", "--requirement", "W1"), 0, "breaks 1 SHOULD: W1"),
            (("botocore", "--requirement", "T2", "--dialect", "text"), 1, "EventStreamBuffer keeps what is left"),
            (("reference", "own.py:halves", *QUICK, "--accepts", "parts"), 1, "own.py:halves breaks 1 MUST"),
        ],
        ids=lambda value: value[0] if isinstance(value, tuple) else "",
    )
    def test_exits_by_whether_a_must_is_broken(
        self, sliceproof: Sliceproof, arguments: tuple[str, ...], code: int, told: str
    ) -> None:
        ended, out, err = sliceproof("check", *arguments)
        assert (ended, err) == (code, "")
        assert told in out

    def test_shows_the_finding(self, sliceproof: Sliceproof) -> None:
        _, out, _ = sliceproof("check", "broken:decodes_parts_alone", "--requirement", "U1")
        for told in (
            "FAIL  U1  code point cut",
            "1 character, 1 cut",
            "split     c3 | a9",
            "U+00E9",
            "sliceproof replay",
        ):
            assert told in out

    @pytest.mark.parametrize("level", ["must", "should"])
    def test_of_one_level_asks_no_other(self, sliceproof: Sliceproof, level: str) -> None:
        arguments = ("check", "reference", "--dialect", "text", "--examples", "1", "--json", "-", "--level", level)
        ids = () if level == "must" else ("--requirement", "K1", "--requirement", "U1", "--requirement", "F3")
        rows = json.loads(sliceproof(*arguments, *ids)[1])["results"]
        assert rows
        assert {row["level"] for row in rows} == {level}

    def test_finds_the_dialects_of_a_decoder_that_claims_none(self, sliceproof: Sliceproof) -> None:
        _, out, _ = sliceproof("check", "own.py:sound", "--requirement", "F1", "--examples", "1")
        assert "own.py:sound reads text" in out

    def test_repeats_itself_word_for_word(self, sliceproof: Sliceproof) -> None:
        command = ("check", "broken:decodes_latin1", "--requirement", "MIX", "--seed", "7", "--json", "-")
        assert sliceproof(*command) == sliceproof(*command)

    def test_is_not_content_with_a_decoder_that_leaves_the_process(self, sliceproof: Sliceproof) -> None:
        """A decoder that calls sys.exit(0) must not make the judging look like a success."""
        assert sliceproof("check", "own.py:leaves", *QUICK)[0] != 0

    def test_is_not_content_when_the_harness_fails(
        self, sliceproof: Sliceproof, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setitem(REQUIREMENTS, "U1", replace(REQUIREMENTS["U1"], judge=fails))  # type: ignore[arg-type]
        code, out, _ = sliceproof("check", "reference", *QUICK, "--requirement", "F1")
        assert "could not be judged: U1" in out
        assert code == 2


class TestJson:
    def test_of_a_dash_is_all_that_stdout_gets(self, sliceproof: Sliceproof) -> None:
        code, out, err = sliceproof("check", "own.py:halves", "--accepts", "parts", *QUICK, "--json", "-")
        data = json.loads(out)
        jsonschema.validate(data, schema())
        assert (code, err) == (1, "")
        assert [row["decoder"] for row in data["results"]] == ["own.py:halves"]

    def test_of_several_targets_is_one_report(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        sliceproof("check", "reference", "own.py:halves", "--accepts", "parts", *QUICK, "--json", "out.json")
        data = json.loads((tmp_path / "out.json").read_text())
        assert [(row["decoder"], row["verdict"]) for row in data["results"]] == [
            ("reference", "pass"),
            ("own.py:halves", "fail"),
        ]


class TestReplay:
    def test_of_a_report_gives_the_same_verdicts(self, sliceproof: Sliceproof) -> None:
        sliceproof("check", "own.py:halves", "--accepts", "parts", *QUICK, "--json", "out.json")
        code, out, _ = sliceproof("replay", "out.json", "own.py:halves", "--accepts", "parts")
        assert (code, out[:8]) == (1, "FAIL  U1")
        code, out, _ = sliceproof("replay", "out.json", "reference")
        assert (code, out[:8]) == (0, "pass  U1")

    @pytest.mark.parametrize(
        ("fault", "id_"),
        [
            ("", "MIX"),
            (", fault=Fault('exception', 1)", "E1"),
            (", fault=Fault('truncated', 50)", "T2"),
            (", fault=Fault('corrupt', 50)", "F2"),
            (", fault=Fault('oversized', 1)", "F3"),
            (", fault=Fault('silence', 1)", "T1"),
        ],
    )
    def test_judges_by_what_the_stream_asks_for(self, sliceproof: Sliceproof, fault: str, id_: str) -> None:
        code, out, _ = sliceproof("replay", f"Stream('tgi-sse', ['a']{fault})", "reference")
        assert (code, out.split()[:2]) == (0, ["pass", id_])

    def test_shows_a_snippet_of_what_fails(self, sliceproof: Sliceproof) -> None:
        code, out, _ = sliceproof(
            "replay", "Stream('text', ['é'], part_cuts=[1])", "own.py:halves", "--accepts", "parts"
        )
        assert code == 1
        assert "from own import halves" in out


def test_explain_shows_every_stage(sliceproof: Sliceproof) -> None:
    code, out, _ = sliceproof("explain", "Stream('tgi-sse', ['é'], part_cuts=[43])")
    assert code == 0
    for told in ("text      'é'", "tgi-sse, text/event-stream", "record 1", "part 2", "chunk 2", "split     c3 | a9"):
        assert told in out


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("decoders", [*DECODERS, *(f"broken:{name}" for name in BROKEN)]),
        ("dialects", DIALECTS),
        ("requirements", REQUIREMENTS),
    ],
)
def test_list_names_all(sliceproof: Sliceproof, what: str, named: list[str]) -> None:
    code, out, _ = sliceproof("list", what)
    assert code == 0
    assert set(named) <= {line.split()[0] for line in out.splitlines()}


def test_version_and_help_are_no_errors(sliceproof: Sliceproof) -> None:
    assert sliceproof("--version") == (0, f"sliceproof {__version__}\n", "")
    assert all(sliceproof(*command, "--help")[0] == 0 for command in ((), ("check",), ("replay",), ("list",)))
