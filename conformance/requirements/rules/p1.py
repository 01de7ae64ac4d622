"""P1: text made of a prefix's characters."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="P1",
    title="text made of a prefix's characters",
    rule="Text that begins or ends with the characters of `data: ` or a sentinel keeps them.",
    source="the text is a JSON string, or plain: nothing in it is framing",
    level=MUST,
    why="models say such words",
    contains=("J3",),
    seen=("run-llama/llama_index#22221", "vllm-project/vllm#2958"),
    control=said_plainly,
    blames="line",
    carried=True,
)
