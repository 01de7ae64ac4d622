"""S3: data on several lines."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="S3",
    title="data on several lines",
    rule="The data lines of one event join with a line feed.",
    source="WHATWG HTML, server-sent events",
    level=SHOULD,
    why="no container writes it; the specification allows it",
    seen=("SamSaffron/term-llm#454",),
    control=carried_plainly,
    blames="line",
    shows=lambda stream: stream.style.multiline,
)
