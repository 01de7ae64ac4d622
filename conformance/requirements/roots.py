"""Which requirement a finding follows from: one whose hazard the stream really has, and no other."""

from collections.abc import Container

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.stream import Stream


def has(stream: Stream, id_: str) -> bool:
    """Whether *stream* has the hazard of the requirement *id_*; MIX names hazards that are no requirement's too."""
    return id_ in REQUIREMENTS and REQUIREMENTS[id_].shown_in(stream)


def root(contains: tuple[str, ...], failed: Container[str], stream: Stream) -> str:
    """The first of *contains* that is broken too and whose hazard *stream* has, or "".

    Every stream is framed, may say a word twice and may begin like a token, so the hazards of F4, D2 and G1 may be in
    any; who loses the beginning fails wherever an answer is short. What *failed* is
    asked only of hazards that the stream has, so it may be found out then.
    """
    return next((id_ for id_ in ("G1", *contains, "D2", "F4") if has(stream, id_) and id_ in failed), "")
