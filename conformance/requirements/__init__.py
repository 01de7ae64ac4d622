"""What is demanded of a decoder, one module a family; read top to bottom they teach how streams break."""

from difflib import get_close_matches

from sliceproof.conformance.requirements import (
    content,
    errors,
    frames,
    lengths,
    lines,
    mix,
    plain,
    prefixes,
    records,
    state,
    time,
    utf8,
)
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.wire.errors import SliceproofError

__all__ = ["REQUIREMENTS", "UnknownRequirementError", "requirements"]


class UnknownRequirementError(SliceproofError, ValueError):
    """No requirement has that id."""


FAMILIES = (plain, frames, utf8, lines, records, prefixes, content, lengths, errors, state, time, mix)

REQUIREMENTS: dict[str, Requirement] = {
    requirement.id: requirement for family in FAMILIES for requirement in family.REQUIREMENTS
}


def requirements(ids: tuple[str, ...] = ()) -> list[Requirement]:
    """The requirements with these ids (U5 stands for U5-bom too), or all; UnknownRequirementError for others."""
    chosen: dict[str, Requirement] = {}
    for wanted in map(str.upper, ids):
        found = {id_: one for id_, one in REQUIREMENTS.items() if wanted in (id_.upper(), id_.upper().split("-")[0])}
        if not found:
            near = get_close_matches(wanted, REQUIREMENTS, 1, 0.5)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UnknownRequirementError(
                f"unknown requirement {wanted!r}: {hint}`sliceproof list requirements` shows all"
            )
        chosen |= found
    return list(chosen.values()) if ids else list(REQUIREMENTS.values())
