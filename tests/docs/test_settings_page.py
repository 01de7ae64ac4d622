"""What docs/settings.md says must be there is made as it says; its command is typed with those of all pages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from blocks import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")
ONE = "--requirement PLAIN --dialect tgi-sse"
DECODER = """import sliceproof


def decode(chunks):
    return sliceproof.decode(chunks, "tgi-sse")
"""


def run(folder: Path, words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words.split()]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def project(folder: Path, *keys: str) -> None:
    """These keys of the page's table in a project."""
    table = PAGE.partition("```toml\n")[2].partition("```")[0]
    lines = [line for line in table.splitlines() if line.startswith(("[", *keys))]
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("\n".join(lines) + "\n")
    (folder / "src" / "myapp").mkdir(parents=True)
    (folder / "src" / "myapp" / "streams.py").write_text(DECODER)


def test_what_must_be_there_is_made_as_the_page_says(tmp_path: Path) -> None:
    project(tmp_path, "decoders", "baseline")
    assert run(tmp_path, "sliceproof check").returncode == 2
    commands = re.findall(r"`(sliceproof check --(?:update|save)[^`]*)`", PAGE)
    assert commands == ["sliceproof check --update-baseline", "sliceproof check --save tests/cases"]
    assert [run(tmp_path, f"{command} {ONE}").returncode for command in (commands[0], "sliceproof check")] == [0, 0]
    (tmp_path / "src" / "myapp" / "streams.py").write_text("def decode(chunks):\n    yield from ()\n")
    assert run(tmp_path, f"{commands[1]} {ONE}").returncode == 1
    project(tmp_path / "again", "decoders", "corpus")
    assert run(tmp_path / "again", f"sliceproof check {ONE}").returncode == 2
    shutil.copytree(tmp_path / "tests" / "cases", tmp_path / "again" / "tests" / "cases")
    assert run(tmp_path / "again", f"sliceproof check {ONE}").returncode == 0
