"""E2: what the error said."""

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import MODELLED, error_records, exceptions
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.sources import SERVICE

REQUIREMENT = Requirement(
    id="E2",
    title="what the error said",
    rule="The error that reaches the consumer says what the service or the container said.",
    source=SERVICE,
    level=SHOULD,
    why="the error is not hidden, but who sees it cannot act on it",
    seen=("BerriAI/litellm#24608",),
    contains=("E1", "E1-record"),
    letters=lambda dialect: [*exceptions(dialect)[:MODELLED], *error_records(dialect)],
    judge=judge.tells,
    blames="message",
)
