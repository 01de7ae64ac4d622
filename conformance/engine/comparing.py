"""Two reports side by side: what changed from one run to the other, by decoder, dialect and requirement."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.judge import tells
from sliceproof.wire.errors import SliceproofError

BROKEN, SEEN, MENDED, OTHERWISE, UNJUDGED, GONE, NEW = (
    "newly broken",
    "to be seen now that an error comes",
    "mended",
    "differently broken",
    "no longer judged",
    "no longer asked",
    "newly asked",
)
"""What can become of a row, the gravest first but for what is mended."""

_ASKED = ("pass", "fail", "warn", "error")


class ReportError(SliceproofError):
    """A file that is no report of `--json`; says which, and why."""


class Change(NamedTuple):
    """What became of a requirement in a dialect of a decoder; `before` and `after` are its rows, {} where none is."""

    what: str
    decoder: str
    dialect: str
    requirement: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def worse(self) -> bool:
        """Whether it is worse than it was. What was not asked before, or is not now, is neither better nor worse."""
        graver = (self.before.get("verdict"), self.after.get("verdict")) == ("warn", "fail")
        return self.what in (UNJUDGED, BROKEN) or graver


def read(name: str) -> dict[str, Any]:
    """A report; ReportError if the file is none."""
    try:
        report = json.loads(Path(name).read_bytes())
        rows = report["results"]
        if report["format"] != 1:
            raise ReportError(f"{name} is a report of format {report['format']!r}, and 1 is what can be read")
        for row in rows:
            if not {"decoder", "version", "dialect", "requirement", "verdict", "level", "finding"} <= row.keys():
                raise KeyError("results")
    except OSError as error:
        raise ReportError(f"{name} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ReportError(f"{name} is no report; `sliceproof check TARGET --json FILE` writes one") from None
    return dict(report)


def aligned(before: dict[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The first report with its decoder called as in the second, and what it was called, where each has one alone."""
    old, new = ({row["decoder"] for row in report["results"]} for report in (before, after))
    if len(old) != 1 or len(new) != 1 or old == new:
        return before, ""
    (was,), (now,) = old, new
    return {**before, "results": [{**row, "decoder": now} for row in before["results"]]}, was


def claims(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What both say of a frozen set, where they say something else."""
    old, new = (
        [each["told"] for each in report.get("conformance", {}).get("decoders", [])] for report in (before, after)
    )
    if old != new:
        yield from (f"{name} {text}" for name, told in (("before:", old), ("now:", new)) for text in told)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The changes; ReportError if no row is in both, as nothing can be said then."""
    if not _rows(before).keys() & _rows(after).keys():
        raise ReportError("the two reports have no decoder, dialect and requirement in common")
    return changes(before, after)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What changed, the gravest first; what is the same in both is left out, and what neither asked."""
    old, new = _rows(before), _rows(after)
    found = [each for key in dict.fromkeys((*old, *new)) for each in _change(key, old.get(key, {}), new.get(key, {}))]
    found = _uncovered(found)
    order = (BROKEN, UNJUDGED, SEEN, GONE, OTHERWISE, NEW, MENDED)
    return sorted(found, key=lambda change: (order.index(change.what), change.decoder, _place(change.requirement)))


def _uncovered(found: list[Change]) -> list[Change]:
    """The same, but what an error says (E2) is not newly broken where no error came until now (E1 is mended)."""
    mended = {(each.decoder, each.dialect, each.requirement) for each in found if each.what == MENDED}

    def hidden(change: Change) -> bool:
        known = REQUIREMENTS.get(change.requirement)
        errors = known.contains if known is not None and known.judge is tells else ()
        return any((change.decoder, change.dialect, id_) in mended for id_ in errors)

    return [each._replace(what=SEEN) if each.what == BROKEN and hidden(each) else each for each in found]


def _place(id_: str) -> tuple[int, str]:
    known = list(REQUIREMENTS)
    return (known.index(id_) if id_ in known else len(known), id_)


def _rows(report: Mapping[str, Any]) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    return {(row["decoder"], row["dialect"], row["requirement"]): row for row in report["results"]}


def _change(key: tuple[str, str, str], before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    what = _what(before, after)
    if what:
        yield Change(what, *key, before, after)


def _what(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    was, now = (_asked(row) for row in (before, after))
    if not was or not now:
        return NEW if now else GONE if was else ""
    if now in ("fail", "warn"):
        if was not in ("fail", "warn"):
            return BROKEN
        return "" if (was, _how(before)) == (now, _how(after)) else OTHERWISE
    if now == "error":
        return "" if was == "error" else UNJUDGED
    return MENDED if was in ("fail", "warn") else "" if was == "pass" else NEW


def _asked(row: Mapping[str, Any]) -> str:
    """The verdict of what was asked, or ""."""
    verdict = str(row.get("verdict", ""))
    return verdict if verdict in _ASKED else ""


def _how(row: Mapping[str, Any]) -> Any:
    """How something is broken, as long as that is the same from run to run."""
    finding = row["finding"] or {}
    return finding.get("kind"), finding.get("layer")


def versions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Each decoder with the versions that it had, and the sliceproof that judged it."""
    old, new = ({row["decoder"]: row["version"] for row in report["results"]} for report in (before, after))
    for name in dict.fromkeys((*old, *new)):
        yield _versions(name, old.get(name), new.get(name))
    yield _versions("sliceproof", before.get("sliceproof"), after.get("sliceproof"))
    for key in ("profile", "seed"):
        if before.get(key) != after.get(key):
            yield f"{key} {before.get(key)} → {after.get(key)}, so that more than the decoder may differ"


def _versions(name: str, old: str | None, new: str | None) -> str:
    """A name and its versions: None where it was not judged, "" where it tells none."""
    if old == new:
        return f"{name} {old or ''}".strip()
    told = ["not judged" if version is None else version or "of no version" for version in (old, new)]
    return f"{name} {' → '.join(told)}"
