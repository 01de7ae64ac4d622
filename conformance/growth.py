"""Whether what a byte costs grows with the length of a stream, measured so that a busy machine gives the same answer.

A stream is made longer by doubling until the answer is clear. Short and long ones are measured in turns, and of
each the least counts, since whatever else the machine does only adds. What is clear neither way is no finding.
"""

from collections.abc import Callable
from dataclasses import dataclass

FIRST, FULL, LAST = 8, 32, 128
"""How many times as long as the shortest a stream is at first, is to be for a verdict, and is at most."""
CLEAR = 2.5
"""How many times dearer a byte is at least where the cost grows; quadratic cost gives up to as many as the times."""
LEVEL, LEVEL_EARLY = 1.2, 1.1
"""How many times dearer a byte may be that nothing longer need be tried: at FULL, and before it if that is slow.

Copying is so cheap while a processor's cache holds it that quadratic copying may show only at FULL and past it;
beside the work of a slow decoder it never shows much.
"""
ROUNDS = 3
SLOW, DEAR = 0.25, 1.0
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
    times = FIRST
    while True:
        measured = _compared(cost, times)
        if measured is None:
            return None
        dearer, seconds = measured
        if dearer >= CLEAR:
            return Growth(times, dearer)
        if _settled(dearer, times, seconds):
            return None
        times *= 2


def _settled(dearer: float, times: int, seconds: float) -> bool:
    """Whether nothing longer need, or can, be tried."""
    if times < FULL:
        return dearer < LEVEL_EARLY and 2 * seconds > SLOW
    return dearer < LEVEL or times >= LAST or seconds > DEAR


def _compared(cost: Cost, times: int) -> tuple[float, float] | None:
    """How many times dearer a byte of the long stream is, and the seconds that it took."""
    short = long = float("inf")
    for _ in range(ROUNDS):
        for_short, for_long = cost(1), cost(times)
        if for_short is None or for_long is None or for_short <= 0 or for_long <= 0:
            return None
        short, long = min(short, for_short), min(long, for_long)
        if long > DEAR:
            short = min(short, cost(1) or short)
            break
    return long / short / times, long
