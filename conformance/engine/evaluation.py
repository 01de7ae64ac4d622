"""Evaluates a task: replay what failed before and what is filed, sweep, search, then shrink; gives a `Result`.

Nothing here prints. The same decoder, profile and seed give the same results; with a database, what failed before is
replayed first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from sliceproof.conformance.engine.asking import Asking
from sliceproof.conformance.engine.attribution import PLAIN, rooted
from sliceproof.conformance.engine.finding import Finding, breaches_by_mode
from sliceproof.conformance.engine.memory import Memory
from sliceproof.conformance.engine.plan import Plan, Task, by_dialect
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.search import Budget, Found, smallest
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import passed_on
from sliceproof.conformance.harness.outlet import error_text
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.plainly import fails_plainly
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.stream import Stream

Expected = Callable[["Judging", Task], Result | None]
"""The result where a failure is expected (sliceproof.conformance.engine.baseline); None where none is."""


class Evaluator(Protocol):
    """Who evaluates the tasks of one decoder: `Judging` in this process, others in processes of their own."""

    def evaluate(self, task: Task) -> Result:
        """What came of a task."""

    def recall(self, task: Task) -> Result:
        """Whether what the database knows to fail still does; nothing else is judged."""

    def fails_plainly(self, dialect: Dialect) -> bool:
        """Whether the decoder fails on a stream without any hazard, so that this explains the rest."""

    def pass_over(self, dialect: Dialect) -> None:
        """Evaluate no more of what waits in a dialect."""


@dataclass
class Judging:
    """One decoder under a plan, in this process; *bases* are the decoders it is built on.

    `announce` is told what is asked next: the names of decoder and dialect, and the requirement's id.
    """

    decoder: Decoder
    plan: Plan
    bases: Sequence[Decoder] = ()
    expected: Expected | None = None
    announce: Callable[[str, str, str], object] = lambda decoder, dialect, requirement: None

    def fails_plainly(self, dialect: Dialect) -> bool:
        """Whether the decoder fails on a stream without any hazard, so that this explains the rest."""
        return fails_plainly(self.decoder, dialect)

    def pass_over(self, dialect: Dialect) -> None:
        """Nothing waits: a task is evaluated when it is asked for."""

    def evaluate(self, task: Task) -> Result:
        """What came of a task: a failure that is expected is confirmed, all else is judged if it is asked."""
        if task.reason:
            return self.confirmed(task) or self._result(task, "n/a", task.reason)
        begun = monotonic()
        result = self._guarded(task, lambda: self.confirmed(task) or self.judged(task))
        return replace(result, seconds=monotonic() - begun)

    def recall(self, task: Task) -> Result:
        """Whether what the database knows to fail still does; nothing else is judged."""
        asking = self._asking(task)
        return self._guarded(task, lambda: self._tried(asking, (asking.recalled,)))

    def confirmed(self, task: Task) -> Result | None:
        """The result where a failure is expected, or None."""
        return self.expected(self, task) if self.expected else None

    def judged(self, task: Task) -> Result:
        """What came of a task, whatever is expected."""
        asking = self._asking(task)
        swept = () if task.turn else (asking.swept,)
        return self._tried(asking, (asking.recalled, *swept, asking.searched))

    def found(self, requirement: Requirement, broken: Broken) -> Result:
        """The result of a stream that somebody else, a fuzzer, found to break a requirement, made smaller."""
        result = Result(self.decoder, broken.stream.dialect, requirement, "pass")
        return self._broken(result, smallest(requirement, self.decoder, broken))

    def _guarded(self, task: Task, judge: Callable[[], Result]) -> Result:
        """Judge, also a decoder that raises what is no error, such as SystemExit."""
        self.announce(self.decoder.name, task.dialect.id, task.requirement.id)
        try:
            return judge()
        except (KeyboardInterrupt, SliceproofError):
            raise
        except BaseException as error:  # whatever it comes of, it is no verdict
            if passed_on(error) is not None:
                raise
            return self._result(task, "error", f"{type(error).__name__}: {error_text(error)}")

    def _result(self, task: Task, verdict: str, reason: str) -> Result:
        return Result(self.decoder, task.dialect.id, task.requirement, verdict, reason=reason)

    def _asking(self, task: Task) -> Asking:
        plan, requirement, dialect = self.plan, task.requirement, task.dialect
        deadline = None if plan.seconds is None else monotonic() + plan.seconds
        examples = plan.profile.mixed if requirement.id == "MIX" else plan.profile.examples
        budget = Budget(examples if plan.examples is None else plan.examples, plan.seed + task.turn, deadline)
        memory = Memory(plan.database, self.decoder, requirement, dialect) if plan.database else None
        filed = plan.filed(requirement, dialect)
        return Asking(requirement, self.decoder, dialect, budget, filed, memory, plan.profile.swept)

    def _tried(self, asking: Asking, steps: Sequence[Callable[[], Found]]) -> Result:
        """The steps in turn, until one breaks the requirement."""
        result = Result(self.decoder, asking.dialect.id, asking.requirement, "pass")
        try:
            for step in steps:
                found, before = step(), result.streams
                result = replace(result, streams=before + found.examples)
                if found.broken is not None:
                    failed = replace(result, examples_to_failure=before + found.first, replayed=step == asking.recalled)
                    return self._broken(failed, asking.made_small(found.broken))
        except Exception as error:
            meant = passed_on(error)  # also what Hypothesis took for a failing example
            if meant is not None:
                raise meant from None
            reason = f"{type(error).__name__}: {error}"
            return Result(self.decoder, asking.dialect.id, asking.requirement, "error", reason=reason)
        return result

    def _broken(self, result: Result, broken: Broken) -> Result:
        requirement = result.requirement
        return replace(result, verdict=requirement.verdict, finding=self.finding(requirement, broken))

    def finding(self, requirement: Requirement, broken: Broken) -> Finding:
        """What is told of a requirement broken."""
        layer = broken.breach.layer or requirement.blames
        inherited = self._inherited(requirement, broken.stream)
        waits = broken.outcome.ended == "hang" and not broken.outcome.exhausted  # once is long enough
        modes = {} if requirement.compare or waits else breaches_by_mode(requirement, self.decoder, broken.stream)
        return Finding(requirement, self.decoder, broken, layer, "", inherited, modes)

    def _inherited(self, requirement: Requirement, stream: Stream) -> str:
        for base in self.bases:
            if not requirement.inapplicable(base, DIALECTS[stream.dialect]) and requirement.check(base, stream):
                return f"{base.name} {base.version()}"
        return ""


def plain_finding(evaluator: Evaluator, dialect: Dialect, results: Sequence[Result]) -> Finding | None:
    """What PLAIN finds in a dialect, for a run that fails there without having asked it."""
    asked = any(result.requirement.id == PLAIN and result.verdict != "n/a" for result in results)
    if asked or not any(result.finding for result in results):
        return None
    return evaluator.evaluate(Task(REQUIREMENTS[PLAIN], dialect)).finding


def run(
    decoder: Decoder,
    plan: Plan,
    dialects: Iterable[str],
    bases: Sequence[Decoder] = (),
    expected: Expected | None = None,
) -> Iterator[Result]:
    """Judge *decoder* in each of *dialects*; *bases* are the decoders it is built on."""
    judging = Judging(decoder, plan.fit(decoder), bases, expected)
    for dialect, tasks in by_dialect(judging.plan.tasks(decoder, dialects)):
        results = [judging.evaluate(task) for task in tasks]
        plainly = judging.fails_plainly(dialect)
        yield from rooted(results, plainly, plain_finding(judging, dialect, results) if plainly else None)
