"""S2-fields: `event`, `id` and `retry` lines."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="S2-fields",
    title="`event`, `id` and `retry` lines",
    rule="An event's data is the same with a name, an id, a retry time and unknown fields as without them.",
    source="WHATWG HTML, server-sent events: fields other than `data` are no part of the data",
    level=SHOULD,
    why="no container writes them with its text; the specification allows it, and a proxy may",
    contains=("S2", "S2-allowed"),
    blames="line",
    control=carried_plainly,
    shows=lambda stream: stream.style.fields,
)
