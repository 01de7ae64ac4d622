"""Lateness, cost and caps: nothing is lost, but it comes late, dear or not at all when it is long."""

from collections.abc import Iterator

from sliceproof.conformance import judge
from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.drive import Outcome, drive
from sliceproof.conformance.judge import Breach
from sliceproof.conformance.requirement import SHOULD, Broken, Requirement
from sliceproof.conformance.waiting import unhurried
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

GROWTH = 2.0
"""How many times dearer a byte of the long stream may be than one of the short; quadratic cost gives 32."""
PATIENCE = 60.0


def _words(known: Dialect) -> list[Letter]:
    joined = [Letter("x", (("wire-join", 0),))]
    if known.framing != "raw":
        joined.append(Letter("x", (("join", 0),)))
    return [*letters(["x", "y", "z", "Hello"]), *joined]


def _unhurried(decoder: Decoder, mode: str, stream: Stream) -> Outcome:
    return unhurried(decoder, mode, stream, lambda outcome: judge.timely(stream, outcome, decoder.yields) is not None)


def _long_records(known: Dialect) -> Iterator[Stream]:
    """Records just past the caps that line readers are known to have."""
    lengths = (10_000, 70_000, 140_000, 1_100_000)
    for length in lengths:
        yield Stream(known.id, ("x" * length,))
    for length in lengths:
        plain = Stream(known.id, ("x" * length,))
        yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], *every(8192, len(plain.body))})))


def _shapes(known: Dialect) -> Iterator[Stream]:
    """Pairs of a short and a 32 times longer stream of one shape."""
    for count in (250, 8000):
        plain = Stream(known.id, ("x",) * count)
        yield plain.but(chunk_cuts=())
    for count in (250, 8000):
        yield Stream(known.id, ("x",) * count)
    for length in (65_536, 2_097_152):
        plain = Stream(known.id, ("x" * length,))
        yield plain.but(part_cuts=every(4096, len(plain.body)))


def _cost(decoder: Decoder, mode: str, stream: Stream) -> float:
    """CPU seconds a byte, the best of three."""
    chunks, best, clock = stream.chunks, float("inf"), decoder.cpu_seconds
    assert clock is not None  # or it is not asked
    for _ in range(3):
        begun = clock()
        drive(decoder, mode, stream, PATIENCE)
        best = min(best, clock() - begun)
        if best > 1.0:
            break
    return best / sum(map(len, chunks))


def _growth(decoder: Decoder, mode: str, long: Stream, short: Stream) -> float:
    """How many times dearer a byte of *long* is; 0 if the clock saw nothing, as of a child that died."""
    cost = _cost(decoder, mode, short)
    return _cost(decoder, mode, long) / cost if cost > 0 else 0.0


def _quadratic(decoder: Decoder, stream: Stream) -> Broken | None:
    """Compare the cost a byte of *stream* with that of one 32 times shorter."""
    short = _short_of(stream)
    if short is None:
        return None
    for mode in decoder.modes:
        growth = _growth(decoder, mode, stream, short)
        if growth > GROWTH:
            growth = min(growth, _growth(decoder, mode, stream, short))
        if growth > GROWTH:
            outcome = drive(decoder, mode, stream, PATIENCE)
            told = f"{len(stream.wire):,} bytes cost about {growth:.0f} times as much a byte as {len(short.wire):,}"
            return Broken(stream, mode, Breach("costs more the longer it gets", "the same cost a byte", told), outcome)
    return None


def _short_of(stream: Stream) -> Stream | None:
    tokens = stream.tokens
    if len(tokens) >= 8000:
        short = Stream(stream.dialect, tokens[: len(tokens) // 32])
        return short if stream.chunk_cuts is None else short.but(chunk_cuts=())
    if tokens and len(tokens[0]) >= 1_000_000:
        short = Stream(stream.dialect, (tokens[0][: len(tokens[0]) // 32],))
        return short.but(part_cuts=every(4096, len(short.body)))
    return None


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
        contains=("R2", "O1"),
        letters=_words,
        trial=_unhurried,
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
        contains=("R1",),
        letters=lambda known: [],
        more=_long_records,
        layer="lines",
        searched=False,
        blames="line",
    ),
)
