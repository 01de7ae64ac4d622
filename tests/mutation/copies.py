"""Copies of the tree, in which modules may be mutated, and what came of it."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkItem, WorkResult
from session import LEFT_OUT, TIMED_OUT

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "docs", "*.egg-info")


Done: TypeAlias = list[tuple[WorkItem, WorkResult]]


class MutationError(Exception):
    """Mutation testing cannot go on; the message is one line for the user."""


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed: where it is, what changed the line, and the line before and after."""

    definition: str
    operator: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Result:
    """What became of a module's mutants; `noise` counts those left out, by reason."""

    killed: int
    timed_out: int
    survivors: tuple[Survivor, ...]
    noise: dict[str, int] = field(default_factory=dict)

    @property
    def mutants(self) -> int:
        return self.killed + self.timed_out + len(self.survivors)

    @property
    def score(self) -> float:
        """The share of mutants that the tests noticed; 1 where there is none."""
        return 1 - len(self.survivors) / self.mutants if self.mutants else 1.0


class Copy:
    """A copy of the tree, and an import path on which it is the package."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.tree = folder, folder / "tree"
        shutil.copytree(ROOT, self.tree, ignore=_NOT_COPIED)
        mapped = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-dir"]
        package = folder / "path" / "sliceproof"
        package.mkdir(parents=True)
        for name, source in mapped.items():
            for path in [self.tree / source] if "." in name else (self.tree / source).iterdir():
                (package / (name.partition(".")[2] or path.name)).symlink_to(path)

    def run(self, module: str, tests: Sequence[str], share: int, of: int) -> Done:
        """Make every *of*-th mutant of *module*, from number *share* on, and run *tests* on each."""
        database = self._folder / f"{module.replace('/', '.')}.sqlite"
        database.unlink(missing_ok=True)
        settings = {"PYTHONPATH": str(self._folder / "path"), "PYTHONHASHSEED": "0", "CI": "1"}
        settings |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "_hypothesis_pytestplugin"}
        command = [sys.executable, str(HERE / "session.py"), str(database), str(share), str(of), module, *tests]
        ran = subprocess.run(command, cwd=self.tree, env=os.environ | settings, stderr=subprocess.PIPE, text=True)
        if ran.returncode:
            raise MutationError(ran.stderr.strip() or f"{module}: its session ended with {ran.returncode}")
        with use_db(str(database), WorkDB.Mode.open) as session:
            return list(session.completed_work_items)


def result(done: Iterable[tuple[WorkItem, WorkResult]]) -> Result:
    """What all shares of a module's mutants came to."""
    counts, noise = Counter[str](), Counter[str]()
    survivors = []
    for item, told in done:
        if told.worker_outcome == LEFT_OUT:
            noise[told.output or ""] += 1
        elif told.test_outcome == TestOutcome.SURVIVED:
            survivors.append((item.mutations[0].start_pos, _survivor(item.mutations[0], told.diff or "")))
        else:
            counts[TIMED_OUT if told.output == TIMED_OUT else "killed"] += 1
    ordered = tuple(one for _, one in sorted(survivors, key=lambda pair: (pair[0], pair[1].operator, pair[1].becomes)))
    return Result(counts["killed"], counts[TIMED_OUT], ordered, dict(sorted(noise.items())))


def _survivor(mutant: MutationSpec, diff: str) -> Survivor:
    lines = [line for line in diff.splitlines() if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")]
    was, becomes = (" ".join(" ".join(line[1:] for line in lines if line[0] == sign).split()) for sign in "-+")
    return Survivor(mutant.definition_name or "", mutant.operator_name.removeprefix("core/"), was, becomes)
