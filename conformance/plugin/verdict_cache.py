"""Verdicts of one process: each requirement is judged when it is first asked for, and once.

A finding may follow from another one. An item that is judged alone cannot know, so what its
requirement contains is judged then too, and kept: the verdict is the same with -k and on any worker.
"""

from dataclasses import dataclass

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.attribution import with_root
from sliceproof.conformance.engine.baseline.expected import Expectation
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.plan import Plan, Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.plugin.settings import expectation, usage
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS


class Verdicts:
    """What was judged so far, against what the baseline expects."""

    def __init__(self, expected: Expectation | None) -> None:
        self.expected = expected
        self._books: dict[tuple[Decoder, object], _Book] = {}

    def result(self, decoder: Decoder, plan: Plan, requirement: str, dialect: str) -> Result:
        """The verdict, and the root of what is found."""
        key = (decoder, (plan.profile, plan.seed, plan.examples, plan.seconds))
        if key not in self._books:
            bases = [load(name) for name in decoder.builds_on]
            self._books[key] = _Book(Judging(decoder, plan.fit(decoder), bases, self.expected), {}, {}, {})
        return self._books[key].rooted(requirement, dialect)


@dataclass
class _Book:
    """One decoder under one plan."""

    judging: Judging
    bare: dict[tuple[str, str], Result]
    whole: dict[tuple[str, str], Result]
    plain: dict[str, bool]

    def rooted(self, requirement: str, dialect: str) -> Result:
        key = (requirement, dialect)
        if key not in self.whole:
            failed = _Failing(self, *key)
            self.whole[key] = with_root(self.judged(*key), failed, lambda: self.fails_plainly(dialect))
        return self.whole[key]

    def judged(self, requirement: str, dialect: str) -> Result:
        """The verdict alone."""
        key = (requirement, dialect)
        if key not in self.bare:
            asked, registered = REQUIREMENTS[requirement], DIALECTS[dialect]
            reason = asked.inapplicable(self.judging.decoder, registered)
            self.bare[key] = self.judging.evaluate(Task(asked, registered, reason=reason))
        return self.bare[key]

    def fails_plainly(self, dialect: str) -> bool:
        if dialect not in self.plain:
            self.plain[dialect] = self.judging.fails_plainly(DIALECTS[dialect])
        return self.plain[dialect]


@dataclass(frozen=True)
class _Failing:
    """The other requirements that are broken in a dialect, found out when asked."""

    book: _Book
    requirement: str
    dialect: str

    def __contains__(self, id_: object) -> bool:
        return id_ != self.requirement and self.book.judged(str(id_), self.dialect).finding is not None


_VERDICTS = pytest.StashKey[Verdicts]()


def verdicts(config: pytest.Config) -> Verdicts:
    """The verdicts of this process."""
    if _VERDICTS not in config.stash:
        with usage():
            config.stash[_VERDICTS] = Verdicts(expectation(config))
    return config.stash[_VERDICTS]
