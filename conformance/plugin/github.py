"""What GitHub Actions shows of a run: annotations and a step summary. Pure text; `reporting` writes it.

Source: "Workflow commands for GitHub Actions", docs.github.com.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sliceproof import __version__

MOST_ANNOTATIONS = 10  # a step shows no more of each kind
LONGEST_SUMMARY = 900_000  # bytes; a step may write 1 MiB
Told = Mapping[str, Any]


def annotation(told: Told) -> str:
    """`::error` for a failure, `::warning` for a SHOULD; "" for what needs none."""
    failed = told["outcome"] == "failed"
    if not failed and (told["verdict"] != "warn" or told["outcome"] != "passed"):
        return ""
    file = {"file": told["at"][0], "line": told["at"][1]} if told["at"] else {}
    fields = {**file, "title": f"{told['requirement']} {told['title']}"}
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in fields.items())
    text = (
        told["text"].split("\n      snippet ")[0]
        if failed
        else f"{_name(told)} in {told['dialect']}: expected {told['expected']}, got {told['got']}"
    )
    return f"::{'error' if failed else 'warning'} {shown}::{_data(text)}"


def annotations(all_told: Sequence[Told]) -> list[str]:
    """Those of the roots: what follows from another requirement is not annotated, nor are more than GitHub shows."""
    roots = [one for one in all_told if not one["follows"]]
    shown = list(filter(None, map(annotation, roots)))
    kinds = ("::error", "::warning")
    return [line for kind in kinds for line in [one for one in shown if one.startswith(kind)][:MOST_ANNOTATIONS]]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def summary(all_told: Sequence[Told]) -> str:
    """A step summary in Markdown: a table for each decoder, and each finding to unfold."""
    parts = [f"## sliceproof {__version__}\n"]
    for name in dict.fromkeys(map(_name, all_told)):
        parts += _decoder(name, [one for one in all_told if _name(one) == name])
    text = "\n".join(parts)
    if len(text.encode()) > LONGEST_SUMMARY:
        text = text.encode()[:LONGEST_SUMMARY].decode(errors="ignore") + "\n````\n\nThe rest is in the log.\n"
    return text


def _name(told: Told) -> str:
    return f"{told['decoder']} {told['version']}".strip()


def _decoder(name: str, all_told: Sequence[Told]) -> list[str]:
    states = [state(one) for one in all_told]
    counts = ", ".join(
        f"{states.count(one)} {one}" for one in ("failed", "warned", "known", "passed", "skipped") if one in states
    )
    parts = [f"### {_cell(name)}: {counts}\n"]
    wrong = [one for one, how in zip(all_told, states, strict=True) if how in ("failed", "warned")]
    if not wrong:
        return parts
    dialects = list(dict.fromkeys(one["dialect"] for one in wrong))
    parts.append(_row("requirement", *dialects) + "\n" + _row(*["---"] * (len(dialects) + 1)))
    for id_, title in dict.fromkeys((one["requirement"], one["title"]) for one in wrong):
        cells = {one["dialect"]: _verdict(one) for one in wrong if one["requirement"] == id_}
        parts.append(_row(f"{id_} {title}", *(cells.get(dialect, "") for dialect in dialects)))
    return [*parts, "", *(_details(one) for one in wrong if one["text"])]


def state(told: Told) -> str:
    """How an item ended, in one word."""
    if told["outcome"] == "passed":
        return "warned" if told["verdict"] == "warn" else "passed"
    if told["outcome"] == "skipped":
        return "known" if told["verdict"] in ("fail", "warn") else "skipped"
    return str(told["outcome"])


def _verdict(told: Told) -> str:
    how = told["standing"] or state(told)
    return f"{how}, follows from {told['follows']}" if told["follows"] else how


def _row(*cells: str) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`").replace("<", "&lt;").replace("\n", " ")


def _details(told: Told) -> str:
    head = _cell(f"{told['requirement']} {told['title']}: {_name(told)} in {told['dialect']}").replace("\\", "")
    text = told["text"].replace("````", "` ` ` `")
    return f"<details><summary>{head}</summary>\n\n````text\n{text}\n````\n\n</details>\n"
