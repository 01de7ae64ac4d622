"""How much of Unicode, and of what breaks decoders, the default text strategy reaches, and at what cost.

    python benchmarks/coverage.py

The coverage is the same on every run of the same versions; the cost is CPU time, so only its ratio travels.
Sources: Script (UAX 24) and Grapheme_Cluster_Break (UAX 29) as the installed `regex` knows them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean, median
from typing import TypeVar

import regex  # type: ignore[import-untyped]
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sliceproof.strategies.text import PIECES, scripts, text

T = TypeVar("T")

EXAMPLES = 2_000

BREAKS = (
    *("CR", "LF", "Control", "Extend", "ZWJ", "Regional_Indicator", "Prepend", "SpacingMark"),
    *("L", "V", "T", "LV", "LVT", "Other"),
)
"""The values of Grapheme_Cluster_Break that have assigned characters (UAX 29, table 2)."""


@dataclass(frozen=True)
class Row:
    """One kind of thing that texts should reach; for each of its names the share of texts that hold it."""

    kind: str
    shares: dict[str, float]

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(name for name, share in self.shares.items() if not share)

    @property
    def covered(self) -> int:
        return len(self.shares) - len(self.missed)

    @property
    def rarest(self) -> str:
        return min(self.shares, key=lambda name: self.shares[name])


@dataclass(frozen=True)
class Coverage:
    """What `measure` found; lengths are in code points."""

    examples: int
    mean_length: float
    median_length: float
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Cost:
    """Microseconds of CPU time to draw one text, the best of several runs."""

    text: float
    plain: float


def measure(examples: int = EXAMPLES) -> Coverage:
    """Draw that many texts from `text()`, derandomised, and count what they hold."""
    drawn = drawn_from(text(), examples)
    rows = (
        _row("scripts", scripts(), drawn, lambda name: _property("Script", name)),
        _row("UTF-8 lengths", "1234", drawn, lambda length: lambda word: _has_length(word, int(length))),
        _row("grapheme breaks", BREAKS, drawn, lambda name: _property("Grapheme_Cluster_Break", name)),
        _row("hazards", PIECES, drawn, lambda name: lambda word: _holds(word, name)),
    )
    lengths = [len(word) for word in drawn]
    return Coverage(len(drawn), fmean(lengths), median(lengths), rows)


def cost(examples: int = EXAMPLES, runs: int = 3) -> Cost:
    """Time `text()` and plain `st.text()` in turn."""
    seconds = [(_seconds(text(), examples), _seconds(st.text(), examples)) for _ in range(runs)]
    ours, plain = (min(column) / examples * 1e6 for column in zip(*seconds, strict=True))
    return Cost(ours, plain)


def drawn_from(strategy: SearchStrategy[T], examples: int) -> list[T]:
    """That many examples, the same on every call."""
    drawn: list[T] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: T) -> None:
        drawn.append(example)

    collect()
    return drawn


def lines(coverage: Coverage, price: Cost) -> Iterator[str]:
    """The table as it is printed."""
    length = f"{coverage.mean_length:.1f} code points on average (median {coverage.median_length:.0f})"
    yield f"{coverage.examples:,} texts of {length}"
    yield ""
    yield f"{'':16} {'covered':>9} {'share':>7}   rarest"
    for row in coverage.rows:
        share = row.covered / len(row.shares)
        rarest = f"{row.rarest}, in {row.shares[row.rarest]:.1%} of the texts"
        yield f"{row.kind:16} {row.covered:4}/{len(row.shares):4} {share:7.1%}   {rarest}"
        if row.missed:
            yield f"{'':16} missed: {', '.join(row.missed)}"
    yield ""
    ratio = price.text / price.plain
    yield f"{price.text:.0f} µs a text, {ratio:.2f} times plain st.text() ({price.plain:.0f} µs)"


def _row(kind: str, names: Iterable[str], drawn: list[str], test: Callable[[str], Callable[[str], bool]]) -> Row:
    return Row(kind, {name: fmean(map(test(name), drawn)) for name in names})


def _property(name: str, value: str) -> Callable[[str], bool]:
    found = regex.compile(rf"\p{{{name}={value}}}").search
    return lambda word: found(word) is not None


def _has_length(text: str, length: int) -> bool:
    return any(len(character.encode()) == length for character in text)


def _holds(text: str, hazard: str) -> bool:
    return any(piece in text for piece in PIECES[hazard] if piece)


def _seconds(strategy: SearchStrategy[str], examples: int) -> float:
    start = time.process_time()
    drawn_from(strategy, examples)
    return time.process_time() - start


if __name__ == "__main__":
    print(*lines(measure(), cost()), sep="\n")
