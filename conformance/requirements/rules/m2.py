"""M2: the arguments of a tool call."""

from collections.abc import Iterator
from dataclasses import replace

from sliceproof.conformance.requirements.channels import each_text
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _called(dialect: Dialect) -> Iterator[Stream]:
    whole = (*channels.called_whole(), *channels.arguments())
    yield from channels.answered(dialect, whole, channels.arguments_in_two())
    for stream in channels.written(dialect, channels.call('{"a": 1}')):  # as where max_tokens ends it behind a call
        for reason in dialect.reasons[:1]:
            yield stream.but(style=replace(stream.style, reason=reason))


REQUIREMENT = Requirement(
    id="M2",
    title="the arguments of a tool call",
    rule="A tool call's arguments come out whole and as the same JSON, wherever deltas and parts cut them.",
    source="vLLM and SGLang write them in fragments, which end anywhere (docs/bodies.md)",
    level=MUST,
    why="an agent acts on them",
    seen=("Effect-TS/effect#8333", "crewAIInc/crewAI#6207"),
    letters=lambda dialect: [],
    more=_called,
    judge=each_text,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("P1", "P2", "U1", "R1", "R2"),
    shows=lambda stream: any(delta.kind == "tool-call" for delta in stream.deltas),
)
