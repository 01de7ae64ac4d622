"""Whole streams: bytes become letters of MIX, letters a stream, and a decoder has to give back its text.

With `hypothesis` among the options, Hypothesis reads the bytes (`fuzz_one_input`) instead of the two bytes a
letter of strategies/codes; it is slower, draws evenly, and so is given the favoured letters alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.fuzz.attribution import bared, keys, named
from sliceproof.fuzz.shrink_wire import within
from sliceproof.fuzz.shrink_word import shortest
from sliceproof.fuzz.target import Options, Settled, Suspect, result
from sliceproof.strategies.codes import word
from sliceproof.strategies.letters import Letter
from sliceproof.strategies.streams import LONGEST
from sliceproof.strategies.text import FAVOURED
from sliceproof.wire.dialects import BEDROCK, DIALECTS, Dialect

MIX = REQUIREMENTS["MIX"]


class Streams:
    """The target `streams`: an input is a dialect's number in one byte, and two bytes a letter."""

    modules = ()
    mutates = False

    def __init__(self, options: Options) -> None:
        self.decoders = options.loaded(lambda: ["reference"])
        self.tables = {id_: MIX.alphabet(dialect) for id_, dialect in {**DIALECTS, **BEDROCK}.items()}
        self._try: Callable[[bytes], Iterable[Suspect]] = self._of_codes
        if options.hypothesis:
            self._try = _Bridge(self).one

    def run(self, data: bytes) -> Iterable[Suspect]:
        """Ask each decoder for the text of one stream."""
        return self._try(data)

    def _of_codes(self, data: bytes) -> Iterator[Suspect]:
        number = data[0] if data else 0
        return self.asked(number, lambda dialect: word(data[1:], self.tables[dialect.id], LONGEST))

    def asked(self, number: int, letters_in: Callable[[Dialect], list[Letter]]) -> Iterator[Suspect]:
        """Each decoder in the dialect of this number, or in one that it claims instead."""
        for decoder in self.decoders:
            dialect = dialect_of(decoder, number)
            letters = letters_in(dialect)
            if MIX.check(decoder, MIX.composed(dialect, letters)):
                hazards = keys(dialect, letters)
                if not any(decoder.declines(id_, dialect.id) for id_ in hazards):
                    yield Suspect(decoder, hazards, (dialect, letters))

    def settle(self, suspect: Suspect) -> Settled | None:
        """Shrink the word, and name the requirement whose hazard is left in it."""
        decoder, (dialect, letters) = suspect.decoder, suspect.input

        def breaks(tried: Sequence[Letter]) -> bool:
            return MIX.check(decoder, MIX.composed(dialect, tried)) is not None

        soon = within(breaks)  # one that hangs takes seconds each time
        small = bared(shortest(letters, self.tables[dialect.id], soon), soon)
        requirement, broken = named(decoder, dialect, small)
        if broken is None:
            return None
        return Settled(requirement.id, result(decoder, requirement, broken))


def dialect_of(decoder: Decoder, number: int) -> Dialect:
    """The dialect of this number, if *decoder* claims it; else one that it does."""
    ids = tuple(DIALECTS)
    claimed = decoder.dialects or ids
    id_ = ids[number % len(ids)]
    return DIALECTS[id_ if id_ in claimed else claimed[number % len(claimed)]]


class _Bridge:
    """Hypothesis in front of the target: it makes words of bytes, and keeps what fails."""

    def __init__(self, target: Streams) -> None:
        self.suspects: list[Suspect] = []

        @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.integers(0, len(DIALECTS) - 1), st.lists(st.integers(0, FAVOURED - 1), min_size=1, max_size=LONGEST))
        def test(number: int, drawn: list[int]) -> None:
            def letters(dialect: Dialect) -> list[Letter]:
                table = target.tables[dialect.id]
                return [table[code % len(table)] for code in drawn]

            self.suspects = list(target.asked(number, letters))

        self.fuzz: Callable[[bytes], Any] = test.hypothesis.fuzz_one_input  # type: ignore[attr-defined]

    def one(self, data: bytes) -> list[Suspect]:
        self.suspects = []
        self.fuzz(data)
        return self.suspects


if __name__ == "__main__":
    from sliceproof.fuzz.engine import script

    script("streams", __file__)
