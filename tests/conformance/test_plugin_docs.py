"""Each example of docs/pytest.md is run: its files, its command, and what the page says comes out."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from sliceproof.conformance.plugin import inheriting  # noqa: F401 - kept, as runs in this process import it

Run = Callable[..., pytest.RunResult]

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text("utf-8")
FILE = re.compile(r"^`([\w/.-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n\$ pytest(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = {
    title: text
    for title, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    if "$ pytest" in text
}


def test_there_are_examples_of_the_four_ways_and_of_known_failures() -> None:
    ways = ["Without a test file", "In a test function", "In a class to inherit", "In your own property"]
    assert list(EXAMPLES) == [*ways, "Known failures"]


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_example_does_what_the_page_says(project: Run, pytester: pytest.Pytester, title: str) -> None:
    for name, content in FILE.findall(EXAMPLES[title]):
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
    (command, shown), *others = CONSOLE.findall(EXAMPLES[title])
    assert not others
    result = project("--sliceproof-examples", "2", *shlex.split(command))
    result.stdout.re_match_lines([pattern(line) for line in shown.splitlines() if line != "…"])


def pattern(line: str) -> str:
    """A line of the page as a regular expression: … is anything, and a rule of = may have any length."""
    return (
        re.sub("=+", "=+", re.escape(line).replace("…", ".*"))
        if line.startswith("==")
        else re.escape(line).replace("…", ".*")
    )
