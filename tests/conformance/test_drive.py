"""Driving: every way of being called ends in an outcome that says what came, after which chunk, and how it ended."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from sliceproof.conformance.harness.contract import Decoder, TargetError, of_callable
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

STREAM = Stream("text", ["a", "b", "c"])
FAILING = STREAM.but(fault=Fault("exception", 2, "InternalStreamFailure", "out of luck", None))


def adapted(target: Callable[[Any], Any], **declared: str) -> Decoder:
    return of_callable(target, "mine", accepts=declared.pop("accepts", "parts"), **declared)  # type: ignore[arg-type]


def outcome_of(
    target: Callable[[Any], Any], stream: Stream = STREAM, patience: float | None = None, **declared: str
) -> Outcome:
    decoder = adapted(target, **declared)
    return drive(decoder, next(iter(decoder.modes)), stream, patience)


def one_by_one(parts: Iterator[bytes]) -> Iterator[str]:
    for part in parts:
        yield part.decode()


async def async_one_by_one(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        yield part.decode()


async def yields_to_the_loop(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        await asyncio.sleep(0)
        yield part.decode()


async def sleeps(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for part in parts:
        await asyncio.sleep(0.001)
        yield part.decode()


async def reads_in_a_task(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)

    async def fill() -> None:
        async for part in parts:
            await queue.put(part)
        await queue.put(None)

    loop = asyncio.get_running_loop()
    task = loop.create_task(fill())
    while (part := await queue.get()) is not None:
        yield part.decode()
    await task


class Items:
    """An iterator that is a class, sync."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts

    def __iter__(self) -> "Items":
        return self

    def __next__(self) -> str:
        return next(self.parts).decode()


class AsyncItems:
    """An iterator that is a class, async."""

    def __init__(self, parts: AsyncIterator[bytes]) -> None:
        self.parts = parts

    def __aiter__(self) -> "AsyncItems":
        return self

    async def __anext__(self) -> str:
        return (await self.parts.__anext__()).decode()


class Method:
    """A decoder that is a method of an object."""

    def decode(self, parts: Iterator[bytes]) -> Iterator[str]:
        return map(bytes.decode, parts)


STEADY = [one_by_one, async_one_by_one, yields_to_the_loop, sleeps, Items, AsyncItems, Method().decode]


class TestWhatComesOut:
    @pytest.mark.parametrize("target", STEADY, ids=lambda target: target.__name__)
    def test_is_stamped_with_the_chunk_it_came_after(self, target: Callable[[Any], Any]) -> None:
        assert outcome_of(target) == Outcome(("a", "b", "c"), (1, 2, 3), "end", None, 4, True, "parts")

    def test_of_a_task_in_the_background_is_whole(self) -> None:
        outcome = outcome_of(reads_in_a_task)
        assert (outcome.items, outcome.ended, outcome.exhausted) == (("a", "b", "c"), "end", True)

    def test_at_the_end_is_stamped_with_the_last_chunk(self) -> None:
        outcome = outcome_of(lambda parts: iter(["".join(map(bytes.decode, parts))]))
        assert (outcome.items, outcome.after, outcome.pulls) == (("abc",), (3,), 4)

    def test_of_a_list_is_stamped_likewise(self) -> None:
        assert outcome_of(lambda parts: [part.decode() for part in parts]).after == (3, 3, 3)

    def test_of_one_that_stops_early_is_not_exhausted(self) -> None:
        outcome = outcome_of(lambda parts: iter([next(parts).decode()]))
        assert (outcome.items, outcome.pulls, outcome.exhausted) == (("a",), 1, False)

    def test_of_one_that_does_not_ask_for_the_end_is_not_exhausted(self) -> None:
        outcome = outcome_of(lambda parts: iter([next(parts).decode() for _ in STREAM.parts]))
        assert (outcome.ended, outcome.pulls, outcome.exhausted) == ("end", 3, False)

    def test_before_an_error_is_kept_with_the_error(self) -> None:
        def fails(parts: Iterator[bytes]) -> Iterator[str]:
            yield next(parts).decode()
            raise LookupError("no more of it")

        outcome = outcome_of(fails)
        assert (outcome.items, outcome.ended, str(outcome.error)) == (("a",), "error", "no more of it")

    def test_needs_no_event_loop_once_a_decoder_was_seen_to_do_without(self) -> None:
        loops = []

        async def tells(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
            loops.append(asyncio._get_running_loop() is not None)
            async for part in parts:
                yield part.decode()

        decoder = adapted(tells)
        assert drive(decoder, "async", STREAM) == drive(decoder, "async", STREAM)
        assert loops == [True, False]

    def test_of_one_that_suspends_always_needs_the_loop(self) -> None:
        starts = []

        async def tells(parts: AsyncIterator[bytes]) -> AsyncIterator[str]:
            starts.append(asyncio._get_running_loop() is not None)
            async for part in parts:
                await asyncio.sleep(0)
                yield part.decode()

        decoder = adapted(tells)
        first, second = drive(decoder, "async", STREAM), drive(decoder, "async", STREAM)
        assert first == second
        assert starts == [True, True]

    def test_inside_a_running_loop_is_not_blamed_on_the_decoder(self) -> None:
        async def judged_by_a_caller_with_a_loop() -> Outcome:
            return outcome_of(sleeps)

        assert asyncio.run(judged_by_a_caller_with_a_loop()).items == ("a", "b", "c")


class TestTheForms:
    def test_are_chunks_of_the_wire(self) -> None:
        given: list[bytes] = []
        outcome_of(lambda chunks: given.extend(chunks) or [], accepts="chunks")
        assert tuple(given) == STREAM.chunks

    def test_are_parts(self) -> None:
        given: list[bytes] = []
        outcome_of(lambda parts: given.extend(parts) or [], accepts="parts")
        assert given == [b"a", b"b", b"c"]

    def test_are_events_as_boto3_gives_them(self) -> None:
        given: list[Any] = []
        outcome_of(lambda events: given.extend(events) or [], accepts="events")
        assert given == [{"PayloadPart": {"Bytes": part}} for part in (b"a", b"b", b"c")]

    @pytest.mark.parametrize("accepts", ["parts", "events"])
    def test_raise_what_boto3_raises_for_an_exception_message(self, accepts: str) -> None:
        outcome = outcome_of(lambda parts: ("x" for _ in parts), FAILING, accepts=accepts)
        assert (outcome.items, outcome.ended) == (("x", "x"), "error")
        assert isinstance(outcome.error, EventStreamError)
        assert outcome.error.response == {"Error": {"Code": "InternalStreamFailure", "Message": "out of luck"}}

    def test_hand_the_exception_message_over_as_bytes_to_who_reads_the_wire(self) -> None:
        given: list[bytes] = []
        outcome_of(lambda chunks: given.extend(chunks) or [], FAILING, accepts="chunks")
        assert b"InternalStreamFailure" in given[-1]


async def coroutine(parts: AsyncIterator[bytes]) -> list[str]:
    return ["a"]


NO_DECODERS = [
    (lambda parts: iter([17]), r"mine yielded 17 \(int\), not text deltas \(str\); wrap it .* or say with --yields"),
    (lambda parts: parts, r"mine yielded b'a' \(bytes\), not text deltas"),
    (lambda parts: None, "mine returned NoneType, which cannot be iterated; yield the text"),
    (lambda parts: 17, "mine returned int, which cannot be iterated; yield the text"),
    (coroutine, "mine is a coroutine function; make it an async generator that yields text"),
]


class TestWhatIsNoDecoder:
    @pytest.mark.parametrize(("target", "told"), NO_DECODERS)
    def test_is_refused_with_what_to_do(self, target: Callable[[Any], Any], told: str) -> None:
        with pytest.raises(TargetError, match=told):
            outcome_of(target)

    @pytest.mark.parametrize("error", [SystemExit(0), asyncio.CancelledError()], ids=lambda error: type(error).__name__)
    def test_cannot_end_the_judging_with_an_exception_that_is_no_error(self, error: BaseException) -> None:
        def leaves(parts: Iterator[bytes]) -> Iterator[str]:
            yield next(parts).decode()
            raise error

        assert outcome_of(leaves).ended == "error"
