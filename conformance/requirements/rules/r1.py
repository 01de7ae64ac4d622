"""R1: record cut across parts."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.applicability import no_records
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.showing import part_cuts
from sliceproof.conformance.requirements.sources import CUT_ANYWHERE
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect, Framing
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream


def _every_offset(dialect: Dialect) -> Iterator[Stream]:
    """A body of two records × one cut at each of its bytes, then slices of fixed sizes."""
    if dialect.framing is Framing.RAW:
        return
    plain = Stream(dialect.id, ("x", "y"))
    stops = plain.edges[1:-1]
    for offset in range(1, len(plain.body)):
        if offset not in stops:
            yield plain.but(part_cuts=tuple(sorted((*stops, offset))))
    for size in (1, 2, 7, 20):
        yield plain.but(part_cuts=tuple(sorted({*stops, *every(size, len(plain.body))})))


def _records_cut(stream: Stream) -> bool:
    return bool(part_cuts(stream) - {record.stop for record in stream.records})


REQUIREMENT = Requirement(
    id="R1",
    title="record cut across parts",
    rule="A record that comes in two or more parts is one record.",
    source=CUT_ANYWHERE,
    level=MUST,
    why="SageMaker has been seen to end parts inside records",
    seen=("BerriAI/litellm#5372", "vllm-project/aibrix#2653"),
    contains=("J2",),
    more=_every_offset,
    layer="lines",
    applies=no_records,
    control=carried_plainly,
    shows=_records_cut,
)
