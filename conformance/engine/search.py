"""Looks for a stream that breaks a requirement, and makes it as small as a person would.

Words of letters are drawn with the weights of our strategies, by a generator of our own: what Hypothesis does around
each draw took a third of a search. It shrinks the word that fails as if it had drawn it; a last pass of our own then
tries, for every letter, to leave it out or to put an earlier one of the alphabet in its place, so that what is
reported has no simpler neighbour. All of it is deterministic for a seed. With a memory, what failed before is
tried first, and what fails is kept as soon as it does.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from random import Random
from time import monotonic
from typing import NamedTuple
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.database import InMemoryExampleDatabase, choices_to_bytes
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from sliceproof.conformance.engine.memory import Memory, Words
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter
from sliceproof.strategies.streams import LONGEST
from sliceproof.strategies.text import FIRST_LETTER, pick, picks
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.dialects.delta import TOOL_CALL, Delta
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.stream import Stream

AGAIN = 10  # times as many draws as there are to be words
SHRINK_SECONDS = 20.0
MOST_DELTAS = 12  # of an answer that is tried with one less
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


def letters_of(requirement: Requirement, dialect: Dialect) -> tuple[Letter, ...]:
    """The letters that a search draws from: the benign ones first."""
    alphabet = requirement.alphabet(dialect)
    return alphabet if alphabet[: len(BENIGN)] == BENIGN else (*BENIGN, *alphabet)


def search(
    requirement: Requirement,
    decoder: Decoder,
    dialect: Dialect,
    budget: Budget,
    memory: Memory | None = None,
    draws: bool = True,
) -> Found:
    """Draw words of the requirement's letters until one breaks it, and shrink that one.

    Those in *memory* are tried first, and if the search no longer *draws*, those alone.
    """
    table = letters_of(requirement, dialect)
    trying = _Trying(requirement, decoder, dialect, budget)
    word = None
    kept = Words(memory.database, memory.words(table), budget.spent) if memory else _only_here(budget)
    if memory:
        word = _shrunk(table, trying, kept)
    if word is None and draws and (large := _drawn(table, trying)):
        kept.save(_WORD, written(large, table))
        word = _shrunk(table, trying, kept) or large
    if word is None:
        return Found(trying.drawn)
    word = polished(word, table, trying.still_breaks)
    broken = requirement.check(decoder, requirement.composed(dialect, word))
    return Found(trying.first, trying.first, broken and smallest(requirement, decoder, broken))


def first_failure(requirement: Requirement, decoder: Decoder, dialect: Dialect, budget: Budget) -> int:
    """The number of the first drawn example that breaks the requirement, which is not shrunk; 0 if none does."""
    trying = _Trying(requirement, decoder, dialect, budget)
    _drawn(letters_of(requirement, dialect), trying)
    return trying.first


_WORD = b"word"


def written(word: Sequence[Letter], table: Sequence[Letter]) -> bytes:
    """What Hypothesis would keep had it drawn this word itself."""
    return choices_to_bytes(("".join([chr(FIRST_LETTER + table.index(letter)) for letter in word]),))


def _only_here(budget: Budget) -> Words:
    return Words(InMemoryExampleDatabase(), _WORD, budget.spent)


def _settings(budget: Budget, phases: Sequence[Phase], database: Words | None = None) -> settings:
    return settings(
        max_examples=budget.examples,
        database=database,
        deadline=None,
        derandomize=False,
        verbosity=Verbosity.quiet,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )


def _drawn(table: tuple[Letter, ...], trying: "_Trying") -> list[Letter] | None:
    """The first drawn word that breaks, or None; no word is tried twice."""
    budget, random = trying.budget, Random(trying.budget.seed)
    tried = set[tuple[Letter, ...]]()
    for _ in range(AGAIN * budget.examples):  # of few letters there may be fewer words
        if len(tried) == budget.examples or budget.spent():
            return None
        word = pick(table, random, max_size=LONGEST)
        if tuple(word) not in tried:
            tried.add(tuple(word))
            if trying.breaks(word):
                return word
    return None


def _shrunk(table: tuple[Letter, ...], trying: "_Trying", kept: Words) -> list[Letter] | None:
    """The smallest word near those that are kept that breaks, or None; `hypothesis.find` takes no seed then."""
    last: list[list[Letter]] = []

    @_settings(trying.budget, (Phase.reuse, Phase.shrink), kept)  # outermost, as `seed` takes the database away
    @seed(Random(trying.budget.seed).getrandbits(64))
    @given(words(table))
    def test(word: list[Letter]) -> None:
        if trying.breaks(word):
            last[:] = [word]
            raise _BreaksError

    try:
        test()
    except _BreaksError:
        return last[0]
    except Flaky:
        # The decoder does not give the same twice, as of threads: only what breaks again is a finding.
        return last[0] if last and trying.breaks(last[0]) else None
    except SkipTest:
        pass  # nothing that was kept could be read
    return None


class _BreaksError(Exception):
    """How Hypothesis is told of a word that breaks the requirement."""


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
        for letter in [
            fromkey for fromkey in dict.fromkeys(word) if word.count(fromkey) > 1
        ]:  # what must be alike stays alike
            for simpler in table[: min(rank[letter], POLISHED)]:
                simplified = [simpler if each == letter else each for each in word]
                if breaks(simplified):
                    word, changed = simplified, True
                    break
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
        for simpler in _simpler(requirement, stream):
            try:
                again = requirement.check(decoder, simpler)
            except ValueError:
                continue
            if again is not None:
                stream, broken, changed = simpler, again, True
                break
    return broken


def _simpler(requirement: Requirement, stream: Stream) -> Iterator[Stream]:
    """Streams with one thing less; the cut after a record stays, as without it two records share a part."""
    if stream.fault is not None:
        cut = stream.part_cuts is not None or stream.chunk_cuts is not None
        if cut and stream.fault.kind in (FaultKind.EXCEPTION, FaultKind.ERROR_RECORD, FaultKind.SILENCE):
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
        if stream.deltas:
            yield from filter(requirement.shown_in, _with_fewer_deltas(stream))
            return
        tokens = stream.tokens
        for at in range(len(tokens) if 1 < len(tokens) <= 12 else 0):
            yield stream.but(tokens=tokens[:at] + tokens[at + 1 :])


def _with_fewer_deltas(stream: Stream) -> Iterator[Stream]:
    """Without a delta, or without all of a tool call, whose arguments would not be JSON without one of them.

    Two of a call that follow each other are tried as one. Choices and calls are still numbered from 0, as no server
    leaves a number out.
    """
    deltas = stream.deltas
    calls = dict.fromkeys(delta.channel for delta in deltas if delta.kind == TOOL_CALL)
    fewer = [[delta for delta in deltas if delta.channel != call] for call in calls]
    texts = [at for at, delta in enumerate(deltas) if delta.kind != TOOL_CALL]
    fewer += [[*deltas[:at], *deltas[at + 1 :]] for at in texts if len(deltas) <= MOST_DELTAS]
    fewer += [
        [*deltas[:at], replace(one, text=one.text + other.text), *deltas[at + 2 :]]
        for at, (one, other) in enumerate(pairwise(deltas))
        if one.kind == TOOL_CALL and one.channel == other.channel
    ]
    for first, *others in filter(None, fewer):
        if _numbered([first, *others]):
            yield stream.but(deltas=(replace(first, joined=False), *others))


def _numbered(deltas: list[Delta]) -> bool:
    """Whether choices, and the calls of each, are numbered from 0 without a gap."""
    choices = {delta.choice for delta in deltas}
    calls = {(delta.choice, delta.index) for delta in deltas if delta.kind == TOOL_CALL}
    whole = all(index == 0 or (choice, index - 1) in calls for choice, index in calls)
    return whole and choices == set(range(len(choices)))


def _without_one(stream: Stream, name: str, kept: set[int]) -> Iterator[Stream]:
    cuts = getattr(stream, name)
    for at in range(len(cuts) if len(cuts) <= 40 else 0):
        if cuts[at] not in kept or cuts.count(cuts[at]) > 1:
            yield stream.but(**{name: cuts[:at] + cuts[at + 1 :]})
