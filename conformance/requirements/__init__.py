"""What is demanded of a decoder: `rules` has one module a requirement; by family they teach how streams break."""

from difflib import get_close_matches
from importlib import import_module

from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.wire.errors import SliceproofError

__all__ = ["FAMILIES", "REQUIREMENTS", "UnknownRequirementError", "requirements"]


class UnknownRequirementError(SliceproofError, ValueError):
    """No requirement has that id."""


FAMILIES: dict[str, tuple[str, ...]] = {
    "A stream without any hazard: who fails here fails everywhere, and is told that first.": ("PLAIN",),
    "Messages: they are cut by HTTP, their bytes look like text, and their headers vary.": (
        "F1",
        "F4",
        "F5",
        "F6",
        "K1",
    ),
    "Characters: a part ends anywhere, also inside a code point, and every code point is text.": (
        "U1",
        "U2",
        "U3",
        "U4",
        "U5",
        "U5-bom",
        "U6",
    ),
    "Lines: what ends one, and what does not.": ("L1", "L2", "L3", "L4", "L5"),
    "Records: a part holds half of one, or three, and not every record holds text.": ("R1", "R2", "R3", "R3-allowed"),
    "What stands around a record (`data:`, white space, sentinels, comments), and text that looks like it.": (
        "P1",
        "P2",
        "P3",
        "P4",
        "S1",
        "S1-whole",
        "S4",
        "S2",
        "S2-allowed",
        "S2-fields",
        "S3",
    ),
    "What the records say: each delta once, in order, its escapes undone once.": (
        "D1",
        "D2",
        "J1",
        "J2",
        "J3",
        "J4",
        "R4",
        "R4-reasons",
        "O1",
    ),
    "Numbers: how many deltas, records without text and bytes there are changes nothing.": ("N1", "N2", "F7"),
    "Faults: the stream breaks, and the consumer must learn of it, and of what came before.": (
        "E1",
        "E1-record",
        "E3",
        "E2",
        "T1",
        "T2",
        "T3",
        "T4",
        "F2",
        "F2-malformed",
        "F3",
        "H1",
    ),
    "State and calling: one stream must not colour the next, and each way of calling must agree.": (
        "X1",
        "X3",
        "X2",
        "C1",
        "C2",
        "C3",
        "C4",
        "C5",
    ),
    "Lateness, cost and caps: nothing is lost, but it comes late, dear or not at all when it is long.": (
        "W1",
        "Q1",
        "Q2",
    ),
    "Whole clients: what stands around the decoder, from the connection to the template.": (
        "G1",
        "A1",
        "A2",
        "A3",
        "A4",
    ),
    "Channels: reasoning, tool calls and several choices, of decoders that give more than the text.": (
        "M1",
        "M2",
        "M3",
        "M4",
        "M4-turns",
        "M5",
        "M6",
        "M7",
        "M8",
        "M9",
        "I1",
        "I1-first",
        "X1-deltas",
    ),
    "All hazards together, to find what only interacts.": ("MIX",),
}
"""The ids of the requirements, by what they are about, in the order in which they are asked."""


def _of_rules(id_: str) -> Requirement:
    """The requirement of the module that is named for an id."""
    found: Requirement = import_module(f"{__name__}.rules.{id_.lower().replace('-', '_')}").REQUIREMENT
    return found


REQUIREMENTS: dict[str, Requirement] = {id_: _of_rules(id_) for ids in FAMILIES.values() for id_ in ids}


def requirements(ids: tuple[str, ...] = ()) -> list[Requirement]:
    """The requirements with these ids (U5 stands for U5-bom too), or all; UnknownRequirementError for others."""
    chosen: dict[str, Requirement] = {}
    for wanted in map(str.upper, ids):
        found = {
            id_: requirement
            for id_, requirement in REQUIREMENTS.items()
            if wanted in (id_.upper(), id_.upper().split("-")[0])
        }
        if not found:
            near = get_close_matches(wanted, [id_.upper() for id_ in REQUIREMENTS], 3, 0.4)
            these = [id_ for id_ in REQUIREMENTS if id_.upper() in near]
            meant = f"did you mean {' or '.join(these)}? " if these else ""
            raise UnknownRequirementError(
                f"unknown requirement {wanted!r}: {meant}`sliceproof list requirements` shows all"
            )
        chosen |= found
    return list(chosen.values()) if ids else list(REQUIREMENTS.values())
