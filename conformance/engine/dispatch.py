"""Asks the tasks of one decoder until asking more makes no sense, whoever evaluates them."""

from collections import Counter

from sliceproof.conformance.engine.evaluation import Evaluator
from sliceproof.conformance.engine.plan import Task
from sliceproof.conformance.engine.result import NO_MORE, Result
from sliceproof.conformance.engine.workers import DIED
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.dialects import Dialect

MOST_DEATHS = 5


class Dispatch:
    """An evaluator that asks no more in a dialect whose plain streams hang, or after MOST_DEATHS ended processes."""

    def __init__(self, decoder: Decoder, evaluator: Evaluator) -> None:
        self._decoder, self._evaluator = decoder, evaluator
        self._over: dict[str, str] = {}
        self._hung: set[str] = set()
        self._deaths: Counter[str] = Counter()

    def evaluate(self, task: Task) -> Result:
        """What came of a task."""
        if task.reason or task.dialect.id not in self._over:
            return self._considered(self._evaluator.evaluate(task))
        return self._not_asked(task)

    def recall(self, task: Task) -> Result:
        """Whether what the database knows to fail still does."""
        if task.dialect.id not in self._over:
            return self._considered(self._evaluator.recall(task))
        return self._not_asked(task)

    def fails_plainly(self, dialect: Dialect) -> bool:
        """Whether the decoder fails on a stream without any hazard, so that this explains the rest."""
        return dialect.id in self._hung or self._evaluator.fails_plainly(dialect)

    def pass_over(self, dialect: Dialect) -> None:
        """Evaluate no more of what waits in a dialect."""
        self._evaluator.pass_over(dialect)

    def _not_asked(self, task: Task) -> Result:
        reason = f"{self._over[task.dialect.id]}{NO_MORE}"
        return Result(self._decoder, task.dialect.id, task.requirement, "n/a", reason=reason)

    def _considered(self, result: Result) -> Result:
        """The result, after a look at whether more can be asked."""
        if result.finding is None:
            return result
        ended, dialect = result.finding.broken.outcome.ended, result.finding.stream.format
        sound = result.finding.stream.fault is None and result.requirement.alone
        if ended == "hang" and sound and self._evaluator.fails_plainly(dialect):
            self._hung.add(dialect.id)
            self._over[dialect.id] = "it hung on a plain stream"
        self._deaths[dialect.id] += ended == DIED
        if self._deaths[dialect.id] >= MOST_DEATHS:
            self._over.setdefault(dialect.id, f"it ended its process {MOST_DEATHS} times")
        if dialect.id in self._over:
            self.pass_over(dialect)
        return result
