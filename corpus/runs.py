"""Long repetitions told briefly, so that a case about length is a page and not a megabyte.

A token of one character is `{"text": "x", "times": 70000}`; bytes that repeat are a list of base64
pieces, some with `times`. What is short is a plain string.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

LONG = 1000
"""How many equal characters or bytes in a row are told as a run."""
FRAMES = 50
"""How many equal messages in a row are."""

_RUN = re.compile(rb"(.)\1{%d,}" % (LONG - 1), re.DOTALL)


def text_form(text: str) -> Any:
    """A text as it is, or as a run."""
    if len(text) >= LONG and text == text[0] * len(text):
        return {"text": text[0], "times": len(text)}
    return text


def bytes_form(units: Iterable[bytes]) -> Any:
    """The bytes of *units* back to back as base64, in pieces if there are runs in them."""
    pieces = [piece for data, times in _grouped(units) for piece in _pieces(data, times)]
    if len(pieces) == 1 and pieces[0][1] == 1:
        return _base64(pieces[0][0])
    return [_base64(data) if times == 1 else {"base64": _base64(data), "times": times} for data, times in pieces] or ""


def _grouped(units: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Units joined, but for those that come often in a row."""
    pending: list[bytes] = []
    for unit, group in groupby(units):
        times = sum(1 for _ in group)
        if times >= FRAMES and len(unit) > 1:
            yield b"".join(pending), 1
            yield unit, times
            pending = []
        else:
            pending += [unit] * times
    yield b"".join(pending), 1


def _pieces(data: bytes, times: int) -> Iterator[tuple[bytes, int]]:
    if times > 1:
        yield data, times
        return
    at = 0
    for run in _RUN.finditer(data):
        if run.start() > at:
            yield data[at : run.start()], 1
        yield run[1], run.end() - run.start()
        at = run.end()
    if at < len(data):
        yield data[at:], 1


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """Bytes from base64; ValueError unless it is what an encoder writes for them."""
    data = base64.b64decode(text, validate=True)
    if _base64(data) != text:
        raise ValueError("the last character holds bits that no byte has")
    return data
