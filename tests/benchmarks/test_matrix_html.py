"""The matrix as a page: each verdict of docs/matrix.json is in it, and each finding has its stream."""

from pathlib import Path

import pytest

from matrix import __main__ as command
from matrix import record
from matrix.html import GRAVITY, html_page
from pages_read import Page

MATRIX = record.load(record.DOCS / "matrix.json")


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html_page(MATRIX))


def test_it_is_a_sound_page(page: Page) -> None:
    assert page.problems == []


def test_each_verdict_is_a_cell(page: Page) -> None:
    classes = {"n/a": "na"}
    for verdict in GRAVITY:
        due = sum(
            next(each for each in GRAVITY if each in verdicts) == verdict
            for entry in MATRIX.environments
            for decoder in entry.decoders
            for verdicts in decoder.verdicts.values()
        )
        cells = [
            found for tag, found in page.tags if tag == "td" and found.get("class") == classes.get(verdict, verdict)
        ]
        assert len(cells) == due


def test_each_finding_is_told_with_its_stream(page: Page) -> None:
    findings = [found for entry in MATRIX.environments for decoder in entry.decoders for found in decoder.findings]
    assert len(page.having("finding")) == len({(found.requirement, found.stream) for found in findings})
    too_long = page.said.count("The stream is too long to be kept there")
    assert len(page.having("stream")) == len(page.having("finding")) - too_long
    assert too_long < 5
    assert len([link for link in page.links if link.startswith("#s")]) == len(findings)


def test_the_command_writes_it_and_judges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "matrix.html"
    monkeypatch.setattr("sys.argv", ["matrix", "--html", str(path)])
    command.main()
    assert Page(path.read_text("utf-8")).problems == []
    assert "is written" in capsys.readouterr().out
