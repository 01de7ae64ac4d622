"""A source that waits: whether text comes out while nothing more comes in.

A decoder that reads ahead in a thread or a task has been given more than it was asked for, and counting
its pulls tells nothing of when its text comes. What it can be asked is to give the text while the source waits.
"""

import threading
from collections.abc import Callable
from math import inf
from time import monotonic, sleep

from sliceproof.conformance.harness import loops
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import Feed, drive, feed_of
from sliceproof.conformance.harness.feeds import Came
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.judge import Judge
from sliceproof.conformance.requirements.requirement import Trial
from sliceproof.wire.messages import PRELUDE
from sliceproof.wire.stream import Stream

FIRST_GRACE, GRACE = 2.0, 0.3
"""Seconds that a source waits: at first, as the machine may be busy, and with a decoder that was late before."""
POLL = 0.001

_late: set[object] = set()  # modes that were late though the source waited


class WaitingFeed(Feed):
    """A feed that hands over nothing more until what is due came out, the consumer has left, or time is up.

    It waits only for those who pull from another thread or task than the consumer's: with all others nothing
    can come out meanwhile. After one wait in vain it waits no more.
    """

    __slots__ = ("came", "due", "grace", "library", "task", "thread", "waited")

    def __init__(self, like: Feed, due: Callable[[int], float], grace: float) -> None:
        super().__init__(like.items, like.final)
        self.due, self.grace = due, grace
        self.came: Came | None = None
        self.library, self.task, self.thread, self.waited = "", None, 0, False

    task: object

    def anew(self) -> "WaitingFeed":
        return WaitingFeed(self, self.due, self.grace)

    def begun(self, came: Came, library: str) -> None:
        self.came, self.library, self.thread = came, library, threading.get_ident()
        self.task = loops.current_task(library) if library else None

    def over(self) -> None:
        self.came = None

    def __next__(self) -> object:
        if self.came is not None and threading.get_ident() != self.thread:
            until = self._until()
            while self._waits(until):
                sleep(POLL)
        return super().__next__()

    async def __anext__(self) -> object:
        if self.came is not None and self.library and loops.current_task(self.library) is not self.task:
            until = self._until()
            while self._waits(until):
                await loops.pause(self.library, POLL)
        return await super().__anext__()

    def _until(self) -> float:
        self.waited = True
        return monotonic() + self.grace

    def _waits(self, until: float) -> bool:
        came = self.came
        if came is None or came.size >= self.due(self.pulls):
            return False
        if monotonic() < until:
            return True
        self.grace = 0.0
        return False


def unhurried(decoder: Decoder, mode: str, stream: Stream, late: Callable[[Outcome], bool]) -> Outcome:
    """Run *decoder* on *stream*; where that looks *late*, once more with a source that waits for what is due."""
    outcome = drive(decoder, mode, stream)
    if not late(outcome):
        return outcome
    way = decoder.modes[mode]
    feed = WaitingFeed(feed_of(decoder, stream), _due(decoder, stream), GRACE if way in _late else FIRST_GRACE)
    again = drive(decoder, mode, stream, feed=feed)
    if not feed.waited:
        return outcome
    if late(again):
        _late.add(way)
    return again


def unhurried_by(judge: Judge) -> Trial:
    """A trial in which *judge* neither blames nor acquits anybody for having read ahead."""

    def trial(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
        def doubtful(outcome: Outcome) -> bool:
            read_on = stream.fault is not None and outcome.exhausted
            return read_on or judge(stream, outcome, decoder.compared) is not None

        return unhurried(decoder, mode, stream, doubtful)

    return trial


def _due(decoder: Decoder, stream: Stream) -> Callable[[int], float]:
    """How many characters are to have come out when so many items were handed over; after a fault, an end is due."""
    offsets = [0]
    for piece in stream.chunks if decoder.reads_wire else stream.frames:
        offsets.append(offsets[-1] + len(piece))
    fault = len(stream.wire) if stream.fault is None else stream.fault_offset + PRELUDE

    def due(given: int) -> float:
        offset = offsets[min(given, len(offsets) - 1)]
        return inf if offset > fault else stream.complete(offset)

    return due
