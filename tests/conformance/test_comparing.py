"""Two reports side by side: what got worse and what did not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.engine.comparing import changes

Sliceproof = Callable[..., tuple[int, str, str]]
QUICK = ("--dialect", "text", "--examples", "3", "--requirement")


def _row(
    verdict: str, kind: str = "", version: str = "1", dialect: str = "text", level: str = "must"
) -> dict[str, Any]:
    finding = {"kind": kind, "layer": "part", "what": kind, "stream": "Stream('text', ['x'])"} if kind else None
    named = {"decoder": "mine", "version": version, "dialect": dialect, "requirement": "U1"}
    return {**named, "level": level, "verdict": verdict, "finding": finding}


def _report(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"format": 1, "sliceproof": "0.1.0", "profile": "ci", "seed": 0, "results": list(rows), **more}


ENDS = [
    (_row("pass"), _row("fail", "loses-text"), "newly broken", True),
    (_row("pass"), _row("warn", "loses-text", level="should"), "newly broken", True),
    (_row("fail", "loses-text"), _row("pass"), "mended", False),
    (_row("fail", "loses-text"), _row("fail", "raises"), "differently broken", False),
    (_row("warn", "loses-text", level="should"), _row("fail", "loses-text"), "differently broken", True),
    (_row("pass"), _row("n/a"), "no longer asked", False),
    (_row("n/a"), _row("pass"), "newly asked", False),
    (_row("n/a"), _row("fail", "loses-text"), "newly asked", False),
    (_row("pass"), _row("error"), "no longer judged", True),
]


@pytest.mark.parametrize(
    ("before", "after", "what", "worse"), ENDS, ids=[f"{e[2]}-{e[3]}-{n}" for n, e in enumerate(ENDS)]
)
def test_what_became_of_a_row(before: dict[str, Any], after: dict[str, Any], what: str, worse: bool) -> None:
    (change,) = changes(_report(before), _report(after))
    assert (change.what, change.worse) == (what, worse)


@pytest.mark.parametrize("row", [_row("pass"), _row("fail", "raises"), _row("n/a"), _row("error")])
def test_what_is_the_same_is_no_change(row: dict[str, Any]) -> None:
    assert changes(_report(row), _report(row)) == []


def test_a_row_that_is_gone_or_new() -> None:
    here, there = _report(_row("pass")), _report(_row("pass"), _row("pass", dialect="tgi-sse"))
    assert [change.what for change in changes(here, there)] == ["newly asked"]
    assert [change.what for change in changes(there, here)] == ["no longer asked"]


def test_what_an_error_says_is_not_worse_where_none_came_before() -> None:
    """E2 asks nothing of an error that was swallowed, which is E1's."""
    swallowed = [_row("fail", "hides") | {"requirement": "E1"}, _row("pass", level="should") | {"requirement": "E2"}]
    raised = [_row("pass") | {"requirement": "E1"}, _row("warn", "says", level="should") | {"requirement": "E2"}]
    found = changes(_report(*swallowed), _report(*raised))
    assert [(each.what, each.requirement, each.worse) for each in found] == [
        ("to be seen now that an error comes", "E2", False),
        ("mended", "E1", False),
    ]
    (change,) = changes(_report(raised[0], swallowed[1]), _report(*raised))
    assert (change.what, change.worse) == ("newly broken", True)


class TestTheCommand:
    def _written(self, name: str, report: dict[str, Any]) -> str:
        Path(name).write_text(json.dumps(report))
        return name

    def test_of_real_reports(self, sliceproof: Sliceproof) -> None:
        sliceproof("check", "own.py:halves", "--accepts", "parts", *QUICK, "U1", "--json", "old.json")
        text = Path("old.json").read_text()
        assert sliceproof("compare", "old.json", "old.json")[0] == 0
        mended = json.loads(text)
        for row in mended["results"]:
            row |= {"verdict": "pass", "finding": None, "version": "2"}
        self._written("new.json", mended)
        code, out, _ = sliceproof("compare", "old.json", "new.json")
        assert code == 0
        assert "own.py:halves of no version → 2" in out
        assert "0 rows worse, 0 of them MUST, 1 row mended" in out
        code, out, _ = sliceproof("compare", "new.json", "old.json")
        assert code == 1
        assert "newly broken\n  U1           MUST   own.py:halves: code point cut between parts, in text\n" in out
        assert "1 row worse, 1 of them MUST, 0 rows mended" in out

    def test_of_one_decoder_each_they_are_compared_whatever_they_are_called(self, sliceproof: Sliceproof) -> None:
        claims = [{"conformance": {"set": "2026.1", "decoders": [{"told": told}]}} for told in ("does not", "conforms")]
        old, new = (
            _report(_row("fail", "raises"), **claims[0]),
            _report(_row("pass") | {"decoder": "yours"}, **claims[1]),
        )
        code, out, _ = sliceproof("compare", self._written("a.json", old), self._written("b.json", new))
        assert code == 0
        assert out.startswith("mine, and then\nyours 1\n")
        assert "before: does not\nnow: conforms\n" in out
        assert "mended\n  U1           MUST   yours: " in out

    def test_each_finding_stands_with_when_and_whose_it_was(self, sliceproof: Sliceproof) -> None:
        old, new = _report(_row("fail", "loses text")), _report(_row("fail", "raises on a sound stream"))
        code, out, _ = sliceproof("compare", self._written("a.json", old), self._written("b.json", new))
        assert code == 0
        assert f"{'':15}before: loses text: Stream('text', ['x'])\n" in out
        assert f"{'':15}now:    raises on a sound stream: Stream('text', ['x'])\n" in out
        new["results"][0]["decoder"] = "yours"
        out = sliceproof("compare", self._written("a.json", old), self._written("b.json", new))[1]
        assert f"{'':15}before: mine loses text: Stream('text', ['x'])\n" in out
        assert f"{'':15}now:    yours raises on a sound stream: Stream('text', ['x'])\n" in out

    def test_what_differs_besides_the_decoder_is_told(self, sliceproof: Sliceproof) -> None:
        old, new = _report(_row("pass")), _report(_row("pass"), seed=7, profile="quick", sliceproof="0.2.0")
        code, out, _ = sliceproof("compare", self._written("a.json", old), self._written("b.json", new))
        assert code == 0
        for told in ("sliceproof 0.1.0 → 0.2.0", "profile ci → quick, so that more", "seed 0 → 7", "nothing changed"):
            assert told in out

    def test_of_a_report_that_is_not_whole_it_says_no_good(self, sliceproof: Sliceproof) -> None:
        old, new = _report(_row("pass")), _report(_row("pass"), incomplete="SIGINT")
        code, out, _ = sliceproof("compare", self._written("a.json", old), self._written("b.json", new))
        assert code == 2
        assert "b.json is not whole: SIGINT" in out

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("no JSON", "b.json is no report"),
            ("[]", "b.json is no report"),
            ('{"format": 1, "results": [{}]}', "b.json is no report"),
            ('{"format": 2, "results": []}', "format 2, and 1 is what"),
            ('{"format": 1, "results": []}', "no decoder, dialect and requirement in common"),
        ],
    )
    def test_bad_input_is_one_line(self, sliceproof: Sliceproof, text: str, told: str) -> None:
        Path("b.json").write_text(text)
        code, _, err = sliceproof("compare", self._written("a.json", _report(_row("pass"))), "b.json")
        assert (code, err.count("\n")) == (2, 1)
        assert told in err

    def test_a_file_that_is_not_there(self, sliceproof: Sliceproof) -> None:
        code, _, err = sliceproof("compare", "none.json", "none.json")
        assert (code, err) == (2, "sliceproof: none.json cannot be read: No such file or directory\n")
