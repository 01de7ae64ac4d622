"""The tutorial and the recipes, done as a reader does them: files are written, commands typed, outputs compared."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from blocks import ROOT
from reader import environment, missing

STEP = re.compile(
    r"^`(?P<file>[\w/.-]+)`\n\n```\w+\n(?P<content>.*?)^```$|^```console\n(?P<session>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def steps(page: str) -> list[re.Match[str]]:
    return list(STEP.finditer((ROOT / "docs" / page).read_text("utf-8")))


def sessions(text: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the lines that it shows."""
    return [(part.split("\n")[0], part.split("\n")[1:-1]) for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]]


@pytest.mark.skipif(os.environ.get("SLICEPROOF_DOCS") != "all", reason="tox -e commands does what these pages say")
@pytest.mark.parametrize(("page", "commands"), [("tutorial.md", 6), ("recipes.md", 7)])
def test_a_page_shows_what_its_commands_show(tmp_path: Path, page: str, commands: int) -> None:
    env = environment()
    ran = 0
    for step in steps(page):
        if step["file"]:
            file = tmp_path / step["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step["content"], "utf-8")
            continue
        for command, expected in sessions(step["session"]):
            done = subprocess.run(command, shell=True, cwd=tmp_path, env=env, capture_output=True, check=False)
            shown, wrong = done.stdout.decode(), done.stderr.decode()
            assert done.returncode in (0, 1), f"{command}\n{shown}\n{wrong}"
            assert missing(expected, shown) == "", f"{command}\n{shown}\n{wrong}"
            ran += 1
    assert ran == commands


def test_a_line_that_does_not_come_is_seen() -> None:
    assert missing(["a", "…", "c"], "a\nb\nc\n") == ""
    assert missing(["a", "…", "d"], "a\nb\nc\n") == "d"
    assert missing(["c", "a"], "a\nb\nc\n") == "a"
