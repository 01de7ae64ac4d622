"""S1: a sentinel inside the text."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="S1",
    title="a sentinel inside the text",
    rule="`[DONE]`, `</s>` and their kin inside the text are text and end nothing.",
    source="the sentinel is a record of its own; a token that is not special is text",
    level=MUST,
    why="models say them, most of all about themselves",
    seen=("BerriAI/litellm#31562", "smg-project/smg#1878"),
    contains=("J2", "J3"),
    control=said_plainly,
    blames="line",
    carried=True,
)
