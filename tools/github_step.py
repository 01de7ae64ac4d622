"""The step of `action.yml` that judges: call `sliceproof check` as the inputs say, and tell GitHub what came of it.

It needs the standard library alone and reads inputs from the environment, so that no input is ever part of a script.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MOST = 40
"""Findings that are told whole; a step may write 1 MiB."""


def command(inputs: Mapping[str, str]) -> list[str]:
    """The arguments of `sliceproof`."""
    words = ["check", *shlex.split(inputs.get("TARGETS", ""))]
    for dialect in inputs.get("DIALECTS", "").replace(",", " ").split():
        words += ["--dialect", dialect]
    for form in ("json", "junit", "sarif", "html"):
        if name := inputs.get(form.upper(), ""):
            words += [f"--{form}", name]
    return [*words, *shlex.split(inputs.get("ARGS", ""))]


def summary(code: int, report: Mapping[str, Any] | None) -> str:
    """What the page of the run shows, in Markdown: a table of what is broken, and each finding to unfold."""
    head = {0: "no MUST is broken", 1: "broken"}.get(code, f"could not judge (exit {code})")
    parts = [f"## sliceproof: {head}\n"]
    rows = report["results"] if report else []
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in dict.fromkeys(_verdicts(rows))}
    if counts:
        parts.append(", ".join(f"{number} {verdict}" for verdict, number in counts.items()) + "\n")
    found = [row for row in rows if row["finding"]]
    if found:
        parts.append("| decoder | dialect | requirement | verdict | what |\n|---|---|---|---|---|")
    for row in found:
        finding = row["finding"]
        follows = f", follows from {finding['follows']}" if finding["follows"] else ""
        cells = (row["decoder"], row["dialect"], f"{row['requirement']} {finding['title']}", row["verdict"])
        parts.append("| " + " | ".join(map(_cell, (*cells, finding["what"] + follows))) + " |")
    parts += ["", *map(_details, found[:MOST])]
    return "\n".join(parts) + "\n"


def _verdicts(rows: list[dict[str, Any]]) -> list[str]:
    return [str(row["verdict"]) for row in rows]


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`").replace("<", "&lt;").split())


def _details(row: dict[str, Any]) -> str:
    finding = row["finding"]
    lines = [f"{name:<9} {finding[name]}" for name in ("rule", "stream", "expected", "got", "difference", "replay")]
    text = "\n".join([*lines, *finding["byte_map"]]).replace("````", "` ` ` `")
    head = _cell(f"{row['requirement']} {finding['title']}: {row['decoder']} in {row['dialect']}")
    return f"<details><summary>{head}</summary>\n\n````text\n{text}\n````\n\n</details>\n"


def _append(variable: str, text: str) -> None:
    if name := os.environ.get(variable):
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(text)


def main() -> int:
    """Judge, tell, and exit as the command did, or with 0 if the step is not to fail."""
    report = Path(os.environ.get("JSON", "") or "sliceproof.json").resolve()
    report.unlink(missing_ok=True)  # one of an earlier run would be taken for this one's
    try:
        words = command({**os.environ, "JSON": str(report)})
    except ValueError as error:
        print(f"sliceproof: targets or args cannot be read: {error}", file=sys.stderr)
        code = 2
    else:
        code = subprocess.run([sys.executable, "-m", "sliceproof", *words], check=False).returncode
    kept = json.loads(report.read_text("utf-8")) if report.is_file() else None
    _append("GITHUB_OUTPUT", f"exit-code={code}\nreport={report if kept else ''}\n")
    _append("GITHUB_STEP_SUMMARY", summary(code, kept))
    return 0 if os.environ.get("FAIL", "true") == "false" else code


if __name__ == "__main__":
    raise SystemExit(main())
