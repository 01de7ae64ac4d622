"""M6: the end of each choice."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.channels import each_end
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects import Delta, Dialect
from sliceproof.wire.stream import Stream


def _ended(dialect: Dialect) -> Iterator[Stream]:
    single: list[channels.Answer] = [[Delta("x")], ["x", channels.whole_call("{}")], [channels.thought("hm"), "x"]]
    yield from channels.answered(dialect, [*single, *channels.choices()])


REQUIREMENT = Requirement(
    id="M6",
    title="the end of each choice",
    rule="That a choice is over is told once for each, with or without text beside it.",
    source="vLLM and SGLang write one finish reason a choice",
    level=SHOULD,
    why="the text is whole without it; an agent waits for it",
    letters=lambda dialect: [],
    more=_ended,
    judge=each_end,
    layer="deltas",
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("I1", "U1", "R1", "R2"),
    shows=lambda stream: bool(stream.deltas),
)
