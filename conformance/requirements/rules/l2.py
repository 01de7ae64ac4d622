"""L2: CR and LF of one terminator cut apart."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.showing import part_cuts
from sliceproof.conformance.requirements.sources import SSE
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.slicing import inside_line_ends

REQUIREMENT = Requirement(
    id="L2",
    title="CR and LF of one terminator cut apart",
    rule="A CR at a part's end and the LF after it end one line, not two.",
    source=SSE,
    level=SHOULD,
    why="no container writes CRLF; proxies do",
    seen=("psf/requests#3980", "openai/openai-agents-python#4214"),
    contains=("R1", "L3"),
    layer="lines",
    blames="line",
    control=carried_plainly,
    shows=lambda stream: bool(part_cuts(stream).intersection(inside_line_ends(stream.body))),
)
