"""Asks the requirements of one decoder in turn, in this process or of workers, until asking more makes no sense."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.runner import Judging, Result, result_of
from sliceproof.conformance.engine.workers import DIED, Task, Workers
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.wire.dialects import DIALECTS, Dialect

MOST_DEATHS = 5


@dataclass
class Dispatch:
    """The requirements of the decoder of that *number*, asked in turn, in this process or of workers.

    None is asked after a hang without cause, or when so many have ended their process as MOST_DEATHS.
    """

    judging: Judging
    number: int = 0
    workers: Workers | None = None
    over: str = ""
    hung: bool = False
    deaths: int = 0

    def begin(self, dialects: Sequence[str]) -> None:
        """Let workers begin with all that is to be asked in these dialects."""
        if self.workers is None:
            return
        planned = replace(self.judging, expected=None, asked=set())
        workers, tasks = self.workers, list[Task]()

        def note(requirement: Requirement, known: Dialect) -> None:
            tasks.append(Task(self.number, known.id, requirement.id))

        for id_ in dialects:
            for _ in planned.results(DIALECTS[id_], note):
                pass
        for task in tasks:
            workers.ask(task, self.judging.decoder)

    def results(self, id_: str) -> Iterator[Result]:
        """All results of one dialect."""
        self.hung, self.deaths, self.over = False, 0, ""
        return self.judging.results(DIALECTS[id_], self._result)

    def fails_plainly(self, known: Dialect) -> bool:
        """Whether the decoder fails on a stream without any hazard, so that this explains the rest."""
        if self.workers is None:
            return self.judging.fails_plainly(known)
        return bool(self.workers.result(Task(self.number, known.id), self.judging.decoder))

    def _result(self, requirement: Requirement, known: Dialect) -> Result:
        decoder = self.judging.decoder
        if self.over:
            return Result(decoder, known.id, requirement, "n/a", reason=f"{self.over}, and is asked no more")
        if self.workers is None:
            result = result_of(self.judging, requirement, known)
        else:
            result = self.workers.result(Task(self.number, known.id, requirement.id), decoder)
        if result.finding is not None:
            self._consider(result.finding, known)
        return result

    def _consider(self, finding: Finding, known: Dialect) -> None:
        """Whether more can be asked after this."""
        ended = finding.broken.outcome.ended
        self.hung = ended == "hang" and finding.stream.fault is None
        self.deaths += ended == DIED
        if self.hung:
            self.over = "it hung on a plain stream"
        elif self.deaths >= MOST_DEATHS:
            self.over = f"it ended its process {self.deaths} times"
        if self.over and self.workers is not None:
            self.workers.pass_over(known.id)
