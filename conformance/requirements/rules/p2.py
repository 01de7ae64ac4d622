"""P2: `data:` inside the text."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="P2",
    title="`data:` inside the text",
    rule="`data:` inside a record is text, also where a part begins with it.",
    source="WHATWG HTML, server-sent events: a field name stands at the start of a line only",
    level=MUST,
    why="models say it, and SageMaker cuts anywhere",
    seen=("BerriAI/litellm#9070", "run-llama/llama_index#22227"),
    contains=("P1", "R1", "J2", "J3"),
    control=said_plainly,
    blames="line",
    carried=True,
)
