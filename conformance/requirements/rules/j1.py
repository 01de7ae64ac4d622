"""J1: NaN and Infinity in a record."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="J1",
    title="NaN and Infinity in a record",
    rule="A record whose log-probability is -Infinity keeps its text.",
    source="Python's json writes it; RFC 8259 section 6 does not allow it",
    level=SHOULD,
    control=carried_plainly,
    why="no container was seen to write it, and it is no JSON",
    seen=("vllm-project/vllm#10234", "sgl-project/sglang#4097"),
    blames="JSON",
)
