"""State and calling: one stream must not colour the next, and each way of calling must agree."""

from collections.abc import Iterator
from typing import Any

from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.drive import Collector, Outcome, drive, feed_of, opened
from sliceproof.conformance.judge import Breach, described, joined
from sliceproof.conformance.requirement import MUST, Broken, Requirement
from sliceproof.conformance.watchdog import Hang, watching
from sliceproof.strategies.hazards import ALLOWED_ONLY, HAZARDS, hazard
from sliceproof.strategies.letters import Letter, compose
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Fault, Stream


class Thrown(Exception):  # noqa: N818 - it stands for whatever a consumer may throw
    """What a consumer throws into a decoder while it waits for more."""


def _plain(known: Dialect) -> Iterator[Stream]:
    yield Stream(known.id, ("x", "y"))
    yield Stream(known.id, ("x", "y", "z"))


def _after_others(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Run *stream* after a broken-off one and beside an abandoned one, as a busy process does."""
    leftover = Stream(stream.dialect, ("left", "over"))
    half = leftover.records[0].stop + (leftover.records[1].stop - leftover.records[0].stop) // 2
    drive(decoder, mode, leftover.but(fault=Fault("broken-off", half)))
    collector = Collector(feed_of(decoder, stream), decoder, 1000 + 8 * len(stream.body))
    try:
        with watching(None), opened(decoder, mode, stream, collector.feed) as items:
            for number, item in enumerate(items):
                collector.take(item)
                if number == 0:
                    drive(decoder, mode, leftover.but(fault=Fault("broken-off", half)))
    except Hang as hang:
        return collector.outcome("hang", hang)
    except Exception as error:
        return collector.outcome("error", error)
    return collector.outcome("end")


def _throwing(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Take the first item, then throw into the decoder as `with` blocks and frameworks do."""
    collector = Collector(feed_of(decoder, stream), decoder, 1000 + 8 * len(stream.body))
    thrown = Thrown("thrown in by the consumer")
    try:
        with watching(None), opened(decoder, mode, stream, collector.feed) as items:
            for item in items:
                collector.take(item)
                if hasattr(items, "throw"):
                    collector.take(items.throw(thrown))
                    break
                return collector.outcome("error", thrown)
    except Hang as hang:
        return collector.outcome("hang", hang)
    except Exception as error:
        return collector.outcome("error", error)
    return collector.outcome("end")


def _reaches(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    error: BaseException | None = outcome.error
    while error is not None:
        if isinstance(error, Thrown):
            return None
        error = error.__cause__ or error.__context__
    if not outcome.items:
        return None  # it gave nothing, so nothing could be thrown; others blame that
    how = "swallowed: it goes on" if outcome.ended == "end" else described(outcome.error)
    return Breach("swallows the consumer's exception", "the consumer's own exception", how, "end")


def _one_mode(decoder: Decoder) -> str:
    return "" if {"sync", "async"} <= set(decoder.modes) else "the decoder has one way of being called"


def _everything(known: Dialect) -> Iterator[Stream]:
    """The first letters of each MUST hazard, and every kind of fault."""
    yield from _plain(known)
    for id_ in HAZARDS:
        if id_ not in ALLOWED_ONLY:
            for letter in hazard(id_, known)[:4]:
                yield compose(known.id, (letter,))
                yield compose(known.id, (letter, Letter("y")))
    yield Stream(known.id, ("x",), fault=Fault("exception", 1))
    if known.error is not None:
        yield Stream(known.id, ("x",), fault=Fault("error-record", 1))


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
        layer="messages",
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
        layer="messages",
        searched=False,
        blames="end",
    ),
)
