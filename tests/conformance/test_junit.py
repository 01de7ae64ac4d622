"""JUnit XML: it has the form that CI systems read, it fails for what the run exits 1 for, and any text may be in it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sliceproof import __version__
from sliceproof.conformance.reporting.junit import junit
from sliceproof.conformance.requirements import REQUIREMENTS

Sliceproof = Callable[..., tuple[int, str, str]]

QUICK = ("--requirement", "U1", "--dialect", "text", "--examples", "3")
HALVES = ("own.py:halves", "--accepts", "parts", *QUICK)

FORM = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name", "time"}, {"failure", "error", "skipped"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
}
"""The attributes, all required, and the children of each element."""

COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def checked(text: str) -> ET.Element:
    """The root of a file that keeps to the form, each of whose counts is right."""
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = FORM[element.tag]
        assert set(element.attrib) == attributes, element.tag
        assert {child.tag for child in element} <= children, element.tag
        assert "\n" not in element.get("message", "")
    for element in (root, *root):
        cases = [*element.iter("testcase")]
        assert all(len(case) <= 1 for case in cases)
        assert int(element.get("tests", "")) == len(cases)
        for tag, name in COUNTS.items():
            if name in element.attrib:
                assert int(element.attrib[name]) == len([*element.iter(tag)])
        total = sum(float(case.attrib["time"]) for case in cases)
        assert abs(float(element.attrib["time"]) - total) < 0.001
    for suite in root:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    return root


def only(root: ET.Element) -> tuple[str, str, str, str]:
    """How the only testcase ends: tag, type, message and text."""
    (case,) = root.iter("testcase")
    (end,) = case
    return end.tag, end.attrib["type"], end.attrib["message"], end.text or ""


def test_has_a_suite_for_each_decoder_and_a_case_for_each_requirement_and_dialect(
    sliceproof: Sliceproof, tmp_path: Path
) -> None:
    asked = ("--requirement", "R1", "--requirement", "U1", "--dialect", "text", "--dialect", "tgi-sse")
    sliceproof("check", "reference", "own.py:sound", *asked, "--examples", "3", "--junit", "out.xml")
    root = checked((tmp_path / "out.xml").read_text("utf-8"))
    assert [suite.attrib["name"] for suite in root] == ["reference", "own.py:sound"]
    assert [(case.attrib["classname"], case.attrib["name"]) for case in root[0].iter("testcase")] == [
        ("reference.text", "R1 record cut across parts"),
        ("reference.text", "U1 code point cut between parts"),
        ("reference.tgi-sse", "R1 record cut across parts"),
        ("reference.tgi-sse", "U1 code point cut between parts"),
    ]
    said = {each.attrib["name"]: each.attrib["value"] for each in root[0].iter("property")}
    assert (said["version"], said["profile"], said["seed"]) == (__version__, "ci", "0")
    skipped = {case.attrib["name"]: case[0].attrib for case in root[0].iter("testcase") if len(case)}
    assert skipped == {"R1 record cut across parts": {"type": "n/a", "message": "plain text has no records"}}


def test_a_failure_has_the_block_that_the_terminal_shows(sliceproof: Sliceproof, tmp_path: Path) -> None:
    code, out, _ = sliceproof("check", *HALVES, "--junit", "out.xml")
    tag, kind, message, text = only(checked((tmp_path / "out.xml").read_text("utf-8")))
    assert (code, tag, kind) == (1, "failure", "MUST")
    assert message == "own.py:halves in text replaces bytes by U+FFFD"
    block = out[out.index("FAIL") :].split("\n\n")[0]
    assert text.startswith(f"{block}\n      snippet   from own import halves\n")
    assert "      replay    sliceproof replay " in block


@pytest.mark.parametrize(
    ("given", "code", "ends"),
    [
        (("reference", *QUICK), 0, {}),
        (HALVES, 1, {"failure": ["MUST"]}),
        (("broken:one_behind", "--requirement", "W1"), 0, {"skipped": ["SHOULD"]}),
        (("own.py:drops", *HALVES), 1, {"failure": ["MUST", "MUST"]}),
        (("reference", *QUICK, "--requirement", "R1"), 0, {"skipped": ["n/a"]}),
    ],
)
def test_fails_for_what_the_run_exits_1_for(
    sliceproof: Sliceproof, tmp_path: Path, given: tuple[str, ...], code: int, ends: dict[str, list[str]]
) -> None:
    assert sliceproof("check", *given, "--junit", "out.xml")[0] == code
    root = checked((tmp_path / "out.xml").read_text("utf-8"))
    found = {tag: [each.attrib["type"] for each in root.iter(tag)] for tag in COUNTS}
    assert {tag: types for tag, types in found.items() if types} == ends


def test_a_should_that_is_broken_is_told_in_full(sliceproof: Sliceproof, tmp_path: Path) -> None:
    sliceproof("check", "broken:one_behind", "--requirement", "W1", "--junit", "out.xml")
    _, _, message, text = only(checked((tmp_path / "out.xml").read_text("utf-8")))
    assert message.startswith("a SHOULD is broken, for which no run fails: broken:one_behind in tgi-sse ")
    assert text.startswith("warn  W1  ")


def test_with_a_baseline_fails_for_what_differs_from_it(sliceproof: Sliceproof, tmp_path: Path) -> None:
    def ended(*more: str) -> tuple[int, str, str, str]:
        code, *_ = sliceproof("check", *HALVES, "--baseline", "known.toml", "--junit", "out.xml", *more)
        return code, *only(checked((tmp_path / "out.xml").read_text("utf-8")))[:3]

    halves = "own.py:halves in text replaces bytes by U+FFFD"
    assert ended("--update-baseline") == (0, "skipped", "known", f"written into the baseline: {halves}")
    assert ended() == (0, "skipped", "known", f"known: {halves} (bug)")
    known = tmp_path / "known.toml"
    text = known.read_text()
    known.write_text(text.replace("part_cuts=[1]", "part_cuts=[2]"))
    code, tag, kind, message = ended()
    assert (code, tag, kind) == (1, "failure", "MUST")
    assert message.startswith("own.py:halves in text is no known failure any more: entry 1 of known.toml can go")
    known.write_text(text.replace("replaces bytes by U+FFFD", "loses text"))
    code, tag, kind, message = ended()
    assert (code, tag, kind) == (1, "failure", "MUST")
    assert ", which is not how it is known: entry 1 of known.toml says that it loses text" in message


def test_what_could_not_be_judged_is_an_error(
    sliceproof: Sliceproof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("by accident")

    monkeypatch.setitem(REQUIREMENTS, "U1", replace(REQUIREMENTS["U1"], judge=fails))  # type: ignore[arg-type]
    code, _, _ = sliceproof("check", "reference", *QUICK, "--requirement", "F1", "--junit", "out.xml")
    (error,) = checked((tmp_path / "out.xml").read_text("utf-8")).iter("error")
    assert code == 2
    assert error.attrib["message"].endswith("in text could not be judged: ZeroDivisionError: by accident")


def test_of_a_run_that_did_not_come_to_its_end_says_so(sliceproof: Sliceproof, tmp_path: Path) -> None:
    given = ("reference", "own.py:nothing", "--requirement", "R1", "--dialect", "text", "--junit", "out.xml")
    code, _, _ = sliceproof("check", *given)
    root = checked((tmp_path / "out.xml").read_text("utf-8"))
    (error,) = root.iter("error")
    assert code == 2
    assert error.attrib["message"].startswith("nothing of reference was judged: plain text has no records")


def test_of_the_same_run_is_the_same_apart_from_times(sliceproof: Sliceproof, tmp_path: Path) -> None:
    def written() -> str:
        sliceproof("check", "broken:decodes_latin1", "--requirement", "U", "--junit", "out.xml", "--examples", "3")
        sliceproof("check", "broken:decodes_latin1", *QUICK[2:], "--profile", "quick", "--junit", "out.xml")
        return re.sub(r' (time|timestamp)="[^"]*"', "", (tmp_path / "out.xml").read_text("utf-8"))

    assert written() == written()


def test_any_character_may_be_in_it() -> None:
    text = (
        "".join([chr(number) for number in range(0x3100)]) + "\ud800\udfff\ue000\ufdd0\ufffe\uffff\U0001fffe😀]]>&lt;"
    )
    finding = {"what": text, "replay": text}
    row = {"decoder": text, "version": text, "dialect": "text", "requirement": "U1", "level": "must", "reason": text}
    row |= {"verdict": "fail", "finding": finding, "beside": {"told": text, "seconds": 1.5}}
    report = {"profile": "ci", "seed": 0, "sliceproof": "0", "python": "3", "incomplete": text}
    root = checked(
        junit({**report, "results": [row, row | {"verdict": "error", "finding": None}]}, "2026-01-02T03:04:05")
    )
    told = next(root.iter("failure")).text or ""
    for escaped in (
        "\\x00",
        "\\x1b",
        "\\ud800",
        "\\udfff",
        "\\ufffe",
        "\\uffff",
        "\\U0001fffe",
        "😀]]>&lt;",
        "\t",
        "あ",
    ):
        assert escaped in told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="who waits for the process that judges is a fork")
def test_is_written_too_where_the_run_has_to_be_ended(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import re\n\n"
        "def halves(parts):\n    for part in parts:\n        yield part.decode('utf-8', 'replace')\n\n"
        "def hangs(parts):\n    re.match(r'(a+)+$', 'a' * 60 + 'b')\n    yield ''\n"
    )
    command = [sys.executable, "-P", "-m", "sliceproof", "check", "own.py:halves", "own.py:hangs", "--accepts", "parts"]
    given = os.environ | {"SLICEPROOF_SILENCE": "3"}
    ran = subprocess.run(
        [*command, "--requirement", "U1", "--examples", "3", "--junit", "out.xml", "--json", "out.json"],
        cwd=tmp_path,
        env=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    root = checked((tmp_path / "out.xml").read_text("utf-8"))
    assert ran.returncode == 1, ran.stderr
    assert "      snippet   from own import halves" in (next(root.iter("failure")).text or "")
    assert "did not move for 3 s" in next(root.iter("error")).attrib["message"]
    assert "beside" not in (tmp_path / "out.json").read_text()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--junit", "-"), "--junit - is no file; only --json writes to stdout"),
        (("--junit", "no/out.xml"), "cannot write no/out.xml: No such file"),
        (("--junit", "out", "--json", "out"), "name one file, out; give each its own"),
    ],
)
def test_a_file_that_cannot_be_is_told_before_anything_is_judged(
    sliceproof: Sliceproof, given: tuple[str, ...], told: str
) -> None:
    code, out, err = sliceproof("check", "reference", *QUICK, *given)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
