"""What is to be judged: `matrix.toml`, read and checked.

Nothing is believed of the file: an unknown key, a version said twice or a target that is none is an
error with its place in it.
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

ROSTER = Path(__file__).resolve().parents[1] / "matrix.toml"

Version = Annotated[str, Meta(pattern=r"^[0-9][0-9A-Za-z.]*$")]
Thread = Annotated[str, Meta(pattern=r"^[\w.-]+/[\w.-]+#[0-9]+$")]


class RosterError(Exception):
    """The roster cannot be used; the message says where and why."""


class Package(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A package and its versions, as `matrix.toml` explains the keys."""

    name: str
    versions: Annotated[list[Version], Meta(min_length=1)]
    targets: Annotated[list[str], Meta(min_length=1)]
    extra: str = ""
    beside: list[str] = []
    framing: list[str] = []
    ours: list[str] = []
    python: Annotated[str, Meta(pattern=r"^3\.[0-9]+$")] = "3.11"
    threads: dict[str, Thread] = {}
    evidence: tuple[str, ...] = ("tests/evidence",)
    npm: bool = False
    below: Annotated[str, Meta(pattern=r"^([0-9][0-9.]*)?$")] = ""

    def requirements(self, version: str) -> list[str]:
        """What pip is asked for; nothing of what npm installs."""
        extra = f"[{self.extra}]" if self.extra else ""
        return [] if self.npm else [f"{self.name}{extra}=={version}", *self.beside]


class Roster(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    package: Annotated[list[Package], Meta(min_length=1)]


Asked = tuple[Package, str]
"""A package, and the version of it that one environment has."""


def read(path: Path = ROSTER) -> list[Package]:
    """The packages, in the order of the file; RosterError if it is not as it should be."""
    try:
        packages = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Roster).package
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RosterError(f"{path.name}: {error}") from None
    for fault in _faults(packages):
        raise RosterError(f"{path.name}: {fault}")
    return packages


def _faults(packages: list[Package]) -> list[str]:
    """What the types do not say."""
    keys = Counter((package.name, version) for package in packages for version in package.versions)
    faults = [f"{name} {version} is there twice" for (name, version), times in keys.items() if times > 1]
    for package in packages:
        targets = {*package.targets, "sliceproof"}
        faults += [
            f"{package.name}: {name} is none of its targets"
            for name in (*package.framing, *package.ours)
            if name not in targets
        ]
    return faults


def chosen(packages: list[Package], words: list[str]) -> list[Asked]:
    """The environments that *words* ask for: a package's name, or `name==version`; all for none."""
    everything = [(package, version) for package in packages for version in package.versions]
    if not words:
        return everything
    names = {name for each, version in everything for name in _names(each, version)}
    if unknown := [word for word in words if word not in names]:
        there = ", ".join(sorted({package.name for package in packages}))
        raise RosterError(f"{unknown[0]!r} is no package of {ROSTER.name}; there are: {there}")
    return [(each, version) for each, version in everything if set(words) & set(_names(each, version))]


def narrowed(asked: list[Asked], targets: list[str]) -> list[Asked]:
    """The same, of *targets* alone; all for none. RosterError for one that none of them has."""
    there = {target for package, _ in asked for target in package.targets}
    if unknown := [target for target in targets if target not in there]:
        raise RosterError(f"{unknown[0]!r} is no target of what is asked for; there are: {', '.join(sorted(there))}")
    if not targets:
        return asked
    return [(_of(each, targets), version) for each, version in asked if set(targets) & set(each.targets)]


def _of(package: Package, targets: list[str]) -> Package:
    """A package of these targets alone."""
    names = {key: [name for name in getattr(package, key) if name in targets] for key in ("targets", "framing", "ours")}
    return structs.replace(package, **names)


def _names(package: Package, version: str) -> tuple[str, ...]:
    return package.name, f"{package.name}=={version}"
