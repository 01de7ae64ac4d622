"""Starts fuzzing processes, waits for them, and gathers what they found.

Each worker is a process of its own, because libFuzzer ends the one that it runs in. They share a folder of
inputs, in which each finds what the others added, and one of findings. What a worker says goes to a log. A worker
leads a group, so that what a decoder starts ends with it; and all end if this process does.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from sliceproof.conformance.decoders.subprocess.process_groups import GUARDIAN, end
from sliceproof.conformance.engine.exit_codes import ENDING
from sliceproof.fuzz.engine import FOLDER, OPTIONS
from sliceproof.fuzz.target import Options
from sliceproof.fuzz.targets import TARGETS
from sliceproof.fuzz.triage import LOG

TIMEOUT = 120  # seconds for one input, with shrinking it: more than the watchdog grants a decoder each time
GRACE = 60.0  # seconds that a worker may take beyond its time before it is ended
LEAST = 512  # bytes of an input at most, unless a seed is longer
UNFINISHED = 256  # the exit code of a worker that ends well, but before libFuzzer says so: no process has it
_DONE = re.compile(rb"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
_PULSE = re.compile(rb"^#(\d+)\s+\w+\s+(?:cov: (\d+))?.*$", re.MULTILINE)


@dataclass(frozen=True)
class Campaign:
    """How far to fuzz: `runs` or `seconds` a worker; `inputs` is the folder that libFuzzer reads and adds to."""

    target: str
    options: Options
    inputs: Path
    found: Path
    seconds: float | None = None
    runs: int | None = None
    workers: int = 1
    seed: int = 0
    dictionary: Path | None = None


class Ended(NamedTuple):
    """How one worker ended: its exit code, whether it was stopped, executions, edges covered, its log, what it left."""

    code: int
    stopped: bool
    runs: int
    edges: int
    log: Path
    artifacts: tuple[Path, ...]


class Find(NamedTuple):
    """Something found: the case's name, or the name of an input that no case can hold; when, and by whom."""

    case: str
    unsettled: str
    decoder: str
    key: str
    runs: int
    seconds: float


def run(campaign: Campaign, progress: Callable[[int, int], None] = lambda runs, edges: None) -> list[Ended]:
    """Fuzz until all workers have ended, or are stopped; *told* hears of executions and edges now and then."""
    with ExitStack() as stack:
        workers: list[_Worker] = []
        stopped = True
        with suppress(KeyboardInterrupt), _stoppable():
            for number in range(campaign.workers):
                workers.append(stack.enter_context(_Worker(campaign, number)))
            while any(worker.process.poll() is None for worker in workers):
                time.sleep(0.25)
                pulses = [worker.pulse() for worker in workers]
                progress(sum(runs for runs, _ in pulses), max(edges for _, edges in pulses))
                for worker in workers:
                    worker.end_if_late()
            stopped = False
        return [worker.ended(stopped) for worker in workers]


@contextmanager
def _stoppable() -> Iterator[None]:
    """Each signal that ends a process is as Ctrl-C here: what was found is still shown and kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Worker:
    def __init__(self, campaign: Campaign, number: int) -> None:
        self.folder = campaign.found / f"worker-{number}"
        self.folder.mkdir()
        self.log = self.folder / "log"
        self.deadline = None if campaign.seconds is None else time.monotonic() + campaign.seconds + GRACE
        environment = os.environ | {OPTIONS: msgspec.json.encode(campaign.options).decode()}
        environment |= {FOLDER: str(campaign.found), "PYTHONHASHSEED": "0"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"sliceproof.fuzz.{TARGETS[campaign.target].module}", *flags(campaign, number)],
                cwd=Path.cwd(),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        GUARDIAN.began(self.process.pid)

    def __enter__(self) -> "_Worker":
        return self

    def __exit__(self, *_: object) -> None:
        end(self.process, os.getpid())

    def pulse(self) -> tuple[int, int]:
        """Executions so far, and edges covered."""
        found = _PULSE.findall(self._end_of_log())
        covered = [int(edges) for _, edges in found if edges]
        return (int(found[-1][0]), covered[-1] if covered else 0) if found else (0, 0)

    def end_if_late(self) -> None:
        """Kill it if it hangs where libFuzzer's own limits do not reach."""
        if self.deadline is not None and time.monotonic() > self.deadline and self.process.poll() is None:
            self.process.kill()

    def _end_of_log(self) -> bytes:
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            return log.read()

    def ended(self, stopped: bool = False) -> Ended:
        """What is left when it is over; if it is *stopped* it is killed."""
        if stopped:
            end(self.process, os.getpid())
        code, (runs, edges) = self.process.wait(), self.pulse()
        done = _DONE.findall(self._end_of_log())
        runs = int(done[-1]) if done else runs
        artifacts = tuple(sorted(path for path in self.folder.iterdir() if path != self.log))
        return Ended(code if code or done else UNFINISHED, stopped, runs, edges, self.log, artifacts)


def flags(campaign: Campaign, number: int) -> Iterator[str]:
    """What libFuzzer is told."""
    yield f"-seed={campaign.seed + number + 1}"
    yield f"-artifact_prefix={campaign.found / f'worker-{number}'}{os.sep}"
    yield f"-timeout={TIMEOUT}"
    yield f"-max_len={longest(campaign.inputs)}"
    yield "-print_final_stats=1"
    yield "-reload=1"
    if campaign.seconds is not None:
        yield f"-max_total_time={max(1, round(campaign.seconds))}"
    if campaign.runs is not None:
        yield f"-runs={campaign.runs}"
    if campaign.dictionary is not None:
        yield f"-dict={campaign.dictionary}"
    yield str(campaign.inputs)


def longest(inputs: Path) -> int:
    """Bytes of the longest input, and LEAST at least."""
    return max([LEAST, *(path.stat().st_size for path in inputs.iterdir())])


def finds(found: Path) -> list[Find]:
    """What the workers found, each case once, the first first."""
    log, rows = found / LOG, []
    for line in log.read_text("utf-8").splitlines() if log.exists() else ():
        with suppress(json.JSONDecodeError):  # a worker was killed as it wrote
            rows.append(json.loads(line))
    first: dict[str, Find] = {}
    for row in sorted(rows, key=lambda row: row["seconds"]):
        find = Find(**{"case": "", "unsettled": "", **row})
        first.setdefault(find.case or find.key, find)
    return list(first.values())
