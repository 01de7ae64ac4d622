"""A case as the text of its file: the same case, the same bytes, and a person can review them.

Keys have a fixed order, what is short stands on one line. Letters, digits and marks that are seen
stand as they are; what is invisible, combines or reorders is escaped, by a version of Unicode
that does not change with Python's.
"""

import json
from collections.abc import Iterable
from typing import Any
from unicodedata import ucd_3_2_0 as unicode

from sliceproof.corpus.case import Case, Found, told_expected, told_stream
from sliceproof.corpus.form import FORMAT
from sliceproof.corpus.runs import told_bytes, told_text

WIDTH = 110
WORTH_KEEPING = 200_000  # bytes of the largest case that a repository should hold
SEEN = frozenset("LNPS")  # the major classes of characters that show themselves


def told(case: Case) -> dict[str, Any]:
    """The fields of a case file, as plain values."""
    stream, expected = told_stream(case.stream), told_expected(case.expected)
    frames = case.stream.frames if case.stream.wire == b"".join(case.stream.frames) else (case.stream.wire,)
    return {
        "format": FORMAT,
        "id": case.id,
        "requirement": case.requirement,
        "title": case.title,
        "found": [_told_found(found) for found in case.found],
        **stream,
        "tokens": [told_text(token) for token in case.stream.tokens],
        "expected": {**expected, "text": told_text(expected["text"])},
        "body": told_bytes((case.stream.body,)),
        "wire": told_bytes(frames),
    }


def _told_found(found: Found) -> dict[str, str]:
    told = {"decoder": found.decoder, "version": found.version, "date": found.date}
    return told | {name: value for name in ("thread", "mode") if (value := getattr(found, name))}


def text(case: Case) -> str:
    """The text of the case's file."""
    lines = [f"  {quoted(name)}: {_value(value, len(name) + 6)}" for name, value in told(case).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _value(value: Any, used: int) -> str:
    """A field's value: on its own line if it fits, else its items in lines as full as can be."""
    line = inline(value)
    if len(line) + used <= WIDTH or not isinstance(value, list):
        return line
    return "[\n" + ",\n".join(_filled(map(inline, value))) + "\n  ]"


def _filled(items: Iterable[str]) -> Iterable[str]:
    row = ""
    for item in items:
        if row and len(row) + len(item) + 6 > WIDTH:
            yield f"    {row}"
            row = ""
        row += f", {item}" if row else item
    yield f"    {row}"


def inline(value: Any) -> str:
    """JSON on one line."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(name)}: {inline(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def quoted(told: str) -> str:
    """A JSON string in which all that is not escaped can be seen."""
    if told.isascii() and told.isprintable():
        return json.dumps(told)
    return '"' + "".join([_character(one) for one in told]) + '"'


def _character(one: str) -> str:
    shown = one == " " or (unicode.category(one)[0] in SEEN and unicode.bidirectional(one) not in ("R", "AL"))
    escaped = json.dumps(one)[1:-1]
    return one if shown and one not in '"\\' else escaped if escaped != one else f"\\u{ord(one):04x}"
