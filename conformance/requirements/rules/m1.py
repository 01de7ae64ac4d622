"""M1: reasoning."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.channels import each_text
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects import PLAIN, Dialect
from sliceproof.wire.stream import Stream


def _thoughts(dialect: Dialect) -> Iterator[Stream]:
    yield from channels.answered(dialect, channels.reasoning())
    yield from channels.requested(dialect, ([channels.thought("hm"), "x"], ["x", channels.thought("hm"), "y"]))


def _plainly(stream: Stream) -> Stream:
    """The control: content alone in the same form; or the same deltas without what a request adds to them."""
    requested = stream.style.form in stream.format.requested
    return stream.but(style=PLAIN) if requested else channels.said_plainly(stream)


REQUIREMENT = Requirement(
    id="M1",
    title="reasoning",
    rule="Reasoning comes out as reasoning, whole, and nothing of it as content.",
    source="vLLM writes `reasoning`, SGLang `reasoning_content` (docs/bodies.md)",
    level=MUST,
    why="the servers write it with every model that thinks",
    seen=("BerriAI/litellm#20246", "strands-agents/harness-sdk#3252", "JetBrains/koog#2062"),
    letters=lambda dialect: [],
    more=_thoughts,
    judge=each_text,
    layer="deltas",
    control=_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("P1", "P2", "U1", "R1", "R2", "R3"),
    shows=lambda stream: any(delta.kind == "reasoning" for delta in stream.deltas),
)
