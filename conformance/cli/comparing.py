"""What `sliceproof compare` does: shows what changed between two reports."""

from itertools import groupby

from sliceproof.conformance.engine.comparing import (
    MENDED,
    NEW,
    OTHERWISE,
    SEEN,
    Change,
    aligned,
    claims,
    compare,
    read,
    versions,
)
from sliceproof.conformance.engine.exit_codes import BROKEN, CONFORMS, COULD_NOT_JUDGE
from sliceproof.conformance.engine.wording import count, short
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.conformance.requirements import REQUIREMENTS

_COLOURS = {MENDED: "green", NEW: "dim", OTHERWISE: "yellow", SEEN: "yellow"}


def compared(before: str, after: str, terminal: Terminal) -> int:
    """Show the changes from the report in one file to that in the other; what to exit with.

    Where the other is not whole, that nothing got worse cannot be said.
    """
    old, new = read(before), read(after)
    old, other = aligned(old, new)
    if other:
        terminal.line(f"{other}, and then", "bold")
    for line in (*versions(old, new), *claims(old, new)):
        terminal.line(line, "bold")
    for name, report in ((before, old), (after, new)):
        if "incomplete" in report:
            terminal.line(f"{name} is not whole: {report['incomplete']}", "yellow")
    terminal.line()
    found = compare(old, new)
    for what, group in groupby(found, key=lambda change: change.what):
        _shown(what, list(group), terminal, other)
    worse = sum(change.worse for change in found)
    better = sum(change.what == MENDED for change in found)
    musts = sum(change.worse and change.after["level"] == "must" for change in found)
    told = (
        f"{count(worse, 'row')} worse, {musts} of them MUST, {count(better, 'row')} mended"
        if found
        else "nothing changed"
    )
    terminal.line(told, "bold red" if worse else "bold green")
    whole = CONFORMS if "incomplete" not in new else COULD_NOT_JUDGE
    return BROKEN if worse else whole


def _shown(what: str, group: list[Change], terminal: Terminal, other: str = "") -> None:
    """One kind of change: a line for each requirement of a decoder, with the dialects in which it is so.

    *other* is the decoder of the first report where that is not the same.
    """
    terminal.line(what, _COLOURS.get(what, "bold red" if any(change.worse for change in group) else "bold"))
    for (decoder, id_), of_one in groupby(group, key=lambda change: (change.decoder, change.requirement)):
        together = list(of_one)
        title = REQUIREMENTS[id_].title if id_ in REQUIREMENTS else "unknown to this version"
        dialects = ", ".join(change.dialect for change in together)
        level = (together[0].after or together[0].before)["level"].upper()
        terminal.line(f"  {id_:<12} {level:<6} {decoder}: {title}, in {dialects}")
        for when, name, row in (("before", other, together[0].before), ("now", other and decoder, together[0].after)):
            if row.get("finding"):
                finding = row["finding"]
                told = f"{name} {finding['what']}".strip()
                terminal.line(f"  {'':<12} {when + ':':<7} {told}: {short(finding['stream'])}", "dim")
    terminal.line()
