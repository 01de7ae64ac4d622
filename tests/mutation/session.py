"""The mutants of one module, one after the other: `python session.py DATABASE MODULE TEST…`, in a copy of the tree.

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
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

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

MEMORY = 2 << 30  # bytes that the tests of a mutant may take
LEFT_OUT = WorkerOutcome.SKIPPED
TIMED_OUT = "timed out"

_PYTEST = ("-x", "-q", "--tb=no", "-p", "no:cacheprovider")
_LOG = Path("session.log")


def main(database: str, module: str, *tests: str) -> None:
    """Fill *database* with the mutants of *module* and what *tests* make of each."""
    settings.register_profile("unshrunk", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
    settings.load_profile("unshrunk")  # a failure is enough
    gc.freeze()
    seconds = 10 + 5 * _checked(Path(module), tests)
    with use_db(database) as session:
        init([Path(module)], session, {})
        noise = Noise(Path(module).read_text("utf-8"))
        for item in session.work_items:
            mutant = item.mutations[0]
            kind = noise.kind(mutant)
            session.set_result(
                item.job_id, WorkResult(LEFT_OUT, output=kind) if kind else _judged(mutant, tests, seconds)
            )


def _checked(module: Path, tests: Sequence[str]) -> float:
    """How long the tests take; exits unless they pass on the module, and fail without it."""
    _tested(tests, 600, bytecode=True)
    start = time.monotonic()
    if _tested(tests, 600):
        told = " ".join(_LOG.read_text("utf-8").split())[-300:]
        sys.exit(f"{module}: its tests fail without a mutant, so they would kill any: {told}")
    seconds = time.monotonic() - start
    source = module.read_text("utf-8")
    module.write_text("raise AssertionError\n")
    if not _tested(tests, 600):
        sys.exit(f"{module}: {', '.join(tests)} pass without it, so they would kill no mutant")
    module.write_text(source)
    return seconds


def _judged(mutant: MutationSpec, tests: Sequence[str], seconds: float) -> WorkResult:
    operator = get_operator(mutant.operator_name)(**mutant.operator_args)
    with use_mutation(mutant.module_path, operator, mutant.occurrence) as (source, mutated):
        fault = no_program(mutated)
        if fault:
            return WorkResult(LEFT_OUT, output=fault)
        failed = _tested(tests, seconds)
    diff = "\n".join(unified_diff(source.splitlines(), mutated.splitlines(), n=0, lineterm=""))
    outcome = TestOutcome.KILLED if failed else TestOutcome.SURVIVED
    return WorkResult(WorkerOutcome.NORMAL, failed, outcome, diff)


def _tested(tests: Sequence[str], seconds: float, bytecode: bool = False) -> str:
    """How the tests failed, "" if they passed; run in a fork that ends after *seconds*."""
    child = os.fork()
    if not child:
        _test(tests, seconds, bytecode)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return TIMED_OUT if os.WTERMSIG(status) == signal.SIGALRM else f"signal {os.WTERMSIG(status)}"
    return f"exit {os.WEXITSTATUS(status)}" if status else ""


def _test(tests: Sequence[str], seconds: float, bytecode: bool) -> None:
    """Run the tests, and end this process as they do."""
    code = 70
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        log = os.open(_LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.dont_write_bytecode = not bytecode
        code = int(pytest.main([*_PYTEST, *(f"tests/{test}" for test in tests)]))
        sys.stdout.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
