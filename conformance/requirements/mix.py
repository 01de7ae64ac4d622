"""All hazards together, to find what only interacts."""

from sliceproof.conformance.judge import exactly
from sliceproof.conformance.requirement import MUST, Requirement
from sliceproof.strategies.hazards import ALLOWED_ONLY, HAZARDS
from sliceproof.strategies.mixture import mixed

REQUIREMENTS = (
    Requirement(
        id="MIX",
        title="everything at once",
        rule="Whatever containers write and networks do, together: the text comes out, whole and in order.",
        source="all of the above",
        level=MUST,
        why="it holds only what the MUST requirements hold",
        contains=(*(id_ for id_ in HAZARDS if id_ not in ALLOWED_ONLY), "D1"),
        letters=mixed,
        judge=exactly,
        layer="messages",
        swept=False,
        distinct=False,
    ),
)
