"""Which requirement a word of letters is about: a fault found with everything mixed gets its own name.

A requirement is named only if the decoder breaks it in its own sweep too, where nothing else is in the
stream; so what is said of a decoder here, `check` says of it as well, and on as small a stream.
"""

from collections.abc import Callable, Container, Sequence
from functools import lru_cache

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.conformance.requirements.roots import has
from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream

MIX, FRAMES = REQUIREMENTS["MIX"], REQUIREMENTS["F4"]
ANYWHERE = ("F4", "D1")
"""Hazards that nearly every stream has: asked last."""


@lru_cache(maxsize=64)
def _hazards(dialect: Dialect) -> dict[Letter, frozenset[str]]:
    """For each letter of MIX the requirements whose hazard it belongs to."""
    found: dict[Letter, set[str]] = {}
    for id_ in MIX.contains:
        for letter in REQUIREMENTS[id_].alphabet(dialect) if id_ in REQUIREMENTS else ():
            found.setdefault(letter, set()).add(id_)
    return {letter: frozenset(ids) for letter, ids in found.items()}


def keys(dialect: Dialect, word: Sequence[Letter]) -> frozenset[str]:
    """The requirements whose hazards are in a word: one of them, it may be, is why a decoder fails on it."""
    ids = {id_ for letter in word for id_ in _hazards(dialect).get(letter, ())}
    return frozenset(ids or {"MIX"})


def bared(word: Sequence[Letter], breaks: Callable[[Sequence[Letter]], bool]) -> list[Letter]:
    """The word with letters that say no more than they must: without their cuts, or with plain text as long.

    A cut inside a character may fail as any cut does, and a character as it does uncut.
    """
    bare = list(word)
    for at, letter in enumerate(bare):
        width = len(str(letter.token or "").encode())
        for other in (letter._replace(marks=()), letter._replace(token="x" * width, style=())):
            tried = [*bare[:at], other, *bare[at + 1 :]]
            if letter.token and other != letter and breaks(tried):
                bare = tried
                break
    return bare


def named(decoder: Decoder, dialect: Dialect, word: Sequence[Letter]) -> tuple[Requirement, Broken | None]:
    """The requirement that a small word is about, and the smallest stream seen that breaks it; else MIX.

    First those to whose hazard all its letters belong, the root of them; then those whose hazard the
    stream has.
    """
    stream = MIX.composed(dialect, word)
    lines = [_hazards(dialect).get(letter, frozenset()) for letter in word if letter not in BENIGN]
    shared = frozenset.intersection(*lines) if lines else frozenset()
    found = {
        requirement.id: broken
        for requirement in _of(shared)
        if (broken := _broken(requirement, decoder, dialect, stream))
    }
    for id_, broken in found.items():
        if not any(other in found for other in REQUIREMENTS[id_].contains):
            return REQUIREMENTS[id_], broken
    there = [
        requirement
        for requirement in _of(set(MIX.contains) - shared)
        if requirement.id not in ANYWHERE and has(stream, requirement.id)
    ]
    for requirement in (*there, *_of(ANYWHERE)):
        if broken := _broken(requirement, decoder, dialect, stream):
            frames = _broken(FRAMES, decoder, dialect, stream)  # every stream is framed, so it may be those
            return (FRAMES, frames) if frames else (requirement, broken)
    return MIX, MIX.check(decoder, stream)


def _of(ids: Container[str]) -> list[Requirement]:
    """Requirements, the roots of others before these as MIX lists them."""
    return [REQUIREMENTS[id_] for id_ in MIX.contains if id_ in ids and id_ in REQUIREMENTS]


def _broken(requirement: Requirement, decoder: Decoder, dialect: Dialect, stream: Stream) -> Broken | None:
    """How a requirement is broken in its own sweep, or by *stream* if that is smaller."""
    if requirement.inapplicable(decoder, dialect):
        return None
    swept = next(
        filter(None, (requirement.check(decoder, swept_stream) for swept_stream in requirement.sweep(dialect))), None
    )
    return swept and _smaller(swept, requirement.check(decoder, stream))


def _smaller(broken: Broken, other: Broken | None) -> Broken:
    """The one whose wire is shorter."""
    return broken if other is None or len(broken.stream.wire) <= len(other.stream.wire) else other
