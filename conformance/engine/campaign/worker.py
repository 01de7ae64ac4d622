"""One worker at work: its own tasks, and the failures that others have found.

The others' are replayed at the start and again at the end, so that what one finds all report; nothing of theirs
is searched. Where a requirement is found broken in a dialect, it is not searched there with the seeds that are left.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis.database import ExampleDatabase

from sliceproof.conformance.engine.attribution import rooted
from sliceproof.conformance.engine.campaign.database import Shared
from sliceproof.conformance.engine.campaign.sharding import Worker
from sliceproof.conformance.engine.dispatch import Dispatch
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.memory import Memory
from sliceproof.conformance.engine.plan import Plan, Task, by_dialect
from sliceproof.conformance.engine.result import GRAVITY, Result
from sliceproof.conformance.engine.search import letters_of
from sliceproof.conformance.engine.wording import count

Begin = Callable[[Iterable[Task]], None]
"""Lets tasks be evaluated from now on, in other processes."""


@dataclass
class Campaign:
    """What a worker is to do; `own` and `dealt` count its tasks and everybody's, over all decoders.

    `keys` are where the database keeps what they are about.
    """

    worker: Worker
    seeds: int = 1
    shared: Shared | None = None
    own: int = 0
    dealt: int = 0
    keys: list[bytes] = field(default_factory=list)

    def work(self, judging: Judging, dialects: Iterable[str], asking: Dispatch, begin: Begin | None = None) -> "Work":
        """The share in one decoder, whose tasks are asked of *asking*; *begin* lets what evaluates them begin."""
        every = [task for task in judging.plan.tasks(judging.decoder, dialects, self.seeds) if not task.reason]
        mine = self.worker.share(every, self.dealt)
        self.own, self.dealt = self.own + len(mine), self.dealt + len(every)
        if judging.plan.database is not None:
            self.keys += _keys(judging, every, judging.plan.database)
        return Work(judging, asking, begin, every, mine, self.shared, self.keys)

    def line(self, work: "Work") -> str:
        """What a worker is to do, for people."""
        if not work.mine and work.every:
            text = f"worker {self.worker} has no task of its own, of {count(len(work.every), 'task')} in all"
        else:
            whose = f"worker {self.worker}: " if self.worker.of > 1 else ""
            text = f"{whose}{len(work.mine)} of {count(len(work.every), 'task')}"
        return text + (f"; shares what fails through {self.shared.name}" if self.shared else "")

    def figures(self, plan: Plan) -> dict[str, Any]:
        """What a worker did, for the report."""
        shared = self.shared
        return {
            "worker": self.worker.index,
            "of": self.worker.of,
            "seeds": list(range(plan.seed, plan.seed + self.seeds)),
            "tasks": self.own,
            "tasks_of_all": self.dealt,
            "database": shared.name if shared else "",
            "database_lost": shared.lost if shared else "",
        }


class Work:
    """One worker's share in one decoder."""

    def __init__(
        self,
        judging: Judging,
        asking: Dispatch,
        begin: Begin | None,
        every: list[Task],
        mine: list[Task],
        shared: Shared | None,
        keys: list[bytes],
    ) -> None:
        self.mine, self.every = mine, every
        self._judging, self._asking, self._begin, self._shared, self._keys = judging, asking, begin, shared, keys
        self._broken: set[tuple[str, str]] = set()

    def results(self) -> Iterator[Result]:
        """Results as they come, several of a requirement in a dialect; `summed` makes one of them."""
        if self._begin is not None:
            self._begin(self.mine)
        if self._shared is not None:
            self._shared.push(self._keys)
            own = {task.pair for task in self.mine}
            yield from self._replayed(task for task in self.every if task.pair not in own)
        for task in self.mine:
            if task.pair not in self._broken:
                result = self._asking.evaluate(task)
                yield self._noted(replace(result, seeds=(self._judging.plan.seed + task.turn,)))
        if self._shared is not None:
            self._shared.settle(self._keys)
            yield from self._replayed(self.every)

    def _noted(self, result: Result) -> Result:
        if result.finding is not None or result.standing:
            self._broken.add((result.dialect, result.requirement.id))
        return result

    def _replayed(self, among: Iterable[Task]) -> Iterator[Result]:
        """The failures that the database knows and this worker does not; a baseline speaks for its own."""
        for task in dict.fromkeys(task._replace(turn=0) for task in among):
            if task.pair not in self._broken:
                result = self._asking.recall(task)
                if result.verdict not in ("pass", "n/a") and not self._judging.confirmed(task):
                    yield self._noted(result)

    def summed(self, results: Iterable[Result], dialects: Iterable[str]) -> Iterator[Result]:
        """One result for each requirement in each dialect that this worker can tell of, findings with their roots."""
        by_pair: dict[tuple[str, str], Result] = {}
        for result in results:
            pair = (result.dialect, result.requirement.id)
            by_pair[pair] = _together(by_pair[pair], result) if pair in by_pair else result

        for dialect, tasks in by_dialect(self._judging.plan.tasks(self._judging.decoder, dialects)):
            lines = [self._judging.evaluate(task) if task.reason else by_pair.get(task.pair) for task in tasks]
            of_dialect = [result for result in lines if result is not None]
            found = any(result.finding for result in of_dialect)
            yield from rooted(of_dialect, found and self._asking.fails_plainly(dialect))


def _keys(judging: Judging, every: Iterable[Task], database: ExampleDatabase) -> Iterator[bytes]:
    """Where the database keeps what these tasks are about."""
    for requirement, dialect, *_ in dict.fromkeys(task._replace(turn=0) for task in every):
        memory = Memory(database, judging.decoder, requirement, dialect)
        yield memory.key
        if requirement.searched:
            yield memory.words(letters_of(requirement, dialect))


def _together(first: Result, other: Result) -> Result:
    """The graver of two results, with the streams and seeds of both."""
    graver = min(first, other, key=lambda result: GRAVITY.index(result.verdict))
    failed_at = graver.examples_to_failure
    if failed_at is not None and graver is other:
        failed_at += first.streams
    streams, seeds = first.streams + other.streams, tuple(dict.fromkeys(first.seeds + other.seeds))
    seconds = first.seconds + other.seconds
    return replace(graver, streams=streams, examples_to_failure=failed_at, seeds=seeds, seconds=seconds)
