"""T4: the source fails."""

from collections.abc import Iterator
from dataclasses import replace

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import SOURCE_FAULTS, inside_message
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.crossing import words
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect, Framing
from sliceproof.wire.stream import Stream


def _source_errors(dialect: Dialect) -> list[Letter]:
    return [Letter("x", fault=fault, fault_mark=k) for fault in SOURCE_FAULTS for k in (0, 1, 5, 60)]


def _source_errors_anywhere(dialect: Dialect) -> Iterator[Stream]:
    """The source raises before it gives anything, between messages, inside one, with half a record held, late."""
    plain = Stream(dialect.id, words(3))
    first, second = plain.frame_stops[:2]
    for fault in SOURCE_FAULTS:
        for at in (first, second, *inside_message(first, second), 0):
            yield plain.but(fault=replace(fault, at=at))
    if dialect.framing is not Framing.RAW:
        record = plain.records[1]
        cut = plain.but(part_cuts=(record.start, record.start + 5))
        yield cut.but(fault=replace(SOURCE_FAULTS[0], at=cut.frame_stops[1]))
    late = Stream(dialect.id, words(12))
    yield late.but(fault=replace(SOURCE_FAULTS[0], at=late.frame_stops[10]))


def _raises_here(decoder: Decoder) -> str:
    return (
        ""
        if decoder.throwable or decoder.accepts == "endpoint"
        else "it runs in a process of its own, where its source is not ours to fail"
    )


REQUIREMENT = Requirement(
    id="T4",
    title="the source fails",
    rule="What the source raises before the finish mark, a reset or a timeout, reaches the consumer as an error.",
    source="HTTP clients raise where a body breaks off: urllib3, httpx, aiohttp, http.client",
    level=MUST,
    why="connections break; swallowed, a broken answer passes for a whole one",
    letters=_source_errors,
    more=_source_errors_anywhere,
    decoders=_raises_here,
    judge=judge.raises,
    layer="messages",
    blames="end",
)
