"""What is demanded of a command that was typed: its exit code, the files that it names, the lines that a page shows."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from blocks import Command
from reader import Done, missing

BREAKS = re.compile(r"\bbroken:|\blitellm|fuzz messages botocore|client\.py:client|bedrock\.py:client")
"""Targets of which the pages say that they break a MUST."""


def _json(key: str) -> Callable[[Path], object]:
    return lambda path: json.loads(path.read_text("utf-8"))[key]


def _page(path: Path) -> bool:
    return path.read_text("utf-8").startswith("<!doctype html>")


def _parsed(path: Path) -> bool:
    return ElementTree.parse(path).getroot() is not None


FORMS: dict[str, Callable[[Path], object]] = {
    "--json": _json("results"),
    "--sarif": _json("runs"),
    "--junit": _parsed,
    "--badge": _parsed,
    "--html": _page,
}
"""Options that name a file, and what is true of one that was written."""


def implied(command: Command) -> int:
    """The exit code that follows from what a page says of the target."""
    if command.page == "docs/vectors.md" and command.words[0] == "pytest":
        return 1  # behind the line that puts the broken decoder in
    asks = command.words[0] == "sliceproof" and command.words[1] in ("check", "fuzz", "replay")
    return int(asks and bool(BREAKS.search(command.text)))


def faults(command: Command, done: Done, folder: Path) -> Iterator[str]:
    """What is wrong with how a command ended."""
    if done.code != implied(command):
        yield f"it exits {done.code}, not {implied(command)}"
    if "Traceback (most recent call last)" in done.err:
        yield "it shows a traceback"
    if line := missing(command.shown, done.out):
        yield f"it does not show {line!r}"
    for path, holds in written(command):
        try:
            if not holds(folder / path):
                yield f"{path} is not of its form"
        except (OSError, ValueError, KeyError, SyntaxError) as error:
            yield f"{path}: {error!r}"


def written(command: Command) -> Iterator[tuple[str, Callable[[Path], object]]]:
    """The files that a command is to write, and what is true of each."""
    for option, word in zip(command.words, command.words[1:], strict=False):
        if option in FORMS:
            yield word, FORMS[option]
        if option == "--save" and implied(command):
            yield word, lambda path: all(map(_json("requirement"), path.glob("*.json"))) and any(path.glob("*.json"))
    if command.words[:2] == ("sliceproof", "export") and "--help" not in command.words:
        if "--conformance" in command.words:
            yield command.words[-1], _json("vectors")
        else:
            yield command.words[-1], lambda path: len(list(path.rglob("*"))) > 20
    if command.words[1:3] == ("-m", "venv") and "--help" not in command.words:
        yield command.words[-1], lambda path: (path / "pyvenv.cfg").is_file()
