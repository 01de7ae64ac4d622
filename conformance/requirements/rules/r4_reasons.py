"""R4-reasons: an end for any reason."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect, Framing, Style
from sliceproof.wire.stream import Stream


def _for_each_reason(dialect: Dialect) -> Iterator[Stream]:
    if dialect.framing is not Framing.DOCUMENT:
        for reason in dialect.reasons:
            for tokens in (("x", "y"), ("x",)):
                yield Stream(dialect.id, tokens, Style(reason=reason))


REQUIREMENT = Requirement(
    id="R4-reasons",
    title="an end for any reason",
    rule="An answer whose finish mark says that it was cut short, stopped or filtered is the text that came.",
    source="the reasons of each server, and of Bedrock's model (botocore bedrock-runtime StopReason)",
    level=SHOULD,
    why="a client may make an error of an answer that was cut short or filtered; as a rule it shows what there is",
    letters=lambda dialect: [],
    more=_for_each_reason,
    control=carried_plainly,
    searched=False,
    blames="JSON",
    contains=("R4",),
    shows=lambda stream: bool(stream.style.reason),
)
