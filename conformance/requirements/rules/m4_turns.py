"""M4-turns: several tool calls, told in turns."""

from sliceproof.conformance.requirements.channels import each_text
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects.delta import TOOL_CALL
from sliceproof.wire.stream import Stream


def _in_turns(stream: Stream) -> bool:
    """Whether a call goes on behind the beginning of another of its choice."""
    begun: dict[int, list[int]] = {}
    for delta in stream.deltas:
        if delta.kind == TOOL_CALL:
            calls = begun.setdefault(delta.choice, [])
            if delta.index not in calls:
                calls.append(delta.index)
            elif delta.index != calls[-1]:
                return True
    return False


REQUIREMENT = Requirement(
    id="M4-turns",
    title="several tool calls, told in turns",
    rule="The arguments of several calls whose fragments come in turns come out each in its own.",
    source="OpenAI's API has `index` for it; vLLM's handler of Cohere's Chat writes calls so (docs/bodies.md)",
    level=SHOULD,
    why="no server of OpenAI's API was found to write them so: models write one call after the other",
    letters=lambda dialect: [],
    more=lambda dialect: channels.answered(dialect, channels.turns()),
    judge=each_text,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("M2", "M4", "M5", "U1", "R1", "R2"),
    shows=_in_turns,
)
