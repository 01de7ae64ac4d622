"""Q2: long records."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream


def _long_records(dialect: Dialect) -> Iterator[Stream]:
    """Records just past the caps that line readers are known to have."""
    lengths = (10_000, 70_000, 140_000, 1_100_000)
    for length in lengths:
        yield Stream(dialect.id, ("x" * length,))
    for length in lengths:
        plain = Stream(dialect.id, ("x" * length,))
        yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], *every(8192, len(plain.body))})))


REQUIREMENT = Requirement(
    id="Q2",
    title="long records",
    rule="A record of a megabyte comes out like a short one.",
    source="no dialect limits its records",
    level=SHOULD,
    why="a cap; containers rarely write so much into one record",
    seen=("aio-libs/aiohttp#4453", "NVIDIA/TensorRT-LLM#13952"),
    contains=("R4", "F7", "R1"),
    letters=lambda dialect: [],
    more=_long_records,
    layer="lines",
    searched=False,
    blames="line",
    unasked_of_clients="what a client costs is mostly its connections",
)
