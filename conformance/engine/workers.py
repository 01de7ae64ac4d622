"""`check --jobs N`: requirements asked in N worker processes, each of which loads the decoders by itself.

The process that reports asks for a requirement in a dialect and gets its result. What a worker tells are lines of
JSON in a pipe (`journal`). One that dies, or no longer moves, is killed; what it was asked is asked of another once
more, which tells each stream before it is tried, so that the finding shows the one that did it.
"""

import json
import multiprocessing
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import click

from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.packing import packed, unpacked
from sliceproof.conformance.engine.runner import Judging, Result, result_of
from sliceproof.conformance.engine.streamtext import parse
from sliceproof.conformance.engine.supervisor import LOADING, silence
from sliceproof.conformance.harness import drive
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.harness.outlet import apart
from sliceproof.conformance.harness.source import Source
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.judge import shortened
from sliceproof.conformance.requirements.requirement import Broken
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.stream import Stream

TURN = 0.2
AGAIN = 10.0  # seconds that what hung once has to move when it is asked again

DIED = "died"
"""How a trial ended that ended its process."""

Prepared = Callable[[Journal], Sequence[Judging]]
"""Loads the decoders, and gives how each is judged; it goes to other processes, so it is a function of a module."""


class Task(NamedTuple):
    """A requirement asked of the decoder of that number in a dialect; without one, whether it fails plainly."""

    decoder: int
    dialect: str
    requirement: str = ""


class Workers:
    """*jobs* processes that judge what they are asked, in the order in which it is asked."""

    def __init__(self, jobs: int, prepared: Prepared, journal: Journal) -> None:
        self._journal = journal
        self._futures: dict[Task, Future[Any]] = {}
        self._decoders: dict[Task, Decoder] = {}
        self._waiting: SimpleQueue[Task] = SimpleQueue()
        self._closed = threading.Event()
        self._lanes = [_Lane(partial(_Worker, prepared), self._closed) for _ in range(jobs)]
        self._threads = [threading.Thread(target=self._serve, args=(lane,), daemon=True) for lane in self._lanes]
        for thread in self._threads:
            thread.start()

    def ask(self, task: Task, decoder: Decoder) -> None:
        """Let it be judged when its turn comes."""
        self._futures[task], self._decoders[task] = Future(), decoder
        self._waiting.put(task)

    def pass_over(self, dialect: str) -> None:
        """Judge no more of what waits in a dialect."""
        for task, future in self._futures.items():
            if task.dialect == dialect and task.requirement:
                future.cancel()

    def result(self, task: Task, decoder: Decoder) -> Any:
        """What came of a task, waiting for it; of one not asked before, it is asked now."""
        if task not in self._futures:
            self.ask(task, decoder)
        future = self._futures[task]
        while not future.done():
            time.sleep(0.01)  # here signals arrive, which end the wait
        return future.result()

    def close(self) -> None:
        """End all workers, whatever they do."""
        self._closed.set()
        for lane in self._lanes:
            lane.end()

    def _serve(self, lane: "_Lane") -> None:
        lane.start()
        while not self._closed.is_set():
            try:
                task = self._waiting.get(timeout=TURN)
            except Empty:
                continue
            future, decoder = self._futures[task], self._decoders[task]
            if future.set_running_or_notify_cancel():
                self._journal.asks(decoder.name, task.dialect, task.requirement)
                try:
                    future.set_result(lane.judged(task, decoder, self._journal.moved))
                except BaseException as error:
                    future.set_exception(error)


class _LostError(Exception):
    """A worker is gone, or was ended as it no longer moved; `str` says how, `tried` what it told of last."""

    def __init__(self, how: str, tried: tuple[str, str] | None, hung: bool) -> None:
        super().__init__(how)
        self.tried, self.hung = tried, hung


class _Lane:
    """One worker after the other."""

    def __init__(self, start: Callable[[], "_Worker"], closed: threading.Event) -> None:
        self._start, self._closed = start, closed
        self._worker: _Worker | None = None

    def start(self) -> None:
        """Let there be a worker."""
        if self._worker is None and not self._closed.is_set():
            self._worker = self._start()

    def end(self) -> None:
        """Let there be none."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def judged(self, task: Task, decoder: Decoder, moved: Callable[[int], None]) -> Any:
        """What a worker made of a task; if it is lost, what that says."""
        try:
            return self._asked(task, decoder, moved, silence(), traced=False)
        except _LostError as lost:
            if not task.requirement:
                return True
            try:
                self._asked(task, decoder, moved, min(silence(), AGAIN), traced=True)
            except _LostError as again:
                return _finding(task, decoder, again)
            how = f"the process that judged it {lost}, and did not when it was asked again"
            return Result(decoder, task.dialect, REQUIREMENTS[task.requirement], "error", reason=how)

    def _asked(self, task: Task, decoder: Decoder, moved: Callable[[int], None], quiet: float, traced: bool) -> Any:
        self.start()
        if self._worker is None:
            raise _LostError("was ended", None, False)
        try:
            answer = self._worker.answer(task, moved, quiet, traced)
        except (_LostError, SliceproofError):  # after either it answers no more
            self.end()
            raise
        return unpacked(answer, decoder) if isinstance(answer, str) else answer


def _finding(task: Task, decoder: Decoder, lost: _LostError) -> Result:
    """A decoder ended the process it ran in, or had to be ended with it."""
    requirement = REQUIREMENTS[task.requirement]
    result = Result(decoder, task.dialect, requirement, "fail", reason=f"the process that ran it {lost}")
    if lost.tried is None:
        return result
    mode, text = lost.tried
    stream = parse(text)
    kind = BreachKind.NEVER_ENDS_AT_ALL if lost.hung else BreachKind.ENDS_ITS_PROCESS
    breach = Breach(kind, shortened(stream.text), f"the process {lost}", "part")
    outcome = Outcome((), (), "hang" if lost.hung else DIED, None, 0, False, decoder.accepts)
    finding = Finding(requirement, decoder, Broken(stream, mode, breach, outcome), requirement.blames)
    return replace(result, streams=1, examples_to_failure=1, finding=finding)


class _Worker:
    """A process that judges, seen from the one that asks."""

    def __init__(self, prepared: Prepared) -> None:
        context: Any = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")
        context.set_forkserver_preload([prepared.func.__module__ if isinstance(prepared, partial) else __name__])
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, prepared))
        self._process.start()
        theirs.close()
        self._rest = b""
        self._ready = False
        self._streams = 0

    def answer(self, task: Task, moved: Callable[[int], None], quiet: float, traced: bool) -> Any:
        """What it makes of a task; _LostError if it is lost over it."""
        tried: tuple[str, str] | None = None
        self._write(json.dumps([task, traced]))
        still = 0.0
        while True:
            lines = self._lines()
            if lines is None:
                raise _LostError(self._death(), tried, False)
            still = 0.0 if lines else still + TURN
            for line in lines:
                tried = tuple(line["tries"]) if "tries" in line else tried
                self._ready = self._ready or "ready" in line
                before, self._streams = self._streams, line.get("streams", self._streams)
                moved(self._streams - before)
                if "failed" in line:
                    raise SliceproofError(line["failed"])
                if "answer" in line:
                    return line["answer"]
            if not lines:
                moved(0)  # whoever waits for this process need not watch its workers
            if still > (quiet if self._ready else max(quiet, LOADING)):
                raise _LostError(f"did not move for {still:.0f} s", tried, True)

    def kill(self) -> None:
        """End it, and what it began in its own session."""
        pid = self._process.pid
        if pid is not None:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        self._process.kill()
        self._process.join(5)
        self._ours.close()

    def _write(self, line: str) -> None:
        with suppress(OSError):  # that it is gone is seen when it is read
            os.write(self._ours.fileno(), line.encode() + b"\n")

    def _lines(self) -> list[dict[str, Any]] | None:
        """What it told since, waiting a turn for it; None once it is gone."""
        if not select.select([self._ours], [], [], TURN)[0]:
            return []
        try:
            data = os.read(self._ours.fileno(), 1 << 20)
        except OSError:
            data = b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and not lines:
            return None
        return [json.loads(line) for line in lines]

    def _death(self) -> str:
        self._process.join(5)
        code = self._process.exitcode
        if code is None or code >= 0:
            return f"ended by itself, with code {code}"
        return f"was killed by {signal.Signals(-code).name}"


# In the worker


def _work(connection: Connection, prepared: Prepared) -> None:
    """Judge what is asked, until nobody asks any more."""
    with suppress(OSError, AttributeError):
        os.setsid()  # a terminal's signals are for the process that reports
    journal = Journal(connection.fileno())
    with suppress(OSError), apart(descriptor=True):  # OSError: nobody waits for it any more
        try:
            judgings = prepared(journal)
            journal.says(ready=True)
            for (number, dialect, requirement), traced in map(json.loads, _asked(connection)):
                journal.says(answer=_answer(judgings[number], dialect, requirement, journal if traced else None))
        except (SliceproofError, click.ClickException) as error:
            journal.says(failed=str(error))


def _asked(connection: Connection) -> Iterator[bytes]:
    rest = b""
    while data := os.read(connection.fileno(), 1 << 16):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


def _answer(judging: Judging, dialect: str, id_: str, journal: Journal | None) -> str | bool:
    known = DIALECTS[dialect]
    if not id_:
        return judging.fails_plainly(known)
    drive.listeners[:] = [] if journal is None else [partial(_tell, journal)]
    return packed(result_of(judging, REQUIREMENTS[id_], known))


def _tell(journal: Journal, decoder: Decoder, way: Mode, stream: Source) -> None:
    """Say which stream is given to which mode next."""
    if isinstance(stream, Stream):
        journal.says(tries=(next((name for name, mode in decoder.modes.items() if mode is way), ""), repr(stream)))
