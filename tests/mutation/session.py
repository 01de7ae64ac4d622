"""A share of a module's mutants, one after the other: `python session.py DATABASE SHARE OF MODULE TEST…`, in a copy.

cosmic-ray makes the mutants and keeps the results. This process has pytest and Hypothesis loaded, and nothing of what
is tested: each mutant's tests run in a fork of it, which saves most of what a mutant costs.
"""

import asyncio  # noqa: F401 - loaded here so that no fork has to
import gc
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import count
from pathlib import Path
from typing import NamedTuple

import botocore.exceptions  # noqa: F401
import hypothesis.strategies  # noqa: F401
import pytest
from cosmic_ray.commands import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkerOutcome, WorkResult
from hypothesis import Phase, settings
from noise import Noise, no_program


class Limits(NamedTuple):
    """The seconds that one test may take: of computing, and (for one that waits) on the clock."""

    cpu: float
    wall: float


UNLIMITED = Limits(300, 600)
MEMORY = 2 << 30  # bytes that the tests of a mutant may take
LEFT_OUT = WorkerOutcome.SKIPPED
TIMED_OUT = "timed out"

_PYTEST = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider")
_LOG, _TEST, _SLOWEST = Path("session.log"), Path("session.test"), Path("session.slowest")


def main(database: str, share: int, of: int, module: str, tests: Sequence[str]) -> None:
    """Fill *database* with every *of*-th mutant of *module*, from number *share* on, and what *tests* make of each."""
    settings.register_profile("unshrunk", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
    settings.load_profile("unshrunk")  # a failure is enough
    gc.freeze()
    limits = _checked(Path(module), tests)
    with use_db(database) as session:
        init([Path(module)], session, {})
        noise = Noise(Path(module).read_text("utf-8"))
        for item in session.work_items[share::of]:
            mutant = item.mutations[0]
            kind = noise.kind(mutant)
            session.set_result(
                item.job_id, WorkResult(LEFT_OUT, output=kind) if kind else _judged(mutant, tests, limits)
            )


def _checked(module: Path, tests: Sequence[str]) -> Limits:
    """What a mutant may take; exits unless the tests pass on the module, and fail without it."""
    if _tested(tests, UNLIMITED, bytecode=True):
        text = " ".join(_LOG.read_text("utf-8").split())[-300:]
        sys.exit(f"{module}: its tests fail without a mutant, so they would kill any: {text}")
    slowest = float(_SLOWEST.read_text())
    source = module.read_text("utf-8")
    module.write_text("raise AssertionError\n")
    if not _tested(tests, UNLIMITED):
        sys.exit(f"{module}: {', '.join(tests)} pass without it, so they would kill no mutant")
    module.write_text(source)
    return Limits(1 + 3 * slowest, 60)


def _judged(mutant: MutationSpec, tests: Sequence[str], limits: Limits) -> WorkResult:
    operator = get_operator(mutant.operator_name)(**mutant.operator_args)
    with use_mutation(mutant.module_path, operator, mutant.occurrence) as (source, mutated):
        fault = no_program(mutated)
        if fault:
            return WorkResult(LEFT_OUT, output=fault)
        failed = _tested(tests, limits)
    diff = "\n".join(unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm=""))
    outcome = TestOutcome.KILLED if failed else TestOutcome.SURVIVED
    return WorkResult(WorkerOutcome.NORMAL, failed, outcome, diff)


def _tested(tests: Sequence[str], limits: Limits, bytecode: bool = False) -> str:
    """How the tests failed, "" if they passed; run in a fork that a test ends which takes more than *limits*."""
    _TEST.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _test(tests, limits, bytecode)
    _, status = os.waitpid(child, 0)
    if status and _TEST.exists():
        _killers[_TEST.read_text("utf-8")] += 1
    if os.WIFSIGNALED(status):
        return TIMED_OUT if os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGPROF) else f"signal {os.WTERMSIG(status)}"
    return f"exit {os.WEXITSTATUS(status)}" if status else ""


def _test(tests: Sequence[str], limits: Limits, bytecode: bool) -> None:
    """Run the tests, and end this process as they do."""
    code = 70
    try:
        _limit(limits)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        log = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.dont_write_bytecode = not bytecode
        code = int(pytest.main([*_PYTEST, *(f"tests/{test}" for test in tests)], [_Watch(limits)]))
        sys.stdout.flush()
    finally:
        os._exit(code)


_killers = Counter[str]()


class _Watch:
    """A pytest plugin that limits each test and orders them: first what killed most mutants, then one case of each."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._begun, self._slowest = limits, 0.0, 0.0

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        numbers = defaultdict[str, Iterator[int]](count)  # of an item among those of one test
        places = {item: next(numbers[item.nodeid.partition("[")[0]]) for item in items}
        items.sort(key=lambda item: (-_killers[item.nodeid], hasattr(item.obj, "hypothesis"), places[item]))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        _limit(self._limits)
        _TEST.write_text(nodeid, "utf-8")
        self._begun = time.process_time()

    def pytest_runtest_logfinish(self) -> None:
        self._slowest = max(self._slowest, time.process_time() - self._begun)

    def pytest_sessionfinish(self) -> None:
        _SLOWEST.write_text(str(self._slowest))


def _limit(limits: Limits) -> None:
    """From here on, end this process at *limits*."""
    signal.setitimer(signal.ITIMER_PROF, limits.cpu)
    signal.setitimer(signal.ITIMER_REAL, limits.wall)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
