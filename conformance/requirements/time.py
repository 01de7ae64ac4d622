"""Lateness, cost and caps: nothing is lost, but it comes late, dear or not at all when it is long."""

from collections.abc import Iterator

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.growth import FULL, growth
from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.judge import Breach
from sliceproof.conformance.requirements.requirement import SHOULD, Broken, Requirement
from sliceproof.conformance.requirements.waiting import unhurried_by
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

PATIENCE = 60.0


def _words(known: Dialect) -> list[Letter]:
    joined = [Letter("x", (("wire-join", 0),))]
    if known.framing != "raw":
        joined.append(Letter("x", (("join", 0),)))
    return [*letters(["x", "y", "z", "Hello"]), *joined]


def _long_records(known: Dialect) -> Iterator[Stream]:
    """Records just past the caps that line readers are known to have."""
    lengths = (10_000, 70_000, 140_000, 1_100_000)
    for length in lengths:
        yield Stream(known.id, ("x" * length,))
    for length in lengths:
        plain = Stream(known.id, ("x" * length,))
        yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], *every(8192, len(plain.body))})))


COUNT, LENGTH = 4096, 2_097_152
WIDE, WIDTH = 1024, 1024
"""Deltas, and characters in each, of what comes joined: long ones, so that to copy what is left shows."""


def _shapes(known: Dialect) -> Iterator[Stream]:
    """Many records: in one chunk, each in one of its own, all in one part; and a long one in many parts."""
    wide = Stream(known.id, ("x" * WIDTH,) * WIDE)
    yield wide.but(chunk_cuts=())
    yield Stream(known.id, ("x",) * COUNT)
    if known.framing in ("sse", "lines"):
        yield wide.but(part_cuts=())
    yield _in_parts(Stream(known.id, ("x" * LENGTH,)))


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
            told = f"{len(long.wire):,} bytes cost about {grown.dearer:.0f} times as much a byte as {len(short.wire):,}"
            breach = Breach("costs more the longer it gets", "the same cost a byte", told)
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


REQUIREMENTS = (
    Requirement(
        id="W1",
        title="as soon as it is complete",
        rule="A delta whose bytes are all there comes out while the source has nothing more to give.",
        source="streaming is for those who read along",
        level=SHOULD,
        why="late text is not lost",
        seen=("langchain documentation on SSE",),
        contains=("R4", "R2", "O1"),
        letters=_words,
        trial=unhurried_by(judge.timely),
        judge=judge.timely,
        blames="order",
    ),
    Requirement(
        id="Q1",
        title="cost grows with the stream",
        rule="A stream 32 times as long costs about 32 times as much.",
        source="a byte needs to be looked at a fixed number of times",
        level=SHOULD,
        why="a cost; nothing is lost",
        seen=("openai/openai-node#2324", "rexxars/eventsource-parser#28", "botocore (live)"),
        letters=lambda known: [],
        more=_shapes,
        compare=_quadratic,
        decoders=_clocked,
        layer="messages",
        searched=False,
        once=True,
    ),
    Requirement(
        id="Q2",
        title="long records",
        rule="A record of a megabyte comes out like a short one.",
        source="no dialect limits its records",
        level=SHOULD,
        why="a cap; containers rarely write so much into one record",
        seen=("aio-libs/aiohttp#4453", "NVIDIA/TensorRT-LLM#13952"),
        contains=("R4", "F7", "R1"),
        letters=lambda known: [],
        more=_long_records,
        layer="lines",
        searched=False,
        blames="line",
    ),
)
