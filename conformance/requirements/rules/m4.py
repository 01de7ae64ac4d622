"""M4: several tool calls."""

from sliceproof.conformance.requirements.channels import each_text
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels

REQUIREMENT = Requirement(
    id="M4",
    title="several tool calls",
    rule="The arguments of several calls come out each in its own, also where they are alike.",
    source="vLLM and SGLang number the calls of a choice by `index` (docs/bodies.md)",
    level=MUST,
    why="models call several tools at once",
    seen=("QwenLM/Qwen-Agent#943", "mcowger/plexus#691"),
    letters=lambda dialect: [],
    more=lambda dialect: channels.answered(dialect, channels.parallel()),
    judge=each_text,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("M2", "M5", "U1", "R1", "R2"),
    shows=lambda stream: any(delta.index for delta in stream.deltas),
)
