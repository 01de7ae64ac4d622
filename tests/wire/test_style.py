"""How values are spelled: as the literal or call that a person would write, and that makes them again."""

from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from sliceproof.wire.dialects.style import PLAIN, Style, spelled

SPELLED: list[tuple[object, str]] = [
    ((), "[]"),
    ((1,), "[1]"),
    ((1, 2, 3), "[1, 2, 3]"),
    ((0, 1, 2, 3), "range(0, 4)"),
    ((1, 2, 3, 4, 5), "range(1, 6)"),
    ((2, 4, 6, 8), "range(2, 9, 2)"),
    ((7, 14, 21, 28, 35), "range(7, 36, 7)"),
    ((1, 2, 3, 5), "[1, 2, 3, 5]"),
    ((1, 3, 5, 8), "[1, 3, 5, 8]"),
    ((3, 2, 1, 0), "[3, 2, 1, 0]"),
    ((2, 2, 3, 4), "[2, 2, 3, 4]"),
    ((1, 2, 3, "x"), "[1, 2, 3, 'x']"),
    ((5,) * 8, "[5, 5, 5, 5, 5, 5, 5, 5]"),
    ((5,) * 9, "[5] * 9"),
    (("a",) * 9, "['a'] * 9"),
    (("a",) * 9 + ("b",), "['a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a', 'b']"),
    (((0, "x"), (1, "y")), "[[0, 'x'], [1, 'y']]"),
    ("", "''"),
    ("x" * 16, repr("x" * 16)),
    ("x" * 17, "'x' * 17"),
    ("x" * 17 + "y", repr("x" * 17 + "y")),
    ("\u2028" * 17, "'\\u2028' * 17"),
    ("é你", "'é你'"),
    ("é\u2028", r"'\xe9\u2028'"),
    (None, "None"),
    (True, "True"),
    (b"\xff", r"b'\xff'"),
]


@pytest.mark.parametrize(("value", "told"), SPELLED)
def test_a_value_is_spelled_as_a_person_would_write_it(value: object, told: str) -> None:
    assert spelled(value) == told


@pytest.mark.parametrize("value", [value for value, _ in SPELLED])
def test_what_is_spelled_makes_the_value_again(value: object) -> None:
    again: Any = eval(spelled(value))
    assert (tuple(again) if isinstance(value, tuple) else again) == _listed(value)


def _listed(value: object) -> object:
    """A tuple's tuples as lists, which is how they are spelled."""
    return tuple(list(one) if isinstance(one, tuple) else one for one in value) if isinstance(value, tuple) else value


def test_only_what_was_chosen_is_told() -> None:
    assert repr(Style()) == "Style()"
    assert repr(Style(space=False, asides=((0, "comment"),))) == "Style(space=False, asides=[[0, 'comment']])"


def test_the_plainest_style_is_what_a_server_writes_by_itself() -> None:
    assert (
        Style(
            space=True,
            ascii=None,
            newline="\n",
            tail="full",
            form="",
            done=True,
            special=False,
            asides=(),
            nan=False,
            multiline=False,
            fields=False,
            bom=False,
        )
        == Style()
        == PLAIN
    )


def test_asides_may_be_listed() -> None:
    listed: Any = [[0, "comment"]]
    assert Style(asides=listed) == Style(asides=((0, "comment"),))


def test_a_style_cannot_be_changed() -> None:
    for field in fields(Style):
        with pytest.raises(FrozenInstanceError):
            setattr(PLAIN, field.name, None)
