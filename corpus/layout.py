"""A case as the text of its file: the same case, the same bytes, and a person can review them.

Keys have a fixed order, what is short stands on one line. Letters, digits and marks that are seen
stand as they are; what is invisible, combines or reorders is escaped, by a version of Unicode
that does not change with Python's.
"""

import json
from collections.abc import Iterable
from typing import Any
from unicodedata import ucd_3_2_0 as unicode

from sliceproof.corpus.case import Case, Found, expected_fields, stream_fields
from sliceproof.corpus.form import FORMAT
from sliceproof.corpus.runs import bytes_form, text_form

WIDTH = 110
WORTH_KEEPING = 200_000  # bytes of the largest case that a repository should hold
SEEN = frozenset("LNPS")  # the major classes of characters that show themselves


def fields_of(case: Case) -> dict[str, Any]:
    """The fields of a case file, as plain values."""
    stream, expected = stream_fields(case.stream), expected_fields(case.expected)
    frames = case.stream.frames if case.stream.wire == b"".join(case.stream.frames) else (case.stream.wire,)
    return {
        "format": FORMAT,
        "id": case.id,
        "requirement": case.requirement,
        "title": case.title,
        "found": [_found_fields(found) for found in case.found],
        **stream,
        "tokens": [text_form(token) for token in case.stream.tokens],
        **({"deltas": [_with_runs(delta) for delta in stream["deltas"]]} if case.stream.deltas else {}),
        "expected": {**expected, "text": text_form(expected["text"])},
        "body": bytes_form((case.stream.body,)),
        "wire": bytes_form(frames),
    }


def _with_runs(delta: dict[str, Any]) -> dict[str, Any]:
    return {name: text_form(value) if name == "text" else value for name, value in delta.items()}


def _found_fields(found: Found) -> dict[str, str]:
    fields = {"decoder": found.decoder, "version": found.version, "date": found.date}
    return fields | {name: value for name in ("thread", "mode") if (value := getattr(found, name))}


def text(case: Case) -> str:
    """The text of the case's file."""
    lines = [f"  {quoted(name)}: {_value(value, len(name) + 6)}" for name, value in fields_of(case).items()]
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
        return "{" + ", ".join(f"{quoted(name)}: {inline(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def quoted(text: str) -> str:
    """A JSON string in which all that is not escaped can be seen."""
    if text.isascii() and text.isprintable():
        return json.dumps(text)
    return '"' + "".join([_character(character) for character in text]) + '"'


def _character(text: str) -> str:
    shown = text == " " or (unicode.category(text)[0] in SEEN and unicode.bidirectional(text) not in ("R", "AL"))
    escaped = json.dumps(text)[1:-1]
    return text if shown and text not in '"\\' else escaped if escaped != text else f"\\u{ord(text):04x}"
