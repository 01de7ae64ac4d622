"""R2: several records in one part."""

from sliceproof.conformance.requirements.applicability import no_records
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.sources import CUT_ANYWHERE
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.stream import Stream


def _records_joined(stream: Stream) -> bool:
    edges = stream.edges
    inner = {record.stop for record in stream.records if record.stop < len(stream.body)}
    return bool(inner - set(edges))


REQUIREMENT = Requirement(
    id="R2",
    title="several records in one part",
    rule="Every record of a part counts.",
    source=CUT_ANYWHERE,
    level=MUST,
    why="SageMaker has been seen to put several records into one part",
    seen=("strands-agents/harness-sdk#4035", "BerriAI/litellm up to 1.108.11"),
    layer="lines",
    applies=no_records,
    control=carried_plainly,
    shows=_records_joined,
)
