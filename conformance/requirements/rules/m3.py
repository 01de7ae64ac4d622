"""M3: the id and the name of a tool call."""

from collections.abc import Iterator
from itertools import chain

from sliceproof.conformance.requirements.channels import each_call
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _called(dialect: Dialect) -> Iterator[Stream]:
    answers = (channels.names(), channels.called_whole(), channels.parallel(), channels.names_of_choices())
    yield from channels.answered(dialect, chain.from_iterable(answers))


REQUIREMENT = Requirement(
    id="M3",
    title="the id and the name of a tool call",
    rule="Each tool call comes out with its own id and name, which later fragments lack, or have as null.",
    source="vLLM and SGLang write them in a call's first record alone (docs/bodies.md)",
    level=MUST,
    why="the answer to a call names its id",
    seen=("anomalyco/opencode#43328", "langchain-ai/langchain#36962"),
    letters=lambda dialect: [],
    more=_called,
    judge=each_call,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("M2", "M5", "I1", "U1", "R1", "R2"),
    shows=lambda stream: any(delta.kind == "tool-call" for delta in stream.deltas),
)
