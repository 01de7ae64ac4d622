"""`check --jobs N`: tasks evaluated in N processes at a time, none of which is the one that reports.

Their decoders are loaded once, by `loader`, which forks for each task; where it cannot, each lane has a loader of its
own that judges one task after the other. A process that dies, or no longer moves, is ended; what it was asked is asked
once more, telling each stream before it is tried, so that the finding shows the one that did it.
"""

import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.errand import Errand, Listener, Loaders, LostError
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.loader import Prepared
from sliceproof.conformance.engine.memory import Memory
from sliceproof.conformance.engine.packing import unpacked
from sliceproof.conformance.engine.plan import Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.search import letters_of
from sliceproof.conformance.engine.supervisor import silence
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.judge import shortened
from sliceproof.conformance.requirements.requirement import Broken
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.errors import SliceproofError

TURN = 0.2
AGAIN = 10.0  # seconds that what hung once has to move when it is asked again

DIED = "died"
"""How a trial ended that ended its process."""


class _Asked(NamedTuple):
    """What a process is asked: to evaluate or recall a task, or whether the decoder of that number fails plainly."""

    decoder: int
    how: str
    dialect: str
    requirement: str = ""
    turn: int = 0


class Workers:
    """*jobs* tasks evaluated at a time, in the order in which they are asked; *forks* if each may have its process."""

    def __init__(self, jobs: int, prepared: Prepared, journal: Journal, forks: bool = True) -> None:
        self._journal = journal
        self._futures: dict[_Asked, Future[Any]] = {}
        self._waiting: SimpleQueue[tuple[_Asked, Judging]] = SimpleQueue()
        self._closed = threading.Event()
        self.listener = Listener(journal)
        self._loaders = Loaders(prepared, forks and sys.platform == "linux")
        self._lanes = [_Lane(self._loaders, self.listener, number) for number in range(jobs)]
        for lane in self._lanes:
            threading.Thread(target=self._serve, args=(lane,), daemon=True).start()

    def ask(self, asked: _Asked, judging: Judging) -> None:
        """Let it be answered when its turn comes."""
        self._futures[asked] = Future()
        self._waiting.put((asked, judging))

    def pass_over(self, dialect: str) -> None:
        """Evaluate no more of what waits in a dialect."""
        for asked, future in self._futures.items():
            if asked.dialect == dialect and asked.requirement:
                future.cancel()

    def answer(self, asked: _Asked, judging: Judging) -> Any:
        """What came of it, waiting for it; if it was not asked before, it is asked now."""
        if asked not in self._futures:
            self.ask(asked, judging)
        future = self._futures[asked]
        while not future.done():
            time.sleep(0.01)  # here signals arrive, which end the wait
        return future.result()

    def close(self) -> None:
        """End all processes, whatever they do."""
        self._closed.set()
        self._loaders.close()

    def _serve(self, lane: "_Lane") -> None:
        with suppress(LostError, SliceproofError):  # what it is asked first meets the same
            self._loaders.of(lane.number)
        while not self._closed.is_set():
            try:
                asked, judging = self._waiting.get(timeout=TURN)
            except Empty:
                continue
            future = self._futures[asked]
            if future.set_running_or_notify_cancel():
                self._journal.asks(judging.decoder.name, asked.dialect, asked.requirement)
                try:
                    future.set_result(lane.answer(asked, judging))
                except BaseException as error:
                    future.set_exception(error)


class Remote:
    """Evaluates the tasks of one decoder in other processes; *number* is which of the loaded ones it is."""

    def __init__(self, workers: Workers, judging: Judging, number: int) -> None:
        self._workers, self._judging, self._number = workers, judging, number

    def begin(self, tasks: Iterable[Task]) -> None:
        """Let these be evaluated from now on."""
        for task in tasks:
            if not task.reason:
                self._workers.ask(self._asked("evaluate", task), self._judging)

    def evaluate(self, task: Task) -> Result:
        """What came of a task."""
        if task.reason:
            return self._judging.evaluate(task)
        result: Result = self._workers.answer(self._asked("evaluate", task), self._judging)
        return result

    def recall(self, task: Task) -> Result:
        """Whether what the database knows to fail still does."""
        requirement, dialect, database = task.requirement, task.dialect, self._judging.plan.database
        if database is not None:
            memory = Memory(database, self._judging.decoder, requirement, dialect)
            if memory.streams() or (requirement.searched and memory.has_words(letters_of(requirement, dialect))):
                asked = self._asked("recall", task)
                self._workers.ask(asked, self._judging)  # also if it was asked before: others find more
                result: Result = self._workers.answer(asked, self._judging)
                return result
        return Result(self._judging.decoder, dialect.id, requirement, "pass")

    def fails_plainly(self, dialect: Dialect) -> bool:
        """Whether the decoder fails on a stream without any hazard, so that this explains the rest."""
        return bool(self._workers.answer(_Asked(self._number, "fails_plainly", dialect.id), self._judging))

    def pass_over(self, dialect: Dialect) -> None:
        """Evaluate no more of what waits in a dialect."""
        self._workers.pass_over(dialect.id)

    def _asked(self, how: str, task: Task) -> _Asked:
        return _Asked(self._number, how, task.dialect.id, task.requirement.id, task.turn)


class _Lane:
    """Asks one thing after the other."""

    def __init__(self, loaders: Loaders, listener: Listener, number: int) -> None:
        self._loaders, self._listener, self.number = loaders, listener, number

    def answer(self, asked: _Asked, judging: Judging) -> Any:
        """The answer; if the process that was to give it is lost, what that says."""
        try:
            return self._once(asked, judging, silence(), traced=False)
        except LostError as lost:
            if asked.how == "fails_plainly":
                return True
            try:
                self._once(asked, judging, min(silence(), AGAIN), traced=True)
            except LostError as again:
                return _finding(asked, judging, again)
            how = f"the process that judged it {lost}, and did not when it was asked again"
            return Result(judging.decoder, asked.dialect, REQUIREMENTS[asked.requirement], "error", reason=how)

    def _once(self, asked: _Asked, judging: Judging, quiet: float, traced: bool) -> Any:
        answer = Errand(self._loaders.of(self.number), self._listener, quiet).answer((*asked, traced))
        return unpacked(answer, judging.decoder) if isinstance(answer, str) else answer


def _finding(asked: _Asked, judging: Judging, lost: LostError) -> Result:
    """A decoder ended the process it ran in, or had to be ended with it."""
    requirement = REQUIREMENTS[asked.requirement]
    result = Result(
        judging.decoder, asked.dialect, requirement, requirement.verdict, reason=f"the process that ran it {lost}"
    )
    if lost.tried is None:
        return result
    mode, text = lost.tried
    stream = parse(text, bounded=False)
    kind = BreachKind.NEVER_ENDS_AT_ALL if lost.hung else BreachKind.ENDS_ITS_PROCESS
    breach = Breach(kind, shortened(stream.text), f"the process {lost}", "part")
    outcome = Outcome((), (), "hang" if lost.hung else DIED, None, 0, False, judging.decoder.accepts)
    finding = Finding(requirement, judging.decoder, Broken(stream, mode, breach, outcome), requirement.blames)
    return replace(result, streams=1, examples_to_failure=1, finding=finding)
