"""H1: it ends."""

from collections.abc import Iterator
from dataclasses import replace

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import SOURCE_FAULTS, malformed_streams
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream


def _all_ends(dialect: Dialect) -> Iterator[Stream]:
    """Every way in which a stream can end, well or badly; those that decoders wait at first."""
    plain = Stream(dialect.id, ("x", "y"))
    if dialect.framing.by_line:
        yield plain.but(style=Style(tail="bare", done=False))
    for at in (1, 0, 11, 12, 40, len(plain.wire) - 1):
        yield plain.but(fault=Fault(FaultKind.TRUNCATED, at))
    for at in (1, len(plain.body) // 2, len(plain.body) - 1):
        yield plain.but(fault=Fault(FaultKind.BROKEN_OFF, at))
    for kind in ("silence", "exception", "oversized", "malformed", *(["error-record"] if dialect.error else [])):
        for at in (0, 1):
            yield plain.but(fault=Fault(kind, at))
    for at in (0, plain.frame_stops[0] - 1):
        yield plain.but(fault=Fault(FaultKind.CORRUPT, at))
    for at in (0, 5, plain.frame_stops[0]):
        yield plain.but(fault=replace(SOURCE_FAULTS[0], at=at))
    yield from malformed_streams(dialect)
    yield plain
    yield Stream(dialect.id, ())


REQUIREMENT = Requirement(
    id="H1",
    title="it ends",
    rule="However a stream ends, the decoder ends too.",
    source="an iterator that said it is exhausted has no more",
    level=MUST,
    why="a hang takes its caller with it",
    seen=("langchain-aws 1.9.1 (live)",),
    letters=lambda dialect: [],
    more=_all_ends,
    judge=judge.ends,
    layer="messages",
    searched=False,
    blames="end",
    shows=lambda stream: stream.fault is not None,
)
