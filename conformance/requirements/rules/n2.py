"""N2: a long run without text."""

from collections.abc import Iterator
from itertools import groupby

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.stream import Stream

RUNS = (2, 3, 9, 33, 101, 1100)
"""How many records without text stand in a row; Python's recursion ends at 1,000."""


FEW = 101
"""How many records make no large chunk."""


def _runs_without_text(dialect: Dialect) -> Iterator[Stream]:
    """Between two deltas a long run of what the dialect's servers write that has no text: empty deltas, comments."""
    kinds = [kind for kind in (*dialect.asides, *dialect.extras) if kind not in ("role", "usage")]
    for count in RUNS:
        yield Stream(dialect.id, ("x", *[""] * count, "y"))
        for kind in kinds:
            yield Stream(dialect.id, ("x", "y"), Style(asides=((1, kind),) * count))
    for count in RUNS:
        plain = Stream(dialect.id, ("x", "y"))
        yield plain.but(part_cuts=tuple(sorted((*plain.edges[1:-1], *(plain.records[0].stop,) * count))))
        if count <= FEW:
            yield Stream(dialect.id, ("x", *[""] * count, "y"), chunk_cuts=())


def _without_them(stream: Stream) -> Stream:
    """The control of runs: the two deltas alone."""
    return Stream(stream.dialect, tuple(filter(None, stream.tokens)))


def _longest_run(stream: Stream) -> int:
    """How many records without text, or empty parts, stand in a row."""
    records = [bool(record.text) for record in stream.records]
    parts = [bool(part) for part in stream.parts]
    return max(
        (sum(1 for _ in run) for pieces in (records, parts) for full, run in groupby(pieces) if not full), default=0
    )


REQUIREMENT = Requirement(
    id="N2",
    title="a long run without text",
    rule="A thousand records without text, empty deltas or empty parts in a row take nothing from what follows.",
    source="TGI writes an empty delta for each token held back, and keep-alives; parts may be empty",
    level=MUST,
    why="the dialect's own servers write them, and nothing says how many",
    contains=("R4", "S2", "R3", "F6", "P4", "O1"),
    letters=lambda dialect: [],
    more=_runs_without_text,
    control=_without_them,
    layer="lines",
    searched=False,
    blames="line",
    shows=lambda stream: _longest_run(stream) > 1,
)
