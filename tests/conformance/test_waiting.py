"""Lateness is judged by whether text comes while the source waits, not by how far a decoder reads ahead."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.conformance.harness.contract import Decoder, Mode, of_callable
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.judge import timely
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

STREAM = Stream("text", ["x", "y", "z", "Hello"])
W1 = REQUIREMENTS["W1"]


def adapted(target: Any) -> Decoder:
    return of_callable(target, "mine", accepts="parts")


def in_a_thread(parts: Iterator[bytes]) -> Iterator[bytes]:
    ahead: Queue[bytes | None] = Queue()

    def pump() -> None:
        for part in parts:
            ahead.put(part)
        ahead.put(None)

    Thread(target=pump, daemon=True).start()
    while (part := ahead.get()) is not None:
        yield part


async def in_a_task(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    ahead: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def pump() -> None:
        async for part in parts:
            await ahead.put(part)
        await ahead.put(None)

    task = asyncio.ensure_future(pump())
    while (part := await ahead.get()) is not None:
        yield part
    await task


def held_back(parts: Iterator[bytes]) -> Iterator[str]:
    """Each part is given when the next has come."""
    last = b""
    for part in parts:
        yield last.decode()
        last = part
    yield last.decode()


def late_in_a_thread(parts: Iterator[bytes]) -> Iterator[str]:
    yield from held_back(in_a_thread(parts))


async def late_in_a_task(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    last = b""
    async for part in in_a_task(parts):
        yield last.decode()
        last = part
    yield last.decode()


def gathers_all_in_a_pool(parts: Iterator[bytes]) -> Iterator[str]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(lambda: b"".join(parts).decode()).result()


def early_in_a_thread(parts: Iterator[bytes]) -> Iterator[str]:
    for part in in_a_thread(parts):
        yield part.decode()


async def early_in_a_task(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in in_a_task(parts):
        yield part.decode()


@pytest.mark.parametrize("target", [held_back, late_in_a_thread, late_in_a_task, gathers_all_in_a_pool])
def test_text_that_does_not_come_while_the_source_waits_is_late(target: Any) -> None:
    for _ in range(3):
        broken = W1.check(adapted(target), STREAM)
        assert broken is not None
        assert broken.breach.what == "is late"


@pytest.mark.parametrize("target", [early_in_a_thread, early_in_a_task])
def test_text_that_comes_while_the_source_waits_is_not_late(target: Any) -> None:
    decoder = adapted(target)
    assert [W1.check(decoder, STREAM) for _ in range(20)] == [None] * 20


class ReadsAllAhead(Sound):
    """Pulls chunks in a thread as fast as they come, and decodes behind it."""

    def decode(self, chunks: Any) -> Any:
        yield from super().decode(in_a_thread(chunks))


class BuffersWhateverIsDeclared(ReadsAllAhead):
    """The same, and refuses a message that is too long when all of it has come."""

    def decode(self, chunks: Any) -> Any:
        refused: Exception | None = None
        for chunk in in_a_thread(chunks):
            try:
                if refused is None:
                    yield from self.chunk(chunk)
            except Exception as error:
                refused = error
        if refused is not None:
            raise refused
        yield from self.end()


@pytest.mark.parametrize(("kind", "blamed"), [(ReadsAllAhead, False), (BuffersWhateverIsDeclared, True)])
def test_a_refusal_is_late_if_it_does_not_come_while_the_source_waits(kind: Any, blamed: bool) -> None:
    decoder = Decoder("mine", {"sync": Mode(lambda id_, form: kind(id_).decode)})
    stream = Stream("tgi-sse", ["x"], fault=Fault("oversized", 1))
    assert [REQUIREMENTS["F3"].check(decoder, stream) is not None for _ in range(5)] == [blamed] * 5


def test_one_chunk_behind_stays_late() -> None:
    decoder = BROKEN["one_behind"].decoder()
    assert W1.check(decoder, Stream("tgi-sse", ["x", "y"])) is not None


@pytest.mark.parametrize("name", ["reads_ahead_in_thread", "reads_ahead_in_task"])
def test_it_is_the_waiting_that_acquits_those_who_read_ahead(name: str) -> None:
    stream, decoder = Stream("tgi-sse", ["x", "y", "z"]), SOUND[name].decoder()
    (mode,) = decoder.modes
    counted = [timely(stream, drive(decoder, mode, stream), "text") is not None for _ in range(20)]
    assert any(counted)
    assert W1.check(decoder, stream) is None
