"""What is to be asked of a decoder, and how far: `Plan`, and its tasks in the order in which all of us ask them.

The command, pytest and campaigns read `Plan.tasks`; nobody else decides what applies, and in which dialect.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from hypothesis.database import ExampleDatabase

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import Case
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.stream import Stream


@dataclass(frozen=True)
class Profile:
    """How far judging goes: examples a search of one requirement, and of MIX; docs/power.md has what they find.

    Without examples nothing is searched. Of a sweep the first streams are asked, and one of *step* of the
    others; what it *skips* is left to the others, as it takes too long. *clients* is that of whole clients.
    """

    name: str
    examples: int
    mixed: int
    step: int = 1
    skips: tuple[str, ...] = ()
    clients: str = ""

    def swept(self, requirement: Requirement, streams: Iterable[Stream]) -> Iterable[Stream]:
        """Those of a requirement's sweep that are asked."""
        if self.step == 1:
            return streams
        first = requirement.first
        return (stream for number, stream in enumerate(streams) if number < first or number % self.step == 0)


PROFILES = {
    "": Profile("ci", 40, 300, clients="quick"),
    "quick": Profile("quick", 0, 0, 13, ("Q1",)),
    "ci": Profile("ci", 40, 300),
    "dev": Profile("dev", 100, 1000),
    "deep": Profile("deep", 20000, 100000),
}


class Task(NamedTuple):
    """A requirement asked in a dialect; turn 0 is all of it, a later turn only a search by another seed.

    `reason` says why it is not asked, "" if it is.
    """

    requirement: Requirement
    dialect: Dialect
    turn: int = 0
    reason: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The dialect and the requirement, whatever the seed."""
        return self.dialect.id, self.requirement.id


class Plan(NamedTuple):
    """What is to be judged, and how far; *cases* are replayed first, each for the requirement it is filed under.

    A *database* gives what failed before, and is given what fails. *conformance* is the frozen set that this asks.
    """

    requirements: Sequence[Requirement]
    profile: Profile
    seed: int = 0
    examples: int | None = None
    seconds: float | None = None
    cases: Sequence[Case] = ()
    database: ExampleDatabase | None = None
    conformance: str = ""

    def fit(self, decoder: Decoder) -> "Plan":
        """The plan for this decoder: of a whole client a stream takes fifty times as long, so it is asked fewer."""
        instead = self.profile.clients if decoder.accepts == "endpoint" else ""
        return self._replace(profile=PROFILES[instead]) if instead else self

    def filed(self, requirement: Requirement, dialect: Dialect) -> list[Stream]:
        """The streams of the cases for a requirement in a dialect, the shortest first."""
        filed = [case.stream for case in self.cases if case.requirement == requirement.id]
        return sorted((stream for stream in filed if stream.dialect == dialect.id), key=lambda stream: len(stream.wire))

    def tasks(self, decoder: Decoder, dialects: Iterable[str], seeds: int = 1) -> Iterator[Task]:
        """All requirements in each of these dialects, also those that are not asked; a search by each of *seeds* seeds.

        What depends on no dialect is asked in the first where it applies.
        """
        asked: set[str] = set()
        for dialect in map(DIALECTS.__getitem__, dialects):
            for requirement in self.requirements:
                reason = requirement.inapplicable(decoder, dialect)
                if not reason and requirement.once and requirement.id in asked:
                    reason = "it depends on no dialect and was asked in the first"
                if not reason and requirement.id in self.profile.skips:
                    reason = f"profile {self.profile.name} leaves it out, as it takes a second or more"
                if reason:
                    yield Task(requirement, dialect, 0, reason)
                    continue
                asked.add(requirement.id)
                for turn in range(seeds if requirement.searched else 1):
                    yield Task(requirement, dialect, turn)


def by_dialect(tasks: Iterable[Task]) -> Iterator[tuple[Dialect, list[Task]]]:
    """The tasks of one dialect after those of the other, as they come."""
    for _, together in groupby(tasks, key=lambda task: task.dialect.id):
        of_dialect = list(together)
        yield of_dialect[0].dialect, of_dialect
