"""Frozen sets of requirements: what a decoder conforms to for good, whatever later versions of sliceproof demand.

A set is a file here, named for itself: its requirements, each with its level and a digest of its rule, the dialects and
the shipped cases that belong to it, and what is not scored, with the reason. A released file is never changed.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from sliceproof.wire.errors import SliceproofError

__all__ = ["Demand", "FrozenSet", "UnknownSetError", "digest", "frozen_set", "names"]

FORMAT = 1


class UnknownSetError(SliceproofError, ValueError):
    """No set has that name."""


class Demand(NamedTuple):
    """A requirement as a set has it: its id, must or should, and the digest of its rule."""

    id: str
    level: str
    rule: str


@dataclass(frozen=True)
class FrozenSet:
    """One set: `cases` are ids of shipped cases, `unscored` says why what is left out is, `seed` is to judge by."""

    name: str
    demands: tuple[Demand, ...]
    dialects: tuple[str, ...]
    cases: frozenset[str]
    unscored: Mapping[str, str]
    seed: int

    def of_level(self, level: str) -> tuple[str, ...]:
        """The ids of its requirements of a level."""
        return tuple([demand.id for demand in self.demands if demand.level == level])


def digest(rule: str) -> str:
    """What tells whether a rule's sentence is still the same: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(rule.encode()).hexdigest()[:16]


def names() -> list[str]:
    """The sets that there are, the oldest first."""
    found = [file.name.removesuffix(".toml") for file in files(__package__).iterdir() if file.name.endswith(".toml")]
    return sorted(found, key=lambda name: tuple(map(int, name.split("."))))


@cache
def frozen_set(name: str) -> FrozenSet:
    """The set of that name; UnknownSetError names those that there are."""
    known = names()
    if name not in known:
        raise UnknownSetError(f"there is no conformance {name!r}; there is {', '.join(known)}")
    said = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    demands = [Demand(id_, level, rule) for level in ("must", "should") for id_, rule in said[level].items()]
    return FrozenSet(
        name,
        tuple(demands),
        tuple(said["dialects"]),
        frozenset(id_ for ids in said["cases"].values() for id_ in ids),
        said["unscored"],
        said["seed"],
    )
