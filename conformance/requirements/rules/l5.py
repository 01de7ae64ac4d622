"""L5: last event without its blank line."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.strategies.crossing import hard_last_records
from sliceproof.wire.dialects import Framing

REQUIREMENT = Requirement(
    id="L5",
    title="last event without its blank line",
    rule="A last event whose data is complete comes out, with or without its blank line.",
    source="the containers' own ends of stream; WHATWG would discard such an event",
    level=SHOULD,
    why="the known servers end every event, and the specification permits to drop an unended one",
    seen=("google-gemini/gemini-cli#29059",),
    blames="end",
    more=lambda dialect: hard_last_records(dialect, "line") if dialect.framing is Framing.SSE else (),
    contains=("L1", "J2", "J3", "P1", "P2", "P4"),
    control=carried_plainly,
)
