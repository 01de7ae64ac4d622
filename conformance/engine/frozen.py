"""A frozen set as this version of sliceproof asks it: the same requirements, dialects and cases, or an error."""

from collections.abc import Sequence

from sliceproof import __version__
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import Case, shipped
from sliceproof.profiles import Demand, FrozenSet, digest
from sliceproof.wire.errors import SliceproofError


class ConformanceError(SliceproofError):
    """A set cannot be asked: this version demands something else, or the run would leave some of it out."""


def demanded(frozen: FrozenSet) -> list[Requirement]:
    """The set's requirements; ConformanceError if one is unknown, or has another rule or level than the set has."""
    for demand in frozen.demands:
        if differs := _differs(demand):
            other = f"judge with the version that {frozen.name} came with, or by a newer set"
            raise ConformanceError(f"conformance {frozen.name}: {differs} sliceproof {__version__}; {other}")
    return [REQUIREMENTS[id_] for id_ in _in_order(frozen)]


def _in_order(frozen: FrozenSet) -> list[str]:
    ids = {demand.id for demand in frozen.demands}
    return [id_ for id_ in REQUIREMENTS if id_ in ids]


def _differs(demand: Demand) -> str:
    known = REQUIREMENTS.get(demand.id)
    if known is None:
        return f"its requirement {demand.id} is unknown to"
    if digest(known.rule) != demand.rule:
        return f"its rule of {demand.id} is another in"
    return f"{demand.id} is no {demand.level.upper()} in" if known.level != demand.level else ""


def belonging(frozen: FrozenSet, cases: Sequence[Case]) -> list[Case]:
    """Of *cases* the set's, and those that somebody has besides; of those that are shipped no other."""
    others = {case.id for case in shipped()} - frozen.cases
    if missing := sorted(frozen.cases - {case.id for case in cases}):
        what = f"its case {missing[0]} is not shipped with sliceproof {__version__}"
        raise ConformanceError(f"conformance {frozen.name}: {what}")
    return [case for case in cases if case.id not in others]


def asked_in(frozen: FrozenSet, decoder: Decoder, dialects: Sequence[str]) -> tuple[str, ...]:
    """Those of *dialects* that are the set's; ConformanceError if there are none, or fewer than the decoder claims."""
    asked = tuple([dialect for dialect in dialects if dialect in frozen.dialects])
    left = [each for each in decoder.dialects or () if each in frozen.dialects and each not in asked]
    if left:
        raise ConformanceError(
            f"conformance {frozen.name} is asked in every dialect that {decoder.name} claims; "
            f"leave the dialects out, as it claims {left[0]}{f' and {len(left) - 1} more' if left[1:] else ''} too"
        )
    if not asked:
        raise ConformanceError(f"conformance {frozen.name} has none of the dialects of {decoder.name}")
    return asked
