"""S2-allowed: comments where no server writes them."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.showing import has_asides
from sliceproof.strategies.controls import carried_plainly
from sliceproof.strategies.hazards import hazard
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect


def _allowed_asides(dialect: Dialect) -> tuple[Letter, ...]:
    return () if dialect.asides else hazard("S2", dialect)


REQUIREMENT = Requirement(
    id="S2-allowed",
    title="comments where no server writes them",
    rule="A comment between events adds nothing and takes nothing.",
    source="WHATWG HTML, server-sent events: a line that begins with a colon is ignored",
    level=SHOULD,
    why="the dialect's own servers write none; proxies may",
    letters=_allowed_asides,
    control=carried_plainly,
    blames="line",
    shows=lambda stream: not stream.format.asides and has_asides(stream),
)
