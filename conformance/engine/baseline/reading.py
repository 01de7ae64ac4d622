"""A baseline file, read and checked before anything is judged: a file is wrong in one clear line or not at all."""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sliceproof.conformance.engine.baseline.entry import BaselineError, Entry, entry_of
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.corpus import Case

LARGEST_FILE = 2 * 1024 * 1024
MOST_DOTS = 8  # in a key; ours have none
_KEY = re.compile(r"^[ \t]*\[*((?:[^\n=\"'#]|\"[^\"\n]*\"|'[^'\n]*')*)", re.MULTILINE)


@dataclass(frozen=True)
class Baseline:
    """The entries of a file, in its order; *name* is the file as it was given."""

    name: str
    entries: Sequence[Entry]

    def of(self, decoder: Decoder, requirement: str, dialect: str) -> Entry | None:
        """The entry that applies to this version of a decoder, here; BaselineError if several do."""
        found = [entry for entry in self.about(decoder, requirement, dialect) if self._applies(entry, decoder)]
        if len(found) > 1:
            raise BaselineError(f"{self.name}: {found[0]} and entry {found[1].number} both apply; leave one of them")
        return found[0] if found else None

    def about(self, decoder: Decoder, requirement: str, dialect: str) -> list[Entry]:
        """The entries for a decoder, requirement and dialect, of whatever versions and environments."""
        asked = (decoder.name, requirement, dialect)
        return [entry for entry in self.entries if (entry.decoder, entry.requirement, entry.dialect) == asked]

    def applying(self, decoder: Decoder) -> list[Entry]:
        """The entries that apply to this version of a decoder, here."""
        return [entry for entry in self.entries if entry.decoder == decoder.name and self._applies(entry, decoder)]

    def misspelt(self, names: Collection[str]) -> None:
        """BaselineError for an entry whose decoder is none of *names*, but almost one of them."""
        for entry in self.entries:
            near = [] if entry.decoder in names else get_close_matches(entry.decoder, list(names), 1, 0.8)
            if near:
                text = f"there is no {entry.decoder!r} in this run; did you mean {near[0]}?"
                raise BaselineError(f"{self.name}: entry {entry.number}: decoder: {text}")

    def _applies(self, entry: Entry, decoder: Decoder) -> bool:
        try:
            return entry.here() and entry.holds_for(decoder.version())
        except BaselineError as error:
            raise BaselineError(f"{self.name}: {error}") from None


def read(path: Path, name: str = "", missing: bool = False, filed: Sequence[Case] = ()) -> Baseline:
    """The baseline in a file; BaselineError names file, entry and field.

    A file that is *missing* may be as good as an empty one; *filed* are the cases that have an id.
    """
    name = name or str(path)
    try:
        return Baseline(name, entries(_text(path, missing), filed))
    except BaselineError as error:
        raise BaselineError(f"{name}: {error}") from None


def entries(text: str, filed: Sequence[Case] = ()) -> list[Entry]:
    """The entries of a baseline's text; BaselineError names entry and field."""
    try:
        if any(key.count(".") > MOST_DOTS for key in _KEY.findall(text)):
            raise BaselineError(f"a key has more than {MOST_DOTS} dots; keys of a baseline have none")
        data = tomllib.loads(text)
    except RecursionError:
        raise BaselineError("it is nested too deeply to be a baseline") from None
    except ValueError as error:  # also for a number of too many digits
        raise BaselineError(f"it is no TOML: {error}") from None
    return [entry_of(number, entry, filed) for number, entry in enumerate(_known(data), 1)]


def _known(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for name in data:
        if name != "known":
            raise BaselineError(f"{name!r} is not understood; known failures are tables [[known]]")
    entries = data.get("known", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BaselineError("'known' must be tables, each under a line [[known]]")
    return entries


def _text(path: Path, missing: bool) -> str:
    try:
        if not path.exists() or path.is_dir():
            return path.read_text("utf-8")  # its error says which
        if not path.is_file():
            raise BaselineError("it is no regular file")
        if path.stat().st_size > LARGEST_FILE:
            raise BaselineError(f"it has more than {LARGEST_FILE // 2**20} MiB and is no baseline")
        return path.read_text("utf-8")
    except FileNotFoundError:
        if missing:
            return ""
        raise BaselineError("there is no such file; --update-baseline makes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"it cannot be read: {getattr(error, 'strerror', None) or error}") from None
