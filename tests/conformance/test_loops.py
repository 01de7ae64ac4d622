"""Decoders that use threads, tasks, task groups, or trio's loop are judged as they run with their users."""

import asyncio
import gc
import logging
import threading
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness import loops
from sliceproof.conformance.harness.contract import of_callable
from sliceproof.conformance.harness.drive import Intrusion, drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.stream import Stream
from sweeps import shared

DIALECT = "openai-sse"
STREAM = Stream("text", ["a", "b", "c"])


async def sleeps_under_trio(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    trio = pytest.importorskip("trio")
    decoding = Sound(DIALECT)
    async for chunk in chunks:
        await trio.sleep(0)
        for text in decoding.chunk(chunk):
            yield text
    for text in decoding.end():
        yield text


async def reads_in_a_nursery(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    trio = pytest.importorskip("trio")
    decoding = Sound(DIALECT)
    send, receive = trio.open_memory_channel(10)

    async def pump() -> None:
        async with send:
            async for chunk in chunks:
                await send.send(chunk)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pump)
        async for chunk in receive:
            for text in decoding.chunk(chunk):
                yield text
    for text in decoding.end():
        yield text


async def reads_in_a_task_group(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    anyio = pytest.importorskip("anyio")
    decoding = Sound(DIALECT)
    send, receive = anyio.create_memory_object_stream(10)

    async def pump() -> None:
        async with send:
            async for chunk in chunks:
                await send.send(chunk)

    async with anyio.create_task_group() as group:
        group.start_soon(pump)
        async for chunk in receive:
            for text in decoding.chunk(chunk):
                yield text
    for text in decoding.end():
        yield text


@pytest.mark.parametrize("target", [sleeps_under_trio, reads_in_a_nursery, reads_in_a_task_group])
def test_a_decoder_of_a_task_group_or_of_trio_is_blamed_for_nothing(target: Callable[..., Any]) -> None:
    chosen = [shared(id_, 3) for id_ in REQUIREMENTS if id_ != "Q1"]  # the other two thirds differ in bytes alone
    plan = Plan(chosen, PROFILES["ci"], examples=2)
    results = list(run(of_callable(target, "mine", dialects=(DIALECT,)), plan, [DIALECT]))
    assert [
        (result.requirement.id, result.reason) for result in results if result.verdict in ("fail", "warn", "error")
    ] == []


@pytest.mark.parametrize("target", [sleeps_under_trio, reads_in_a_nursery])
@pytest.mark.parametrize("id_", ["X3", "C2", "C3", "C4", "C5"])
def test_a_consumer_is_asked_about_under_trio_also_where_nothing_ran_before(target: Any, id_: str) -> None:
    stream = Stream(DIALECT, ["x", "y", "z"])
    assert REQUIREMENTS[id_].check(of_callable(target, "mine"), stream) is None


def test_a_decoder_that_does_not_repeat_itself_is_no_error_of_the_judging() -> None:
    calls = iter(range(1_000_000))

    def unsteady(chunks: Iterator[bytes]) -> Iterator[str]:
        if next(calls) % 3 == 2:
            raise ValueError("now and then")
        yield from Sound(DIALECT).decode(chunks)

    asked = replace(REQUIREMENTS["U1"], swept=False, more=None, control=None)
    results = list(run(of_callable(unsteady, "mine", dialects=(DIALECT,)), Plan([asked], PROFILES["ci"]), [DIALECT]))
    assert [result.verdict for result in results if result.requirement.id == "U1"] in (["pass"], ["fail"])


async def waits_for_ever_under_trio(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    yield "a"
    await pytest.importorskip("trio").sleep_forever()


async def interleaves_under_trio(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    trio = pytest.importorskip("trio")
    async for chunk in chunks:
        SHARED.append(chunk)
        await trio.sleep(0.001)
        yield b"".join(SHARED).decode("latin-1")
        SHARED.clear()


SHARED: list[bytes] = []


def test_streams_that_run_into_each_other_under_trio_are_found() -> None:
    decoder = of_callable(interleaves_under_trio, "mine", dialects=("text",), accepts="parts")
    stream = Stream("text", ["left", "over"])
    drive(decoder, "async", stream)  # asyncio's loop is tried before trio's, and leaves something in it
    SHARED.clear()
    assert drive(decoder, "async", stream).items == ("left", "over")
    assert REQUIREMENTS["X3"].check(decoder, stream) is not None


def test_waiting_for_ever_under_trio_is_a_hang() -> None:
    assert driven(waits_for_ever_under_trio, 0.3).ended == "hang"


def driven(target: Callable[..., Any], patience: float | None = None, intrusion: Intrusion | None = None) -> Outcome:
    decoder = of_callable(target, "mine", accepts="parts")
    return drive(decoder, next(iter(decoder.modes)), STREAM, patience, intrusion)


async def swallows_its_cancellation(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    yield "a"
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def leaves_a_task_that_swallows(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async def stays() -> None:
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(1000)

    LEFT.append(asyncio.ensure_future(stays()))
    async for part in parts:
        await asyncio.sleep(0)
        yield part.decode()


LEFT: list[Any] = []


async def blocks_the_loop(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    yield "a"
    time.sleep(1000)


async def spins(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    SPINNING.append(threading.get_ident())
    while parts:
        pass
    yield ""


SPINNING: list[int] = []


async def waits_in_its_finally(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    try:
        async for part in parts:
            await asyncio.sleep(0)
            yield part.decode()
    finally:
        await asyncio.Event().wait()


async def leaves_a_thread(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    STOPS.append(threading.Event())
    asyncio.get_running_loop().run_in_executor(None, STOPS[-1].wait)
    async for part in parts:
        yield part.decode()


STOPS: list[threading.Event] = []


class TestWhatDoesNotEnd:
    @pytest.mark.parametrize("target", [swallows_its_cancellation, blocks_the_loop, waits_in_its_finally])
    @pytest.mark.parametrize("inside_a_loop", [False, True])
    def test_is_a_hang_soon(self, target: Callable[..., Any], inside_a_loop: bool) -> None:
        async def judging() -> Outcome:
            return driven(target, 0.5)

        began = time.monotonic()
        outcome = asyncio.run(judging()) if inside_a_loop else driven(target, 0.5)
        assert (outcome.ended, outcome.items[:1]) == ("hang", ("a",))
        assert time.monotonic() - began < 6

    def test_does_not_spin_on_in_a_thread_when_it_was_called_inside_a_loop(self) -> None:
        async def judging() -> Outcome:
            return driven(spins, 0.5)

        assert asyncio.run(judging()).ended == "hang"
        for thread in [thread for thread in threading.enumerate() if thread.ident in SPINNING]:
            thread.join(5)
            assert not thread.is_alive()

    def test_is_not_waited_for_when_it_is_left_behind(self) -> None:
        began = time.monotonic()
        assert driven(leaves_a_task_that_swallows).items == ("a", "b", "c")
        assert driven(leaves_a_thread).items == ("a", "b", "c")
        assert time.monotonic() - began < 4
        for stop in STOPS:
            stop.set()


async def starts_a_task(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async def fill() -> None:
        await asyncio.sleep(0)

    task = asyncio.get_running_loop().create_task(fill())
    async for part in parts:
        yield part.decode()
    await task


async def waits_now_and_then(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async def within() -> AsyncIterator[str]:
        try:
            async for part in parts:
                if part == b"c" and WAITS:
                    await asyncio.sleep(0)
                yield part.decode()
        finally:
            await asyncio.sleep(0)

    async for text in within():
        yield text


WAITS: list[bool] = []


@pytest.mark.parametrize("target", [starts_a_task, waits_now_and_then])
def test_nothing_is_left_unawaited(target: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    decoder = of_callable(target, "mine", accepts="parts")
    with warnings.catch_warnings(), caplog.at_level(logging.ERROR):
        warnings.simplefilter("error")
        for wait in (False, True, True):
            WAITS[:] = [True] if wait else []
            assert drive(decoder, "async", STREAM).items == ("a", "b", "c")
            drive(decoder, "async", STREAM, intrusion=Intrusion(leave=True))
            gc.collect()
    assert caplog.records == []


def test_what_an_awaitable_waits_for_is_told_apart() -> None:
    trio = pytest.importorskip("trio")

    async def sleeping() -> None:
        await trio.lowlevel.cancel_shielded_checkpoint()

    with pytest.raises(loops.Suspended) as caught:
        loops.step(sleeping())
    assert caught.value.library == loops.TRIO
    with pytest.raises(loops.Suspended) as caught:
        loops.step(asyncio.sleep(0))
    assert caught.value.library == loops.ASYNCIO
