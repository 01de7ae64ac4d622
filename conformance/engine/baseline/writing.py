"""Brings a baseline file up to date with what was observed, and leaves all else in it as a person wrote it.

The text is cut into blocks, one for each `[[known]]` with the comment lines right above it. A block
stays word for word, loses its entry, or has single values replaced; new blocks come last.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import tomlkit
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version
from tomlkit.items import InlineTable, Table

from sliceproof.conformance.engine.baseline.entry import BaselineError, Entry, What
from sliceproof.conformance.engine.baseline.reading import entries
from sliceproof.corpus import Case
from sliceproof.corpus.saving import write_whole

PREAMBLE = """\
# Failures of stream decoders that are known. A run fails when one of them is gone, or fails in another way.
# kind: bug, by-design or platform. reason and thread: why, and where it is talked about.
# versions: a PEP 440 specifier. when: a PEP 508 marker. case, what: the stream that shows it, and how.
"""
_HEADER = re.compile(r"^\s*\[\[\s*known\s*\]\]")


class Observed(NamedTuple):
    """What a run saw of one requirement: whether it is broken, on which case and how.

    `entry` is the number of the one that applied, or 0.
    """

    decoder: str
    version: str
    dialect: str
    requirement: str
    broken: bool
    entry: int = 0
    case: str = ""
    what: What = ""


class Changes(NamedTuple):
    """How many entries a file gained, lost, and had altered."""

    added: int = 0
    removed: int = 0
    altered: int = 0

    def __str__(self) -> str:
        return f"{self.added} added, {self.removed} removed, {self.altered} altered"


def update(path: Path, observed: Iterable[Observed], filed: Sequence[Case] = ()) -> Changes:
    """Bring the file up to date, atomically; it is left alone if there is nothing to change."""
    try:
        text = path.read_bytes().decode() if path.exists() else ""
        end = "\r\n" if "\r\n" in text else "\n"
        new, changes = updated(text.replace("\r\n", "\n"), observed, filed)
        if any(changes) or not path.exists():
            write_whole(path.resolve(), new.replace("\n", end).encode())
    except OSError as error:
        raise BaselineError(f"{path} cannot be written: {error.strerror}; give a path that can be written") from error
    except BaselineError as error:
        raise BaselineError(f"{path}: {error}") from None
    return changes


def updated(text: str, observed: Iterable[Observed], filed: Sequence[Case] = ()) -> tuple[str, Changes]:
    """The text of a baseline brought up to date; BaselineError if it cannot be understood."""
    then = entries(text, filed)
    editing = _Editing(*_blocks(text, len(then)), then)
    for seen in observed:
        editing.see(seen)
    if text and not any(editing.changes):
        return text, editing.changes
    new = editing.text()
    entries(new, filed)  # what is written can be read
    return new, editing.changes


@dataclass
class _Editing:
    preamble: str
    blocks: list[str]
    entries: Sequence[Entry]
    changes: Changes = field(default_factory=Changes)
    gone: set[int] = field(default_factory=set)
    added: list[str] = field(default_factory=list)

    def see(self, observed: Observed) -> None:
        if observed.entry and not observed.broken:
            self.gone.add(observed.entry)
            self.changes = self.changes._replace(removed=self.changes.removed + 1)
        elif observed.entry:
            self._alter(self.entries[observed.entry - 1], observed)
        elif observed.broken:
            self._add(observed)

    def _alter(self, entry: Entry, observed: Observed, versions: str = "") -> None:
        then = (entry.case, _dict(entry.what), entry.versions)
        if then == (observed.case, _dict(observed.what), versions or entry.versions):
            return
        document = tomlkit.parse(self.blocks[entry.number - 1])
        table = document["known"][0]
        assert isinstance(table, Table)
        if _dict(observed.what) != _dict(entry.what):
            table["what"] = _value(observed.what)
        if observed.case != entry.case:
            table["case"] = _text(observed.case)
        if versions:
            table["versions"] = versions
        self.blocks[entry.number - 1] = tomlkit.dumps(document)
        self.changes = self.changes._replace(altered=self.changes.altered + 1)

    def _add(self, observed: Observed) -> None:
        alike = [
            entry
            for entry in self.entries
            if _about(entry) == observed[:1] + observed[2:4] and entry.number not in self.gone
        ]
        for entry in alike:
            wider = widened(entry.versions, observed.version)
            if wider and entry.here() and _dict(entry.what) == _dict(observed.what):
                self._alter(entry, observed._replace(case=entry.case), wider)
                return
        like = alike[0] if alike else None
        self.added.append(_block(observed, like))
        self.changes = self.changes._replace(added=self.changes.added + 1)

    def text(self) -> str:
        kept = [block for number, block in enumerate(self.blocks, 1) if number not in self.gone]
        text = "".join(map(_line_ended, [self.preamble or ("" if kept else PREAMBLE), *kept]))
        for block in self.added:
            text = f"{text.rstrip()}\n\n{block}"
        return text.rstrip("\n") + "\n"


def _line_ended(text: str) -> str:
    return text if text.endswith("\n") or not text else f"{text}\n"


def _about(entry: Entry) -> tuple[str, str, str]:
    return entry.decoder, entry.dialect, entry.requirement


def _dict(what: What) -> object:
    return what if isinstance(what, str) else dict(what)


def _blocks(text: str, count: int) -> tuple[str, list[str]]:
    """What stands before the first entry, and the text of each entry with the comments right above it."""
    lines = re.findall(r".*\n|.+$", text)
    starts = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    if len(starts) != count:
        raise BaselineError("it cannot be rewritten: give each known failure a line [[known]] of its own")
    heads = [_with_comments(lines, start) for start in starts]
    edges = [*heads, len(lines)]
    return "".join(lines[: edges[0]]), ["".join(lines[head:stop]) for head, stop in pairwise(edges)]


def _with_comments(lines: Sequence[str], start: int) -> int:
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _block(observed: Observed, like: Entry | None) -> str:
    """A new entry; why it is so is what an entry says that is like it, or for a person to fill in."""
    table = tomlkit.table()
    table["decoder"] = _text(observed.decoder)
    table["requirement"] = observed.requirement
    table["dialect"] = observed.dialect
    if observed.version:
        table["versions"] = f"=={observed.version}"
    table["kind"] = like.kind if like else "bug"
    table["reason"] = _text(like.reason if like else "")
    if like and like.thread:
        table["thread"] = _text(like.thread)
    table["what"] = _value(observed.what)
    table["case"] = _text(observed.case)
    return f"[[known]]\n{tomlkit.dumps(table)}"


def _value(what: What) -> tomlkit.items.Item:
    if isinstance(what, str):
        return _text(what)
    table: InlineTable = tomlkit.inline_table()
    for mode, way in what.items():
        table[mode] = way
    return table


def _text(text: str) -> tomlkit.items.Item:
    """A TOML string without escapes where that is possible, as cases are full of quotes and backslashes."""
    literal = ("\\" in text or '"' in text) and "'" not in text and text.isprintable()
    return tomlkit.string(text, literal=literal)


def widened(versions: str, version: str) -> str:
    """A specifier of one version or of a closed range, widened to *version*; "" if it is another kind of specifier."""
    text = {specifier.operator: specifier.version for specifier in SpecifierSet(versions)}
    if set(text) not in ({"=="}, {">=", "<="}) or "*" in versions:
        return ""
    try:
        bounds = sorted([*map(Version, text.values()), Version(version)])
    except InvalidVersion:
        return ""
    return f">={bounds[0]},<={bounds[-1]}" if bounds[0] != bounds[-1] else f"=={bounds[0]}"


__all__ = ["Changes", "Observed", "update", "updated", "widened"]
