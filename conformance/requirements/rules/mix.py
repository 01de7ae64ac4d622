"""MIX: everything at once."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.judge import exactly
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import without_text
from sliceproof.strategies.hazards import ALLOWED_ONLY, BENIGN, HAZARDS
from sliceproof.strategies.letters import compose
from sliceproof.strategies.mixture import crossed_letters, mixed
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _pairs(dialect: Dialect) -> Iterator[Stream]:
    """Each hard text carried in each hard way: two hazards in one record."""
    for letter in crossed_letters(dialect):
        yield compose(dialect.id, (letter, BENIGN[1]))


REQUIREMENT = Requirement(
    id="MIX",
    title="everything at once",
    rule="Whatever containers write and networks do, together: the text comes out, whole and in order.",
    source="all of the above",
    level=MUST,
    why="it holds only what the MUST requirements hold",
    contains=(*(id_ for id_ in HAZARDS if id_ not in ALLOWED_ONLY), "D1", "R4", "N1", "N2", "F7"),
    letters=mixed,
    more=_pairs,
    judge=exactly,
    control=without_text,
    layer="messages",
    swept=False,
    distinct=False,
)
