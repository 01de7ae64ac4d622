"""Q1: cost grows with the stream."""

from collections.abc import Iterator

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.growth import FULL, growth
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.requirement import SHOULD, Broken, Requirement
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

PATIENCE = 60.0


COUNT, LENGTH = 4096, 2_097_152


WIDE, WIDTH = 1024, 1024
"""Deltas, and characters in each, of what comes joined: long ones, so that to copy what is left shows."""


def _shapes(dialect: Dialect) -> Iterator[Stream]:
    """Many records: in one chunk, each in one of its own, all in one part; and a long one in many parts."""
    wide = Stream(dialect.id, ("x" * WIDTH,) * WIDE)
    yield wide.but(chunk_cuts=())
    yield Stream(dialect.id, ("x",) * COUNT)
    if dialect.framing.by_line:
        yield wide.but(part_cuts=())
    yield _in_parts(Stream(dialect.id, ("x" * LENGTH,)))


def _in_parts(stream: Stream) -> Stream:
    return stream.but(part_cuts=every(4096, len(stream.body)))


def _lengthened(stream: Stream, times: int) -> Stream:
    """A stream of the shape of *stream* that is so many 32nds as long."""
    if len(stream.tokens) > 1:
        tokens = (stream.tokens * (times // FULL + 1))[: len(stream.tokens) * times // FULL]
        return Stream(
            stream.dialect,
            tokens,
            part_cuts=() if stream.part_cuts == () else None,
            chunk_cuts=() if stream.chunk_cuts == () else None,
        )
    text = (stream.tokens[0] * (times // FULL + 1))[: len(stream.tokens[0]) * times // FULL]
    return _in_parts(Stream(stream.dialect, (text,)))


def _long_enough(stream: Stream) -> bool:
    return len(stream.tokens) >= COUNT or len(stream.text) >= WIDE * WIDTH


def _quadratic(decoder: Decoder, stream: Stream) -> Broken | None:
    """Compare what a byte of *stream* costs with what it costs in one of the same shape and a 32nd as long."""
    if not _long_enough(stream):
        return None
    for mode in decoder.modes:
        lengths: dict[int, Stream] = {}
        grown = growth(lambda times, mode=mode, lengths=lengths: _cost(decoder, mode, stream, lengths, times))  # type: ignore[misc]
        if grown is not None:
            short, long = lengths[1], lengths[grown.times]
            text = f"{len(long.wire):,} bytes cost about {grown.dearer:.0f} times as much a byte as {len(short.wire):,}"
            breach = Breach(BreachKind.COSTS_MORE, "the same cost a byte", text)
            return Broken(stream, mode, breach, drive(decoder, mode, short, PATIENCE))
    return None


def _cost(decoder: Decoder, mode: str, stream: Stream, lengths: dict[int, Stream], times: int) -> float | None:
    """CPU seconds for *stream* made so many 32nds as long; None where it fails. `lengths` keeps what was made."""
    clock = decoder.cpu_seconds
    assert clock is not None  # or it is not asked
    if times not in lengths:
        lengths[times] = _lengthened(stream, times)
        assert lengths[times].chunks  # composed before the clock is read
    begun = clock()
    outcome = drive(decoder, mode, lengths[times], PATIENCE)
    return clock() - begun if outcome.ended == "end" else None


def _clocked(decoder: Decoder) -> str:
    return "" if decoder.cpu_seconds else "it runs in a process of its own, whose CPU time cannot be read here"


REQUIREMENT = Requirement(
    id="Q1",
    title="cost grows with the stream",
    rule="A stream 32 times as long costs about 32 times as much.",
    source="a byte needs to be looked at a fixed number of times",
    level=SHOULD,
    why="a cost; nothing is lost",
    seen=("openai/openai-node#2324", "rexxars/eventsource-parser#28", "botocore (live)"),
    letters=lambda dialect: [],
    more=_shapes,
    compare=_quadratic,
    decoders=_clocked,
    layer="messages",
    searched=False,
    once=True,
    unasked_of_clients="what a client costs is mostly its connections",
)
