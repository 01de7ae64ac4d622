"""Mistakes with consumers: those that cancel, leave, wait, or read two streams at once."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import Any, ClassVar

from sliceproof.conformance.decoders.broken.registry import Broken, Registry, breaks
from sliceproof.conformance.decoders.sound.steps import Sound, stepped
from sliceproof.conformance.harness.contract import Mode


@breaks("X3")
class HoldsHalvesForAll(Sound):
    """Holds half a line for all streams at once, and clears it where one begins and ends."""

    shared: ClassVar[list[str]] = []

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        self.shared.clear()
        try:
            yield from super().decode(chunks)
        finally:
            self.shared.clear()

    @property
    def rest(self) -> str:
        return "".join(self.held)

    @rest.setter
    def rest(self, text: str) -> None:
        self.held[:] = [text]

    def text(self, text: str) -> Iterator[str]:
        self.held = self.shared
        yield from super().text(text)


@breaks("C2")
class GoesOnWhenItIsClosed(Sound):
    """Yields inside try/except BaseException, so that it cannot be closed."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        for text in super().decode(chunks):
            try:
                yield text
            except GeneratorExit:
                yield ""


class _TakesInterruptionsForTheEnd:
    """An iterator that is no generator."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.items = Sound("tgi-sse").decode(chunks)

    def __iter__(self) -> "_TakesInterruptionsForTheEnd":
        return self

    def __next__(self) -> str:
        try:
            return next(self.items)
        except Exception:
            raise
        except BaseException:
            raise StopIteration from None


@breaks("C3")
class KeepsEverySource(Sound):
    """Keeps each source in a list, and so its connection."""

    sources: ClassVar[list[Any]] = []

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        self.sources.append(chunks)
        yield from super().decode(chunks)


async def _swallows_cancellation(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    decoding = Sound("tgi-sse")
    try:
        async for text in stepped(decoding, chunks):
            yield text
    except asyncio.CancelledError:
        return


class _LosesTheChunk:
    """Reads on after a cancelled wait, without the chunk that it had just read."""

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self.chunks = aiter(chunks)
        self.decoding = Sound("tgi-sse")
        self.ready: Iterator[str] = iter(())
        self.ended = False

    def __aiter__(self) -> "_LosesTheChunk":
        return self

    async def __anext__(self) -> str:
        while True:
            for text in self.ready:
                return text
            if self.ended:
                raise StopAsyncIteration
            try:
                chunk = await anext(self.chunks)
            except StopAsyncIteration:
                self.ready, self.ended = self.decoding.end(), True
                continue
            await asyncio.sleep(0)  # here the wait may be given up, and the chunk with it
            self.ready = self.decoding.chunk(chunk)


async def _sleeps(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    async for text in stepped(Sound("tgi-sse"), chunks):
        if text == "z":  # seldom, so that all else that is asked of it takes no time
            time.sleep(0.03)
        yield text


def _add(name: str, about: str, breaks: tuple[str, ...], call: Callable[[Any], Any], is_async: bool = True) -> None:
    mode = Mode(lambda id_, form: call, is_async)
    modes = {"async" if is_async else "sync": mode}
    Registry.add(Broken(name, about, breaks, "tgi-sse", modes, module=__name__))


_add(
    "takes_interruptions_for_the_end",
    "Ends in peace when it is interrupted, and is no generator",
    ("C2",),
    _TakesInterruptionsForTheEnd,
    is_async=False,
)
_add("swallows_cancellation", "Ends in peace when its task is cancelled", ("C2",), _swallows_cancellation)
_add("loses_the_chunk", "Loses the chunk it has just read when a wait is given up", ("C4",), _LosesTheChunk)
_add("sleeps_in_the_loop", "Calls time.sleep in a coroutine", ("C5",), _sleeps)
