"""Runs a decoder on a stream, and notes what came out, after which chunk, and how it ended.

This is the one place where a decoder runs. What it is fed counts the pulls, so lateness and pulling
past the end need no clock. Async decoders are stepped without an event loop; one that really
suspends gets a real one.
"""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sliceproof.conformance.decoder import YIELDS, Decoder, Mode, TargetError
from sliceproof.conformance.watchdog import PATIENCE, Hang, watching
from sliceproof.wire.stream import Stream

_KINDS: dict[str, type] = {"text": str, "lines": bytes, "messages": tuple}

PAST_END = 100  # pulls after the end of the stream that are still no hang


@dataclass(frozen=True)
class Outcome:
    """What a decoder did with a stream.

    `items` as the adapter's `extract` gives them; `after[i]` is how many chunks had been handed
    over when item i came; `ended` is "end", "error" or "hang"; `pulls` counts the chunks asked for,
    `exhausted` says that the decoder was told that there are no more.
    """

    items: tuple[Any, ...]
    after: tuple[int, ...]
    ended: str
    error: BaseException | None = None
    pulls: int = 0
    exhausted: bool = True


class Feed:
    """An iterator, sync and async, over what is fed; it counts the pulls and stops one that never ends."""

    __slots__ = ("final", "items", "pulls", "size")

    def __init__(self, items: Sequence[Any], final: BaseException | None = None) -> None:
        self.items, self.final = items, final
        self.pulls, self.size = 0, len(items)

    def __iter__(self) -> "Feed":
        return self

    def __next__(self) -> Any:
        at = self.pulls
        self.pulls = at + 1
        if at < self.size:
            return self.items[at]
        if at > self.size + PAST_END:
            raise Hang
        if self.final is not None:
            raise self.final
        raise StopIteration

    def __aiter__(self) -> "Feed":
        return self

    async def __anext__(self) -> Any:
        try:
            return self.__next__()
        except StopIteration:
            raise StopAsyncIteration from None


def feed_of(decoder: Decoder, stream: Stream) -> Feed:
    """What *decoder* accepts, of *stream*."""
    if decoder.accepts == "chunks":
        return Feed(stream.chunks)
    fault = stream.fault
    final = boto3_error(fault.name, fault.message) if fault and fault.kind == "exception" else None
    if decoder.accepts == "parts":
        return Feed(stream.parts, final)
    return Feed([{"PayloadPart": {"Bytes": part}} for part in stream.parts], final)


def boto3_error(name: str, message: str) -> BaseException:
    """The exception that boto3's EventStream raises for an exception message."""
    from botocore.exceptions import EventStreamError

    error: BaseException = EventStreamError(
        {"Error": {"Code": name, "Message": message}}, "InvokeEndpointWithResponseStream"
    )
    return error


class Collector:
    """Gathers the items of one run with the chunk each came after."""

    __slots__ = ("after", "decoder", "extract", "feed", "items", "kind", "most")

    def __init__(self, feed: Feed, decoder: Decoder, most: int) -> None:
        self.feed, self.decoder, self.most = feed, decoder, most
        self.extract, self.kind = decoder.extract, _KINDS[decoder.yields]
        self.items: list[Any] = []
        self.after: list[int] = []

    def take(self, item: Any) -> None:
        """One item; TargetError if it is none of what the decoder yields, Hang if there is no end of them."""
        told = self.extract(item)
        if not isinstance(told, self.kind):
            raise TargetError(
                f"{self.decoder.name} yielded {told!r:.80} ({type(told).__name__}), not {YIELDS[self.decoder.yields]}; "
                "wrap it in a function that does, or say with --yields what it gives"
            )
        self.items.append(told)
        self.after.append(min(self.feed.pulls, self.feed.size))
        if len(self.items) > self.most:
            raise Hang

    def outcome(self, ended: str, error: BaseException | None = None) -> Outcome:
        """What was gathered, and how it ended."""
        feed = self.feed
        exhausted = feed.pulls > feed.size
        return Outcome(tuple(self.items), tuple(self.after), ended, error, feed.pulls, exhausted)


def drive(decoder: Decoder, mode: str, stream: Stream, patience: float | None = None) -> Outcome:
    """Run *decoder* in one of its modes on the whole of *stream*."""
    way = decoder.modes[mode]
    feed = feed_of(decoder, stream)
    collector = Collector(feed, decoder, 1000 + 8 * len(stream.body))
    try:
        with watching(patience):
            items = started(decoder, way, stream, feed)
            if hasattr(items, "__aiter__"):
                return _drive_async(way, items, collector, decoder, stream, mode, patience)
            for item in items:
                collector.take(item)
    except Hang as hang:
        return collector.outcome("hang", hang)
    except (TargetError, KeyboardInterrupt):
        raise
    except BaseException as error:  # also SystemExit and CancelledError: no decoder may end the judging
        return collector.outcome("error", error)
    return collector.outcome("end")


def started(decoder: Decoder, way: Mode, stream: Stream, feed: Feed) -> Any:
    """What the decoder gives for *feed*, not yet iterated; TargetError if it cannot be."""
    items = way.open(stream.dialect, stream.style.form)(feed)
    if hasattr(items, "__iter__") or hasattr(items, "__aiter__"):
        return items
    if asyncio.iscoroutine(items):
        items.close()
        raise TargetError(f"{decoder.name} is a coroutine function; make it an async generator that yields text")
    raise TargetError(f"{decoder.name} returned {type(items).__name__}, which cannot be iterated; yield the text")


@contextmanager
def opened(decoder: Decoder, mode: str, stream: Stream, feed: Feed) -> Iterator[Any]:
    """What the decoder gives for *feed* as a plain iterator, for trials that step it themselves.

    An async decoder is stepped too: in an event loop of its own, which ends with the block.
    """
    items = started(decoder, decoder.modes[mode], stream, feed)
    if not hasattr(items, "__aiter__"):
        yield iter(items)
        return
    with asyncio.Runner() as runner:
        yield _Stepped(items.__aiter__(), runner)


class _Stepped:
    """An async iterator, driven one item at a time."""

    def __init__(self, items: Any, runner: asyncio.Runner) -> None:
        self._items, self._runner = items, runner
        if hasattr(items, "athrow"):
            self.throw = lambda error: self._run(items.athrow(error))

    def __iter__(self) -> "_Stepped":
        return self

    def __next__(self) -> Any:
        return self._run(self._items.__anext__())

    def _run(self, awaitable: Any) -> Any:
        async def awaited() -> tuple[bool, Any]:
            try:
                return True, await awaitable
            except StopAsyncIteration:
                return False, None

        more, item = self._runner.run(awaited())
        if not more:
            raise StopIteration
        return item


_needs_loop: set[Mode] = set()


def _drive_async(
    way: Mode,
    items: Any,
    collector: Collector,
    decoder: Decoder,
    stream: Stream,
    mode: str,
    patience: float | None,
) -> Outcome:
    if way in _needs_loop:
        return _looped(items, collector, patience or PATIENCE)
    iterator = items.__aiter__()
    try:
        while True:
            collector.take(step(iterator.__anext__()))
    except StopAsyncIteration:
        return collector.outcome("end")
    except Suspended:
        pass
    except RuntimeError as error:
        if "event loop" not in str(error):
            raise
    _needs_loop.add(way)
    return drive(decoder, mode, stream, patience)


class Suspended(BaseException):
    """An awaitable waits for something that only an event loop can bring."""


def step(awaitable: Any) -> Any:
    """The result of an awaitable that does not really wait; Suspended if it does."""
    steps = awaitable.__await__()
    try:
        steps.send(None)
    except StopIteration as done:
        return done.value
    raise Suspended


def _looped(items: Any, collector: Collector, patience: float) -> Outcome:
    """Drive *items* in an event loop of their own, in a thread of its own where a loop runs already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_in_loop(items, collector, patience))
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _in_loop(items, collector, patience)).result()


async def _in_loop(items: Any, collector: Collector, patience: float) -> Outcome:
    try:
        async with asyncio.timeout(patience) as waiting:
            async for item in items:
                collector.take(item)
    except TimeoutError as error:
        if not waiting.expired():
            raise
        raise Hang from error
    return collector.outcome("end")
