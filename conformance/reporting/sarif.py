"""A report as SARIF 2.1.0, as code scanning and editors read it: a rule a requirement, a result a finding.

Known failures are suppressed results; what could not be judged is a notification of the run.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sliceproof.conformance.engine.exit_codes import fails
from sliceproof.conformance.harness.outlet import shown
from sliceproof.conformance.reporting.headline import headline, line, name
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.hints import hint
from sliceproof.conformance.requirements.requirement import MUST, Requirement

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_KEPT = ("stream", "follows", "expected", "got", "snippet", "replay")
_LEVELS = {"must": "error", "should": "warning"}


def sarif(report: Mapping[str, Any], updated: bool = False) -> str:
    """The SARIF file; *updated* says that the failures went into a baseline."""
    rows = report["results"]
    asked = {row["requirement"] for row in rows}
    rules = [requirement for requirement in REQUIREMENTS.values() if requirement.id in asked]
    index = {requirement.id: number for number, requirement in enumerate(rules)}
    notes = [_note(headline(row), row) for row in rows if row["verdict"] == "error"]
    if "incomplete" in report:
        notes.append({"level": "error", "message": {"text": _text(line(report["incomplete"]))}})
    driver = {"name": "sliceproof", "version": report["sliceproof"], "rules": list(map(_rule, rules))}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not notes, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(row, index[row["requirement"]], updated) for row in rows if _is_told(row, updated)],
        "properties": {key: report[key] for key in ("profile", "seed", "python", "conformance") if key in report},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=True) + "\n"


def _is_told(row: Mapping[str, Any], updated: bool) -> bool:
    """Whether a row is a result: something is broken, or not as a baseline has it."""
    return row["verdict"] in ("fail", "warn") or (not updated and fails(row["verdict"], row.get("standing", "")))


def _rule(requirement: Requirement) -> dict[str, Any]:
    grave = "MUST" if requirement.level == MUST else "SHOULD"
    help_ = [requirement.rule, f"{grave}: {requirement.why}.", f"Source: {requirement.source}."]
    if requirement.seen:
        help_.append(f"Seen in {', '.join(requirement.seen)}.")
    help_.append(f"How to mend it: {hint(requirement.id).text}")
    help_.append(f"`sliceproof list requirements {requirement.id}` shows code that does it right.")
    return {
        "id": requirement.id,
        "name": _camel(requirement.title),
        "shortDescription": {"text": _text(requirement.title)},
        "fullDescription": {"text": _text(requirement.rule)},
        "help": {"text": _text("\n".join(help_))},
        "defaultConfiguration": {"level": _LEVELS[requirement.level]},
    }


def _result(row: Mapping[str, Any], rule: int, updated: bool) -> dict[str, Any]:
    beside, finding = row.get("beside", {}), row["finding"] or {}
    said = [f"{name(row)}: {headline(row)}"]
    said += [f"{key}: {finding[key]}" for key in ("expected", "got", "replay") if finding.get(key)]
    kept = {key: row[key] for key in ("decoder", "version", "dialect", "standing") if row.get(key)}
    kept |= {key: finding[key] for key in _KEPT if finding.get(key)}
    prints = {"decoder/v1": line(f"{row['decoder']} {row['dialect']} {row['requirement']}")}
    if case := beside.get("case"):
        prints["case/v1"] = case
    return {
        "ruleId": row["requirement"],
        "ruleIndex": rule,
        "level": _LEVELS[row["level"]],
        "message": {"text": _text(shown("\n".join(said)))},
        "locations": [_location(row)],
        "partialFingerprints": prints,
        "suppressions": _suppressions(row, updated),
        "properties": {key: shown(value) for key, value in kept.items()},
    }


def _suppressions(row: Mapping[str, Any], updated: bool) -> list[dict[str, Any]]:
    """Of a known failure, who knows it."""
    if updated:
        return [{"kind": "external", "justification": "written into the baseline"}]
    if row.get("standing") == "known":
        return [{"kind": "external", "justification": line(row["reason"])}]
    return []


def _location(row: Mapping[str, Any]) -> dict[str, Any]:
    """Where the decoder is: its file and line, if they are known, and what it is called."""
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": line(row["decoder"]), "kind": "function"}]}
    if at := row.get("beside", {}).get("at"):
        file, number = at
        where = {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
        location["physicalLocation"] = {"artifactLocation": where, "region": {"startLine": number}}
    return location


def _note(text: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"level": "error", "message": {"text": _text(text)}, "associatedRule": {"id": row["requirement"]}}


def _text(text: str) -> str:
    """A message's text: braces stand for placeholders there, unless they are doubled."""
    return text.replace("{", "{{").replace("}", "}}")


def _camel(title: str) -> str:
    """CodePointCutBetweenParts, as SARIF has names of rules."""
    words = "".join([letter if letter.isalnum() else " " for letter in title.replace("U+", "U")]).split()
    return "".join([word[:1].upper() + word[1:] for word in words])
