"""I1: several choices."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.channels import each_text
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies import channels
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _told_in_turns(dialect: Dialect) -> Iterator[Stream]:
    yield from channels.answered(dialect, [*channels.choices(), *channels.choices_of_all()])


REQUIREMENT = Requirement(
    id="I1",
    title="several choices",
    rule="The text of several choices (n > 1), told in turns, comes out as that of each.",
    source="vLLM and SGLang number the choices by `index` and write them as they come",
    level=MUST,
    why="two answers that are merged into one are neither",
    seen=("langfuse/langfuse#16998", "BerriAI/litellm#35793"),
    letters=lambda dialect: [],
    more=_told_in_turns,
    judge=each_text,
    layer="deltas",
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("M1", "M2", "M4", "U1", "R1", "R2"),
    shows=lambda stream: any(delta.choice for delta in stream.deltas),
)
