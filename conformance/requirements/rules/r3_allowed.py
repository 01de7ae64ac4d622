"""R3-allowed: records without a choice, also first."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="R3-allowed",
    title="records without a choice, also first",
    rule="A chunk whose list of choices is empty adds and takes nothing, also before the first text.",
    source="OpenAI API reference, chat completion chunk: `choices` can be empty",
    level=SHOULD,
    why="containers write such a chunk last, if they write one; gateways write it first",
    contains=("R3",),
    blames="JSON",
    control=carried_plainly,
    shows=lambda stream: any(kind in stream.format.allowed for _, kind in stream.style.asides),
)
