"""Intrusions: what a consumer does in the middle of a stream, and what becomes of the run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from sliceproof.conformance.harness.contract import Decoder, of_callable
from sliceproof.conformance.harness.drive import Intrusion, drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.wire.stream import Stream

STREAM = Stream("text", ["a", "b", "c"])


class ThrownError(Exception):
    """What the consumer throws."""


def adapted(target: Callable[[Any], Any]) -> Decoder:
    return of_callable(target, "mine", accepts="parts")


def outcome_of(target: Callable[[Any], Any], intrusion: Intrusion) -> Outcome:
    decoder = adapted(target)
    return drive(decoder, next(iter(decoder.modes)), STREAM, intrusion=intrusion)


def passes_on(parts: Iterator[bytes]) -> Iterator[str]:
    for part in parts:
        yield part.decode()


async def passes_on_async(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        yield part.decode()


async def passes_on_suspending(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        await asyncio.sleep(0)
        yield part.decode()


def answers(parts: Iterator[bytes]) -> Iterator[str]:
    for part in parts:
        try:
            yield part.decode()
        except ThrownError:
            yield "!"


async def answers_async(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        try:
            yield part.decode()
        except ThrownError:
            yield "!"


def stops(parts: Iterator[bytes]) -> Iterator[str]:
    try:
        yield from map(bytes.decode, parts)
    except ThrownError:
        return


async def stops_async(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    try:
        async for part in parts:
            yield part.decode()
    except ThrownError:
        return


class Items:
    """An iterator into which nothing can be thrown."""

    def __init__(self, parts: Any) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[str]:
        return map(bytes.decode, self.parts)


class AsyncItems(Items):
    """An async one."""

    def __aiter__(self) -> "AsyncItems":
        return self

    async def __anext__(self) -> str:
        return bytes.decode(await anext(self.parts))


ALL = [passes_on, passes_on_async, passes_on_suspending, Items, AsyncItems]


class TestACall:
    @pytest.mark.parametrize("at", [1, 2, 3])
    @pytest.mark.parametrize("target", ALL, ids=lambda target: target.__name__)
    def test_happens_once_after_its_item_and_changes_nothing(self, target: Callable[[Any], Any], at: int) -> None:
        calls: list[int] = []
        outcome = outcome_of(target, Intrusion(at, call=lambda: calls.append(1)))
        assert (outcome.items, outcome.after, outcome.ended) == (("a", "b", "c"), (1, 2, 3), "end")
        assert calls == [1]

    def test_is_made_after_the_first_item_unless_it_says_otherwise(self) -> None:
        told: list[str] = []

        def notes(parts: Iterator[bytes]) -> Iterator[str]:
            for part in parts:
                told.append(part.decode())
                yield part.decode()

        outcome_of(notes, Intrusion(call=lambda: told.append("called")))
        assert told == ["a", "called", "b", "c"]

    def test_after_an_item_that_never_comes_is_not_made(self) -> None:
        calls: list[int] = []
        outcome = outcome_of(passes_on, Intrusion(4, call=lambda: calls.append(1)))
        assert (outcome.ended, calls) == ("end", [])

    def test_may_run_another_stream(self) -> None:
        seen = []
        other = adapted(passes_on_suspending)
        for target in ALL:
            outcome_of(target, Intrusion(call=lambda: seen.append(drive(other, "async", STREAM).items)))
        assert seen == [("a", "b", "c")] * len(ALL)


class TestAThrow:
    @pytest.mark.parametrize("at", [1, 2])
    @pytest.mark.parametrize("target", ALL, ids=lambda target: target.__name__)
    def test_reaches_the_consumer_again_after_what_came_before(self, target: Callable[[Any], Any], at: int) -> None:
        thrown = ThrownError("in")
        outcome = outcome_of(target, Intrusion(at, throw=thrown))
        assert outcome.items == ("a", "b", "c")[:at]
        assert (outcome.ended, outcome.error) == ("error", thrown)

    @pytest.mark.parametrize("target", [answers, answers_async], ids=lambda target: target.__name__)
    def test_that_is_answered_gives_the_answer_as_an_item(self, target: Callable[[Any], Any]) -> None:
        outcome = outcome_of(target, Intrusion(2, throw=ThrownError()))
        assert (outcome.items, outcome.after, outcome.ended) == (("a", "b", "!", "c"), (1, 2, 2, 3), "end")

    @pytest.mark.parametrize("target", [stops, stops_async], ids=lambda target: target.__name__)
    def test_that_ends_the_decoder_is_an_end(self, target: Callable[[Any], Any]) -> None:
        outcome = outcome_of(target, Intrusion(2, throw=ThrownError()))
        assert (outcome.items, outcome.ended, outcome.exhausted) == (("a", "b"), "end", False)
