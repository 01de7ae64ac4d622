"""`[tool.sliceproof]` in pyproject.toml: what the command and pytest ask for where neither is told otherwise.

A mistake in it is one line that names the file and the key. Nothing heavy is imported to read it.
"""

import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

from sliceproof.wire.errors import SliceproofError

NAME = "pyproject.toml"
KEYS = (
    *("decoders", "dialects", "requirements", "level", "profile", "seed", "examples", "seconds"),
    *("accepts", "yields", "envelope", "baseline", "corpus", "save", "jobs", "conformance"),
)
NARROWING = ("requirements", "level", "profile", "seed", "examples", "seconds")
"""The keys that can let other than the whole of a frozen set be asked."""

Check = Callable[[Any], str]
"""What a value should be and is not, or ""."""


class ProjectError(SliceproofError):
    """A table that cannot be understood: which file, which key, and what is wrong."""


@dataclass(frozen=True)
class Project:
    """What the table of a *file* says, each key checked; nothing, if there is no file or no table in it."""

    file: Path = Path()
    values: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    @property
    def folder(self) -> Path:
        """What paths in the table are relative to."""
        return self.file.parent

    def text(self, key: str) -> str:
        """A value as one would type it, or ""."""
        return str(self.values.get(key, ""))

    def words(self, key: str) -> list[str]:
        """The words of a list, none if the key is left out."""
        return list(self.values.get(key, ()))

    def known(self) -> None:
        """ProjectError for a dialect or requirement that there is not; this imports them."""
        from sliceproof.conformance.requirements import requirements
        from sliceproof.profiles import frozen_set
        from sliceproof.wire.dialects import dialect

        def ids(key: str, find: Callable[[str], object]) -> None:
            for id_ in self.words(key):
                try:
                    find(id_)
                except SliceproofError as error:
                    raise _wrong(self.file, key, str(error)) from None

        ids("dialects", dialect)
        ids("requirements", lambda id_: requirements((id_,)))
        if name := self.text("conformance"):
            try:
                frozen_set(name)
            except SliceproofError as error:
                raise _wrong(self.file, "conformance", str(error)) from None


def nearest(folder: Path) -> Project:
    """The table of the nearest pyproject.toml, in *folder* or above it."""
    file = next((above / NAME for above in (folder, *folder.parents) if (above / NAME).is_file()), None)
    return read(file) if file is not None else Project()


def read(file: Path) -> Project:
    """The table of a pyproject.toml; ProjectError if it cannot be understood."""
    try:
        data = file.read_bytes()
        if b"sliceproof" not in data:  # somebody else's file, and none of ours to complain of
            return Project(file)
        table = tomllib.loads(data.decode()).get("tool", {}).get("sliceproof", {})
    except OSError as error:
        raise ProjectError(f"{file}: it cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ProjectError(f"{file}: it is no TOML: {' '.join(str(error).split())}") from None
    except AttributeError:
        raise ProjectError(f"{file}: tool is no table") from None
    if not isinstance(table, dict):
        raise ProjectError(f"{file}: tool.sliceproof is no table; begin one with [tool.sliceproof]")
    checks = _checks()
    for key, value in table.items():
        if key not in checks:
            near = get_close_matches(key, checks, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(checks)}"
            raise _wrong(file, key, f"there is no such key; {hint}")
        if wanted := checks[key](value):
            raise _wrong(file, key, f"{_shown(value)} is {wanted}")
    return Project(file, table)


def _wrong(file: Path, key: str, reason: str) -> ProjectError:
    return ProjectError(f"{file}: tool.sliceproof.{key}: {reason}")


def _shown(value: object) -> str:
    """A value much as the file has it."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _checks() -> dict[str, Check]:
    """The keys, and what tells whether a value is one of theirs."""
    from sliceproof.conformance.harness.contract import ACCEPTS, ENVELOPES, YIELDS

    return {
        "decoders": _words,
        "dialects": _words,
        "requirements": _words,
        "level": _one_of(("must", "should")),
        "profile": _one_of(("quick", "ci", "dev", "deep")),
        "seed": _number_or("random", least=None),
        "examples": _number_or("", least=1),
        "seconds": _seconds,
        "accepts": _one_of(ACCEPTS),
        "yields": _one_of(YIELDS),
        "envelope": _one_of(ENVELOPES),
        "baseline": _path,
        "corpus": _words,
        "save": _path,
        "jobs": _number_or("auto", least=0),
        "conformance": _name,
    }


def _words(value: Any) -> str:
    right = isinstance(value, list) and all(isinstance(word, str) and word for word in value)
    return "" if right else 'no list of words, as in ["one", "another"]'


def _name(value: Any) -> str:
    return "" if isinstance(value, str) and value else 'no name of a set, as in "2026.1"'


def _path(value: Any) -> str:
    return "" if isinstance(value, str) and value else 'no path, as in "tests/known.toml"'


def _one_of(allowed: Iterable[str]) -> Check:
    return lambda value: "" if isinstance(value, str) and value in allowed else f"none of {', '.join(allowed)}"


def _number_or(word: str, least: int | None) -> Check:
    def check(value: Any) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and (least is None or value >= least):
            return ""
        wanted = "no whole number" + (f" from {least} on" if least is not None else "")
        return "" if word and value == word else wanted + (f', nor "{word}"' if word else "")

    return check


def _seconds(value: Any) -> str:
    right = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value > 0
    return "" if right else "no number of seconds that is more than 0"


def overruled(nearness: Mapping[str, int]) -> set[str]:
    """Which keys do not count, by how near each was given (0: the nearest): a frozen set is asked whole or not at all.

    `conformance` on the command line stands in the place of a project's profile or requirements, and these, given
    there, in the place of a project's `conformance`.
    """
    mine = nearness.get("conformance")
    if mine is None:
        return set()
    others = {key: nearness[key] for key in NARROWING if key in nearness}
    if any(near < mine for near in others.values()):
        return {"conformance"}
    return {key for key, near in others.items() if near > mine}


def origin(project: Project, where: Mapping[str, Iterable[str]], left: Collection[str] = ()) -> str:
    """A line for the head of a run: which settings came from where, and which are *left* aside; "" without a table."""
    if not project:
        return ""
    parts = [f"{', '.join(keys)} from {name}" for name, keys in where.items() if keys]
    parts += (
        [f"{' and '.join(sorted(left))} not followed, as what was given nearer asks something else"] if left else []
    )
    return f"settings: {'; '.join(parts)}" if parts else ""
