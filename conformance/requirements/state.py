"""State and calling: one stream must not colour the next, and each way of calling must agree."""

from collections.abc import Iterator
from typing import Any

from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.drive import Intrusion, Outcome, drive, origins
from sliceproof.conformance.judge import Breach, described, joined
from sliceproof.conformance.requirement import MUST, Broken, Requirement
from sliceproof.strategies.hazards import ALLOWED_ONLY, HAZARDS, hazard
from sliceproof.strategies.letters import Letter, compose
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Fault, Stream


class Thrown(Exception):  # noqa: N818 - it stands for whatever a consumer may throw
    """What a consumer throws into a decoder while it waits for more."""


def _plain(known: Dialect) -> Iterator[Stream]:
    yield Stream(known.id, ("x", "y"))
    yield Stream(known.id, ("x", "y", "x"))


def _after_others(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Run *stream* after itself and a broken-off one, and beside another, as a busy process does."""
    leftover = Stream(stream.dialect, ("left", "over"))
    half = leftover.records[0].stop + (leftover.records[1].stop - leftover.records[0].stop) // 2
    broken_off = leftover.but(fault=Fault("broken-off", half))
    drive(decoder, mode, stream)
    drive(decoder, mode, broken_off)
    return drive(decoder, mode, stream, intrusion=Intrusion(call=lambda: drive(decoder, mode, broken_off)))


def _throwing(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    """Throw into the decoder after the first item, then in another run after the second."""
    outcome = drive(decoder, mode, stream, intrusion=Intrusion(1, throw=Thrown("thrown in by the consumer")))
    if isinstance(outcome.error, Thrown):
        second = drive(decoder, mode, stream, intrusion=Intrusion(2, throw=Thrown("thrown in by the consumer")))
        if len(second.items) > 1:
            return second
    return outcome


def _reaches(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    if outcome.error is not None and any(isinstance(one, Thrown) for one in origins(outcome.error)):
        return None
    if not outcome.items:
        return None  # it gave nothing, so nothing could be thrown; others blame that
    how = "swallowed: it goes on" if outcome.ended == "end" else described(outcome.error)
    return Breach("swallows the consumer's exception", "the consumer's own exception", how, "end")


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
        decoders=_throwable,
        layer="messages",
        searched=False,
        blames="end",
    ),
)
