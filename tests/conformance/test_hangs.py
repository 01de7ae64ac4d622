"""Hangs: whatever never ends is ended, and is a finding, never a hung run."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from sliceproof.conformance.harness import watchdog
from sliceproof.conformance.harness.contract import of_callable
from sliceproof.conformance.harness.drive import PAST_END, Feed, drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.harness.watchdog import Hang, watching
from sliceproof.wire.stream import Stream

STREAM = Stream("text", ["a", "b", "c"])


def outcome_of(target: Callable[..., Any], patience: float | None = None, stream: Stream = STREAM) -> Outcome:
    decoder = of_callable(target, "mine", accepts="parts")
    return drive(decoder, next(iter(decoder.modes)), stream, patience)


def pulls_for_ever(parts: Iterator[bytes]) -> Iterator[str]:
    while True:
        yield from map(bytes.decode, filter(None, [next(parts, b"")]))


def swallows_everything(parts: Iterator[bytes]) -> Iterator[str]:
    while True:
        try:
            yield next(parts).decode()
        except Exception:
            continue


async def pulls_for_ever_async(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    while True:
        try:
            yield (await parts.__anext__()).decode()
        except StopAsyncIteration:
            continue


async def pulls_for_ever_in_a_loop(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    while True:
        await asyncio.sleep(0)
        async for part in parts:
            yield part.decode()


def spins(parts: Iterator[bytes]) -> Iterator[str]:
    yield from map(bytes.decode, parts)
    while True:
        pass


def spins_and_swallows(parts: Iterator[bytes]) -> Iterator[str]:
    yield from map(bytes.decode, parts)
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            continue


async def spins_in_a_loop(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        yield part.decode()
    while True:
        await asyncio.sleep(0)


class TestAHang:
    @pytest.mark.parametrize(
        "target", [pulls_for_ever, swallows_everything, pulls_for_ever_async, pulls_for_ever_in_a_loop]
    )
    def test_is_pulling_on_past_the_end(self, target: Callable[[Any], Any]) -> None:
        outcome = outcome_of(target)
        assert (outcome.items, outcome.ended, outcome.exhausted) == (("a", "b", "c"), "hang", True)
        assert outcome.pulls > len(STREAM.parts) + PAST_END

    def test_is_not_asking_a_few_times_whether_there_is_more(self) -> None:
        def asks_again(parts: Iterator[bytes]) -> Iterator[str]:
            for _ in range(PAST_END):
                yield from map(bytes.decode, filter(None, [next(parts, b"")]))

        assert outcome_of(asks_again).ended == "end"

    @pytest.mark.parametrize("size", [0, 1, 4])
    def test_is_the_hundred_and_first_pull_after_the_end_was_told(self, size: int) -> None:
        feed = Feed(range(size))
        assert list(feed) == list(range(size))
        assert [next(feed, None) for _ in range(PAST_END)] == [None] * 100
        for _ in range(2):
            with pytest.raises(Hang):
                next(feed)

    @pytest.mark.parametrize(("tokens", "most"), [([""], 1000), (["a"], 1016), (["a", "bc"], 1040)])
    def test_is_more_output_than_a_thousand_items_and_eight_for_each_byte_and_part(
        self, tokens: list[str], most: int
    ) -> None:
        for count, ended in ((most, "end"), (most + 1, "hang")):
            outcome = outcome_of(lambda parts, count=count: iter([""] * count), stream=Stream("text", tokens))
            assert (outcome.ended, len(outcome.items)) == (ended, count)

    def test_is_more_characters_than_a_stream_can_have(self) -> None:
        def floods(parts: Iterator[bytes]) -> Iterator[str]:
            while True:
                yield "x" * 1_000_000

        outcome = outcome_of(floods)
        assert outcome.ended == "hang"
        assert len(outcome.items) == 3

    def test_is_not_one_long_item(self) -> None:
        assert outcome_of(lambda parts: iter(["x" * 10_000_000])).ended == "end"

    def test_is_not_taking_long_in_a_loop_while_items_come(self) -> None:
        async def sleeps(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
            async for part in parts:
                await asyncio.sleep(0.001)
                yield part.decode()

        assert outcome_of(sleeps, patience=0.9).ended == "end"

    @pytest.mark.parametrize("target", [spins, spins_and_swallows, spins_in_a_loop])
    def test_is_spinning_without_pulling(self, target: Callable[[Any], Any]) -> None:
        outcome = outcome_of(target, patience=0.05)
        assert (outcome.items, outcome.ended) == (("a", "b", "c"), "hang")

    def test_is_output_without_end(self) -> None:
        def stutters(parts: Iterator[bytes]) -> Iterator[str]:
            while True:
                yield "a"

        outcome = outcome_of(stutters)
        assert (outcome.ended, set(outcome.items), outcome.pulls) == ("hang", {"a"}, 0)

    def test_is_waiting_for_what_never_comes(self) -> None:
        """A consumer whose producer died; in a process of its own, so that it cannot take this one with it."""
        ran = subprocess.run([sys.executable, "-c", WAITS], capture_output=True, text=True, timeout=20, check=False)
        assert ran.stdout.strip() == "hang", ran.stderr

    def test_ends_what_runs_around_another_run(self) -> None:
        def inner_then_spin() -> None:
            with watching(0.05):
                with watching(60):
                    pass
                until = time.monotonic() + 3
                while time.monotonic() < until:
                    pass

        with pytest.raises(Hang):
            inner_then_spin()


WAITS = """
import asyncio, os, threading
from sliceproof.conformance.harness import watchdog
from sliceproof.conformance.harness.contract import of_callable
from sliceproof.conformance.harness.drive import drive
from sliceproof.wire.stream import Stream

async def waits(parts):
    queue = asyncio.Queue()
    async for part in parts:
        yield part.decode()
    await queue.get()

threading.Timer(5, os._exit, [3]).start()
print(drive(of_callable(waits, "mine", accepts="parts"), "async", Stream("text", ["a"]), 0.05).ended, flush=True)
os._exit(0)
"""


def test_a_decoder_that_goes_on_giving_does_not_hang() -> None:
    """A consumer may take its time over each of many items; what counts is that more comes."""

    def slow(parts: Iterator[bytes]) -> Iterator[str]:
        for part in parts:
            for _ in range(8):
                time.sleep(0.2)
                yield ""
            yield part.decode()

    outcome = outcome_of(slow, patience=0.9)
    assert (outcome.ended, "".join(outcome.items)) == ("end", "abc")


def test_one_that_has_hung_is_waited_for_less_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "PATIENCE", 3.0)
    monkeypatch.setattr(watchdog, "IMPATIENCE", 0.1)
    decoder = of_callable(spins, "mine", accepts="parts")
    took = []
    for _ in range(2):
        began = time.monotonic()
        assert drive(decoder, "sync", STREAM).ended == "hang"
        took.append(time.monotonic() - began)
    assert took[0] >= 3.0
    assert took[1] < 3.0
