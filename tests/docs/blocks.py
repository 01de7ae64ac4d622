"""What the documents say in code: fenced blocks by language, commands, and files with what commands show."""

import itertools
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
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
PROGRAMS = (
    *("sliceproof", "tox", "python", "python3", "pytest", "pip"),
    *("apt-get", "docker", "eval", "git", "go", "kubectl", "npm", "sed"),
)
INLINE = re.compile(rf"`((?:[A-Z_0-9]+=\S+ )*(?:{'|'.join(PROGRAMS)})(?: &&)? [^`\n]+(?:\n[^`\n]+)?)`")
IN_YAML = re.compile(r"^[ -]*(?:script|run|entry): (.*)$")
ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
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
    given: tuple[str, ...] = ()  # variables of the environment, NAME=VALUE
    at: str = ""  # the folder to which its line changes
    shown: tuple[str, ...] = ()  # the lines that a console shows under it

    @property
    def page(self) -> str:
        """README.md."""
        return self.where.partition(":")[0]

    @property
    def text(self) -> str:
        """Its words, as a shell takes them."""
        return shlex.join(self.words)


def name(path: Path) -> str:
    """A page's path in the repository."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def blocks(pages: Sequence[Path] = PAGES) -> Iterator[Block]:
    """All fenced blocks of all pages; an indented fence loses its indent."""
    for page in pages:
        text = page.read_text("utf-8")
        for found in FENCE.finditer(text):
            lines = [line.removeprefix(found[1]) for line in found[3].splitlines(keepends=True)]
            yield Block(name(page), text[: found.start()].count("\n") + 1, found[2], "".join(lines))


def commands(pages: Sequence[Path] = PAGES) -> Iterator[Command]:
    """All commands of all pages: in blocks after `$`, or for a shell or a CI, indented, and inside of sentences."""
    for page in pages:
        text = page.read_text("utf-8")
        for block in blocks([page]):
            if block.language in ("console", "sh", "bash", "yaml"):
                for number, line, shown in _lines(block):
                    yield from _of_line(line, f"{block.page}:{block.line + number}", shown=shown)
        for number, line in _joined(_unfenced(text)):
            where = f"{name(page)}:{number}"
            if line.startswith("    "):
                yield from _of_line(line.strip(), where)
        sentences = "\n".join("" if line.startswith("    ") else line for line in _unfenced(text))
        for span in INLINE.finditer(sentences):
            where = f"{name(page)}:{sentences[: span.start()].count(chr(10)) + 1}"
            yield from _of_line(span[1].replace("\\|", "|").replace("\n", " "), where, inside=True)


def strangers(pages: Sequence[Path] = PAGES) -> Iterator[tuple[str, str]]:
    """Where a line that stands as commands do, in a block for a shell or indented behind a blank line, has none."""
    for page in pages:
        text = page.read_text("utf-8")
        found = [
            (block.line + number, line)
            for block in blocks([page])
            if block.language in ("console", "sh", "bash")
            for number, line, _ in _lines(block)
        ]
        kept = False  # whether the line before is blank, or is in the same indented block
        for number, line in _joined(_unfenced(text)):
            kept = not line or (kept and line.startswith("    "))
            if kept and line:
                found.append((number, line.strip()))
        for number, line in found:
            if not list(_of_line(line, "")):
                yield f"{name(page)}:{number}", line


def _unfenced(text: str) -> list[str]:
    """The lines of a page, those of fenced blocks empty."""
    return FENCE.sub(lambda found: "\n" * found[0].count("\n"), text).splitlines()


def _lines(block: Block) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """The commands of a block, each with what is shown under it."""
    lines = list(_joined(block.text.splitlines()))
    if block.language == "yaml":
        yield from ((number, found[1], ()) for number, line in lines if (found := IN_YAML.match(line)))
        return
    if block.language != "console":
        yield from ((number, line, ()) for number, line in lines)
        return
    starts = [place for place, (_, line) in enumerate(lines) if line.startswith("$ ")]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        number, line = lines[start]
        yield number, line.removeprefix("$ "), tuple(shown for _, shown in lines[start + 1 : end])


def _joined(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines and their numbers; those that a backslash continues are one, with the number of the last."""
    kept = ""
    for number, line in enumerate(lines, 1):
        kept += line
        if kept.endswith("\\"):
            kept = kept[:-1]
            continue
        yield number, kept
        kept = ""


def _of_line(line: str, where: str, inside: bool = False, shown: tuple[str, ...] = ()) -> Iterator[Command]:
    """The commands of a line, without what pipes and comments add."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&;>")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return  # a line of a text that is indented
    command: list[str] = []
    at = ""
    for word in [*words, ";"]:
        if not set(word) <= set("&;|>"):
            command.append(word)
            continue
        given = list(itertools.takewhile(ASSIGNED.match, command))
        del command[: len(given)]
        if command[:1] == ["cd"]:
            at = command[1]
        if command and Path(command[0]).name in PROGRAMS and "=" not in command[1:2]:
            whole = not inside and not NOT_WHOLE.search(re.sub(r"Stream\(.*?\)\)?", "", line))
            yield Command(where, (Path(command[0]).name, *command[1:]), whole, tuple(given), at, shown)
        command = []
        if word in (">", "|"):
            return
