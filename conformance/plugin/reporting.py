"""The end of a run, where all reports have come together: the baseline, GitHub, a few lines in the summary."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.engine.baseline.writing import Observed, update
from sliceproof.conformance.plugin import github
from sliceproof.conformance.plugin.claims import claims
from sliceproof.conformance.plugin.settings import baseline_path, filed, value
from sliceproof.wire.errors import SliceproofError


def conclude(rows: Sequence[Mapping[str, Any]], session: pytest.Session) -> list[str]:
    """Bring the baseline up to date and tell GitHub; the lines for the summary."""
    lines = []
    if session.config.option.sliceproof_update_baseline and value(session.config, "baseline"):
        lines.append(_updated(rows, session))
    lines += [*_saved(rows), *_counted(rows), *claims(rows, session.config)]
    if os.environ.get("GITHUB_ACTIONS") == "true":
        lines += github.annotations(rows)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(github.summary(rows))
    return lines


def _saved(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"saved {row['saved']}" for row in rows if row.get("saved")]


def _updated(rows: Sequence[Mapping[str, Any]], session: pytest.Session) -> str:
    name = value(session.config, "baseline")
    try:
        seen = [Observed(*row["observed"]) for row in rows if "observed" in row]
        changes = update(baseline_path(session.config), seen, filed(session.config))
        return f"{name}: {changes}"
    except SliceproofError as error:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR
        return f"ERROR: sliceproof: {error}"


def _counted(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """For each decoder what it breaks: the roots, what follows from them, and how it stands to the baseline."""
    lines: list[str] = []
    for name in dict.fromkeys((row["decoder"], row["version"]) for row in rows):
        own = [row for row in rows if (row["decoder"], row["version"]) == name]
        parts: list[str] = []
        for how, word in (("failed", "fails"), ("warned", "warns")):
            ids = _ids(own, how, roots=True)
            follow = [id_ for id_ in _ids(own, how, roots=False) if id_ not in ids]
            parts += [" ".join([word, *ids])] if ids else []
            parts += [" ".join([*([] if ids else [word]), "what follows from others:", *follow])] if follow else []
        for how in github.UNEXPECTED:
            ids = list(dict.fromkeys(row["requirement"] for row in own if github.state(row) == how))
            parts += [f"{how}: {' '.join(ids)}"] if ids else []
        expected = sum(github.state(row) == "known" for row in own)
        parts += [f"{expected} known"] if expected else []
        if parts:
            lines.append(f"{' '.join(filter(None, name))}: {'; '.join(parts)}")
    return lines


def _ids(rows: Sequence[Mapping[str, Any]], how: str, *, roots: bool) -> list[str]:
    return list(
        dict.fromkeys(row["requirement"] for row in rows if github.state(row) == how and bool(row["follows"]) != roots)
    )
