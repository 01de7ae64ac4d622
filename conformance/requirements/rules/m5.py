"""M5: several channels in one record."""

from sliceproof.conformance.requirements.channels import each_text
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels

REQUIREMENT = Requirement(
    id="M5",
    title="several channels in one record",
    rule="A record with text in two channels, or with two tool calls, loses neither.",
    source="vLLM writes reasoning and content, content and calls, and several calls in one record (parser_engine.py)",
    level=MUST,
    why="a step of several tokens ends the reasoning and begins the answer",
    seen=("genkit-ai/genkit#6233", "deepset-ai/haystack#12610"),
    letters=lambda dialect: [],
    more=lambda dialect: channels.answered(dialect, channels.together()),
    judge=each_text,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("M1", "M2", "U1", "R1", "R2"),
    shows=lambda stream: any(delta.joined for delta in stream.deltas),
)
