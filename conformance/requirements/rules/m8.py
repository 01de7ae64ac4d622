"""M8: channels together."""

from sliceproof.conformance.requirements.channels import each_channel
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels
from sliceproof.strategies.channel_words import letters_of
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect


def _letters(dialect: Dialect) -> list[Letter]:
    return [Letter(delta, marks, style=(("form", form),)) for delta, marks, form in letters_of(dialect)]


REQUIREMENT = Requirement(
    id="M8",
    title="channels together",
    rule="Reasoning, content and tool calls of one choice or of several, cut and joined anywhere, lose nothing.",
    source="vLLM and SGLang write all of these in one answer",
    level=MUST,
    why="agents ask for reasoning and tools at once",
    seen=("NousResearch/hermes-agent#107472",),
    letters=_letters,
    more=lambda dialect: channels.answered(dialect, channels.all_together()),
    judge=each_channel,
    layer="deltas",
    control=channels.said_plainly,
    swept=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("M1", "M2", "M3", "M4", "M5", "I1", "U1", "R1", "R2", "R3"),
    shows=lambda stream: bool(stream.deltas),
)
