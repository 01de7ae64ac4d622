"""Whether what a byte costs grows with the length of a stream, measured so that a busy machine gives the same answer.

A stream is made longer until the answer is clear. Of several runs the least counts, since whatever else the machine
does only adds: a long one that is cheap once shows that nothing grows, and one that seems dear is measured again, in
turns with the short one. What is clear neither way is no finding.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

FIRST, FULL, LAST = 8, 32, 128
"""How many times as long as the shortest a stream is at first, is to be for a verdict, and is at most."""
CLEAR = 2.5
"""How many times dearer a byte is at least where the cost grows; quadratic cost gives up to as many as the times."""
LEVEL, LEVEL_EARLY = 1.15, 1.1
"""How many times dearer a byte may be that nothing longer need be tried: at FULL, and before it if that is slow.

Copying is so cheap while a processor's cache holds it that quadratic copying may show only at FULL and past it;
beside the work of a slow decoder it never shows much.
"""
SURE, STILL = 8.0, 1.3
"""What is dearer than SURE grows. Between, a stream twice as long must be so many times dearer still: memory that other
processes crowd out of the caches makes what is longer dearer too, but only once.
"""
ROUNDS = 3
SLOW, DEAR = 1.0, 1.0
"""Seconds of a run: a slow one is spared if it can be, a dear one is not repeated, nor doubled at FULL."""

Cost = Callable[[int], float | None]


@dataclass(frozen=True)
class Growth:
    """How many times dearer a byte is of a stream so many *times* as long."""

    times: int
    dearer: float


def growth(cost: Cost) -> Growth | None:
    """What clearly grows, or None. `cost(times)` runs a stream so many times as long as the shortest and tells
    the seconds, or None where there is nothing to measure: the decoder failed, or the clock saw nothing.
    """
    short = _least(cost(1) for _ in range(ROUNDS))
    times = FIRST
    while short is not None:
        measured = _compared(cost, times, short)
        if measured is None:
            return None
        short, long = measured
        dearer = long / short / times
        if dearer >= CLEAR:
            grows = dearer >= SURE or long > DEAR or _still(cost, 2 * times, short, dearer)
            return Growth(times, dearer) if grows else None
        if _settled(dearer, times, long):
            return None
        times = FULL if times < FULL and dearer < LEVEL else 2 * times
    return None


def _still(cost: Cost, times: int, short: float, dearer: float) -> bool:
    """Whether a stream so many times as long is clearly dearer a byte than half of it was."""
    measured = _compared(cost, times, short)
    return measured is not None and measured[1] / measured[0] / times >= STILL * dearer


def _settled(dearer: float, times: int, seconds: float) -> bool:
    """Whether nothing longer need, or can, be tried."""
    if times < FULL:
        return dearer < LEVEL_EARLY and FULL // FIRST * seconds > SLOW
    return dearer < LEVEL or times >= LAST or seconds > DEAR


def _compared(cost: Cost, times: int, short: float) -> tuple[float, float] | None:
    """The least seconds of the short stream and of the long one: measured once more, in turns, as long as it seems
    to grow. One long run that shows no growth is enough, as what disturbs it only adds.
    """
    long = float("inf")
    for _ in range(ROUNDS):
        lasted = _least([cost(times)])
        if lasted is None:
            return None
        again = _least([cost(1)])
        if again is None:
            return None
        short, long = min(short, again), min(long, lasted)
        if long / short / times < LEVEL or long > DEAR:
            break
    return short, long


def _least(costs: Iterable[float | None]) -> float | None:
    """The least of some runs' seconds, or None if one of them cannot be measured."""
    least = float("inf")
    for seconds in costs:
        if seconds is None or seconds <= 0:
            return None
        least = min(least, seconds)
    return least
