"""The end of a run, where all reports have come together: the baseline, GitHub, a few lines in the summary."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.engine.baseline.writing import Observed, update
from sliceproof.conformance.plugin import github
from sliceproof.conformance.plugin.settings import baseline_path, filed, value
from sliceproof.wire.errors import SliceproofError


def conclude(told: Sequence[Mapping[str, Any]], session: pytest.Session) -> list[str]:
    """Bring the baseline up to date and tell GitHub; the lines for the summary."""
    lines = []
    if session.config.option.sliceproof_update_baseline and value(session.config, "baseline"):
        lines.append(_updated(told, session))
    lines += _saved(told) + _counted(told)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        lines += github.annotations(told)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(github.summary(told))
    return lines


def _saved(told: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"saved {one['saved']}" for one in told if one.get("saved")]


def _updated(told: Sequence[Mapping[str, Any]], session: pytest.Session) -> str:
    name = value(session.config, "baseline")
    try:
        seen = [Observed(*one["observed"]) for one in told if "observed" in one]
        changes = update(baseline_path(session.config), seen, filed(session.config))
        return f"{name}: {changes}"
    except SliceproofError as error:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR
        return f"ERROR: sliceproof: {error}"


def _counted(all_told: Sequence[Mapping[str, Any]]) -> list[str]:
    """For each decoder what it breaks: the roots, how many follow from them, and what is known."""
    lines: list[str] = []
    for name in dict.fromkeys((one["decoder"], one["version"]) for one in all_told):
        own = [one for one in all_told if (one["decoder"], one["version"]) == name]
        parts: list[str] = []
        for how, word in (("failed", "fails"), ("warned", "warns")):
            ids = _ids(own, how, roots=True)
            follow = [id_ for id_ in _ids(own, how, roots=False) if id_ not in ids]
            parts += [" ".join([word, *ids])] if ids else []
            parts += [" ".join([*([] if ids else [word]), "what follows from others:", *follow])] if follow else []
        known = sum(github.state(one) == "known" for one in own)
        parts += [f"{known} known"] if known else []
        if parts:
            lines.append(f"{' '.join(filter(None, name))}: {'; '.join(parts)}")
    return lines


def _ids(told: Sequence[Mapping[str, Any]], how: str, *, roots: bool) -> list[str]:
    return list(
        dict.fromkeys(one["requirement"] for one in told if github.state(one) == how and bool(one["follows"]) != roots)
    )
