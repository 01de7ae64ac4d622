"""Runs a decoder on a stream, and notes what came out, after which chunk, and how it ended.

All decoders run here, but for those that `fuzz/framing` gives raw wires. What a decoder is fed counts the
pulls, so lateness and pulling past the end need no clock. Async decoders are stepped without an event loop;
one that really suspends gets a real one, asyncio's or trio's.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any
from weakref import WeakSet

from sliceproof.conformance.harness import loops, watchdog
from sliceproof.conformance.harness.contract import Decoder, Mode, TargetError
from sliceproof.conformance.harness.feeds import PAST_END, Feed, boto3_error, feed_of
from sliceproof.conformance.harness.loops import Suspended, step
from sliceproof.conformance.harness.outcome import Collector, Outcome, most_items, origins
from sliceproof.conformance.harness.source import Source
from sliceproof.conformance.harness.watchdog import Hang, watching

_passed_on: set[type[BaseException]] = {TargetError, KeyboardInterrupt}


def pass_on(*kinds: type[BaseException]) -> None:
    """Raise exceptions of these kinds on: whoever runs the judging means them, and no decoder does."""
    _passed_on.update(kinds)


def passed_on(error: BaseException) -> BaseException | None:
    """The exception that is meant for whoever runs the judging, if *error* comes of one."""
    return next((origin for origin in origins(error) if isinstance(origin, tuple(_passed_on))), None)


@dataclass(frozen=True)
class Intrusion:
    """What a consumer does after item *at*: call something else, throw into the decoder, or leave it."""

    at: int = 1
    call: Callable[[], object] | None = None
    throw: BaseException | None = None
    leave: bool = False


def drive(
    decoder: Decoder,
    mode: str,
    stream: Source,
    patience: float | None = None,
    intrusion: Intrusion | None = None,
    feed: Feed | None = None,
) -> Outcome:
    """Run *decoder* in one of its modes on the whole of *stream*; *feed* is fed instead of a plain one.

    If the decoder asks for nothing and gives nothing for *patience* seconds, the outcome is a Hang (None: the
    watchdog's, which are fewer for a decoder that has hung before).
    """
    way = decoder.modes[mode]
    run = _Run(decoder, way, stream, patience, intrusion, feed or feed_of(decoder, stream))
    if way in _libraries or (way.is_async and way not in _steppable):
        return run.in_loop()
    outcome = run.stepped()
    if outcome is not None and not (run.asynchronous and outcome.ended == "error"):
        return outcome
    # It waits for what only an event loop brings, or fails perhaps for the want of one.
    return run.again().in_loop()


def is_asynchronous(decoder: Decoder, mode: str, stream: Source) -> bool:
    """Whether a mode gives an async iterable; *stream* is run to find out where its definition does not tell."""
    if not seen_asynchronous(decoder.modes[mode]):
        drive(decoder, mode, stream)
    return seen_asynchronous(decoder.modes[mode])


def seen_asynchronous(way: Mode) -> bool:
    """Whether a mode is async, as far as its definition or a run before has told."""
    return way.is_async or way in _libraries or way in _steppable


def library_of(decoder: Decoder, mode: str, stream: Source) -> str:
    """The library in whose event loop a mode runs, "trio" or "asyncio"; *stream* is run to find out."""
    if decoder.modes[mode] not in _libraries and decoder.modes[mode] not in _steppable:
        drive(decoder, mode, stream)
    return _libraries.get(decoder.modes[mode], loops.ASYNCIO)


listeners: list[Callable[[Decoder, Mode, Source], object]] = []
"""Told of each stream before a decoder is given it: of one that ends its process, who asked then knows the stream."""


def started(decoder: Decoder, way: Mode, stream: Source, feed: Any) -> Any:
    """What the decoder gives for *feed*, not yet iterated; TargetError if it cannot be."""
    for listener in listeners:
        listener(decoder, way, stream)
    items = way.open(stream.dialect, stream.style.form)(feed)
    if hasattr(items, "__iter__") or hasattr(items, "__aiter__"):
        return items
    if asyncio.iscoroutine(items):
        items.close()
        raise TargetError(f"{decoder.name} is a coroutine function; make it an async generator that yields text")
    raise TargetError(f"{decoder.name} returned {type(items).__name__}, which cannot be iterated; yield the text")


_libraries: dict[Mode, str] = {}  # of modes that need an event loop, whose
_hung: WeakSet[Mode] = WeakSet()  # modes that were seen to hang; what they hold, such as a child process, is let go
_steppable: set[Mode] = set()  # async modes that were seen to do without one: to step them costs far less


@dataclass
class _Run:
    """One run of a decoder on a stream."""

    decoder: Decoder
    way: Mode
    stream: Source
    patience: float | None
    intrusion: Intrusion | None
    feed: Feed

    def __post_init__(self) -> None:
        self.collector = Collector(self.feed, self.decoder, most_items(self.stream))
        self.asynchronous = self.way.is_async

    @property
    def steps(self) -> int:
        """Pulls and items so far."""
        return self.feed.pulls + len(self.collector.items)

    @property
    def seconds(self) -> float:
        """How long it may ask for nothing and give nothing."""
        usual = min(watchdog.IMPATIENCE, watchdog.PATIENCE) if self.way in _hung else watchdog.PATIENCE
        return self.patience or usual

    def stepped(self) -> Outcome | None:
        """Run it without an event loop; None if it needs one."""
        return self._ended(self._stepped)

    def in_loop(self) -> Outcome:
        """Run it in an event loop, in a thread of its own where a loop runs already."""
        outcome = self._ended(self._looped)
        assert outcome is not None  # only stepping can want a loop
        wanted = loops.library_of(outcome.error) if outcome.error is not None else loops.ASYNCIO
        if wanted == loops.TRIO and self.way not in _libraries:
            _libraries[self.way] = loops.TRIO
            return self.again().in_loop()
        return outcome

    def again(self) -> "_Run":
        """The same run from the beginning."""
        feed = self.feed.anew()
        return _Run(self.decoder, self.way, self.stream, self.patience, self.intrusion, feed)

    def _ended(self, go: Callable[[], bool]) -> Outcome | None:
        began = monotonic()
        try:
            with watching(self.seconds, self):
                outcome = self.collector.outcome("end") if go() else None
        except tuple(_passed_on):
            raise
        except BaseException as error:  # also SystemExit and CancelledError: no decoder may end the judging
            hung = any(isinstance(origin, Hang) for origin in origins(error))
            if hung and monotonic() - began >= self.seconds:  # not one that goes on asking, or giving
                _hung.add(self.way)
            outcome = self.collector.outcome("hang" if hung else "error", error)
        self.feed.over()
        return outcome

    def _stepped(self) -> bool:
        items = started(self.decoder, self.way, self.stream, self.feed)
        if not hasattr(items, "__aiter__"):
            self._iterate(items)
            return True
        self.asynchronous = True
        if self.way not in _steppable:
            return False
        iterator = items.__aiter__()
        try:
            while self.intrusion is None:
                self.collector.take(step(iterator.__anext__()))
        except StopAsyncIteration:
            return True
        except Suspended as suspended:
            _steppable.discard(self.way)
            _libraries[self.way] = suspended.library
        finally:
            if hasattr(iterator, "aclose"):
                with suppress(Exception, Suspended):
                    step(iterator.aclose())
        return False

    def _iterate(self, items: Any) -> None:
        self.feed.begun(self.collector, "")
        for item in items:
            self.collector.take(item)
            intrusion = self._due()
            if intrusion is not None and intrusion.leave:
                if hasattr(items, "close"):
                    items.close()
                return
            if intrusion is not None and intrusion.throw is not None:
                if not hasattr(items, "throw"):
                    raise intrusion.throw  # nothing can be thrown into it, so the consumer just leaves
                with suppress(StopIteration):
                    self.collector.take(items.throw(intrusion.throw))

    def _due(self) -> Intrusion | None:
        """The intrusion, if now is its time; a call is made at once."""
        intrusion = self.intrusion
        if intrusion is None or len(self.collector.items) != intrusion.at:
            return None
        if intrusion.call is not None:
            intrusion.call()
        return intrusion

    def _looped(self) -> bool:
        library = _libraries.get(self.way, loops.ASYNCIO)
        loops.run(lambda: self._awaited(library), library)
        return True

    async def _awaited(self, library: str) -> None:
        self.feed.begun(self.collector, library)
        async with loops.patience(library, self.seconds) as renew:
            items = started(self.decoder, self.way, self.stream, self.feed)
            iterator, suspensions = items.__aiter__(), loops.Suspensions()
            try:
                while True:
                    self.collector.take(await suspensions.noticed(iterator.__anext__()))
                    renew()
                    if await self._intrude(iterator):
                        return
            except StopAsyncIteration:
                if not suspensions.none or loops.other_tasks(library):
                    _libraries.setdefault(self.way, library)
                elif self.way not in _libraries:
                    _steppable.add(self.way)
            except BaseException:
                if hasattr(iterator, "aclose"):
                    with suppress(Exception):
                        await iterator.aclose()
                raise

    async def _intrude(self, items: Any) -> bool:
        """Do what is due; whether the consumer has left by it."""
        intrusion = self._due()
        if intrusion is not None and intrusion.leave:
            if hasattr(items, "aclose"):
                await items.aclose()
            return True
        if intrusion is None or intrusion.throw is None:
            return False
        if not hasattr(items, "athrow"):
            raise intrusion.throw
        with suppress(StopAsyncIteration):
            self.collector.take(await items.athrow(intrusion.throw))
        return False


__all__ = [
    "PAST_END",
    "Feed",
    "Intrusion",
    "Suspended",
    "boto3_error",
    "drive",
    "feed_of",
    "library_of",
    "pass_on",
    "passed_on",
    "started",
    "step",
]
