"""M9: content beside other channels."""

from sliceproof.conformance.requirements.channels import content_alone
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects.delta import CONTENT

REQUIREMENT = Requirement(
    id="M9",
    title="content beside other channels",
    rule="Who gives text gives the content, whatever reasoning and tool calls stand beside it; these are no content.",
    source="vLLM, SGLang and Bedrock write reasoning and tool calls in records of the same answer (docs/bodies.md)",
    level=SHOULD,
    why="a client that asks for no tools is sent no calls; reasoning may come unasked, and may be shown in its place",
    seen=("traceloop/openllmetry#2961", "wandb/weave#7215", "comet-ml/opik#3829"),
    letters=lambda dialect: [],
    more=lambda dialect: channels.answered(dialect, channels.beside()),
    judge=content_alone,
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("U1", "R1", "R2"),
    unclaimed=True,
    shows=lambda stream: any(delta.kind != CONTENT for delta in stream.deltas),
)
