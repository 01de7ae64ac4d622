"""A finding in rows of (name, text, style): what the terminal shows in colour and pytest in plain text."""

from collections.abc import Iterable

from sliceproof.conformance.engine.attribution import PLAIN
from sliceproof.conformance.engine.finding import Finding, first_difference
from sliceproof.conformance.engine.wording import count, short
from sliceproof.conformance.reporting.report import cuts
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.hints import hint

Row = tuple[str, str, str]


def rows(finding: Finding, snippet: bool = False, rule: bool = True) -> list[Row]:
    """One finding in full; *style* is a colour in the words of rich, or ""."""
    breach, stream = finding.broken.breach, finding.stream
    found = [("rule", finding.requirement.rule, "")] if rule else []
    found += [("stream", short(repr(stream), 400), "cyan"), ("", _size(finding), "dim")]
    found += [("expected", breach.expected, "green"), ("got", breach.got, "red")]
    found += [("", f"({mode}: {got})", "") for mode, got in _other_modes(finding)]
    if differs := first_difference(finding.broken, finding.decoder.yields):
        found.append(("differs", differs, ""))
    found.append(("blame", f"{finding.blamed}: it {breach.what}", ""))
    found += _note(finding)
    if place := finding.byte_map:
        found.append(("bytes", "\n".join(place), ""))
    found.append(("fix", hint(finding.requirement.id).first, ""))
    found += [unread(finding)] if finding.requirement.id == PLAIN else []
    again = finding.replay if len(finding.replay) < 2000 else finding.rerun or "(see --json: too long here)"
    if again:
        found.append(("replay", again, "dim"))
    if snippet and finding.snippet:
        found.append(("snippet", finding.snippet, ""))
    return found


def leading(finding: Finding) -> list[Row]:
    """What a finding follows from, for whoever shows it alone."""
    if not finding.follows:
        return []
    if finding.follows == PLAIN:
        plain_ = "from a plain stream already, without any hazard"
        return [("follows", plain_, ""), unread(finding)]
    root = f"{finding.follows} {REQUIREMENTS[finding.follows].title}"
    return [("follows", f"from {root}, which is broken too", "")]


def unread(finding: Finding) -> Row:
    """What is to be thought of first where a plain stream does not come out."""
    dialect = finding.stream.dialect
    return "note", f"perhaps it does not read {dialect} at all; --dialect says which dialects to judge", ""


def lines(rows_: Iterable[Row]) -> list[tuple[str, str, str]]:
    """One row a line, with the name in a column: (name as shown, text, style)."""
    return [
        (f"      {name if number == 0 else '':<9} ", part, style)
        for name, text, style in rows_
        for number, part in enumerate(text.split("\n"))
    ]


def plain(rows_: Iterable[Row]) -> str:
    """The rows as plain text."""
    return "\n".join((name + text).rstrip() for name, text, _ in lines(rows_))


def _size(finding: Finding) -> str:
    length, what = finding.size
    said = sum(len(delta.text) for delta in finding.stream.deltas) or len(finding.stream.text)
    text, cut = count(said, "character"), count(cuts(finding), "cut")
    return f"{text}, {cut}, {length:,} bytes of {what}"


def _note(finding: Finding) -> list[Row]:
    note = finding.decoder.notes.get(finding.requirement.id, "")
    if finding.inherited:
        return [("inherited", f"from {finding.inherited}{f': {note}' if note else ''}", "yellow")]
    return [("note", note, "")] if note else []


def _other_modes(finding: Finding) -> list[tuple[str, str]]:
    return [(mode, got) for mode, got in (finding.modes or {}).items() if mode != finding.broken.mode]
