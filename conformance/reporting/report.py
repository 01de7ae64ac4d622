"""The report as JSON, for machines: the schema is `report.schema.json` beside this module."""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from sliceproof import __version__
from sliceproof.conformance.engine.claim import Claim
from sliceproof.conformance.engine.finding import Finding, first_difference
from sliceproof.conformance.engine.plan import Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.requirements.hints import hint

FORMAT = 1


def report(
    results: Sequence[Result],
    plan: Plan,
    campaign: Mapping[str, Any] | None = None,
    row_of: Callable[[Result], dict[str, Any]] | None = None,
    claims: Sequence[Claim] = (),
) -> dict[str, Any]:
    """The whole report: what judged, how far, and a row for each decoder, dialect and requirement.

    Of a *campaign* it says which worker's it is; the rows are those of its own tasks and of failures that
    the database knows. *row_of* makes a row that says more. Where a frozen set was asked, *claims* say of each decoder
    that was judged to the end whether it conforms.
    """
    extra: dict[str, Any] = {"campaign": dict(campaign)} if campaign is not None else {}
    if plan.conformance:
        extra["conformance"] = {"set": plan.conformance, "decoders": [claim.fields for claim in claims]}
    return extra | {
        "format": FORMAT,
        "sliceproof": __version__,
        "python": platform.python_version(),
        "profile": plan.profile.name,
        "seed": plan.seed,
        "results": [(row_of or row)(result) for result in results],
    }


def row(result: Result) -> dict[str, Any]:
    """One verdict; with a baseline also how it stands to it, in a campaign by which seeds and whether found before."""
    more: dict[str, Any] = {"standing": result.standing} if result.standing else {}
    if result.seeds:
        more["seeds"] = list(result.seeds)
    if result.replayed:
        more["replayed"] = True
    if result.decoder.envelope != "sagemaker":
        more["envelope"] = result.decoder.envelope
    if result.decoder.client:
        more["client"] = result.decoder.client
    return more | {
        "decoder": result.decoder.name,
        "version": result.decoder.version(),
        "dialect": result.dialect,
        "requirement": result.requirement.id,
        "level": result.requirement.level,
        "verdict": result.verdict,
        "streams": result.streams,
        "examples_to_failure": result.examples_to_failure,
        "reason": result.reason,
        "finding": finding_fields(result.finding) if result.finding else None,
    }


def finding_fields(finding: Finding) -> dict[str, Any]:
    """A finding with everything that is needed to see it again without sliceproof."""
    stream, breach = finding.stream, finding.broken.breach
    return {
        "title": finding.requirement.title,
        "rule": finding.requirement.rule,
        "mode": finding.broken.mode,
        "kind": breach.kind.slug,
        "what": breach.what,
        "layer": finding.blamed,
        "expected": breach.expected,
        "got": breach.got,
        "difference": first_difference(finding.broken, finding.decoder.yields),
        "follows": finding.follows,
        "inherited": finding.inherited,
        "modes": dict(finding.modes or {}),
        "stream": repr(stream),
        "characters": len(stream.text),
        "cuts": cuts(finding),
        "bytes": finding.size[0],
        "byte_map": finding.byte_map,
        "hint": hint(finding.requirement.id).text,
        "snippet": finding.snippet,
        "replay": finding.replay,
    }


def cuts(finding: Finding) -> int:
    """How many cuts the stream has besides those between records and between messages."""
    stream = finding.stream
    stops = {record.stop for record in stream.records}
    parts = sum(cut not in stops for cut in stream.edges[1:-1])
    return parts + sum(cut not in stream.frame_stops for cut in stream.chunk_cuts or ())


def schema() -> Any:
    """The JSON Schema of the report."""
    return json.loads(files(__package__).joinpath("report.schema.json").read_text("utf-8"))
