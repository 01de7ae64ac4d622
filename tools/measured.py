"""Whether a stream may be a vector: what decoders make of it, which are sound, and which are broken on purpose."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.engine.vectors import roots_first, vector, wrong
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outlet import error_text
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


class Candidate(NamedTuple):
    """A stream that may become a vector, and the broken decoders that it catches."""

    requirement: str
    stream: Stream
    size: int
    catches: frozenset[str] = frozenset()


Sound = Sequence[tuple[Decoder, tuple[str, ...]]]
"""Sound decoders, with what each is known to be weak at."""


def outcome_of(decoder: Decoder, stream: Stream, fields: dict[str, Any]) -> str:
    """What is wrong with what a decoder makes of a vector, in any of its modes, or ""; one that never ends is wrong."""
    for mode in decoder.modes:
        outcome = drive(decoder, mode, stream)
        error = None if outcome.error is None else f"{type(outcome.error).__name__}: {error_text(outcome.error)}"
        text = "".join(outcome.items)
        told = (
            "it never ends"
            if outcome.ended == "hang"
            else wrong(fields, text, error if outcome.ended == "error" else None)
        )
        if told:
            return told
    return ""


def broken_in(dialect: Dialect, ids: Iterable[str]) -> dict[str, Decoder]:
    """Decoders of text that break one of these requirements and read a plain stream of the dialect."""
    asked = set(ids)
    found = {
        name: replace(each.decoder(), dialects=(dialect.id,))
        for name, each in BROKEN.items()
        if (each.accepts, each.yields) == ("chunks", "text") and asked & {*each.breaks}
    }
    return {
        name: decoder for name, decoder in found.items() if name == "gives_something_else" or _reads(decoder, dialect)
    }


def sound_in(dialect: Dialect) -> Iterator[tuple[Decoder, tuple[str, ...]]]:
    """Sound decoders of text, with what each is known to be weak at."""
    yield DECODERS["reference"].load(), ()
    for build in SOUND.values():
        decoder = build.decoder()
        if (build.accepts, build.yields, build.envelope) == ("chunks", "text", "sagemaker") and decoder.claims(
            dialect.id
        ):
            yield decoder, build.weak


def _reads(decoder: Decoder, dialect: Dialect) -> bool:
    stream = Stream(dialect.id, ("x", "y"))
    try:
        return all("".join(drive(decoder, mode, stream).items) == "xy" for mode in decoder.modes)
    except Exception:
        return False


def is_sound(candidate: Candidate, fields: dict[str, Any], sound: Sound) -> bool:
    """Whether no sound decoder fails, but one that is known to be weak there."""
    for who, weak in sound:
        if candidate.requirement not in weak and outcome_of(who, candidate.stream, fields):
            told = f"no vector, as {who.name} fails: {candidate.requirement} {candidate.stream!r}"
            print(told[:300], file=sys.stderr)
            return False
    return True


class Misled:
    """Who would be led to a requirement that is not the root: who breaks another on purpose, that stands behind it.

    Only decoders that break a MUST on purpose, and that what was chosen before leads to the root, are asked: one that
    breaks a SHOULD, and a MUST where both are shown, breaks that MUST.
    """

    def __init__(self, decoders: dict[str, Decoder], asked: dict[str, Requirement], first: Iterable[Candidate]) -> None:
        self.places = {id_: place for place, id_ in enumerate(roots_first(asked.values()))}
        musts = {id_ for id_, requirement in asked.items() if requirement.level == MUST}
        own = {who: [self.places[id_] for id_ in BROKEN[who].breaks if id_ in musts] for who in decoders}
        self.decoders = {who: (decoder, min(own[who])) for who, decoder in decoders.items() if own[who]}
        for each in first:
            for who in self.by(each, vector(asked[each.requirement], each.stream) or {}):
                del self.decoders[who]

    def by(self, candidate: Candidate, fields: dict[str, Any]) -> list[str]:
        """Those whom a vector misleads."""
        here = self.places[candidate.requirement]
        later = [(who, decoder) for who, (decoder, place) in self.decoders.items() if place > here]
        return [who for who, decoder in later if outcome_of(decoder, candidate.stream, fields)]
