"""U5: U+FEFF in the text."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="U5",
    title="U+FEFF in the text",
    rule="U+FEFF inside the text is text, also where a part begins with it.",
    source="WHATWG Encoding strips a byte order mark at the start of a stream only",
    level=MUST,
    why="a model can say it, and containers write it raw",
    contains=("U2", "R1"),
    blames="UTF-8",
    control=said_plainly,
    carried=True,
)
