"""What a run says of a decoder and a frozen set: that it conforms or not, and no more than was asked.

A requirement counts once, whatever the dialects: it is broken if it is in one of them, also where a baseline knows it.
What does not apply to the decoder is neither held nor broken, and counts nowhere. What the decoder declines by design
does not count either, and who declines a MUST conforms in part.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sliceproof.conformance.engine.result import NO_MORE, Result
from sliceproof.conformance.requirements.requirement import MUST, SHOULD

CONFORMS, IN_PART, DOES_NOT, UNDECIDED = "conforms", "in part", "does not conform", "undecided"
"""What can be said of it."""

BROKEN, UNJUDGED, DECLINED, HELD, INAPPLICABLE = "broken", "unjudged", "declined", "held", "inapplicable"
"""What can be said of one requirement, the gravest first."""

_GRAVITY = (BROKEN, UNJUDGED, DECLINED, HELD, INAPPLICABLE)
_BY_DESIGN = "by design: "


@dataclass(frozen=True)
class Claim:
    """How a decoder stands to a set: the ids of its requirements of each level, by what became of them."""

    set: str
    decoder: str
    version: str
    dialects: tuple[str, ...]
    must: Mapping[str, tuple[str, ...]]
    should: Mapping[str, tuple[str, ...]]

    @property
    def verdict(self) -> str:
        """One of CONFORMS, IN_PART, DOES_NOT, UNDECIDED."""
        if self.must[BROKEN]:
            return DOES_NOT
        if self.must[UNJUDGED] or not self.must[HELD]:
            return UNDECIDED
        return IN_PART if self.must[DECLINED] else CONFORMS

    @property
    def counts(self) -> str:
        """MUST 34/34, SHOULD 9/12: held, and asked."""
        return ", ".join(_counts(level, ids) for level, ids in (("MUST", self.must), ("SHOULD", self.should)))

    def __str__(self) -> str:
        counts = f"{self.set} ({self.counts})"
        if self.verdict == DOES_NOT:
            return f"does not conform to {counts}: {' '.join(self.must[BROKEN])}"
        if self.verdict == IN_PART:
            return f"conforms in part to {counts}: by design not asked {' '.join(self.must[DECLINED])}"
        if self.verdict == UNDECIDED:
            ids = " ".join(self.must[UNJUDGED]) or "any MUST"
            return f"was not judged whole, so nothing is said of {self.set}: not {ids}"
        return f"conforms to {counts}"

    @property
    def fields(self) -> dict[str, Any]:
        """The claim as the report has it."""
        levels = {"must": self.must, "should": self.should}
        ids = {level: {how: list(found) for how, found in by.items()} for level, by in levels.items()}
        named = {"decoder": self.decoder, "version": self.version, "dialects": list(self.dialects)}
        return named | {"verdict": self.verdict, "told": str(self), **ids}


def _counts(level: str, ids: Mapping[str, Sequence[str]]) -> str:
    return f"{level} {len(ids[HELD])}/{len(ids[HELD]) + len(ids[BROKEN]) + len(ids[UNJUDGED])}"


def claimed(name: str, results: Iterable[Result], dialects: Collection[str]) -> Claim:
    """What the *results* of one decoder in all its *dialects* come to for the set of that name."""
    results = [result for result in results if result.dialect in dialects]
    decoder = results[0].decoder
    levels = {level: {how: list[str]() for how in _GRAVITY} for level in (MUST, SHOULD)}
    by_id: dict[str, list[Result]] = {}
    for result in results:
        by_id.setdefault(result.requirement.id, []).append(result)
    for id_, group in by_id.items():
        levels[group[0].requirement.level][min(map(_how, group), key=_GRAVITY.index)].append(id_)
    must, should = ({how: tuple(ids) for how, ids in levels[level].items()} for level in (MUST, SHOULD))
    return Claim(name, decoder.name, decoder.version(), tuple(dialects), must, should)


def _how(result: Result) -> str:
    if result.verdict in ("fail", "warn"):
        return BROKEN
    replayed = (result.verdict, result.standing) == ("pass", "stale")  # of what a baseline knows its case alone
    if replayed or result.verdict == "error" or result.reason.endswith(NO_MORE):
        return UNJUDGED
    if result.verdict == "n/a":
        return DECLINED if result.reason.startswith(_BY_DESIGN) else INAPPLICABLE
    return HELD
