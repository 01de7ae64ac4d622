"""J4: the same JSON written otherwise."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="J4",
    title="the same JSON written otherwise",
    rule="Blanks between tokens, the order of keys and escapes that were not needed change nothing.",
    source="RFC 8259 sections 2, 4 and 7",
    level=SHOULD,
    why="the dialect's own server writes it one way; another version, or a proxy, may write it another",
    control=carried_plainly,
    blames="JSON",
    shows=lambda stream: bool(stream.style.json),
)
