"""What GitHub Actions shows of a run: annotations and a step summary. Pure text; `reporting` writes it.

Source: "Workflow commands for GitHub Actions", docs.github.com.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sliceproof import __version__
from sliceproof.conformance.engine.baseline.expected import CHANGED, STALE

MOST_ANNOTATIONS = 10  # a step shows no more of each kind
LONGEST_SUMMARY = 900_000  # bytes; a step may write 1 MiB
UNEXPECTED = (STALE, CHANGED)
"""The states of what fails as a baseline expects something else."""

Row = Mapping[str, Any]


def annotation(row: Row) -> str:
    """`::error` for a failure, `::warning` for a SHOULD; "" for what needs none."""
    failed = row["outcome"] == "failed"
    if not failed and (row["verdict"] != "warn" or row["outcome"] != "passed"):
        return ""
    file = {"file": row["at"][0], "line": row["at"][1]} if row["at"] else {}
    fields = {**file, "title": f"{row['requirement']} {row['title']}"}
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    text = (
        row["text"].split("\n      snippet ")[0]
        if failed
        else f"{_name(row)} in {row['dialect']}: expected {row['expected']}, got {row['got']}"
    )
    return f"::{'error' if failed else 'warning'} {shown}::{_data(text)}"


def annotations(rows: Sequence[Row]) -> list[str]:
    """Those of the roots: what follows from another requirement is not annotated, nor are more than GitHub shows."""
    roots = [row for row in rows if not row["follows"]]
    shown = list(filter(None, map(annotation, roots)))
    kinds = ("::error", "::warning")
    return [line for kind in kinds for line in [each for each in shown if each.startswith(kind)][:MOST_ANNOTATIONS]]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(rows: Sequence[Row]) -> str:
    """A step summary in Markdown: a table for each decoder, and each finding to unfold."""
    parts = [f"## sliceproof {__version__}\n"]
    for name in dict.fromkeys(map(_name, rows)):
        parts += _decoder(name, [row for row in rows if _name(row) == name])
    text = "\n".join(parts)
    if len(text.encode()) > LONGEST_SUMMARY:
        text = text.encode()[:LONGEST_SUMMARY].decode(errors="ignore") + "\n````\n\nThe rest is in the log.\n"
    return text


def _name(row: Row) -> str:
    return f"{row['decoder']} {row['version']}".strip()


def _decoder(name: str, rows: Sequence[Row]) -> list[str]:
    states = [state(row) for row in rows]
    counts = ", ".join(
        f"{states.count(each)} {each}"
        for each in ("failed", *UNEXPECTED, "warned", "known", "passed", "skipped")
        if each in states
    )
    parts = [f"### {_cell(name)}: {counts}\n"]
    wrong = [row for row, how in zip(rows, states, strict=True) if how in ("failed", "warned", *UNEXPECTED)]
    if not wrong:
        return parts
    dialects = list(dict.fromkeys(row["dialect"] for row in wrong))
    parts.append(_row("requirement", *dialects) + "\n" + _row(*["---"] * (len(dialects) + 1)))
    for id_, title in dict.fromkeys((row["requirement"], row["title"]) for row in wrong):
        cells = {row["dialect"]: _verdict(row) for row in wrong if row["requirement"] == id_}
        parts.append(_row(f"{id_} {title}", *(cells.get(dialect, "") for dialect in dialects)))
    return [*parts, "", *(_details(row) for row in wrong if row["text"])]


def state(row: Row) -> str:
    """How an item ended, in one word."""
    if row["outcome"] == "passed":
        return "warned" if row["verdict"] == "warn" else "passed"
    if row["outcome"] == "skipped":
        return "known" if row["verdict"] in ("fail", "warn") else "skipped"
    return str(row["standing"] if row["standing"] in UNEXPECTED else row["outcome"])


def _verdict(row: Row) -> str:
    how = row["standing"] or state(row)
    return f"{how}, follows from {row['follows']}" if row["follows"] else how


def _row(*cells: str) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`").replace("<", "&lt;").replace("\n", " ")


def _details(row: Row) -> str:
    head = _cell(f"{row['requirement']} {row['title']}: {_name(row)} in {row['dialect']}").replace("\\", "")
    text = row["text"].replace("````", "` ` ` `")
    return f"<details><summary>{head}</summary>\n\n````text\n{text}\n````\n\n</details>\n"
