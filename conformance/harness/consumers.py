"""Consumers that do more than read to the end: they leave, are cancelled, or read two streams at once.

Each function runs a decoder once in one mode and tells what came of it. The sync ones run in the calling
thread; the async ones have an event loop of their own, since only a loop can cancel or change between tasks.
"""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, thread_time
from typing import Any

from sliceproof.conformance.harness import loops
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import Feed, feed_of, is_asynchronous, library_of, passed_on, started
from sliceproof.conformance.harness.loops import seen
from sliceproof.conformance.harness.outcome import Collector, Outcome, most_items
from sliceproof.conformance.harness.watchdog import Hang, watching
from sliceproof.wire.stream import Stream

GRACE = 5.0  # seconds in which a cancelled decoder has to end; it takes less than a millisecond
BESIDE = 0.25  # seconds in which another stream of a whole client gives an item, as it does in a few milliseconds


class Interruption(BaseException):
    """What stands for KeyboardInterrupt and the like: no Exception, and raised while the decoder waits."""


class InterruptingFeed(Feed):
    """A feed that raises *interruption* in the thread that made it, instead of item *at*."""

    __slots__ = ("at", "interruption", "raised", "thread")

    def __init__(self, items: Any, at: int, interruption: BaseException) -> None:
        super().__init__(items)
        self.at, self.interruption, self.raised = at, interruption, False
        self.thread = threading.get_ident()

    def __next__(self) -> Any:
        if self.pulls == self.at and threading.get_ident() == self.thread and not self.raised:
            self.raised = True
            raise self.interruption
        return super().__next__()


def interrupted(decoder: Decoder, mode: str, stream: Stream, at: int) -> Outcome | None:
    """What a sync decoder makes of an interruption while it waits for item *at*; None if it could not come."""
    feed = InterruptingFeed(feed_of(decoder, stream).items, at, Interruption("interrupted"))
    collector = Collector(feed, decoder, most_items(stream))
    try:
        with watching(None, feed):
            for item in started(decoder, decoder.modes[mode], stream, feed):
                collector.take(item)
    except Hang as hang:
        return collector.outcome("hang", hang)
    except BaseException as error:
        return collector.outcome("error", error) if feed.raised else None
    return collector.outcome("end") if feed.raised else None


class StallingFeed(Feed):
    """An async feed that waits for ever instead of giving item *at*, and says when it does."""

    __slots__ = ("at", "waiting")

    def __init__(self, items: Any, at: int) -> None:
        super().__init__(items)
        self.at, self.waiting = at, asyncio.Event()

    async def __anext__(self) -> Any:
        if self.pulls == self.at:
            self.waiting.set()
            await asyncio.Event().wait()
        return await super().__anext__()


@dataclass(frozen=True)
class Cancelled:
    """How a task that read a decoder ended once it was cancelled: "cancelled", "end", "error" or "hang"."""

    how: str
    text: tuple[Any, ...]
    error: BaseException | None = None


def cancelled(decoder: Decoder, mode: str, stream: Stream, at: int) -> Cancelled | None:
    """How the consumer's task ends that is cancelled while the decoder waits for item *at*; None if it never waits."""
    return loops.run(lambda: _cancelled(decoder, mode, stream, at))


async def _cancelled(decoder: Decoder, mode: str, stream: Stream, at: int) -> Cancelled | None:
    feed = StallingFeed(feed_of(decoder, stream).items, at)
    items: list[Any] = []

    async def read() -> None:
        async for item in started(decoder, decoder.modes[mode], stream, feed):
            items.append(decoder.given(item))

    task = asyncio.ensure_future(read())
    stalled = asyncio.ensure_future(feed.waiting.wait())
    await asyncio.wait({task, stalled}, timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
    stalled.cancel()
    if task.done() or not feed.waiting.is_set():
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE)
        seen(task)
        return None
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE)
    if not task.done():
        return Cancelled("hang", tuple(items))
    if task.cancelled():
        return Cancelled("cancelled", tuple(items))
    error = task.exception()
    return Cancelled("end" if error is None else "error", tuple(items), error)


class TakingTurns(Feed):
    """An async feed that lets others run before each item."""

    __slots__ = ("library",)

    def __init__(self, items: Any, library: str = loops.ASYNCIO) -> None:
        super().__init__(items)
        self.library = library

    async def __anext__(self) -> Any:
        for _ in range(3):
            await loops.pause(self.library, 0)
        return await super().__anext__()


class Interleaving(Feed):
    """A feed that takes one item of another run before it gives each of its own."""

    __slots__ = ("other",)

    def __init__(self, items: Any, other: Callable[[], None]) -> None:
        super().__init__(items)
        self.other = other

    def __next__(self) -> Any:
        self.other()
        return super().__next__()


def both(decoder: Decoder, mode: str, first: Stream, two: Stream | None) -> tuple[Outcome, ...]:
    """What comes of two streams that are read at once by one decoder; of one, if there is no other."""
    if is_asynchronous(decoder, mode, first):
        library = library_of(decoder, mode, first)
        reads = [lambda stream=stream: _read(decoder, mode, stream, library) for stream in (first, two) if stream]
        return tuple(loops.run(lambda: loops.together(library, reads), library))
    return _both_by_turns(decoder, mode, first, two)


def _both_by_turns(decoder: Decoder, mode: str, stream: Stream, two: Stream | None) -> tuple[Outcome, ...]:
    other: _Steps | None = None
    if two is not None:
        other = (_StepsAside if decoder.accepts == "endpoint" else _Steps)(decoder, mode, two)
    feed = Interleaving(feed_of(decoder, stream).items, other.step if other else lambda: None)
    first = _Steps(decoder, mode, stream, feed)
    while not first.ended:
        first.step()
    while other and not other.ended:
        other.step()
    return (first.outcome, other.outcome) if other else (first.outcome,)


class _Steps:
    """A run of a sync decoder that goes on by one item when asked to."""

    def __init__(self, decoder: Decoder, mode: str, stream: Stream, feed: Feed | None = None) -> None:
        self.feed = feed or feed_of(decoder, stream)
        self.collector = Collector(self.feed, decoder, most_items(stream))
        self.run = self._run(decoder, mode, stream)
        self.ended, self.error, self.busy = "", None, False

    def _run(self, decoder: Decoder, mode: str, stream: Stream) -> Iterator[None]:
        for item in started(decoder, decoder.modes[mode], stream, self.feed):
            self.collector.take(item)
            yield

    def step(self) -> None:
        if self.ended or self.busy:
            return
        self.busy = True
        try:
            with watching(None, self.feed):
                next(self.run)
        except StopIteration:
            self.ended = "end"
        except Hang:
            self.ended = "hang"
        except BaseException as error:
            self.ended, self.error = "error", error
        finally:
            self.busy = False

    error: BaseException | None

    @property
    def outcome(self) -> Outcome:
        return self.collector.outcome(self.ended, self.error)


class _StepsAside(_Steps):
    """Whoever asks for a step waits for it BESIDE seconds at most, and it goes on meanwhile.

    Two streams of a client may share what the first blocks until its next chunk comes, an event loop for one. Then the
    other is late, not lost; and it would be lost if that chunk waited for it.
    """

    _thread: threading.Thread | None = None

    def step(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=super().step, name="sliceproof-beside", daemon=True)
            self._thread.start()
        self._thread.join(BESIDE)


async def _read(decoder: Decoder, mode: str, stream: Stream, library: str) -> Outcome:
    feed = TakingTurns(feed_of(decoder, stream).items, library)
    collector = Collector(feed, decoder, most_items(stream))
    try:
        async with loops.patience(library, GRACE):
            async for item in started(decoder, decoder.modes[mode], stream, feed):
                collector.take(item)
    except Hang as hang:
        return collector.outcome("hang", hang)
    except Exception as error:
        return collector.outcome("error", error)
    return collector.outcome("end")


def let_go(decoder: Decoder, mode: str, stream: Stream) -> bool:
    """Whether a source is closed, or held by nobody, once its consumer has left after the first item."""
    fed = feed_of(decoder, stream).items
    closed: list[bool] = []
    if not is_asynchronous(decoder, mode, stream):
        with watching(None):
            _leave(decoder, mode, stream, _closing(fed, closed))
    else:
        library = library_of(decoder, mode, stream)
        loops.run(lambda: _leave_async(decoder, mode, stream, _aclosing(fed, closed), library), library)
    if not closed:
        gc.collect()
    return bool(closed)


def _closing(fed: Any, closed: list[bool]) -> Iterator[Any]:
    try:
        yield from fed
    finally:
        closed.append(True)


async def _aclosing(fed: Any, closed: list[bool]) -> AsyncIterator[Any]:
    try:
        for item in fed:
            yield item
    finally:
        closed.append(True)


def _leave(decoder: Decoder, mode: str, stream: Stream, source: Any) -> None:
    items = iter(started(decoder, decoder.modes[mode], stream, source))
    with _whatever_it_raises():
        next(items)
        getattr(items, "close", lambda: None)()


@contextmanager
def _whatever_it_raises() -> Iterator[None]:
    """Also a group around the GeneratorExit by which it was closed, as task groups raise; not what ends the judging."""
    try:
        yield
    except (Exception, BaseExceptionGroup, GeneratorExit) as error:
        if meant := passed_on(error):
            raise meant from None


async def _leave_async(decoder: Decoder, mode: str, stream: Stream, source: Any, library: str) -> None:
    items = aiter(started(decoder, decoder.modes[mode], stream, source))
    with _whatever_it_raises():
        await anext(items)
        if hasattr(items, "aclose"):
            await items.aclose()
    del items, source
    gc.collect()
    for _ in range(5):  # turns in which the loop closes what nobody holds
        await loops.pause(library, 0)


def blocked_for(decoder: Decoder, mode: str, stream: Stream) -> float:
    """Seconds for which an async decoder kept its event loop waiting at most, and did not compute."""
    return loops.run(lambda: _blocked_for(decoder, mode, stream))


async def _blocked_for(decoder: Decoder, mode: str, stream: Stream) -> float:
    feed, longest = TakingTurns(feed_of(decoder, stream).items), 0.0
    task = asyncio.ensure_future(_exhaust(decoder, mode, stream, feed))
    while not task.done():
        began, computed = perf_counter(), thread_time()
        await asyncio.sleep(0)
        longest = max(longest, (perf_counter() - began) - (thread_time() - computed))
    seen(task)
    return longest


async def _exhaust(decoder: Decoder, mode: str, stream: Stream, feed: Feed) -> None:
    async with asyncio.timeout(GRACE):
        async for _ in started(decoder, decoder.modes[mode], stream, feed):
            pass


@dataclass(frozen=True)
class GivenUp:
    """What came of a run in which one wait was given up: all items, and how many came after that."""

    items: tuple[Any, ...]
    after: int


def given_up(decoder: Decoder, mode: str, stream: Stream, number: int, turns: int) -> GivenUp | None:
    """Cancel the wait for item *number* after so many turns of the loop, and read on; None if it did not wait."""
    return loops.run(lambda: _given_up(decoder, mode, stream, number, turns))


async def _given_up(decoder: Decoder, mode: str, stream: Stream, number: int, turns: int) -> GivenUp | None:
    feed = TakingTurns(feed_of(decoder, stream).items)
    items = aiter(started(decoder, decoder.modes[mode], stream, feed))
    given: list[Any] = []
    try:
        for _ in range(number):
            given.append(decoder.given(await anext(items)))
        if not await _cancel_one(items, turns):
            return None
        async with asyncio.timeout(GRACE):
            async for item in items:
                given.append(decoder.given(item))
    except (Exception, BaseExceptionGroup, asyncio.CancelledError):
        return None  # it ends, or says that it cannot go on; both are known to the consumer
    return GivenUp(tuple(given), len(given) - number)


async def _cancel_one(items: AsyncIterator[Any], turns: int) -> bool:
    """Wait for the next item and give up after so many turns; whether it was still being waited for."""
    task = asyncio.ensure_future(_next(items))
    task.add_done_callback(seen)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE)
    return task.done() and task.cancelled()


async def _next(items: AsyncIterator[Any]) -> Any:
    return await anext(items)
