"""Runs a decoder on a stream, and notes what came out, after which chunk, and how it ended.

This is the one place where a decoder runs. What it is fed counts the pulls, so lateness and pulling
past the end need no clock. Async decoders are stepped without an event loop; one that really
suspends gets a real one.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sliceproof.conformance.decoder import YIELDS, Decoder, Mode, TargetError
from sliceproof.conformance.source import Source
from sliceproof.conformance.watchdog import PATIENCE, Hang, watching

_KINDS: dict[str, type] = {"text": str, "lines": bytes, "messages": tuple}

_passed_on: set[type[BaseException]] = {TargetError, KeyboardInterrupt}

PAST_END = 100  # pulls after the end of the stream that are still no hang


def pass_on(*kinds: type[BaseException]) -> None:
    """Raise exceptions of these kinds on: whoever runs the judging means them, and no decoder does."""
    _passed_on.update(kinds)


def passed_on(error: BaseException) -> BaseException | None:
    """The exception that is meant for whoever runs the judging, if *error* comes of one."""
    return next((one for one in origins(error) if isinstance(one, tuple(_passed_on))), None)


def origins(error: BaseException) -> list[BaseException]:
    """The exception and all that it comes of: causes, contexts, and what is in groups."""
    seen = [error]
    for one in seen:
        more = (one.__cause__, one.__context__, *getattr(one, "exceptions", ()))
        seen += [other for other in more if other is not None and other not in seen]
    return seen


@dataclass(frozen=True)
class Outcome:
    """What a decoder did with a stream.

    `items` as the adapter's `extract` gives them; `after[i]` is how many chunks had been handed
    over when item i came; `ended` is "end", "error" or "hang"; `pulls` counts the chunks asked for,
    `exhausted` says that the decoder was told that there are no more. `fed` is what it accepts.
    """

    items: tuple[Any, ...]
    after: tuple[int, ...]
    ended: str
    error: BaseException | None
    pulls: int
    exhausted: bool
    fed: str


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


def feed_of(decoder: Decoder, stream: Source) -> Feed:
    """What *decoder* accepts, of *stream*."""
    fault, parts = stream.fault, stream.parts
    final: BaseException | None = None
    if fault is not None and fault.kind == "source-error":
        final = fault.raised
        parts = stream.whole_parts
    if decoder.accepts == "chunks":
        return Feed(stream.chunks, final)
    if fault is not None and fault.kind == "exception":
        final = boto3_error(fault.name, fault.message)
    if decoder.accepts == "parts":
        return Feed(parts, final)
    return Feed([{"PayloadPart": {"Bytes": part}} for part in parts], final)


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
        fed = self.decoder.accepts
        return Outcome(tuple(self.items), tuple(self.after), ended, error, feed.pulls, exhausted, fed)


def most_items(stream: Source) -> int:
    """How many items a decoder may give of a stream before it is taken to go on for ever."""
    return 1000 + 8 * (len(stream.body) + len(stream.parts))


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
) -> Outcome:
    """Run *decoder* in one of its modes on the whole of *stream*.

    Ends with Hang as its outcome what asks for nothing for *patience* seconds (None: the watchdog's).
    """
    way = decoder.modes[mode]
    run = _Run(decoder, way, stream, patience, intrusion)
    if way in _needs_loop:
        return run.in_loop()
    outcome = run.stepped()
    if outcome is None or (run.asynchronous and outcome.ended == "error"):
        # It waits for what only an event loop brings, or fails perhaps for the want of one.
        return replace(run).in_loop()
    return outcome


def started(decoder: Decoder, way: Mode, stream: Source, feed: Feed) -> Any:
    """What the decoder gives for *feed*, not yet iterated; TargetError if it cannot be."""
    items = way.open(stream.dialect, stream.style.form)(feed)
    if hasattr(items, "__iter__") or hasattr(items, "__aiter__"):
        return items
    if asyncio.iscoroutine(items):
        items.close()
        raise TargetError(f"{decoder.name} is a coroutine function; make it an async generator that yields text")
    raise TargetError(f"{decoder.name} returned {type(items).__name__}, which cannot be iterated; yield the text")


_needs_loop: set[Mode] = set()


@dataclass
class _Run:
    """One run of a decoder on a stream."""

    decoder: Decoder
    way: Mode
    stream: Source
    patience: float | None
    intrusion: Intrusion | None

    def __post_init__(self) -> None:
        self.feed = feed_of(self.decoder, self.stream)
        self.collector = Collector(self.feed, self.decoder, most_items(self.stream))
        self.asynchronous = self.way.is_async

    def stepped(self) -> Outcome | None:
        """Run it without an event loop; None if it needs one."""
        return self._ended(self._stepped)

    def in_loop(self) -> Outcome:
        """Run it in an event loop, in a thread of its own where a loop runs already."""
        outcome = self._ended(self._looped)
        assert outcome is not None  # only stepping can want a loop
        return outcome

    def _ended(self, go: Callable[[], bool]) -> Outcome | None:
        try:
            with watching(self.patience, self.feed):
                return self.collector.outcome("end") if go() else None
        except Hang as hang:
            return self.collector.outcome("hang", hang)
        except tuple(_passed_on):
            raise
        except BaseException as error:  # also SystemExit and CancelledError: no decoder may end the judging
            return self.collector.outcome("error", error)

    def _stepped(self) -> bool:
        items = started(self.decoder, self.way, self.stream, self.feed)
        if not hasattr(items, "__aiter__"):
            self._iterate(items)
            return True
        self.asynchronous = True
        if self.intrusion is not None:
            return False
        iterator = items.__aiter__()
        try:
            while True:
                self.collector.take(step(iterator.__anext__()))
        except StopAsyncIteration:
            return True
        except Suspended:
            _needs_loop.add(self.way)
            return False

    def _iterate(self, items: Any) -> None:
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
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run(self._awaited())
            return True
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._awaited()).result()
        return True

    async def _awaited(self) -> None:
        patience, clock = self.patience or PATIENCE, asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(patience) as waiting:
                items = started(self.decoder, self.way, self.stream, self.feed)
                async for item in items:
                    self.collector.take(item)
                    waiting.reschedule(clock() + patience)
                    if await self._intrude(items):
                        break
        except TimeoutError as error:
            if waiting.expired():
                raise Hang from error
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
