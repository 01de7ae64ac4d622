"""E1-record: the container's error record."""

from collections.abc import Iterator

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import error_records
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.crossing import at_each_place, crossed, crossed_parts
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream


def _error_records_cut(dialect: Dialect) -> Iterator[Stream]:
    """The error record early and late, in two parts, joined behind others, and its message cut."""
    if dialect.error is None:
        return
    for stream in at_each_place(dialect, Fault(FaultKind.ERROR_RECORD, 0)):
        yield stream
        if len(stream.tokens) <= 3:
            yield from crossed_parts(stream)
            yield from crossed(stream)


REQUIREMENT = Requirement(
    id="E1-record",
    title="the container's error record",
    rule="An error record in the body reaches the consumer as an error.",
    source="TGI, vLLM, SGLang, DJL and Triton write one when generation fails after it began",
    level=MUST,
    why="the dialect's own servers write it",
    seen=("BerriAI/litellm#30946", "anthropics/anthropic-sdk-python#1472"),
    letters=error_records,
    more=_error_records_cut,
    contains=("R1", "R2", "F1", "O1"),
    judge=judge.raises,
    blames="JSON",
    shows=lambda stream: stream.fault is not None and stream.fault.kind is FaultKind.ERROR_RECORD,
)
