"""What the documents say in code: fenced blocks by language, commands, and files with what commands show."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md")),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("examples/*/README.md"),
    ]
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```[ \t]*$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:sliceproof|tox|python) [^`]+)`")
PROGRAMS = ("sliceproof", "tox", "python", "python3", "pytest", "pip")
NOT_WHOLE = re.compile(r"…|\.\.\.|\[|\||\b(?:CASE|COMMAND|DIALECT|FILE|NAME|TARGET|URL|ID|DIR|SHELL)\b")
"""What is to be filled in, or left out, by whoever types the command."""


class Block(NamedTuple):
    """A fenced block and where it stands."""

    page: str
    line: int
    language: str
    text: str

    @property
    def where(self) -> str:
        """README.md:12."""
        return f"{self.page}:{self.line}"


class Command(NamedTuple):
    """A command of a page; `whole` if a person can type it as it is."""

    where: str
    words: tuple[str, ...]
    whole: bool


def name(path: Path) -> str:
    """A page's path in the repository."""
    return path.relative_to(ROOT).as_posix()


def blocks() -> Iterator[Block]:
    """All fenced blocks of all pages; an indented fence loses its indent."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for found in FENCE.finditer(text):
            lines = [line.removeprefix(found[1]) for line in found[3].splitlines(keepends=True)]
            yield Block(name(page), text[: found.start()].count("\n") + 1, found[2], "".join(lines))


def commands() -> Iterator[Command]:
    """All commands of all pages: in blocks after `$`, in blocks for a shell, indented, and inside of sentences."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for block in (each for each in blocks() if each.page == name(page)):
            if block.language in ("console", "sh", "bash"):
                for number, line in _lines(block.text, block.language == "console"):
                    yield from _of_line(line, f"{block.page}:{block.line + number}")
        plain = FENCE.sub(lambda found: "\n" * found[0].count("\n"), text)
        for number, line in enumerate(plain.splitlines(), 1):
            where = f"{name(page)}:{number}"
            if line.startswith("    ") and line.strip().startswith((*PROGRAMS, ".venv/bin/")):
                yield from _of_line(line.strip(), where)
            for span in INLINE.findall(line):
                yield from _of_line(span.replace("\\|", "|"), where, inside=True)


def _lines(text: str, console: bool) -> Iterator[tuple[int, str]]:
    """The commands of a block, with lines that a backslash continues made one."""
    kept = ""
    for number, line in enumerate(text.splitlines(), 1):
        if console and not kept and not line.startswith("$ "):
            continue
        kept += line.removeprefix("$ ")
        if kept.endswith("\\"):
            kept = kept[:-1]
            continue
        yield number, kept
        kept = ""


def _of_line(line: str, where: str, inside: bool = False) -> Iterator[Command]:
    """The commands of a line, without what pipes and comments add."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&;>")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError as error:
        raise ValueError(f"{where}: {line!r}: {error}") from None
    command: list[str] = []
    for word in [*words, ";"]:
        if not set(word) <= set("&;|>"):
            command.append(word)
            continue
        while command and "=" in command[0] and not command[0].startswith("-"):
            del command[0]  # a variable of the environment
        if command and Path(command[0]).name in PROGRAMS:
            whole = not inside and not NOT_WHOLE.search(re.sub(r"Stream\(.*?\)\)?", "", line))
            yield Command(where, (Path(command[0]).name, *command[1:]), whole)
        command = []
        if word in (">", "|"):
            return
