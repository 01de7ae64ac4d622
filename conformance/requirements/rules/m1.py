"""M1: reasoning."""

from sliceproof.conformance.requirements.channels import each_text
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels

REQUIREMENT = Requirement(
    id="M1",
    title="reasoning",
    rule="Reasoning comes out as reasoning, whole, and nothing of it as content.",
    source="vLLM writes `reasoning`, SGLang `reasoning_content` (docs/bodies.md)",
    level=MUST,
    why="the servers write it with every model that thinks",
    seen=("BerriAI/litellm#20246", "strands-agents/harness-sdk#3252", "JetBrains/koog#2062"),
    letters=lambda dialect: [],
    more=lambda dialect: channels.answered(dialect, channels.reasoning()),
    judge=each_text,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("P1", "P2", "U1", "R1", "R2"),
    shows=lambda stream: any(delta.kind == "reasoning" for delta in stream.deltas),
)
