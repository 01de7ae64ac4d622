"""M7: the order of channels."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.channels import each_order
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _in_order(dialect: Dialect) -> Iterator[Stream]:
    answers = [*channels.in_order(), *channels.together()]
    yield from filter(_has_several, channels.answered(dialect, answers))


def _has_several(stream: Stream) -> bool:
    return len({delta.channel for delta in stream.deltas}) > 1


REQUIREMENT = Requirement(
    id="M7",
    title="the order of channels",
    rule="Reasoning, content and tool calls begin to come out in the order in which the model began them.",
    source="vLLM and SGLang write them as the model does",
    level=SHOULD,
    why="each is whole without it; a chat that shows the answer before the reasoning misleads",
    letters=lambda dialect: [],
    more=_in_order,
    judge=each_order,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("U1", "R1", "R2"),
    shows=_has_several,
)
