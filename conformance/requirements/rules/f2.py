"""F2: corrupt message."""

from collections.abc import Iterator

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.crossing import words
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream


def _corrupt(dialect: Dialect) -> list[Letter]:
    return [Letter("x", fault=Fault(FaultKind.CORRUPT, 0), fault_mark=k) for k in (95, 0, 4, 8, 12, 20, 100, 110)]


def _every_byte_flipped(dialect: Dialect) -> Iterator[Stream]:
    """Two messages, and one byte of the first flipped: after the finish mark a decoder may have left."""
    plain = Stream(dialect.id, ("x", "y"))
    for at in range(plain.frame_stops[0]):
        yield plain.but(fault=Fault(FaultKind.CORRUPT, at))
    yield from _corrupt_cut(dialect)


def _corrupt_cut(dialect: Dialect) -> Iterator[Stream]:
    """A flipped byte in the second of three messages, first or late, in chunks that cut and join it."""
    for count in (3, 12):
        plain = Stream(dialect.id, words(count))
        start, stop = plain.frame_stops[count - 3 : count - 1]
        for at in (start + 9, start + 20, stop - 8, stop - 2):
            spoilt = plain.but(fault=Fault(FaultKind.CORRUPT, at))
            for cuts in ((), (start,), (start + 5,), (stop - 6,), every(7, len(plain.wire))):
                yield spoilt.but(chunk_cuts=cuts)


REQUIREMENT = Requirement(
    id="F2",
    title="corrupt message",
    rule="A message whose checksums do not match is an error, wherever it stands and however it is cut.",
    source="Smithy amazon-eventstream: prelude CRC and message CRC",
    level=MUST,
    why="the framing prescribes the checksums; unread, altered text passes for sound",
    seen=("vercel/ai#18994", "maximhq/bifrost#4545"),
    letters=_corrupt,
    more=_every_byte_flipped,
    judge=judge.raises,
    layer="messages",
    wire=True,
    blames="message",
)
