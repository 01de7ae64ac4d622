"""J3: JSON's own characters in the text."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="J3",
    title="JSON's own characters in the text",
    rule="Braces, brackets, quotes and commas inside the text neither end a record nor begin one.",
    source="RFC 8259 section 7: inside a string they mean nothing",
    level=MUST,
    why="models write JSON and code",
    control=said_plainly,
    contains=("J2",),
    blames="JSON",
    carried=True,
)
