"""How a test ends: it passes, warns, is known, or fails with the finding as its text and no traceback of ours."""

import warnings
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import pytest

from sliceproof.conformance.engine.baseline.expected import CHANGED, KNOWN, STALE, observed
from sliceproof.conformance.engine.case_files import case_of
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import pass_on
from sliceproof.conformance.plugin import FLAG, TOLD, SliceproofWarning
from sliceproof.conformance.plugin.settings import save_to
from sliceproof.conformance.plugin.verdict_cache import verdicts
from sliceproof.conformance.reporting.finding_table import leading, plain, rows
from sliceproof.conformance.reporting.place import place
from sliceproof.corpus import TooLargeError, save

pass_on(
    pytest.fail.Exception, pytest.exit.Exception
)  # another plugin's, such as a timeout; a skip is the decoder's own


def settle(item: pytest.Item, result: Result, known: str = "", frozen: Mapping[str, Any] | None = None) -> None:
    """Let *item* end as *result* says, and note everything that reports want.

    *known* is why it is known to fail; *frozen* of which set's items of which test it is one.
    """
    __tracebackhide__ = True
    _note(item, result)
    item.stash[TOLD] |= {"set": frozen} if frozen else {}
    text = failure_text(result, _elsewhere(item.config, result))
    if item.config.option.sliceproof_update_baseline and result.verdict in ("fail", "warn"):
        _expect(item, result, result.reason if result.standing == KNOWN else "written into the baseline")
    if result.standing == KNOWN and not item.config.option.runxfail:
        _expect(item, result, result.reason)
    if known and not item.config.option.runxfail:
        if result.verdict in ("fail", "warn"):
            _expect(item, result, known)
        if result.verdict == "pass":
            raise pytest.fail.Exception(f"{text} passes and is in known_failures ({known}): take it out", pytrace=False)
    if _is_wrong(item, result) or (result.verdict == "warn" and item.get_closest_marker("xfail")):
        raise pytest.fail.Exception(text, pytrace=False)
    if result.verdict == "n/a":
        raise pytest.skip.Exception(result.reason, _use_item_location=True)
    if result.verdict == "warn":
        _warn(item, result, text)


def _is_wrong(item: pytest.Item, result: Result) -> bool:
    if result.standing in (STALE, CHANGED):
        return not item.config.option.sliceproof_update_baseline
    return result.verdict in ("fail", "error")


def _expect(item: pytest.Item, result: Result, reason: str) -> None:
    __tracebackhide__ = True
    name = f"{result.decoder.name} {result.decoder.version()}".strip()
    raise pytest.xfail.Exception(f"{result.requirement.id} is known of {name}: {reason}")


def _warn(item: pytest.Item, result: Result, text: str) -> None:
    """A warning of a few lines; where the user wants warnings to be errors, a failure with the whole finding."""
    __tracebackhide__ = True
    path, line, _ = item.location
    line = None if item.path.name != PurePath(path).name else line  # inherited, and defined in a file of ours
    file, number = (defined_at(item.config, result.decoder) if line is None else None) or (path, (line or -1) + 1)
    assert result.finding is not None
    breach = result.finding.broken.breach
    short = f"{text.splitlines()[0]}: expected {breach.expected}, got {breach.got}\n  {result.finding.replay}"
    try:
        warnings.warn_explicit(SliceproofWarning(short), None, str(file), int(number))
    except SliceproofWarning:
        raise pytest.fail.Exception(text, pytrace=False) from None


def failure_text(result: Result, elsewhere: str = "") -> str:
    """What a person is told of a result: a headline, then the finding, and *elsewhere* it is known."""
    requirement = result.requirement
    name = f"{result.decoder.name} {result.decoder.version()}".strip()
    head = f"{requirement.id} {requirement.title}: {name} in {result.dialect}"
    if result.verdict == "error":
        return f"{head} could not be judged: {result.reason}"
    if result.standing == STALE:
        return f"{head} is no known failure any more: {result.reason}\n{_how_to_go(result)}"
    if result.finding is None:
        return head
    finding = result.finding
    lines = [f"{head} {finding.broken.breach.what}{_changed(result)}"]
    if finding.follows:
        lines.append(plain(leading(finding)))
    if elsewhere:
        lines.append(f"      baseline  {elsewhere}")
    return "\n".join([*lines, plain(rows(finding, snippet=True))])


def _elsewhere(config: pytest.Config, result: Result) -> str:
    """Where a failure is known that is not known here."""
    expected = verdicts(config).expected
    if expected is None or result.standing:
        return ""
    return expected.elsewhere(result.decoder, result.requirement.id, result.dialect)


def _changed(result: Result) -> str:
    return f", which is not how it is known: {result.reason}" if result.standing == CHANGED else ""


def _how_to_go(result: Result) -> str:
    version = result.decoder.version()
    bound = f', or let it end before: versions = "<{version}"' if version else ""
    return f"      remedy    remove the entry ({FLAG} does){bound}"


def _note(item: pytest.Item, result: Result) -> None:
    requirement, finding = result.requirement, result.finding
    properties = {
        "decoder": result.decoder.name,
        "version": result.decoder.version(),
        "dialect": result.dialect,
        "requirement": requirement.id,
        "level": requirement.level,
        "verdict": result.verdict,
        "standing": result.standing,
        "reason": result.reason,
        "follows": finding.follows if finding else "",
        "case": repr(finding.stream) if finding else "",
    }
    item.user_properties.extend((name, value) for name, value in properties.items() if value)
    noted: dict[str, Any] = properties | {"title": requirement.title, "at": defined_at(item.config, result.decoder)}
    expected = verdicts(item.config).expected
    if expected is not None and expected.updating and result.verdict != "error":
        seen = observed(result, expected.baseline)
        noted["observed"] = [*seen[:-1], seen.what if isinstance(seen.what, str) else dict(seen.what)]
    if finding is not None:
        noted["got"], noted["expected"] = finding.broken.breach.got, finding.broken.breach.expected
        noted["what"] = finding.broken.breach.what
    noted["saved"] = _saved(item.config, result)
    item.stash[TOLD] = noted


def _saved(config: pytest.Config, result: Result) -> str:
    """The file in which a finding that stands for itself was saved, or ""."""
    folder, finding = save_to(config), result.finding
    if folder is None or finding is None or finding.follows or result.standing == KNOWN:
        return ""
    try:
        return str(save(case_of(finding), folder))
    except TooLargeError:
        return ""


def defined_at(config: pytest.Config, decoder: Decoder) -> list[Any]:
    """[file, line] of a decoder of one's own, if it is in the project; else []."""
    return list(place(decoder, config.rootpath) or ())
