"""Looks for a stream that breaks a requirement, and makes it as small as a person would.

Hypothesis draws words of letters and shrinks them; a last pass of our own then tries, for every
letter, to leave it out or to put an earlier one of the alphabet in its place, so that what is
reported has no simpler neighbour. All of it is deterministic for a seed. With a memory, what failed
before is tried first, and what fails is kept as soon as it does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from time import monotonic
from typing import NamedTuple
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from sliceproof.conformance.engine.memory import Memory, Words
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter
from sliceproof.strategies.streams import LONGEST
from sliceproof.strategies.text import picks
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream

SHRINK_SECONDS = 20.0
POLISHED = 256  # letters of the alphabet that the last pass tries in each place


@dataclass
class Budget:
    """How many examples a search may draw, from which seed, and until when (time.monotonic)."""

    examples: int
    seed: int = 0
    deadline: float | None = None

    def spent(self) -> bool:
        """Whether the time is over."""
        return self.deadline is not None and monotonic() > self.deadline


class Found(NamedTuple):
    """What a search came to: examples drawn, the number of the first that failed, and the smallest failure."""

    examples: int
    first: int = 0
    broken: Broken | None = None


@lru_cache(maxsize=1024)
def words(table: tuple[Letter, ...]) -> SearchStrategy[list[Letter]]:
    """Words of one to LONGEST letters of an alphabet."""
    return picks(table, min_size=1, max_size=LONGEST)


def letters_of(requirement: Requirement, known: Dialect) -> tuple[Letter, ...]:
    """The letters that a search draws from: the benign ones first."""
    alphabet = requirement.alphabet(known)
    return alphabet if alphabet[: len(BENIGN)] == BENIGN else (*BENIGN, *alphabet)


def search(
    requirement: Requirement,
    decoder: Decoder,
    known: Dialect,
    budget: Budget,
    memory: Memory | None = None,
    draws: bool = True,
) -> Found:
    """Draw words of the requirement's letters until one breaks it, and shrink that one.

    Those in *memory* are tried first, and if the search no longer *draws*, those alone.
    """
    table = letters_of(requirement, known)
    trying = _Trying(requirement, decoder, known, budget)
    phases = (Phase.reuse, Phase.generate, Phase.shrink) if draws else (Phase.reuse, Phase.shrink)
    word = _found(table, trying, phases, Words(memory, table, budget.spent) if memory else None)
    if word is None:
        return Found(trying.drawn)
    word = polished(word, table, trying.still_breaks)
    broken = requirement.check(decoder, requirement.composed(known, word))
    return Found(trying.first, trying.first, broken and smallest(requirement, decoder, broken))


def first_failure(requirement: Requirement, decoder: Decoder, known: Dialect, budget: Budget) -> int:
    """The number of the first drawn example that breaks the requirement, which is not shrunk; 0 if none does."""
    trying = _Trying(requirement, decoder, known, budget)
    _found(letters_of(requirement, known), trying, (Phase.generate,))
    return trying.first


class _BreaksError(Exception):
    """How Hypothesis is told of a word that breaks the requirement."""


def _found(
    table: tuple[Letter, ...], trying: "_Trying", phases: Sequence[Phase], known: Words | None = None
) -> list[Letter] | None:
    """The smallest word that breaks, or None; `hypothesis.find` takes either a seed or a database, not both."""
    breaks, number = trying.breaks, Random(trying.budget.seed).getrandbits(64)
    chosen = settings(
        max_examples=trying.budget.examples,
        database=known,
        deadline=None,
        derandomize=False,
        verbosity=Verbosity.quiet,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    last: list[list[Letter]] = []

    @chosen  # outermost, as `seed` takes the database away
    @seed(number)
    @given(words(table))
    def test(word: list[Letter]) -> None:
        if breaks(word):
            last[:] = [word]
            raise _BreaksError

    try:
        test()
    except _BreaksError:
        return last[0]
    except Flaky:
        # The decoder does not give the same twice, as of threads: only what breaks again is a finding.
        return last[0] if last and breaks(last[0]) else None
    except SkipTest:
        pass  # nothing that was kept could be read
    return None


@dataclass
class _Trying:
    requirement: Requirement
    decoder: Decoder
    dialect: Dialect
    budget: Budget
    drawn: int = 0
    first: int = 0
    began: float = 0.0
    failed: set[tuple[Letter, ...]] = field(default_factory=set)

    def breaks(self, word: Sequence[Letter]) -> bool:
        """Whether the word's stream breaks the requirement; out of time, nothing does but what has done so."""
        self.drawn += 1
        if self.first and monotonic() - self.began > SHRINK_SECONDS:
            return tuple(word) in self.failed
        if not self.first and self.budget.spent():
            return False
        broken = self.requirement.check(self.decoder, self.requirement.composed(self.dialect, word)) is not None
        if broken:
            self.failed.add(tuple(word))
        if broken and not self.first:
            self.first, self.began = self.drawn, monotonic()
        return broken

    def still_breaks(self, word: Sequence[Letter]) -> bool:
        """The same, for the last pass."""
        if monotonic() - self.began > 2 * SHRINK_SECONDS:
            return False
        return self.requirement.check(self.decoder, self.requirement.composed(self.dialect, word)) is not None


def polished(word: list[Letter], table: Sequence[Letter], breaks: Callable[[Sequence[Letter]], bool]) -> list[Letter]:
    """The word with letters left out or replaced by earlier ones of *table*, as long as it *breaks*."""
    rank = {letter: number for number, letter in reversed(list(enumerate(table)))}
    changed = True
    while changed:
        changed = False
        for at in range(len(word) - 1, -1, -1):
            shorter = word[:at] + word[at + 1 :]
            if shorter and breaks(shorter):
                word, changed = shorter, True
        for at, letter in enumerate(word):
            for simpler in table[: min(rank[letter], POLISHED)]:
                simplified = [*word[:at], simpler, *word[at + 1 :]]
                if breaks(simplified):
                    word, changed = simplified, True
                    break
    return word


def smallest(requirement: Requirement, decoder: Decoder, broken: Broken) -> Broken:
    """The finding with the cuts and deltas left out that it does not need."""
    stream = broken.stream
    if requirement.once:
        return broken  # it is about length
    if broken.outcome.ended == "hang" and not broken.outcome.exhausted:
        return broken  # each try would cost the watchdog's patience
    changed = True
    while changed:
        changed = False
        for simpler in _simpler(stream):
            try:
                again = requirement.check(decoder, simpler)
            except ValueError:
                continue
            if again is not None:
                stream, broken, changed = simpler, again, True
                break
    return broken


def _simpler(stream: Stream) -> Iterator[Stream]:
    """Streams with one thing less; the cut after a record stays, as without it two records share a part."""
    if stream.fault is not None:
        cut = stream.part_cuts is not None or stream.chunk_cuts is not None
        if cut and stream.fault.kind in ("exception", "error-record", "silence"):
            yield stream.but(part_cuts=None, chunk_cuts=None)
        elif stream.chunk_cuts is not None:
            yield stream.but(chunk_cuts=None)
        return
    if stream.part_cuts is not None:
        yield stream.but(part_cuts=None)
        yield from _without_one(stream, "part_cuts", {record.stop for record in stream.records})
    if stream.chunk_cuts is not None:
        yield stream.but(chunk_cuts=None)
        yield from _without_one(stream, "chunk_cuts", set(stream.frame_stops))
    if stream.part_cuts is None and stream.chunk_cuts is None and not stream.style.asides and not stream.unknown:
        tokens = stream.tokens
        for at in range(len(tokens) if 1 < len(tokens) <= 12 else 0):
            yield stream.but(tokens=tokens[:at] + tokens[at + 1 :])


def _without_one(stream: Stream, name: str, kept: set[int]) -> Iterator[Stream]:
    cuts = getattr(stream, name)
    for at in range(len(cuts) if len(cuts) <= 40 else 0):
        if cuts[at] not in kept or cuts.count(cuts[at]) > 1:
            yield stream.but(**{name: cuts[:at] + cuts[at + 1 :]})
