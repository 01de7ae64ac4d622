"""Each command of the pages has a place: a test types it, or something else runs it; and what goes wrong is seen."""

import configparser
import re
from pathlib import Path

import pytest

from blocks import ROOT, Command, commands
from judging import faults
from places import ELSEWHERE, NEEDING, REPLACED, commands_typed, elsewhere, unplaced
from reader import Done, laid_out, ran

COMMANDS = list(commands())


def test_each_command_has_a_place() -> None:
    assert unplaced() == []
    assert len(commands_typed()) > 90


@pytest.mark.parametrize(
    "line",
    [
        "    cargo test",
        "    sliceproof check WHATEVER --json …",
        "```console\n$ ruff check .\n```",
        "```sh\nmake\n```",
        "Say `sliceproof explain [CASE]`.",
    ],
)
def test_a_command_without_a_place_is_seen(tmp_path: Path, line: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{line}\n", "utf-8")
    assert len(unplaced([page])) == 1


def test_a_command_that_is_whole_is_typed_wherever_it_stands(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    text = "    X=1 sliceproof check a.py:b\n\n```yaml\n- run: sliceproof list cases\n```\n\nSay `tox -e\nlint`.\n"
    page.write_text(f"# A page\n\n{text}", "utf-8")
    found = commands_typed([page])
    assert [(command.text, command.given) for command in found] == [
        ("sliceproof list cases", ()),
        ("sliceproof check a.py:b", ("X=1",)),
    ]


@pytest.mark.parametrize("place", ELSEWHERE + NEEDING, ids=lambda place: place.pattern)
def test_what_runs_a_command_elsewhere_is_there(place: tuple[str, str, tuple[str, ...]]) -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ROOT / "tox.ini", "utf-8")
    known = {*settings["tox"]["env_list"].replace(" ", "").split(","), *settings.sections()}
    *_, by = place
    for each in by:
        environment = each.removeprefix("tox:")
        there = {environment, f"testenv:{environment}"} & known if environment != each else (ROOT / each).is_file()
        assert there, each


def test_no_place_is_left_over() -> None:
    told = [f"{command.page}: {command.text}" for command in COMMANDS]
    assert [place.pattern for place in ELSEWHERE if not any(re.fullmatch(place.pattern, each) for each in told)] == []
    plain = [f" {' '.join(command.words)} " for command in COMMANDS if not elsewhere(command)]
    assert [words for words in REPLACED if not any(f" {words} " in each for each in plain)] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("sliceproof check nothing.py:decode", "it exits 2, not 0"),
        ("sliceproof list requirements U99", "it exits 2, not 0"),
        ("sliceproof check broken:decodes_parts_alone --dialect nothing", "it exits 2, not 1"),
        ("python -c raise(SystemError)", "it shows a traceback"),
    ],
)
def test_a_command_that_fails_is_seen(tmp_path: Path, line: str, told: str) -> None:
    command = Command("docs/ci.md:1", tuple(line.split()), whole=True)
    assert told in list(faults(command, ran(command, laid_out(tmp_path, command)), tmp_path))


@pytest.mark.parametrize(
    ("line", "content", "told"),
    [
        ("sliceproof check a.py:b --json x.json", None, "FileNotFoundError"),
        ("sliceproof check a.py:b --json x.json", "{}", "KeyError"),
        ("sliceproof check a.py:b --html x.html", "<p>", "x.html is not of its form"),
        ("sliceproof check a.py:b --badge x.svg", "{}", "ParseError"),
        ("sliceproof export folder", None, "folder is not of its form"),
        ("sliceproof check broken:x --save cases", None, "cases is not of its form"),
    ],
)
def test_a_file_that_is_not_written_or_not_of_its_form_is_seen(
    tmp_path: Path, line: str, content: str | None, told: str
) -> None:
    command = Command("docs/ci.md:1", tuple(line.split()), whole=True)
    if content is not None:
        (tmp_path / line.split()[-1]).write_text(content, "utf-8")
    code = 1 if "broken:" in line else 0
    (fault,) = faults(command, Done(code, "", ""), tmp_path)
    assert told in fault


def test_a_line_that_is_not_shown_is_seen(tmp_path: Path) -> None:
    command = Command("docs/ci.md:1", ("sliceproof", "list", "cases"), True, shown=("a line", "in 2.0 s"))
    assert list(faults(command, Done(0, "a line\nin 0.3 s\n", ""), tmp_path)) == []
    assert list(faults(command, Done(0, "another\nin 0.3 s\n", ""), tmp_path)) == ["it does not show 'a line'"]
