"""The pages in a real browser: light and dark, narrow, by keyboard, for who cannot see, and without any network."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import structs

from browser import Browser, found
from matrix import record
from matrix.html import html_page
from sliceproof.conformance.cli.main import cli
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.reporting.html import report_page
from sliceproof.conformance.reporting.outputs import Outputs
from sliceproof.conformance.reporting.report import report
from sliceproof.conformance.requirements import requirements

AXE = Path(os.environ.get("SLICEPROOF_AXE", ""))
PICTURES = os.environ.get("SLICEPROOF_PICTURES", "")
IDS = ("U1", "T2", "K1", "M3")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(
    not found() or not AXE.is_file(), reason="tox -e pages runs these, where there is a Chromium"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A report of several decoders with many findings, one without any, a stream, and the matrix."""
    folder = tmp_path_factory.mktemp("pages")
    plan = Plan(requirements(IDS), PROFILES["quick"])
    chosen = [next(broken for broken in BROKEN.values() if broken.breaks[0] == id_) for id_ in IDS]
    results = [result for broken in chosen for result in run(broken.decoder(), plan, [broken.dialect])]
    rows = {"report": [*map(Outputs(html="x").row, results)]}
    error = {"verdict": "error", "finding": None, "reason": "it could not be judged"}
    rows["report"].append({**rows["report"][0], **error, "dialect": "text", "beside": {}})
    rows["nothing"] = [row for row in rows["report"] if row["verdict"] == "pass"]
    texts = {
        name: report_page({**report([], plan), "results": found}, "2026-11-30T01:02:03", "sliceproof check")
        for name, found in rows.items()
    }
    matrix = record.load(record.DOCS / "matrix.json")
    texts["matrix"] = html_page(structs.replace(matrix, environments=matrix.environments[:9]))
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    stream = "Stream('tgi-sse', ['xé😀', 'ש'], part_cuts=[47, 48], chunk_cuts=[9])"
    assert CliRunner().invoke(cli, ["explain", stream, "--html", str(folder / "stream.html")]).exit_code == 0
    return {path.stem: path for path in folder.glob("*.html")}


NAMES = pytest.mark.parametrize("name", ["report", "nothing", "stream", "matrix"])


def pictured(browser: Browser, name: str) -> None:
    """Keep a picture of what is shown, for whoever wants to see it."""
    if PICTURES:
        browser.picture(Path(PICTURES) / f"{name}.png")


@pytest.mark.parametrize(
    ("name", "dark"), [("report", False), ("report", True), ("stream", False), ("stream", True), ("matrix", False)]
)
def test_axe_has_nothing_to_say(browser: Browser, pages: dict[str, Path], name: str, dark: bool) -> None:
    browser.open(pages[name], dark=dark)
    opened = 'for (const each of [...document.querySelectorAll("details")].slice(0, 20)) each.open = true'
    browser.value(opened)
    pictured(browser, f"{name}-{'dark' if dark else 'light'}")
    browser.value(AXE.read_text("utf-8") + ";0")
    asked = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    told: Any = browser.value(
        f"axe.run(document, {json.dumps(asked)}).then(r => r.violations.map(v => [v.id, v.help, v.nodes.length,"
        " v.nodes.slice(0, 3).map(n => n.html.slice(0, 300))]))"
    )
    assert told == []


@NAMES
def test_nothing_but_the_file_is_asked_for(browser: Browser, pages: dict[str, Path], name: str) -> None:
    browser.open(pages[name])
    browser.value("new Promise(done => setTimeout(done, 200))")
    assert browser.requests == [pages[name].as_uri()]
    tried = "fetch('http://127.0.0.1:9/').then(() => 'came', error => String(error))"
    assert "TypeError" in browser.value(tried)
    assert browser.requests == [pages[name].as_uri()]  # the policy refused it before it left


@NAMES
def test_a_narrow_screen_scrolls_tables_and_not_the_page(browser: Browser, pages: dict[str, Path], name: str) -> None:
    browser.open(pages[name], width=400)
    browser.value('document.querySelectorAll(".finding").forEach((each, n) => { each.open = n < 3; })')
    pictured(browser, f"{name}-narrow")
    assert browser.value("document.documentElement.scrollWidth") <= 400


class TestKeyboard:
    """All that a mouse can do."""

    def test_the_first_key_skips_to_the_content(self, browser: Browser, pages: dict[str, Path]) -> None:
        browser.open(pages["report"])
        browser.key("Tab", 9)
        assert browser.value("document.activeElement.className") == "skip"
        pictured(browser, "report-skip")
        browser.key("Enter", 13, "\r")
        assert browser.value("document.activeElement.id") == "main"

    def test_each_stop_can_be_seen(self, browser: Browser, pages: dict[str, Path]) -> None:
        browser.open(pages["report"])
        for number in range(40):
            browser.key("Tab", 9)
            if browser.value("document.activeElement.tagName") == "BODY":  # behind the last it begins anew
                assert number > 15
                return
            style = browser.value("getComputedStyle(document.activeElement).outlineStyle")
            assert style == "solid", browser.value("document.activeElement.outerHTML.slice(0, 200)")

    def test_a_verdict_opens_its_finding(self, browser: Browser, pages: dict[str, Path]) -> None:
        browser.open(pages["report"])
        browser.value('document.querySelector(".verdicts a").focus()')
        browser.key("Enter", 13, "\r")
        browser.value("new Promise(done => setTimeout(done, 200))")
        assert browser.value('document.activeElement.closest("details.finding")?.open') is True
        assert browser.value("document.activeElement.tagName") == "SUMMARY"

    def test_a_button_copies_and_says_so(self, browser: Browser, pages: dict[str, Path]) -> None:
        browser.open(pages["report"])
        browser.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        browser.value('document.querySelectorAll("details").forEach((each) => { each.open = true; })')
        browser.value('document.querySelector(".finding .copy").focus()')
        browser.key("Enter", 13, "\r")
        browser.value("new Promise(done => setTimeout(done, 300))")
        assert browser.value('document.getElementById("said").textContent') == "Copied"
        copied = browser.value("navigator.clipboard.readText()")
        assert copied == browser.value('document.querySelector(".finding .copied code").textContent')

    def test_a_button_turns_light_into_dark_and_back(self, browser: Browser, pages: dict[str, Path]) -> None:
        browser.open(pages["report"])
        paper = "getComputedStyle(document.body).backgroundColor"
        light = browser.value(paper)
        browser.value('document.getElementById("theme").focus()')
        browser.key("Enter", 13, "\r")
        assert browser.value(paper) != light
        browser.key("Enter", 13, "\r")
        assert browser.value(paper) == light


def test_findings_are_filtered(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["report"])
    every = browser.value('document.querySelectorAll(".finding").length')
    visible = '[...document.querySelectorAll(".finding")].filter((each) => each.checkVisibility())'
    shown = f"{visible}.map((each) => each.dataset.{{}})"
    for key, wanted in (("verdict", "error"), ("level", "should"), ("dialect", "openai-sse")):
        browser.value(
            f'document.querySelector("#filter [name={key}]").value = "{wanted}";'
            ' document.getElementById("filter").dispatchEvent(new Event("change"))'
        )
        left = browser.value(shown.format(key))
        assert 0 < len(left) < every
        assert set(left) == {wanted}
        assert browser.value('document.getElementById("count").textContent') == f"{len(left)} of {every} findings"
        browser.value('document.getElementById("filter").reset()')


def test_a_table_of_a_report_has_its_height_and_the_width_of_the_page(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["report"])
    frame = 'document.querySelector(".scroll.tall")'
    assert browser.value(f"{frame}.scrollHeight === {frame}.clientHeight")
    assert browser.value(f"{frame}.clientWidth - {frame}.firstElementChild.offsetWidth") == 0


def test_the_button_that_copies_stands_beside_what_it_copies(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["report"], width=600)
    browser.value('document.querySelectorAll("details").forEach((each) => { each.open = true; })')
    gaps = (
        '[...document.querySelectorAll(".copied")].map((each) => each.querySelector("button").getBoundingClientRect()'
        '.left - each.querySelector("pre").getBoundingClientRect().right)'
    )
    found = browser.value(gaps)
    assert found
    assert min(found) > 0


def test_what_is_printed_is_open(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["report"])
    browser.value('dispatchEvent(new Event("beforeprint"))')
    browser.media("print")
    closed = '[...document.querySelectorAll(".finding > .body")].filter((each) => !each.checkVisibility()).length'
    assert browser.value(closed) == 0
    assert browser.value('document.getElementById("theme").checkVisibility()') is False
    pictured(browser, "report-print")


def test_without_its_script_the_page_can_be_read(browser: Browser, pages: dict[str, Path]) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(pages["report"])
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert browser.value('document.getElementById("theme").checkVisibility()') is False
    assert browser.value('document.querySelector(".copied .copy").checkVisibility()') is False
    assert browser.value('getComputedStyle(document.querySelector("pre code")).userSelect') != "none"
