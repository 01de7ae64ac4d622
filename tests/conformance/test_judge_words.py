"""What a breach says: short enough for a line, and exact about what became of the text."""

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from sliceproof.conformance.harness.drive import Intrusion
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.judge import described, difference, shortened


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError(), "ValueError"),
        (ValueError(" "), "ValueError"),
        (ValueError("no\n  more"), "ValueError: no more"),
        (ValueError("x" * 200), f"ValueError: {'x' * 200}"),
        (ValueError("x" * 200 + "y"), f"ValueError: {'x' * 200}"),
    ],
)
def test_an_error_is_told_in_a_line(error: BaseException, told: str) -> None:
    assert described(error) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("x" * 120, repr("x" * 120)),
        ("x" * 121, f"{'x' * 60!r}…{'x' * 50!r} (121 characters)"),
        ((), "[]"),
        ((b"a",), "[b'a']"),
        ((b"a",) * 6, "[" + ", ".join(["b'a'"] * 6) + "]"),
        ((b"a",) * 7, "[" + ", ".join(["b'a'"] * 6) + ", …]"),
        ((b"x" * 60, b"y"), f"[{b'x' * 60!r}, b'y']"),
        ((b"x" * 59 + b"yz", b"y"), f"[{b'x' * 57 + b'...'!r}, b'y']"),
        (None, "None"),
    ],
)
def test_what_came_out_is_told_in_a_line(value: Any, told: str) -> None:
    assert shortened(value) == told


@pytest.mark.parametrize(
    ("expected", "got", "what"),
    [
        ("a\ufffd", "a\ufffd\ufffd", ("replaces bytes by U+FFFD", "UTF-8")),
        ("a\ufffd", "a", ("loses text", "")),
        ("a\ufffd", "\ufffda", ("reorders", "order")),
        ("abc", "ac", ("loses text", "")),
        ("abc", "", ("loses everything", "")),
        ("abc", "abbc", ("invents text", "")),
        ("aab", "abb", ("alters text", "")),
        ((b"a", b"b"), (b"b", b"a"), ("reorders", "order")),
        ((b"a", b"b"), (b"b",), ("loses text", "")),
        ((b"a",), (b"a", b"\xff"), ("invents text", "")),
    ],
)
def test_what_became_of_the_text_is_told_apart(expected: Any, got: Any, what: tuple[str, str]) -> None:
    kind, layer = difference(expected, got)
    assert (kind.words, layer) == what


@pytest.mark.parametrize(
    "value",
    [Breach(BreachKind.IS_LATE, "", ""), Outcome((), (), "end", None, 0, True, "chunks"), Intrusion()],
    ids=repr,
)
def test_a_verdict_and_what_it_is_about_cannot_be_changed(value: Any) -> None:
    for field in fields(value):
        with pytest.raises(FrozenInstanceError):
            setattr(value, field.name, None)
