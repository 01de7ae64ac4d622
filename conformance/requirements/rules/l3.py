"""L3: CRLF and CR end lines."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.sources import SSE
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="L3",
    title="CRLF and CR end lines",
    rule="CRLF (and in SSE a lone CR) ends a line as LF does.",
    source=f"{SSE}; JSON Lines tolerates CRLF",
    level=SHOULD,
    why="no container writes them; the specification allows them and proxies make them",
    seen=("smg-project/smg#2391",),
    blames="line",
    control=carried_plainly,
    shows=lambda stream: stream.style.newline != "\n",
)
