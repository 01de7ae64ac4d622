"""Requirements whose swept streams are made once for all decoders that a test judges, whole or in part."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache, partial

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


@cache
def swept(id_: str, known: Dialect) -> tuple[Stream, ...]:
    """All streams of a sweep."""
    return tuple(REQUIREMENTS[id_].sweep(known))


def _each(step: int, start: int, id_: str, dialect: Dialect) -> Iterable[Stream]:
    return swept(id_, dialect)[start % step :: step]


def shared(id_: str, step: int = 1, start: int = 0) -> Requirement:
    """The requirement with each *step*-th stream of its sweep, from *start* on."""
    return replace(REQUIREMENTS[id_], swept=False, more=partial(_each, step, start, id_))
