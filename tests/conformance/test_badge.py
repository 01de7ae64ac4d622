"""Badges: what stands on one is what the report says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sliceproof.conformance.reporting.badge import badge, width

Sliceproof = Callable[..., tuple[int, str, str]]
SVG = "{http://www.w3.org/2000/svg}"


def _row(requirement: str, verdict: str, decoder: str = "mine", level: str = "must") -> dict[str, Any]:
    return {"decoder": decoder, "requirement": requirement, "level": level, "verdict": verdict, "dialect": "text"}


def _report(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"results": rows, **more}


def _claims(*verdicts: str) -> dict[str, Any]:
    return {"set": "2026.1", "decoders": [{"verdict": verdict} for verdict in verdicts]}


@pytest.mark.parametrize(
    ("report", "message", "colour"),
    [
        (_report(_row("U1", "pass"), _row("R1", "pass"), _row("Q1", "warn", level="should")), "MUST 2/2", "blue"),
        (_report(_row("U1", "pass"), _row("U1", "fail"), _row("R1", "n/a")), "MUST 0/1", "red"),
        (_report(_row("U1", "pass"), _row("U1", "fail", "other")), "MUST 1/2", "red"),
        (_report(_row("U1", "error"), _row("R1", "pass")), "could not be judged", "lightgrey"),
        (_report(_row("U1", "pass"), incomplete="SIGINT"), "not judged to the end", "lightgrey"),
        (_report(_row("W1", "pass", level="should")), "no MUST asked", "lightgrey"),
        (_report(conformance=_claims("conforms")), "conforms to 2026.1", "green"),
        (_report(conformance=_claims("in part")), "conforms in part to 2026.1", "yellow"),
        (_report(conformance=_claims("does not conform")), "does not conform to 2026.1", "red"),
        (_report(conformance=_claims("undecided")), "not judged to the end", "lightgrey"),
        (_report(conformance=_claims()), "not judged to the end", "lightgrey"),
        (_report(conformance=_claims("conforms", "in part")), "1 of 2 conform to 2026.1", "red"),
        (_report(conformance=_claims("conforms"), incomplete="SIGINT"), "not judged to the end", "lightgrey"),
    ],
)
def test_it_says_what_the_report_says(report: dict[str, Any], message: str, colour: str) -> None:
    endpoint = json.loads(badge(report, "badge.json"))
    assert endpoint == {"schemaVersion": 1, "label": "sliceproof", "message": message, "color": colour}
    drawing = ET.fromstring(badge(report, "badge.svg"))
    assert drawing.get("aria-label") == drawing.findtext(f"{SVG}title") == f"sliceproof: {message}"
    texts = list(drawing.iter(f"{SVG}text"))
    assert [text.text for text in texts] == ["sliceproof", message]
    assert int(drawing.get("width", 0)) > sum(int(text.get("textLength", 0)) for text in texts)


def test_a_text_is_as_wide_as_its_letters() -> None:
    assert width("iiii") < width("nnnn") < width("mmmm")


def test_the_command_writes_it(sliceproof: Sliceproof, tmp_path: Path) -> None:
    quick = ("--requirement", "U1", "--dialect", "text", "--examples", "3")
    code, _, _ = sliceproof("check", "own.py:halves", "--accepts", "parts", *quick, "--badge", "badge.json")
    assert code == 1
    assert json.loads((tmp_path / "badge.json").read_text())["message"] == "MUST 0/1"
    code, _, _ = sliceproof("check", "own.py:sound", *quick, "--badge", "badge.SVG")
    assert code == 0
    assert "<title>sliceproof: MUST 1/1</title>" in (tmp_path / "badge.SVG").read_text()


def test_another_form_is_refused(sliceproof: Sliceproof) -> None:
    code, _, err = sliceproof("check", "reference", "--badge", "badge.png")
    assert (code, err) == (2, "sliceproof: --badge badge.png: a badge is a file that ends in .json or .svg\n")
