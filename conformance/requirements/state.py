"""State and calling: one stream must not colour the next, and each way of calling must agree."""

from asyncio import CancelledError
from collections.abc import Iterator
from functools import cache
from typing import Any

from sliceproof.conformance.harness.consumers import (
    Interruption,
    blocked_for,
    both,
    cancelled,
    given_up,
    interrupted,
    let_go,
)
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import (
    Intrusion,
    Outcome,
    drive,
    is_asynchronous,
    library_of,
    origins,
    seen_asynchronous,
)
from sliceproof.conformance.harness.loops import TRIO
from sliceproof.conformance.requirements.judge import Breach, described, joined, lossless
from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Broken, Requirement
from sliceproof.strategies.hazards import ALLOWED_ONLY, HAZARDS, hazard
from sliceproof.strategies.letters import Letter, compose
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.stream import Fault, Stream


class Thrown(Exception):  # noqa: N818 - it stands for whatever a consumer may throw
    """What a consumer throws into a decoder while it waits for more."""


def _plain(known: Dialect) -> Iterator[Stream]:
    yield Stream(known.id, ("x", "y"))
    yield Stream(known.id, ("x", "y", "x"))


def _after_others(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Run *stream* after others of each kind that leave something behind, and beside one, as a busy process does."""
    drive(decoder, mode, stream)
    for other, leaves in _leaving_something(stream.dialect):
        if other.fault is None or other.fault.kind != "source-error" or decoder.throwable:
            drive(decoder, mode, other, intrusion=Intrusion(leave=True) if leaves and decoder.throwable else None)
        outcome = drive(decoder, mode, stream)
        if lossless(stream, outcome, decoder.yields) is not None:
            return outcome
    broken_off = _leaving_something(stream.dialect)[0][0]
    return drive(decoder, mode, stream, intrusion=Intrusion(call=lambda: drive(decoder, mode, broken_off)))


@cache
def _leaving_something(dialect_id: str) -> tuple[tuple[Stream, bool], ...]:
    """Streams that end, or that the consumer leaves, while half a record, a character or a message is held."""
    leftover = Stream(dialect_id, ("left", "over", "é"), Style(ascii=False))
    first, second = leftover.records[:2]
    half = first.stop + max(1, (second.stop - second.start) // 2)
    joined = leftover.but(part_cuts=(half,))
    start, stop = leftover.frame_stops[:2]
    held = Fault("exception", 1, held=20)
    return (
        (leftover.but(fault=Fault("broken-off", half)), False),
        (leftover.but(fault=held), False),
        (joined, True),
        (leftover.but(chunk_cuts=((start + stop) // 2,)), True),
        (leftover.but(fault=Fault("source-error", (start + stop) // 2)), False),
        (leftover.but(fault=Fault("truncated", (start + stop) // 2)), False),
        (leftover.but(fault=Fault("corrupt", start + 9)), False),
    )


def _throwing(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Throw into the decoder after the first item, then in another run after the second."""
    outcome = drive(decoder, mode, stream, intrusion=Intrusion(1, throw=Thrown("thrown in by the consumer")))
    if isinstance(outcome.error, Thrown):
        second = drive(decoder, mode, stream, intrusion=Intrusion(2, throw=Thrown("thrown in by the consumer")))
        if len(second.items) > 1:
            return second
    return outcome


def _reaches(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    if _comes_of(outcome.error, Thrown):
        return None
    if not outcome.items:
        return None  # it gave nothing, so nothing could be thrown; others blame that
    how = "swallowed: it goes on" if outcome.ended == "end" else described(outcome.error)
    return Breach("swallows the consumer's exception", "the consumer's own exception", how, "end")


def _between(known: Dialect) -> Iterator[Stream]:
    """Streams in which half a record, half a message and half a character are held between two pulls."""
    plain = Stream(known.id, ("left", "over", "and", "gone"))
    if known.framing != "raw":
        halves = tuple([(record.start + record.stop) // 2 for record in plain.records[:4]])
        yield plain.but(part_cuts=halves)
    starts = (0, *plain.frame_stops[:-1])
    yield plain.but(chunk_cuts=tuple([(one + two) // 2 for one, two in zip(starts, plain.frame_stops, strict=True)]))
    accents = Stream(known.id, ("é", "ö"), Style(ascii=False))
    yield accents.but(part_cuts=tuple([record.text_start + 1 for record in accents.records[:2]]))
    yield plain


def _interleaved(decoder: Decoder, stream: Stream) -> Broken | None:
    """Two streams that are read at once; each comes out as if it were alone."""
    other = _of_other_words(stream)
    for mode in decoder.modes:
        for one, outcome in zip((stream, other), both(decoder, mode, stream, other), strict=True):
            breach = lossless(one, outcome, decoder.yields)
            alone = both(decoder, mode, one, None)[0] if breach else outcome
            if breach is not None and lossless(one, alone, decoder.yields) is None:
                return Broken(stream, mode, breach, outcome)
    return None


def _of_other_words(stream: Stream) -> Stream:
    """As many deltas of other words, each as long, so that the same cuts fall at the same places."""
    tokens = tuple([token.translate(_OTHER_LETTERS) for token in stream.tokens])
    return Stream(stream.dialect, tokens, stream.style, stream.part_cuts, stream.chunk_cuts)


_OTHER_LETTERS = str.maketrans("leftovrandgéö", "LEFTOVRANDGÉÖ")


def _waits(known: Dialect) -> Iterator[Stream]:
    yield Stream(known.id, ("x", "y", "z"))


def _interruptions(decoder: Decoder, stream: Stream) -> Broken | None:
    """Leave, and interrupt while the decoder waits: what the consumer raised or closed is not swallowed."""
    for mode in decoder.modes:
        outcome = drive(decoder, mode, stream, intrusion=Intrusion(1, leave=True))
        is_async = is_asynchronous(decoder, mode, stream)
        if outcome.ended == "error" and outcome.items and not _comes_of(outcome.error, GeneratorExit):
            told = Breach("swallows GeneratorExit", "an end when it is closed", described(outcome.error), "end")
            return Broken(stream, mode, told, outcome)
        for at in (1, 2):
            cancels = _cancelled_at if is_async else _interrupted_at
            how = "" if _under_trio(decoder, mode, stream) else cancels(decoder, mode, stream, at)
            if how:
                what = "CancelledError" if is_async else "an interruption"
                return Broken(stream, mode, Breach(f"swallows {what}", f"{what} at the consumer", how, "end"), outcome)
    return None


def _comes_of(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error is, or comes of, or holds one of *kind*: task groups raise what reached them in a group."""
    return error is not None and any(isinstance(one, kind) for one in origins(error))


def _under_trio(decoder: Decoder, mode: str, stream: Stream) -> bool:
    """Whether a mode runs under trio, where no task can be cancelled from outside as asyncio's can."""
    return is_asynchronous(decoder, mode, stream) and library_of(decoder, mode, stream) == TRIO


def _cancelled_at(decoder: Decoder, mode: str, stream: Stream, at: int) -> str:
    """How a cancellation was swallowed, or ""."""
    ended = cancelled(decoder, mode, stream, at)
    if ended is None or ended.how == "cancelled":
        return ""
    if _comes_of(ended.error, CancelledError):
        return ""
    return {"hang": "it waits on", "end": "a normal end"}.get(ended.how) or described(ended.error)


def _interrupted_at(decoder: Decoder, mode: str, stream: Stream, at: int) -> str:
    """How an interruption was swallowed, or ""."""
    outcome = interrupted(decoder, mode, stream, at)
    if outcome is None or _comes_of(outcome.error, Interruption):
        return ""
    return described(outcome.error) if outcome.error else "a normal end"


def _keeps_its_source(decoder: Decoder, stream: Stream) -> Broken | None:
    for mode in decoder.modes:
        if not let_go(decoder, mode, stream):
            outcome = drive(decoder, mode, stream, intrusion=Intrusion(1, leave=True))
            told = Breach(
                "keeps its source open", "a source that is closed, or held by nobody", "one still held", "end"
            )
            return Broken(stream, mode, told, outcome)
    return None


def _loses_in_a_wait(decoder: Decoder, stream: Stream) -> Broken | None:
    """A decoder that goes on after a wait was given up goes on whole."""
    for mode in decoder.modes:
        if not is_asynchronous(decoder, mode, stream) or decoder.yields != "text" or _under_trio(decoder, mode, stream):
            continue
        for number in range(len(stream.tokens)):
            for turns in (1, 2, 3, 4, 5, 6):
                told = given_up(decoder, mode, stream, number, turns)
                got = "".join(told.items) if told else stream.text
                if told is not None and told.after and got != stream.text:
                    outcome = drive(decoder, mode, stream)
                    breach = Breach(
                        "loses what it had read when a wait is given up", repr(stream.text), repr(got), "order"
                    )
                    return Broken(stream, mode, breach, outcome)
    return None


BLOCKING = 0.02
"""Seconds without computing that an event loop may be kept waiting; a pause of a busy machine is not repeated."""


def _blocks(decoder: Decoder, stream: Stream) -> Broken | None:
    for mode in decoder.modes:
        if (
            is_asynchronous(decoder, mode, stream)
            and not _under_trio(decoder, mode, stream)
            and all(blocked_for(decoder, mode, stream) > BLOCKING for _ in range(7))
        ):
            told = Breach(
                "blocks the event loop", "the loop goes on while it waits", "a wait that stops the loop", "order"
            )
            return Broken(stream, mode, told, drive(decoder, mode, stream))
    return None


def _async_only(decoder: Decoder) -> str:
    if not any(map(seen_asynchronous, decoder.modes.values())):
        return "the decoder is not async"
    return _throwable(decoder)


def _one_mode(decoder: Decoder) -> str:
    return "" if {"sync", "async"} <= set(decoder.modes) else "the decoder has one way of being called"


def _throwable(decoder: Decoder) -> str:
    return "" if decoder.throwable else "it runs in a process of its own, and nothing can be thrown into that"


def _everything(known: Dialect) -> Iterator[Stream]:
    """Every kind of fault, and the first letters of each MUST hazard."""
    kinds = ("exception",) if known.error is None else ("exception", "error-record")
    for kind in kinds:
        for tokens in ((), ("x",)):
            yield Stream(known.id, tokens, fault=Fault(kind, len(tokens)))
    yield from _plain(known)
    for id_ in HAZARDS:
        if id_ not in ALLOWED_ONLY:
            for letter in hazard(id_, known)[:4]:
                yield compose(known.id, (letter,))
                yield compose(known.id, (letter, Letter("y")))


def _differing(decoder: Decoder, stream: Stream) -> Broken | None:
    sync, other = drive(decoder, "sync", stream), drive(decoder, "async", stream)
    one, two = _told(sync, decoder.yields), _told(other, decoder.yields)
    if one == two:
        return None
    return Broken(
        stream, "async", Breach("gives one thing sync and another async", f"{one} (sync)", f"{two} (async)"), other
    )


def _told(outcome: Outcome, yields: str) -> Any:
    end = "" if outcome.ended == "end" else f", then {type(outcome.error).__name__}"
    return f"{joined(outcome, yields)!r}{end}"


REQUIREMENTS = (
    Requirement(
        id="X1",
        title="streams are independent",
        rule="A stream that was broken off or abandoned leaves nothing behind for the next.",
        source="a process decodes many streams, one after the other and at once",
        level=MUST,
        why="text of one user in another's answer is text invented",
        seen=("thunderbird/thunderbolt#905", "theopenco/llmgateway#1698"),
        letters=lambda known: [],
        more=_plain,
        trial=_after_others,
        contains=("R4",),
        layer="messages",
        blames="order",
    ),
    Requirement(
        id="X3",
        title="two streams at once",
        rule="Two streams that one decoder reads at the same time come out as each would alone.",
        source="a server answers many users at once, from threads or tasks",
        level=MUST,
        why="text of one user in another's answer is text invented",
        letters=lambda known: [],
        more=_between,
        compare=_interleaved,
        decoders=_throwable,
        layer="messages",
        searched=False,
        contains=("X1",),
        blames="order",
    ),
    Requirement(
        id="X2",
        title="sync and async agree",
        rule="The same stream gives the same text and the same end, called sync or async.",
        source="both are the same decoder to its users",
        level=MUST,
        why="one of the two is wrong",
        seen=("run-llama/llama_index#22224", "BerriAI/litellm 1.65.1 to 1.108.11"),
        letters=lambda known: [],
        more=_everything,
        compare=_differing,
        decoders=_one_mode,
        layer="messages",
        searched=False,
    ),
    Requirement(
        id="C1",
        title="the consumer's own exception",
        rule="An exception that the consumer throws into the decoder reaches the consumer.",
        source="PEP 342, PEP 525: throw() raises at the yield",
        level=MUST,
        why="a swallowed cancellation or error is an error that is hidden",
        seen=("BerriAI/litellm async up to 1.108.11",),
        letters=lambda known: [],
        more=_plain,
        trial=_throwing,
        judge=_reaches,
        decoders=_throwable,
        layer="messages",
        searched=False,
        blames="end",
    ),
    Requirement(
        id="C2",
        title="cancellation",
        rule="GeneratorExit, CancelledError and KeyboardInterrupt end the decoder and reach who sent them.",
        source="PEP 342 and 525: a generator that is closed ends; asyncio: CancelledError is not to be swallowed",
        level=MUST,
        why="a swallowed cancellation keeps a connection and its task for ever",
        contains=("C1",),
        letters=lambda known: [],
        more=_waits,
        compare=_interruptions,
        decoders=_throwable,
        layer="messages",
        searched=False,
        blames="end",
    ),
    Requirement(
        id="C3",
        title="the source let go",
        rule="A decoder that its consumer has left closes its source, or at least holds it no longer.",
        source="HTTP clients give a connection back when the body's iterator is closed or gone",
        level=SHOULD,
        why="nothing is lost, but connections run out",
        letters=lambda known: [],
        more=_waits,
        compare=_keeps_its_source,
        decoders=_throwable,
        layer="messages",
        searched=False,
        blames="end",
    ),
    Requirement(
        id="C4",
        title="a wait given up",
        rule="A decoder that can be read on after a cancelled wait (a generator cannot) loses nothing by it.",
        source="asyncio.wait_for cancels a wait; consumers use it for heartbeats",
        level=SHOULD,
        why="most decoders are generators and end at a cancelled wait, which their consumer sees",
        letters=lambda known: [],
        more=_waits,
        compare=_loses_in_a_wait,
        decoders=_async_only,
        searched=False,
        blames="order",
    ),
    Requirement(
        id="C5",
        title="the event loop goes on",
        rule="An async decoder does not stop its event loop while it waits.",
        source="asyncio: blocking code is not to be called directly",
        level=SHOULD,
        why="nothing is lost, but all other answers of the process stand still",
        letters=lambda known: [],
        more=_waits,
        compare=_blocks,
        decoders=_async_only,
        layer="messages",
        searched=False,
        blames="order",
    ),
)
