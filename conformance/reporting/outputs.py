"""The files that a run writes of its verdicts, in several forms, all from the rows of one report.

The process that waits for the one that judges writes them too, if it has to end that, and has no more than these rows.
So what a form says beside the JSON stands in each row under BESIDE, and is left out of the JSON.
"""

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sliceproof.conformance.harness.outlet import OutputError, file_to_write, out, write

if TYPE_CHECKING:
    from sliceproof.conformance.engine.result import Result

Place = tuple[str, int] | None
BESIDE = "beside"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _command() -> str:
    return shlex.join(["sliceproof", *sys.argv[1:]])


@dataclass(frozen=True)
class Outputs:
    """Where to write which form: an absolute path, or "" for nowhere; of JSON, "-" is stdout.

    `begun` is when the run began, in UTC, `command` what was called.
    """

    json: str = ""
    junit: str = ""
    sarif: str = ""
    badge: str = ""
    html: str = ""
    command: str = field(default_factory=_command)
    begun: str = field(default_factory=_now)

    @classmethod
    def to(cls, **asked: str | None) -> "Outputs":
        """Those that were asked for, each by the name of its form; OutputError for a file that cannot be written."""
        given = {form: name for form, name in asked.items() if name}
        for form, name in given.items():
            if name == "-" and form != "json":
                raise OutputError(f"--{form} - is no file; only --json writes to stdout")
        if "badge" in given:
            from sliceproof.conformance.reporting.badge import badge_file

            badge_file(given["badge"])
        paths = {form: name if name == "-" else str(file_to_write(name)) for form, name in given.items()}
        for form, path in paths.items():
            if other := next((each for each in paths if each != form and paths[each] == path), ""):
                raise OutputError(f"--{form} and --{other} name one file, {given[form]}; give each its own")
        return cls(**paths)

    def __bool__(self) -> bool:
        return bool(self.json or self.junit or self.sarif or self.html or self.badge)

    @property
    def on_stdout(self) -> bool:
        """Whether the report is all that stdout gets."""
        return self.json == "-"

    def row(self, result: "Result", at: Place = None) -> dict[str, Any]:
        """A result as a row of the report, with what the forms asked for say beside; its decoder is defined *at*."""
        from sliceproof.conformance.reporting.report import row

        beside = _beside(result, at) if self.junit or self.sarif else {}
        beside |= _pictured(result) if self.html and result.finding is not None else {}
        return row(result) | ({BESIDE: beside} if beside else {})

    def write(self, report: Mapping[str, Any], updated: bool = False) -> list[str]:
        """Write a report in each form; what went wrong. *updated* says that its failures went into a baseline."""
        forms: tuple[tuple[str, Callable[[], str]], ...] = (
            (self.json, lambda: _json(report)),
            (self.junit, lambda: _junit(report, self.begun, updated)),
            (self.sarif, lambda: _sarif(report, updated)),
            (self.badge, lambda: _badge(report, self.badge)),
            (self.html, lambda: _html(report, self.begun, self.command)),
        )
        problems = []
        for name, text in forms:
            try:
                if name == "-":
                    out().write(text())
                    out().flush()
                elif name:
                    write(Path(name), text())
            except OutputError as error:
                problems.append(str(error))
            except OSError as error:
                problems.append(f"stdout cannot be written: {error.strerror}")
        return problems


def _beside(result: "Result", at: Place) -> dict[str, Any]:
    """What is not in the JSON: the finding as a person is shown it, its case, where the decoder is, the seconds."""
    from sliceproof.conformance.engine.case_files import case_of
    from sliceproof.conformance.reporting.finding_table import leading, plain, rows

    finding = result.finding
    told = plain([*leading(finding), *rows(finding, snippet=True)]) if finding is not None else ""
    case = case_of(finding).id if finding is not None else ""
    return {"told": told, "case": case, "at": list(at or ()), "seconds": result.seconds}


def _pictured(result: "Result") -> dict[str, Any]:
    """What a page shows beside: the finding's stream as a picture, and what of its text was lost."""
    from sliceproof.conformance.engine.drawing import drawing
    from sliceproof.conformance.reporting.html.difference import difference

    finding = result.finding
    assert finding is not None
    part = "chunk" if finding.decoder.envelope == "http" else "part"
    return {"drawing": asdict(drawing(finding.stream, part)), "runs": [list(run) for run in difference(finding)]}


def _json(report: Mapping[str, Any]) -> str:
    rows = [{name: value for name, value in row.items() if name != BESIDE} for row in report["results"]]
    return json.dumps({**report, "results": rows}, indent=1, ensure_ascii=True) + "\n"


def _junit(report: Mapping[str, Any], begun: str, updated: bool) -> str:
    from sliceproof.conformance.reporting.junit import junit

    return junit(report, begun, updated)


def _sarif(report: Mapping[str, Any], updated: bool) -> str:
    from sliceproof.conformance.reporting.sarif import sarif

    return sarif(report, updated)


def _badge(report: Mapping[str, Any], name: str) -> str:
    from sliceproof.conformance.reporting.badge import badge

    return badge(report, name)


def _html(report: Mapping[str, Any], begun: str, command: str) -> str:
    from sliceproof.conformance.reporting.html import report_page

    return report_page(report, begun, command)
