"""`sliceproof.check`: judge a decoder from Python, as the command does."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sliceproof.conformance.decoders.loading import importable, load, wrapped
from sliceproof.conformance.engine.claim import Claim, claimed
from sliceproof.conformance.engine.dialects import dialects_read
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.frozen import asked_in
from sliceproof.conformance.engine.options import Options
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.reporting.finding_table import plain, rows
from sliceproof.corpus import shipped
from sliceproof.profiles import frozen_set
from sliceproof.wire.errors import SliceproofError


class NotJudgedError(SliceproofError):
    """Nothing is known of the decoder: that no requirement is broken would say too much."""


@dataclass(frozen=True)
class Checked:
    """What came of judging a decoder: a `Result` for each requirement in each dialect; as text, the findings.

    `claim` is how it stands to the frozen set that was asked: as text what the command says; `claim.verdict` is
    "conforms", "in part", "does not conform" or "undecided". Without a set it is None.
    """

    results: tuple[Result, ...]
    claim: Claim | None = None

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The findings of each MUST that is broken; those that follow from another come last."""
        return self._findings("fail")

    @property
    def weak(self) -> tuple[Finding, ...]:
        """The same of each SHOULD."""
        return self._findings("warn")

    def _findings(self, verdict: str) -> tuple[Finding, ...]:
        found = [result.finding for result in self.results if result.verdict == verdict and result.finding is not None]
        return tuple(sorted(found, key=lambda finding: bool(finding.follows)))

    def __str__(self) -> str:
        found = (*self.broken, *self.weak)
        if not found:
            return f"none of {sum(result.verdict == 'pass' for result in self.results)} requirements asked is broken"
        return "\n\n".join(
            f"{finding.requirement.id}  {finding.requirement.title}\n{plain(rows(finding))}" for finding in found
        )


def check(
    decoder: str | Callable[..., Any],
    *dialects: str,
    accepts: str = "chunks",
    yields: str = "text",
    envelope: str = "",
    requirements: Sequence[str] = (),
    profile: str = "",
    seed: int = 0,
    conformance: str = "",
) -> Checked:
    """Judge *decoder*: a callable, or what names one for `sliceproof check`.

    It is judged in *dialects*, or in those that it claims or is found to read; by all *requirements*, or by those with
    these ids. *accepts* is chunks, events, parts or endpoint, *yields* is text, deltas, lines or messages.
    *envelope* is sagemaker, or http for a decoder of the body itself. *profile* is quick,
    ci, dev or deep: ci if not given, and quick for whole clients; another *seed* draws other streams.
    *conformance* is a frozen set, such as 2026.1, which is asked whole; what came of it is `Checked.claim`.
    SliceproofError for what there is not, and NotJudgedError where nothing could be asked or judging failed.

    It runs in this process, where a decoder that never ends is ended by the watchdog alone.
    """
    options = Options(
        dialects, tuple(requirements), "", accepts, yields, envelope, profile, seed, conformance=conformance
    )
    judged = options.decoder(decoder) if isinstance(decoder, str) else as_decoder(decoder, options).within(envelope)
    asked = options.dialects or judged.dialects or tuple(dialects_read(judged)[0]) or ("tgi-sse",)
    if conformance:
        asked = asked_in(frozen_set(conformance), judged, asked)
    bases = [load(name) for name in judged.builds_on]
    results = tuple(run(judged, options.plan(shipped()), asked, bases))
    errors = [result for result in results if result.verdict == "error"]
    if errors or all(result.verdict == "n/a" for result in results):
        first = (*errors, *results)[0]
        raise NotJudgedError(
            f"{judged.name} could not be judged: {first.requirement.id} in {first.dialect}: {first.reason}"
        )
    return Checked(results, claimed(conformance, results, asked) if conformance else None)


def as_decoder(target: Callable[..., Any], options: Options) -> Decoder:
    """A callable as a decoder; a finding tells how to replay it if a module or a script has it under its name."""
    named, dialects, accepts, yields = importable(target), options.dialects or None, options.accepts, options.yields
    if named is None or (named[0] == "__main__" and not getattr(sys.modules["__main__"], "__file__", None)):
        name = getattr(target, "__qualname__", type(target).__qualname__)
        return replace(wrapped(target, name, dialects=dialects, accepts=accepts, yields=yields), target="")
    module, name = named
    at = sys.modules[module].__file__ if module == "__main__" else module
    where = None if module == "__main__" else (f"from {module} import {name.split('.')[0]}", name)
    return wrapped(target, f"{at}:{name}", dialects=dialects, accepts=accepts, yields=yields, where=where)
