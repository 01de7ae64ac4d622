"""Asks a decoder one requirement in one dialect, in steps: what failed before, what is filed and the sweep, the search.

With a memory, a failure is kept the moment it is seen, before anything is made of it: who is killed after that
has lost nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from sliceproof.conformance.engine.memory import Memory
from sliceproof.conformance.engine.search import Budget, Found, letters_of, search, smallest
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


@dataclass(frozen=True)
class Asking:
    """One requirement, asked of one decoder in one dialect."""

    requirement: Requirement
    decoder: Decoder
    dialect: Dialect
    budget: Budget
    filed: Sequence[Stream] = ()
    memory: Memory | None = None
    chosen: Callable[[Requirement, Iterable[Stream]], Iterable[Stream]] = lambda requirement, streams: streams

    def recalled(self) -> Found:
        """What failed before: streams, then words of a search that was cut off before it was done with them."""
        if self.memory is None:
            return Found(0)
        number = 0
        for number, stream in enumerate(self.memory.streams(), 1):
            broken = self.requirement.check(self.decoder, stream)
            if broken is not None:
                return Found(number, number, broken)
            self.memory.forget(stream)
        letters = letters_of(self.requirement, self.dialect)
        if not self.requirement.searched or not self.memory.has_words(letters):
            return Found(number)
        found = self._search(draws=False)
        return Found(number + found.examples, number + found.first, found.broken)

    def swept(self) -> Found:
        """What is filed, then those of the sweep that are chosen."""
        return self._first_broken(
            chain(self.filed, self.chosen(self.requirement, self.requirement.sweep(self.dialect)))
        )

    def searched(self) -> Found:
        """The search, if there is to be one and there is time."""
        wanted = self.requirement.searched and self.budget.examples > 0 and not self.budget.spent()
        return self._search() if wanted else Found(0)

    def _first_broken(self, streams: Iterable[Stream]) -> Found:
        number = 0
        for number, stream in enumerate(streams, 1):
            broken = self.requirement.check(self.decoder, stream)
            if broken is not None:
                return Found(number, number, broken)
            if self.budget.spent():
                break
        return Found(number)

    def _search(self, draws: bool = True) -> Found:
        return search(self.requirement, self.decoder, self.dialect, self.budget, self.memory, draws)

    def made_small(self, broken: Broken) -> Broken:
        """The failure as small as it gets; kept before that, and what is left of it instead after."""
        large = broken.stream
        if self.memory is not None:
            self.memory.keep(large)
        broken = smallest(self.requirement, self.decoder, broken)
        if self.memory is not None and broken.stream != large:
            self.memory.keep(broken.stream)
            self.memory.forget(large)
        return broken
