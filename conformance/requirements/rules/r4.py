"""R4: text beside the finish mark."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.wire.dialects import Dialect, Framing, Style
from sliceproof.wire.faults import FaultKind, Unit
from sliceproof.wire.stream import Stream


def _beside_the_finish(dialect: Dialect) -> Iterator[Stream]:
    if dialect.finishes and dialect.framing is not Framing.DOCUMENT:
        for form in dialect.written:
            for tokens in (("x",), ("x", "y"), ("Hello", " fish")):
                yield Stream(dialect.id, tokens, Style(form=form))
            for reason in dialect.reasons:
                yield Stream(dialect.id, ("x", "y"), Style(form=form, reason=reason))


def _finishes(stream: Stream) -> bool:
    """Whether the container said all, whatever became of it on the way."""
    fault = stream.fault
    return fault is None or fault.unit is Unit.WIRE or fault.kind is FaultKind.UNREADABLE_RECORD


REQUIREMENT = Requirement(
    id="R4",
    title="text beside the finish mark",
    rule="Text in the record that carries the finish mark comes out.",
    source="TGI, vLLM, DJL and LMI write the last token and the finish mark in one record",
    level=MUST,
    why="the dialect's own servers write it so",
    seen=("langchain-ai/langchain-aws#215",),
    letters=lambda dialect: [],
    more=_beside_the_finish,
    control=lambda stream: stream.but(tokens=(*stream.tokens, "")),
    searched=False,
    blames="JSON",
    shows=lambda stream: stream.format.finishes and bool(stream.tokens and stream.tokens[-1]) and _finishes(stream),
)
