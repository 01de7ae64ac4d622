"""The report as a page: whole, alone, safe whatever a decoder gives, and readable by everybody."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pages_read import Page
from sliceproof.conformance.cli.main import cli
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.reporting.html import report_page
from sliceproof.conformance.reporting.html.difference import difference
from sliceproof.conformance.reporting.outputs import Outputs
from sliceproof.conformance.reporting.report import report
from sliceproof.conformance.requirements import REQUIREMENTS, requirements
from sliceproof.conformance.requirements.hints import hint

BEGUN = "2026-11-30T01:02:03"
HOSTILE = "</td><script>alert(1)</script><!-- \x00\x1b[31m\u202e\u2066 \ud800 {{ 7 * 7 }} &lt; ' \" `"


def page_of(results: Any, plan: Plan, **more: Any) -> Page:
    """The page of a report, as the command writes it."""
    outputs = Outputs(html="somewhere")
    text = report_page(report(list(results), plan, row_of=outputs.row) | more, BEGUN, "sliceproof check it")
    text.encode()  # no half of a surrogate pair is left
    page = Page(text)
    assert page.problems == []
    return page


def judged(name: str, *ids: str) -> tuple[list[Any], Plan]:
    plan = Plan(requirements(ids), PROFILES["quick"])
    return list(run(BROKEN[name].decoder(), plan, [BROKEN[name].dialect])), plan


def test_a_page_says_how_a_decoder_stands_to_a_frozen_set() -> None:
    results, plan = judged("decodes_parts_alone", "U1")
    (name,) = {result.decoder.name for result in results}
    told = {"decoder": name, "verdict": "does not conform", "told": "does not conform to 2026.1 (MUST 41/42)"}
    page = page_of(results, plan, conformance={"set": "2026.1", "decoders": [told]})
    assert "does not conform to 2026.1 (MUST 41/42)" in page.said


def test_a_page_says_who_was_judged_and_how_and_shows_each_finding() -> None:
    results, plan = judged("decodes_parts_alone", "U1", "U2", "MIX")
    page = page_of(results, plan)
    for text in ("broken:decodes_parts_alone", "sliceproof check it", "quick", "2026-11-30 01:02:03 UTC", "breaks"):
        assert text in page.said
    broken = [result.finding for result in results if result.finding]
    assert len(page.having("finding")) == len(broken) == 2
    for finding in broken:
        assert repr(finding.stream) in page.said
        assert finding.replay in page.said
        assert hint(finding.requirement.id).first.replace("`", "") in page.said
        assert finding.requirement.rule.replace("`", "") in page.said
    assert "def feed(self, part: bytes) -> str:" in page.said
    assert "https://github.com/BerriAI/litellm/issues/9165" in page.links
    assert [row["class"] for row in page.having("finding")] == ["finding", "finding"]


def test_the_cut_goes_through_the_character_and_what_was_lost_is_marked() -> None:
    results, plan = judged("decodes_parts_alone", "U1")
    page = page_of(results, plan)
    bytes_ = [found.get("class", "") for tag, found in page.tags if tag == "td"]
    assert "split" in bytes_  # the byte before the cut
    assert "split cut" in bytes_  # and the one behind it
    assert "✂ cut inside a character" in page.said
    assert "c3 | a9 = U+00E9" in page.said
    assert "<del>" in page.text
    assert results[0].finding is not None
    assert difference(results[0].finding) == [("lost", "é")]


def test_the_table_of_verdicts_leads_to_each_finding() -> None:
    results, plan = judged("decodes_parts_alone", "U1", "U2", "U4", "MIX")
    page = page_of(results, plan)
    assert [found["aria-label"] for _, found in page.tags if found.get("aria-label", "").endswith(": fail")] == [
        "U1 in tgi-sse : fail",
        "MIX in tgi-sse : fail",
    ]
    assert len(page.having("pass")) == 1 + page.text.count('class="verdict pass"')
    assert len(page.having("na")) == 1
    assert "Why requirements do not apply" in page.said


def test_a_page_tells_in_the_order_of_the_terminal_and_opens_the_roots() -> None:
    results, plan = judged("wants_whole_records", "R1", "U1", "F6", "O1", "MIX")
    page = page_of(results, plan)
    sections = [id_.removeprefix("r-") for id_ in page.ids if id_.startswith("r-")]
    follows = {result.requirement.id: result.finding.follows for result in results if result.finding}
    assert sections[0] == "R1"
    assert follows["U1"] == "R1"
    assert page.said.index("breaks") < page.said.index("R1 (hence ")
    assert [found["class"] for tag, found in page.tags if tag == "section" and "requirement" in found["class"]] == [
        f"requirement{' under' if follows[id_] else ''}" for id_ in sections
    ]
    assert ["open" in found for found in page.having("finding")] == [not follows[id_] for id_ in sections]


def test_of_many_roots_the_first_is_open() -> None:
    row = {"decoder": "d", "version": "", "dialect": "text", "level": "must", "verdict": "error", "streams": 0}
    rows = [{**row, "requirement": id_, "reason": "why", "finding": None} for id_ in ("U1", "L1", "T2", "E1")]
    page = Page(report_page({**report([], Plan([], PROFILES["ci"])), "results": rows}, BEGUN))
    assert ["open" in found for found in page.having("finding")] == [True, False, False, False]


def test_what_a_family_asks_is_told_where_it_is_broken() -> None:
    page = page_of(*judged("decodes_parts_alone", "PLAIN", "U1", "P2"))
    assert "`" not in page.said.partition("Verdicts on")[2]  # code in a title is code
    assert "A stream without any hazard" in page.said
    assert "is told that first" not in page.said
    assert "every code point is text" in page.said


def test_a_page_loads_nothing_and_says_so_to_the_browser() -> None:
    page = page_of(*judged("decodes_parts_alone", "U1"))
    policy = next(found["content"] for tag, found in page.tags if found.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    style, script = (page.text.split(f"<{tag}>")[1].split(f"</{tag}>")[0] for tag in ("style", "script"))
    for loads in ("url(", "@import", "fetch(", "XMLHttpRequest", "import(", "eval(", "innerHTML"):
        assert loads not in style + script


def test_where_nothing_is_broken_the_page_says_so() -> None:
    plan = Plan(requirements(("U1", "U2")), PROFILES["quick"])
    page = page_of(run(load("reference"), plan, ["tgi-sse", "text"]), plan)
    assert "There are none: nothing that was asked is broken." in page.said
    assert "breaks no MUST that was asked" in page.said
    assert not page.having("finding")


def test_nothing_judged_and_a_run_that_was_cut_short_are_pages_too() -> None:
    plan = Plan(requirements(("U1",)), PROFILES["quick"])
    page = page_of([], plan, incomplete="SIGTERM <b>")
    assert "Nothing was judged." in page.said
    assert "SIGTERM <b>" in page.said


def _hostile() -> Iterator[dict[str, Any]]:
    """Rows of which every text is hostile; the identifiers are what they are."""
    results, _ = judged("decodes_parts_alone", "U1")
    row = Outputs(html="somewhere").row(results[0])
    finding = {key: HOSTILE for key, value in row["finding"].items() if isinstance(value, str)}
    finding |= {"modes": {HOSTILE: HOSTILE}, "byte_map": [HOSTILE]}
    row |= {"decoder": HOSTILE, "version": HOSTILE, "dialect": HOSTILE, "reason": HOSTILE, "finding": finding}
    row["beside"] |= {"runs": [["lost", HOSTILE], ["added", HOSTILE], ["same", HOSTILE]]}
    for window in row["beside"]["drawing"]["windows"]:
        for lane in window["above"]:
            lane["spans"] = [{**span, "label": HOSTILE} for span in lane["spans"]]
    yield row
    yield {**row, "beside": {}}
    yield {**row, "requirement": "U2", "verdict": "error", "finding": None}
    yield {**row, "requirement": "U3", "verdict": "fail", "finding": None}
    yield {**row, "requirement": "U4", "verdict": "n/a", "finding": None, "beside": {}}
    yield {**row, "requirement": "U5", "verdict": "pass", "finding": None, "standing": "stale"}


def test_no_text_is_markup_or_acts_on_what_is_around_it() -> None:
    whole = report([], Plan(requirements(("U1",)), PROFILES["quick"])) | {"incomplete": HOSTILE}
    rows = list(_hostile())
    rows[1]["dialect"] = "text"
    text = report_page({**whole, "results": rows}, BEGUN, HOSTILE)
    page = Page(text)
    assert page.problems == []
    assert text.encode().decode() == text
    assert text.count("<script>") == 1
    assert "<script>alert(1)</script>" in page.said  # as text
    assert "{{ 7 * 7 }}" in page.said
    assert not {character for character in text if not character.isprintable()} - {"\n"}
    assert "\\u202e" in page.said
    assert "U+202E" in page.said


def test_a_row_that_is_told_without_its_picture_is_shown_with_its_bytes() -> None:
    results, plan = judged("decodes_parts_alone", "U1")
    row = Outputs(html="somewhere").row(results[0])
    del row["beside"]
    page = Page(report_page({**report([], plan), "results": [row]}, BEGUN))
    assert page.problems == []
    assert "c3 | a9" in page.said


def test_each_requirement_can_be_told_of() -> None:
    rows = []
    for id_, requirement in REQUIREMENTS.items():
        row = {"decoder": "d", "version": "", "dialect": "text", "requirement": id_, "level": requirement.level}
        rows.append({**row, "verdict": "error", "streams": 0, "reason": "why", "finding": None})
    page = Page(report_page({**report([], Plan([], PROFILES["ci"])), "results": rows}, BEGUN))
    assert page.problems == []
    assert [id_ for id_ in page.ids if id_.startswith("r-")] == [f"r-{id_}" for id_ in REQUIREMENTS]


class TestCommand:
    """`check --html` and `explain --html`."""

    def test_check_writes_the_page(self, tmp_path: Path) -> None:
        path = tmp_path / "report.html"
        asked = ["check", "broken:trims_deltas", "--requirement", "P4", "--profile", "quick", "--jobs", "0"]
        shown = CliRunner().invoke(cli, [*asked, "--html", str(path), "--json", str(tmp_path / "report.json")])
        assert shown.exit_code == 1, shown.output
        page = Page(path.read_text("utf-8"))
        assert page.problems == []
        assert len(page.having("stream")) == 1
        assert '"beside"' not in (tmp_path / "report.json").read_text("utf-8")

    def test_explain_draws_a_stream(self, tmp_path: Path) -> None:
        path = tmp_path / "stream.html"
        stream = "Stream('tgi-sse', ['<b>é\\u202e'], part_cuts=[46], chunk_cuts=[9])"
        shown = CliRunner().invoke(cli, ["explain", stream, "--html", str(path)])
        assert shown.exit_code == 0, shown.output
        page = Page(path.read_text("utf-8"))
        assert page.problems == []
        assert "cut inside a character" in page.said
        assert "U+202E" in page.said

    @pytest.mark.parametrize("words", [["check", "reference"], ["explain", "Stream('text', ['x'])"]])
    def test_a_file_that_cannot_be_written_is_one_error(self, words: list[str]) -> None:
        command = [sys.executable, "-m", "sliceproof", *words, "--html", "/nowhere/report.html"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 2
        assert ran.stderr.startswith("sliceproof: cannot write /nowhere/report.html: ")
        assert not ran.stdout

    def test_a_signal_leaves_a_page_of_what_was_found(self, tmp_path: Path) -> None:
        (tmp_path / "own.py").write_text(SLOW)
        asked = ["own.py:halves", "own.py:slow", "--dialect", "text", "--requirement", "U1", "--jobs", "1"]
        command = [sys.executable, "-m", "sliceproof", "check", *asked, "--accepts", "parts", "--html", "report.html"]
        with subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as running:
            assert running.stdout is not None
            assert "FAIL" in "".join(iter(running.stdout.readline, "own.py:slow in text\n"))
            running.send_signal(signal.SIGINT)
            running.communicate(timeout=60)
        assert running.returncode == 130
        page = Page((tmp_path / "report.html").read_text("utf-8"))
        assert page.problems == []
        assert "Not all was judged" in page.said


SLOW = """
import time


def halves(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")


def slow(parts):
    time.sleep(0.05)
    yield "".join(b"".join(parts).decode())
"""


def test_the_python_of_the_page_about_it_makes_a_page() -> None:
    text = (Path(__file__).parents[2] / "docs" / "html.md").read_text("utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    made: dict[str, str] = {}
    exec(code, made)
    assert made["page"].startswith("<!doctype html>")
    assert "c3" in made["page"]
