"""A report as JUnit XML, as GitLab, Jenkins and the reporters of GitHub read it.

A failure is what the run exits 1 for, an error what could not be judged; all else that is no pass is skipped, and
says why: what was not asked, a known failure, a SHOULD that is broken.
"""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from sliceproof.conformance.engine.exit_codes import fails
from sliceproof.conformance.harness.outlet import shown
from sliceproof.conformance.reporting.headline import headline, line, name

_END = "everything was judged"
_SHOWN = {"fail": "FAIL", "warn": "warn"}


def junit(report: Mapping[str, Any], begun: str, updated: bool = False) -> str:
    """The XML: a suite for each decoder. *begun* is when, *updated* that the failures went into a baseline."""
    by_decoder: dict[str, list[Mapping[str, Any]]] = {}
    for row in report["results"]:
        by_decoder.setdefault(row["decoder"], []).append(row)
    root = ET.Element("testsuites", name="sliceproof")
    for decoder, rows in by_decoder.items():
        suite = ET.SubElement(root, "testsuite", name=line(decoder))
        _properties(suite, report, rows[0]["version"])
        for row in rows:
            _case(suite, row, updated)
    if "incomplete" in report:
        suite = ET.SubElement(root, "testsuite", name="sliceproof")
        case = ET.SubElement(suite, "testcase", classname="sliceproof", name=_END, time=_time(0))
        ET.SubElement(case, "error", type="incomplete", message=line(report["incomplete"]))
    for suite in root:
        _counted(suite, skipped=True)
        suite.set("timestamp", begun)
    _counted(root)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _properties(suite: ET.Element, report: Mapping[str, Any], version: str) -> None:
    """How the decoder was judged."""
    said = {"version": version} | {key: str(report[key]) for key in ("profile", "seed", "sliceproof", "python")}
    claims = report.get("conformance", {}).get("decoders", ())
    said["conformance"] = next((each["told"] for each in claims if line(each["decoder"]) == suite.get("name")), "")
    properties = ET.SubElement(suite, "properties")
    for key, value in said.items():
        if value:
            ET.SubElement(properties, "property", name=key, value=line(value))


def _case(suite: ET.Element, row: Mapping[str, Any], updated: bool) -> None:
    where = line(f"{row['decoder']}.{row['dialect']}")
    seconds = row.get("beside", {}).get("seconds", 0)
    case = ET.SubElement(suite, "testcase", classname=where, name=name(row), time=_time(seconds))
    if row["verdict"] == "pass" and (updated or not row.get("standing")):
        return
    tag, kind, message = _end(row, updated)
    told = ET.SubElement(case, tag, type=kind, message=message)
    if row["finding"] is not None:
        told.text = f"{_SHOWN[row['verdict']]:<5} {name(row, '  ')}  in {row['dialect']}\n{_block(row)}\n"


def _end(row: Mapping[str, Any], updated: bool) -> tuple[str, str, str]:
    """How a testcase ends that does not pass: tag, type and message."""
    level, standing, said = row["level"].upper(), row.get("standing", ""), headline(row)
    if row["verdict"] == "error":
        return "error", "error", said
    if updated and row["verdict"] in ("fail", "warn"):
        return "skipped", "known", f"written into the baseline: {said}"
    if fails(row["verdict"], standing) and not updated:
        return "failure", level, said
    if standing and row["verdict"] != "n/a":
        return "skipped", "known", f"known: {said}"
    if row["verdict"] == "warn":
        return "skipped", level, f"a {level} is broken, for which no run fails: {said}"
    return "skipped", "n/a", line(row["reason"])


def _block(row: Mapping[str, Any]) -> str:
    """What the terminal shows of a finding."""
    return shown(row.get("beside", {}).get("told") or row["finding"]["replay"])


def _counted(element: ET.Element, skipped: bool = False) -> None:
    """Set how many testcases there are below an element, how they ended, and what they took."""
    cases = [*element.iter("testcase")]
    element.set("tests", str(len(cases)))
    ends = ("failure", "failures"), ("error", "errors"), *((("skipped", "skipped"),) if skipped else ())
    for tag, attribute in ends:
        element.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", _time(sum(float(case.get("time", 0)) for case in cases)))


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
