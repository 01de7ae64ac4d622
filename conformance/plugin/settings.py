"""What the command line and the ini file of pytest say, checked: every mistake is one UsageError line."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.engine.baseline.expected import Expectation
from sliceproof.conformance.engine.baseline.reading import read
from sliceproof.conformance.engine.case_files import cases_to_replay
from sliceproof.conformance.engine.options import Options
from sliceproof.conformance.engine.plan import Plan
from sliceproof.conformance.engine.project import KEYS, NARROWING, Project, origin, overruled
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.plugin import project, random_seed
from sliceproof.corpus import Case
from sliceproof.wire.errors import SliceproofError


@dataclass(frozen=True)
class Settings:
    """What is asked, and the plan that it makes with the cases that a run replays first."""

    options: Options
    plan: Plan


@contextmanager
def usage() -> Iterator[None]:
    """Turn what the package raises on purpose into pytest's one clear line."""
    try:
        yield
    except SliceproofError as error:
        raise pytest.UsageError(f"sliceproof: {' '.join(str(error).split())}") from error


def value(config: pytest.Config, name: str) -> str:
    """An option, or what the ini file says, or `[tool.sliceproof]`, or ""."""
    value = config.getoption(f"sliceproof_{name}")
    value = config.getini(f"sliceproof_{name}") if value is None else value
    return str(value) or _project(config).text(name)


def values(config: pytest.Config, name: str) -> list[str]:
    """An option that may be repeated, each split at blanks and commas, or what the ini file or the project says."""
    value = config.getoption(f"sliceproof_{name}") or config.getini(f"sliceproof_{name}")
    return [word for entry in value for word in entry.replace(",", " ").split()] or _project(config).words(name)


def _paths(config: pytest.Config, name: str) -> list[str]:
    """The same of what may have blanks and commas in it: split as a shell splits."""
    value = config.getoption(f"sliceproof_{name}")
    if not value:
        return list(config.getini(f"sliceproof_{name}")) or _project(config).words(name)
    return [word for entry in value for word in shlex.split(entry)]


def _project(config: pytest.Config) -> Project:
    return project(config) or Project()


def origins(config: pytest.Config) -> str:
    """Which settings came from where, for the head of a run; "" where the project has none."""
    where: dict[str, list[str]] = {"pyproject.toml": []}
    less = overruled(_nearness(config, {}))
    for name in KEYS:
        if name == "jobs" or name in less:
            continue
        if config.getoption(f"sliceproof_{name}"):
            where.setdefault("the command line", []).append(name)
        elif config.getini(f"sliceproof_{name}"):
            where.setdefault(config.inipath.name if config.inipath else "the ini file", []).append(name)
        elif name in _project(config).values:
            where["pyproject.toml"].append(name)
    return origin(_project(config), where, less)


def settings(config: pytest.Config, given: Mapping[str, Any] | None = None) -> Settings:
    """The settings of a run, or of a test whose marker *told* more; UsageError for any mistake."""
    given = given or {}
    less = overruled(_nearness(config, given))

    def one(name: str) -> str:
        if name in less:
            return ""
        return str(given[name]) if name in given else value(config, name)

    def many(name: str) -> list[str]:
        if name in less:
            return []
        return words(given[name]) if name in given else values(config, name)

    with usage():
        _project(config).known()
        options = Options(
            tuple(many("dialects")),
            tuple(many("requirements")),
            one("level"),
            one("accepts") or Options.accepts,
            one("yields") or Options.yields,
            one("envelope"),
            one("profile") or Options.profile,
            _seed(config, one("seed") or str(Options.seed)),
            _number("examples", one("examples"), int),
            _number("seconds", one("seconds"), float),
            one("conformance"),
        )
        return Settings(options, options.plan(filed(config)))


def _nearness(config: pytest.Config, given: Mapping[str, Any]) -> dict[str, int]:
    """How near each was given: 0 in a test's marker, 1 on the command line, 2 in the ini file, 3 in the project."""
    found: dict[str, int] = {}
    for key in (*NARROWING, "conformance"):
        said = (given.get(key), config.getoption(f"sliceproof_{key}"), config.getini(f"sliceproof_{key}"))
        nearest = next((near for near, value in enumerate((*said, key in _project(config).values)) if value), None)
        found |= {} if nearest is None else {key: nearest}
    return found


def words(value: str | Sequence[str]) -> list[str]:
    """Ids as they may be given: in one string, or several."""
    return value.replace(",", " ").split() if isinstance(value, str) else list(value)


def _number(name: str, text: str, kind: Callable[[str], Any]) -> Any:
    if not text:
        return None
    try:
        number = kind(text)
    except ValueError:
        raise SliceproofError(f"{name} {text!r} is no number") from None
    if not number > 0:
        raise SliceproofError(f"{name} must be more than 0, not {text}")
    return number


def _seed(config: pytest.Config, text: str) -> int:
    if text != "random":
        try:
            return int(text)
        except ValueError:
            raise SliceproofError(f"seed {text!r} is neither a number nor 'random'") from None
    return random_seed(config)


def root_of(config: pytest.Config, option: str) -> Path:
    """What paths of a setting are relative to: the folder of the file that has it, or where pytest was called."""
    if config.getoption(f"sliceproof_{option}"):
        return config.invocation_params.dir
    if not config.getini(f"sliceproof_{option}") and option in _project(config).values:
        return config.rootpath
    return config.inipath.parent if config.inipath else config.rootpath


_FILED = pytest.StashKey[tuple[Case, ...]]()


def filed(config: pytest.Config) -> tuple[Case, ...]:
    """The cases that a run replays first: those that are shipped, and those of the project."""
    if _FILED not in config.stash:
        folders = [str(root_of(config, "corpus") / name) for name in _paths(config, "corpus")]
        config.stash[_FILED] = cases_to_replay(folders)
    return config.stash[_FILED]


def save_to(config: pytest.Config) -> Path | None:
    """The folder in which findings are saved as cases, if there is one."""
    name = value(config, "save")
    return root_of(config, "save") / name if name else None


def decoders(config: pytest.Config, chosen: Settings) -> list[Decoder]:
    """The configured decoders, loaded; UsageError if one cannot be."""
    with usage(), chdir(root_of(config, "decoders")):
        names = dict.fromkeys(_paths(config, "decoders"))
        return [chosen.options.decoder(name) for name in names]


def expectation(config: pytest.Config) -> Expectation | None:
    """What the baseline expects, if there is one; UsageError if it is malformed."""
    name, updating = value(config, "baseline"), config.option.sliceproof_update_baseline
    if not name:
        if updating:
            raise pytest.UsageError("sliceproof: --sliceproof-update-baseline needs --sliceproof-baseline FILE")
        return None
    with usage():
        return Expectation(read(baseline_path(config), name, updating, filed(config)), updating)


def baseline_path(config: pytest.Config) -> Path:
    """Where the baseline is."""
    return root_of(config, "baseline") / value(config, "baseline")
