"""L2: CR and LF of one terminator cut apart."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.showing import part_cuts
from sliceproof.conformance.requirements.sources import SSE
from sliceproof.wire.dialects import Dialect, Framing, Style
from sliceproof.wire.slicing import inside_line_ends
from sliceproof.wire.stream import Stream


def _uncut(stream: Stream) -> Stream:
    """The control: the same lines, with no cut between a CR and its LF."""
    halves = set(inside_line_ends(stream.body))
    return stream.but(part_cuts=tuple([cut for cut in stream.edges[1:-1] if cut not in halves]))


def _in_events_of_several_lines(dialect: Dialect) -> Iterator[Stream]:
    """Each CR and LF of an event that has several lines cut apart, one at a time."""
    if dialect.framing is not Framing.SSE:
        return
    for style in (Style(newline="\r\n", multiline=True), Style(newline="\r\n", fields=True)):
        plain = Stream(dialect.id, ("x", "y"), style)
        for offset in inside_line_ends(plain.body):
            yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], offset})))


REQUIREMENT = Requirement(
    id="L2",
    title="CR and LF of one terminator cut apart",
    rule="A CR at a part's end and the LF after it end one line, not two.",
    source=SSE,
    level=SHOULD,
    why="no container writes CRLF; proxies do",
    seen=("psf/requests#3980", "openai/openai-agents-python#4214"),
    contains=("R1", "L3", "S3", "S2-fields"),
    more=_in_events_of_several_lines,
    layer="lines",
    blames="line",
    control=_uncut,
    shows=lambda stream: bool(part_cuts(stream).intersection(inside_line_ends(stream.body))),
)
