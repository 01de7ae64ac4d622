"""J2: escapes undone once."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="J2",
    title="escapes undone once",
    rule="Backslashes, quotes and escapes in the text come out as the model wrote them.",
    source="RFC 8259 section 7",
    level=MUST,
    why="models write code",
    control=said_plainly,
    blames="JSON",
    shows=lambda stream: any(character in '"\\' or character < " " for character in stream.text),
    contains=("U4",),
    carried=True,
)
