"""What is asked about calling: one stream after and beside others, sync beside async, and a consumer that throws."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import pytest

from sliceproof.conformance.harness.contract import Decoder, Mode, of_callable
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.rules.c1 import Thrown
from sliceproof.strategies.hazards import ALLOWED_ONLY, HAZARDS, hazard
from sliceproof.strategies.letters import compose
from sliceproof.wire.dialects import DIALECTS, Dialect, Style
from sliceproof.wire.stream import Stream

X1, X2, C1 = (REQUIREMENTS[id_] for id_ in ("X1", "X2", "C1"))
EACH = pytest.mark.parametrize("known", DIALECTS.values(), ids=DIALECTS)
TWO, THREE = Stream("text", ("a", "b")), Stream("text", ("a", "b", "c"))


class Decoding:
    """A decoder of parts that gives the text of a stream it knows, and notes which parts each run was given."""

    def __init__(self) -> None:
        self.begun: list[list[bytes]] = []
        self.ended: list[int] = []

    def decode(self, parts: Iterable[bytes]) -> Iterator[str]:
        number = len(self.begun)
        self.begun.append([])
        try:
            for text, part in zip(chain("xyz", repeat("")), parts, strict=False):
                self.begun[number].append(part)
                yield text
        finally:
            self.ended.append(number)


class TestAStreamAmongOthers:
    @EACH
    def test_comes_after_others_that_end_with_something_held_and_beside_one(self, known: Dialect) -> None:
        stream = Stream(known.id, ("x", "y", "z"))
        decoding = Decoding()
        X1.trial(of_callable(decoding.decode, "decode", accepts="parts"), "sync", stream)
        assert decoding.begun[0] == list(stream.parts)
        others = [parts for parts in decoding.begun if b"".join(parts) != stream.body]
        assert len(others) >= 7
        halves = [b"".join(parts) for parts in others]
        whole = Stream(known.id, ("left", "over", "é"), Style(ascii=False)).body
        assert all(whole.startswith(half) for half in halves if half)
        assert any(len(half) not in (0, len(whole)) for half in halves)
        assert decoding.ended[-1] < decoding.ended[-2]  # the last run ends around another

    def test_is_judged_by_the_run_beside_another(self) -> None:
        runs: list[int] = []

        def third_differs(parts: Iterable[bytes]) -> Iterator[str]:
            runs.append(1)
            third = len(runs) == 3
            for part in parts:
                yield "?" if third else part.decode("utf-8", "ignore")

        broken = X1.check(of_callable(third_differs, "mine", accepts="parts"), TWO)
        assert broken is not None
        assert broken.outcome.items == ("?", "?")


def two_ways(sync: str, other: str, error: Exception | None = None) -> Decoder:
    """Gives one text called sync and another called async, or ends there with an error."""

    def decode(parts: Iterable[bytes]) -> Iterator[str]:
        yield sync

    async def adecode(parts: Any) -> AsyncIterator[str]:
        yield other
        if error is not None:
            raise error

    return Decoder("mine", {"sync": Mode(lambda d, f: decode), "async": Mode(lambda d, f: adecode, is_async=True)})


class TestSyncAndAsync:
    def test_agree_if_they_give_the_same(self) -> None:
        assert X2.check(two_ways("a", "a"), TWO) is None

    @pytest.mark.parametrize(("sync", "other"), [("a", "b"), ("b", "a"), ("", "a"), ("a", "")])
    def test_differ_in_text(self, sync: str, other: str) -> None:
        broken = X2.check(two_ways(sync, other), TWO)
        assert broken is not None
        assert (broken.mode, broken.outcome.items) == ("async", (other,))
        assert (broken.breach.expected, broken.breach.got) == (f"{sync!r} (sync)", f"{other!r} (async)")

    def test_differ_in_how_they_end(self) -> None:
        broken = X2.check(two_ways("a", "a", ValueError("no")), TWO)
        assert broken is not None
        assert (broken.breach.expected, broken.breach.got) == ("'a' (sync)", "'a', then ValueError (async)")

    @pytest.mark.parametrize(("text", "same"), [("a", True), ("b", False)])
    def test_may_raise_exceptions_of_two_classes_behind_the_same_text(self, text: str, same: bool) -> None:
        """A fault is to be an exception, of any type: who is built on two libraries raises those of each."""

        def raises(parts: Iterable[bytes]) -> Iterator[str]:
            yield text
            raise KeyError("no")

        modes = {**two_ways("", "a", ValueError("no")).modes, "sync": Mode(lambda d, f: raises)}
        assert (X2.check(Decoder("mine", modes), TWO) is None) is same

    @EACH
    def test_are_shown_each_error_before_and_after_text(self, known: Dialect) -> None:
        shown = [stream for stream in X2.sweep(known) if stream.fault]
        kinds = {"exception", "error-record"} if known.error else {"exception"}
        assert {(stream.fault.kind, stream.text) for stream in shown if stream.fault} == {
            (kind, text) for kind in kinds for text in ("", "x")
        }

    @EACH
    def test_are_shown_something_of_each_hazard_that_is_real_and_nothing_that_is_only_allowed(
        self, known: Dialect
    ) -> None:
        shown = set(X2.sweep(known))
        for id_ in HAZARDS:
            real = id_ not in ALLOWED_ONLY
            first = hazard(id_, known)[:2]
            assert all((compose(known.id, (letter,)) in shown) is real for letter in first), id_

    @EACH
    def test_are_shown_plain_text(self, known: Dialect) -> None:
        plain = [stream for stream in X2.sweep(known) if stream == Stream(known.id, stream.tokens)]
        assert any(len(stream.tokens) > 1 for stream in plain)


def passes_on(parts: Iterable[bytes]) -> Iterator[str]:
    for part in parts:
        yield part.decode()


def goes_on_after(numbers: tuple[int, ...]) -> Callable[[Iterable[bytes]], Iterator[str]]:
    """Swallows what is thrown into it after the items of these numbers, and goes on."""

    def decode(parts: Iterable[bytes]) -> Iterator[str]:
        for number, part in enumerate(parts, 1):
            try:
                yield part.decode()
            except Thrown:
                if number not in numbers:
                    raise

    return decode


def ends_after_the_first(parts: Iterable[bytes]) -> Iterator[str]:
    """Ends in peace when it is thrown into after its first item, and passes on what comes later."""
    try:
        yield "a"
    except Thrown:
        return
    yield "b"


def answers_first(parts: Iterable[bytes]) -> Iterator[str]:
    """Yields once more before it passes on what was thrown; swallows what comes after its second item."""
    try:
        yield "a"
    except Thrown:
        yield "!"
        raise
    try:
        yield "b"
    except Thrown:
        return


def at_once(parts: Iterable[bytes]) -> Iterator[str]:
    yield b"".join(parts).decode()


def nothing(parts: Iterable[bytes]) -> Iterator[str]:
    yield from ()


def changes_it(parts: Iterable[bytes]) -> Iterator[str]:
    try:
        yield from passes_on(parts)
    except Thrown as error:
        raise ValueError("changed") from error


def fails_over_it(parts: Iterable[bytes]) -> Iterator[str]:
    try:
        yield from passes_on(parts)
    except Thrown:
        raise ValueError("failed over it")  # noqa: B904 - so that only the context tells


def tells_it_later(parts: Iterable[bytes]) -> Iterator[str]:
    thrown = None
    try:
        yield from passes_on(parts)
    except Thrown as error:
        thrown = error
    raise ValueError("later") from thrown


def fails_of_another_cause(parts: Iterable[bytes]) -> Iterator[str]:
    try:
        yield from passes_on(parts)
    except Thrown:
        raise ValueError("failed over it") from KeyError("another")


async def in_a_task_group(parts: Any) -> AsyncIterator[str]:
    async with asyncio.TaskGroup():
        async for part in parts:
            yield part.decode()


def in_a_circle(parts: Iterable[bytes]) -> Iterator[str]:
    """Fails of an error that fails of this one."""
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    for part in parts:
        try:
            yield part.decode()
        except Thrown:
            break
    raise one


def renames_it(parts: Iterable[bytes]) -> Iterator[str]:
    """Says that nothing is behind its own error."""
    try:
        yield from passes_on(parts)
    except Thrown:
        raise ValueError("cannot read a part") from None


def hides_it(parts: Iterable[bytes]) -> Iterator[str]:
    thrown = False
    try:
        yield from passes_on(parts)
    except Thrown:
        thrown = True
    if thrown:
        raise ValueError("something else")


REACHED: list[Any] = [passes_on, at_once, nothing, changes_it, fails_over_it, fails_of_another_cause]
REACHED += [tells_it_later, in_a_task_group]
UNREACHED = [ends_after_the_first, answers_first, hides_it, renames_it, in_a_circle]


class TestWhatTheConsumerThrows:
    @pytest.mark.parametrize("target", REACHED, ids=lambda one: one.__name__)
    @pytest.mark.parametrize("stream", [TWO, THREE], ids=["two", "three"])
    def test_reaches_it_as_it_is_or_behind_another_error_or_in_a_group(self, target: Any, stream: Stream) -> None:
        assert C1.check(of_callable(target, "mine", accepts="parts"), stream) is None

    @pytest.mark.parametrize("numbers", [(1,), (2,), (1, 2)], ids=str)
    @pytest.mark.parametrize("stream", [TWO, THREE], ids=["two", "three"])
    def test_is_swallowed_after_the_first_or_the_second_item(self, numbers: tuple[int, ...], stream: Stream) -> None:
        broken = C1.check(of_callable(goes_on_after(numbers), "mine", accepts="parts"), stream)
        assert broken is not None
        assert broken.breach.what == "swallows the consumer's exception"
        assert broken.breach.got == "swallowed: it goes on"

    @pytest.mark.parametrize("target", UNREACHED, ids=lambda one: one.__name__)
    def test_is_swallowed_by_an_end_or_another_error_too(self, target: Any) -> None:
        assert C1.check(of_callable(target, "mine", accepts="parts"), TWO) is not None

    def test_lost_behind_another_error_is_told_with_that(self) -> None:
        broken = C1.check(of_callable(hides_it, "mine", accepts="parts"), TWO)
        assert broken is not None
        assert broken.breach.got == "ValueError: something else"

    def test_is_thrown_in_each_way_of_calling(self) -> None:
        sound, unsound = Mode(lambda d, f: passes_on), Mode(lambda d, f: goes_on_after((1,)))
        decoder = replace(of_callable(passes_on, "mine", accepts="parts"), modes={"sync": sound, "other": unsound})
        broken = C1.check(decoder, TWO)
        assert broken is not None
        assert broken.mode == "other"

    @EACH
    def test_is_thrown_into_text_of_two_deltas_and_of_more(self, known: Dialect) -> None:
        assert [len(stream.tokens) for stream in C1.sweep(known)] == [2, 3, 3, 3, 3]

    def test_is_thrown_in_while_more_deltas_of_a_chunk_or_of_a_part_are_held(self) -> None:
        streams = list(C1.sweep(DIALECTS["tgi-sse"]))
        assert () in [stream.chunk_cuts for stream in streams]
        assert () in [stream.part_cuts for stream in streams]
