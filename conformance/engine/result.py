"""A verdict, with what was found."""

from dataclasses import dataclass, field

from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.requirement import Requirement

NO_MORE = ", and is asked no more"
"""How the reason of an n/a ends where asking more made no sense."""

GRAVITY = ("fail", "error", "warn", "pass", "n/a")
"""The verdicts, the gravest first."""


@dataclass(frozen=True)
class Result:
    """A verdict: pass, fail (MUST), warn (SHOULD), n/a or error, after how many streams.

    `standing` is how it stands to a baseline of known failures: known, stale, changed, or "" if no
    entry speaks of it; `reason` then says why. `replayed` is a failure that a database knew before,
    `seeds` are those of a campaign's tasks, `seconds` what it took, which makes two results no different.
    """

    decoder: Decoder
    dialect: str
    requirement: Requirement
    verdict: str
    streams: int = 0
    examples_to_failure: int | None = None
    finding: Finding | None = None
    reason: str = ""
    standing: str = ""
    replayed: bool = False
    seeds: tuple[int, ...] = ()
    seconds: float = field(default=0.0, compare=False)
