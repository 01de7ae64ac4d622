"""S2: comments, blank lines, empty events."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.showing import has_asides
from sliceproof.strategies.controls import carried_plainly
from sliceproof.strategies.hazards import hazard
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect


def _written_asides(dialect: Dialect) -> tuple[Letter, ...]:
    return hazard("S2", dialect) if dialect.asides else ()


REQUIREMENT = Requirement(
    id="S2",
    title="comments, blank lines, empty events",
    rule="A comment, a blank line or an empty event between records adds nothing and takes nothing.",
    source="axum writes `:` comments to keep alive, DJL a lone `data: `, LMI blank lines",
    level=MUST,
    why="the dialect's own servers write them",
    seen=("openai/openai-python#2722", "BerriAI/litellm up to 1.108.11"),
    letters=_written_asides,
    control=carried_plainly,
    blames="line",
    shows=lambda stream: bool(stream.format.asides) and has_asides(stream),
)
