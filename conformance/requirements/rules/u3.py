"""U3: a real U+FFFD."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="U3",
    title="a real U+FFFD",
    rule="U+FFFD in the text comes out, and none is made.",
    source="TGI and vLLM hold back text that ends in U+FFFD, and write a real one at max_tokens",
    level=MUST,
    why="containers write it when a completion ends inside a character",
    seen=("triton-inference-server/server#8039", "exo-explore/exo#1691"),
    contains=("U2",),
    blames="UTF-8",
    control=said_plainly,
    carried=True,
)
