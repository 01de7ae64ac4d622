"""What was found, as `docs/matrix.json` keeps it: types, the schema made of them, reading and writing.

One entry an environment. A run of some packages replaces their entries and keeps the others; each entry
says when and with what it was made.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from sliceproof.corpus.layout import inline

DOCS = Path(__file__).resolve().parents[3] / "docs"
FORMAT = 1

Level = Literal["must", "should"]
Verdict = Literal["pass", "fail", "warn", "n/a", "error"]


class RecordError(Exception):
    """What was found cannot be put beside what is there; the message says why."""


class Finding(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a decoder breaks of one requirement."""

    requirement: str
    level: Level
    title: str
    dialects: Annotated[list[str], Meta(description="in which it is broken, also where it follows from another")]
    roots: Annotated[list[str], Meta(description="in which it stands for itself; none if it follows everywhere")]
    follows: Annotated[list[str], Meta(description="from which requirements it follows in the others")]
    inherited: Annotated[str, Meta(description="the dependency that breaks it too, with its version, or empty")]
    stream: Annotated[str, Meta(description="constructor call of the smallest stream found")]
    expected: str
    got: str
    case: Annotated[str, Meta(description="name of the case in corpus/cases, or empty")] = ""
    thread: Annotated[str, Meta(description="where it is told, owner/repository#number, or empty")] = ""
    evidence: Annotated[list[str], Meta(description="tests that passed and show it by the package's own API")] = []


class Framed(Struct, forbid_unknown_fields=True, kw_only=True):
    """How one mode of a decoder took each specimen: the name, and what it did, as a pair."""

    mode: str
    reactions: dict[str, str]
    errors: Annotated[dict[str, str], Meta(description="what the errors said, by specimen")]


class Judged(Struct, forbid_unknown_fields=True, kw_only=True):
    """One target in one environment."""

    target: str
    version: str
    ours: bool
    plain: Annotated[dict[str, str], Meta(description="for each dialect that it claims a stream that passes, or empty")]
    verdicts: Annotated[dict[str, dict[Verdict, list[str]]], Meta(description="requirement → verdict → dialects")]
    reasons: Annotated[dict[str, str], Meta(description="requirement → why it was not asked, or the harness failed")]
    findings: list[Finding]
    framing: list[Framed] = []


class Ran(Struct, forbid_unknown_fields=True, kw_only=True):
    """A test of the evidence that ran there."""

    test: str
    passed: bool
    confirms: Annotated[list[str], Meta(description="target and requirement, with a space between")]


class Environment(Struct, forbid_unknown_fields=True, kw_only=True):
    """One package in one version."""

    package: str
    version: str
    date: str
    sliceproof: str
    python: Annotated[str, Meta(description="empty if no interpreter was found")]
    requirements: list[str]
    installed: Annotated[dict[str, str], Meta(description="versions of what matters to the verdicts")]
    seconds: Annotated[dict[str, float], Meta(description="install, check, evidence")]
    megabytes: Annotated[
        float, Meta(description="of packages that were downloaded, or taken from an index on the machine")
    ]
    error: Annotated[str, Meta(description="why nothing was judged, or empty")] = ""
    decoders: list[Judged] = []
    tests: list[Ran] = []

    @property
    def key(self) -> tuple[str, str]:
        return self.package, self.version


class Matrix(Struct, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    format: Literal[1] = 1
    profile: str
    seed: int
    environments: list[Environment]


def load(path: Path) -> Matrix:
    """The file; an empty matrix if there is none."""
    if not path.exists():
        return Matrix(profile="ci", seed=0, environments=[])
    return msgspec.json.decode(path.read_bytes(), type=Matrix)


def save(path: Path, matrix: Matrix) -> None:
    """Write it whole, a line for each thing that a person would compare."""
    beside = path.with_suffix(".new")
    beside.write_text(text(matrix), "utf-8")
    beside.replace(path)


def replaced(matrix: Matrix, environment: Environment, order: Iterable[tuple[str, str]]) -> Matrix:
    """The matrix with another entry, in the order of the roster; what the roster no longer has goes."""
    by_key = {each.key: each for each in (*matrix.environments, environment)}
    kept = [by_key[key] for key in order if key in by_key]
    return Matrix(profile=matrix.profile, seed=matrix.seed, environments=kept)


def joined(matrix: Matrix, environment: Environment) -> Environment:
    """An entry of some targets with the other decoders of the one that is there, if these had the same versions."""
    there = next((each for each in matrix.environments if each.key == environment.key and not each.error), None)
    if there is None:
        return environment
    name, before, now = f"{there.package} {there.version}", there.installed, environment.installed
    if environment.error:
        raise RecordError(f"{name}: {environment.error}")
    if not before.items() <= now.items():
        raise RecordError(f"{name} was judged with {before} and now with {now}: judge all its targets")
    asked = {each.target: each for each in environment.decoders}
    kept = [asked.pop(each.target, each) for each in there.decoders]
    environment.decoders = [*kept, *asked.values()]
    environment.seconds["check"] = there.seconds.get("check", 0.0) + environment.seconds.get("check", 0.0)
    return environment


def text(matrix: Matrix) -> str:
    """JSON that is read in a review: short values stand on one line."""
    return "\n".join(_lines(msgspec.to_builtins(matrix), 0)) + "\n"


def _lines(value: Any, depth: int) -> list[str]:
    pad, short = " " * depth, inline(value)
    if not isinstance(value, dict | list) or len(short) + depth <= 120:
        return [short]
    pairs = (
        [(f"{json.dumps(name)}: ", inner) for name, inner in value.items()]
        if isinstance(value, dict)
        else [("", inner) for inner in value]
    )
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    lines = [opened]
    for number, (name, inner) in enumerate(pairs, 1):
        first, *rest = _lines(inner, depth + 1)
        block = [f"{pad} {name}{first}", *rest]
        block[-1] += "," if number < len(pairs) else ""
        lines += block
    return [*lines, f"{pad}{closed}"]


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, the same by every release of msgspec: from 0.23 on it tells the keys of mappings."""
    schema_ = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Matrix)}
    return _without_names(schema_)


def _without_names(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _without_names(value) for key, value in tree.items() if key != "propertyNames"}
    return [_without_names(inner) for inner in tree] if isinstance(tree, list) else tree


def schema_text() -> str:
    """The same, as its file has it."""
    return json.dumps(schema(), indent=1) + "\n"
