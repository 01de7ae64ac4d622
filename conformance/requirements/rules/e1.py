"""E1: exception message."""

from collections.abc import Iterator

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import exceptions, of_service
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.sources import SERVICE
from sliceproof.strategies.crossing import at_each_place, crossed
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.stream import Stream


def _exceptions_cut(dialect: Dialect) -> Iterator[Stream]:
    """Each exception message early and late, and cut, joined, with half a record held."""
    for fault in of_service(dialect):
        yield from at_each_place(dialect, fault)
    for fault in (of_service(dialect)[0], of_service(dialect)[3]):
        for stream in at_each_place(dialect, fault, (0, 1, 2)):
            yield from crossed(stream)


REQUIREMENT = Requirement(
    id="E1",
    title="exception message",
    rule="An exception message, of whatever name, cut anywhere and at whatever place, is an error to the consumer.",
    source=SERVICE,
    level=MUST,
    why="the APIs of SageMaker and Bedrock prescribe them; swallowed, a broken answer passes for a whole one",
    seen=(
        "BerriAI/litellm 1.65.1 to 1.108.11, async",
        "BerriAI/litellm#36650",
        "BerriAI/litellm#30946",
        "vercel/ai#19034",
        "Portkey-AI/gateway#1142",
        "anomalyco/opencode#38712",
        "agentjido/req_llm#1033",
        "janeapp/riffer#222",
        "anthropics/anthropic-sdk-java#391",
    ),
    letters=exceptions,
    more=_exceptions_cut,
    contains=("F1", "O1"),
    judge=judge.raises,
    layer="messages",
    blames="message",
    shows=lambda stream: stream.fault is not None and stream.fault.kind is FaultKind.EXCEPTION,
)
