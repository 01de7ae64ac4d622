"""What of a text was lost, and what came that was never told: runs of (kind, text), of "same", "lost" and "added"."""

from bisect import bisect_left
from collections.abc import Iterator
from difflib import SequenceMatcher

from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.requirements.judge import joined, shortened

COMPARED = 400  # characters; longer texts are compared from both ends
KEPT = 24  # characters of what is the same, on each side of what is not
SHOWN = 300  # characters of what is lost or added

Run = tuple[str, str]


def difference(finding: Finding) -> list[Run]:
    """The runs of a finding's text; none where text is not what was asked for, or nothing differs."""
    broken = finding.broken
    if finding.decoder.yields != "text" or broken.breach.expected != shortened(broken.stream.text):
        return []
    expected, got = broken.stream.text, joined(broken.outcome, "text")
    if not isinstance(got, str) or expected == got:
        return []
    return list(_short(_runs(expected, got)))


def _runs(expected: str, got: str) -> Iterator[Run]:
    if max(len(expected), len(got)) > COMPARED:
        before = _alike(expected, got)
        after = _alike(expected[before:][::-1], got[before:][::-1])
        yield "same", expected[:before]
        yield "lost", expected[before : len(expected) - after]
        yield "added", got[before : len(got) - after]
        yield "same", expected[len(expected) - after :]
        return
    for _, a, b, c, d in SequenceMatcher(None, expected, got, autojunk=False).get_opcodes():
        if expected[a:b] == got[c:d]:
            yield "same", expected[a:b]
        else:
            yield "lost", expected[a:b]
            yield "added", got[c:d]


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin alike with."""
    shorter = min(len(one), len(other))
    return bisect_left(range(1, shorter + 1), True, key=lambda length: one[:length] != other[:length])


def _short(runs: Iterator[Run]) -> Iterator[Run]:
    for kind, text in runs:
        if kind == "same" and len(text) > 2 * KEPT:
            yield kind, f"{text[:KEPT]} … {text[-KEPT:]}"
        elif kind != "same" and len(text) > SHOWN:
            yield kind, f"{text[:SHOWN]} … ({len(text) - SHOWN:,} more)"
        elif text:
            yield kind, text
