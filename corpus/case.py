"""A case: a stream worth keeping, the requirement it is for, and where it broke a decoder.

Its id is the hash of what it demands: of the stream, the requirement and the expectation. Streams
of the same bytes are one stream here, however they were written down, so they have one id.
"""

import hashlib
import json
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

from sliceproof.corpus.expectation import Expected, expected
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.stream import Stream

ID_LENGTH = 12  # hexadecimal digits


class CaseError(SliceproofError, ValueError):
    """What was given as a case is none; says in one line which file and field, and what is wrong.

    `field` is the name of that field, "" if it is not one alone that is wrong.
    """

    field = ""


class TooLargeError(CaseError):
    """A case that no file would be allowed to hold."""


@dataclass(frozen=True)
class Found:
    """Where a case broke a decoder: which one, when (ISO date), in which mode, and where it is told (URL)."""

    decoder: str
    version: str
    date: str
    thread: str = ""
    mode: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (f"{self.decoder} {self.version}".strip(), self.mode, self.date, self.thread)))


@dataclass(frozen=True)
class Case:
    """A stream, and the requirement that it is for ("" if none was told).

    >>> Case("U1", "code point cut between parts", Stream("text", ["é"], part_cuts=[1])).id
    'e117b93b94aa'
    """

    requirement: str
    title: str
    stream: Stream
    found: tuple[Found, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "stream", canonical(self.stream))
        object.__setattr__(self, "found", tuple(self.found))

    @cached_property
    def id(self) -> str:
        """The shortened SHA-256 of what defines the case."""
        content = {
            "requirement": self.requirement,
            **stream_fields(self.stream),
            "expected": expected_fields(self.expected),
        }
        if self.stream.recorded is not None:
            content["recorded"] = hashlib.sha256(self.stream.recorded).hexdigest()
        if self.stream.style.form in self.stream.format.former:
            content["style"] = {**content["style"], "form": f"{content['style']['form']}, rewritten"}
        text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]

    @property
    def name(self) -> str:
        """What a file of it is called, without a suffix."""
        return f"{self.requirement}-{self.id}"

    @cached_property
    def expected(self) -> Expected:
        """What a sound decoder gives."""
        return expected(self.stream)


def canonical(stream: Stream) -> Stream:
    """The same bytes, cut at the same places, without what makes no difference to them."""
    changes: dict[str, Any] = {}
    if stream.part_cuts is not None and stream.recorded is None and stream.parts == stream.but(part_cuts=None).parts:
        changes["part_cuts"] = None
    if stream.chunk_cuts is not None and stream.chunks == stream.but(chunk_cuts=None).chunks:
        changes["chunk_cuts"] = None
    if list(stream.unknown) != sorted(stream.unknown):
        changes["unknown"] = tuple(sorted(stream.unknown))
    if stream.fault is not None and stream.fault.bare != stream.fault:
        changes["fault"] = stream.fault.bare
    return replace(stream, **changes) if changes else stream


def stream_fields(stream: Stream) -> dict[str, Any]:
    """The fields of a stream as plain values: cuts as offsets, of style and fault what differs from the default.

    A form that writes what another once wrote has that one's name, so that a case of then is the same file and
    has the same id; its body says which of the two it is, and the id of a case of now is another.
    """
    names = {old: new for new, old in stream.format.former.items()}
    style = replace(stream.style, form=names.get(stream.style.form, stream.style.form))
    return {
        "dialect": stream.dialect,
        "tokens": list(stream.tokens),
        "style": _differing(style),
        "headers": stream.headers,
        "unknown": list(stream.unknown),
        "fault": None if stream.fault is None else _differing(stream.fault),
        "part_cuts": offsets(stream.parts),
        "chunk_cuts": offsets(stream.chunks),
        **({} if stream.recorded is None else {"recorded": True}),
        **({"deltas": [_differing(delta) for delta in stream.deltas]} if stream.deltas else {}),
    }


def expected_fields(expected: Expected) -> dict[str, Any]:
    """An expectation as plain values."""
    return {"text": expected.text, "error": None if expected.error is None else dict(expected.error)}


def offsets(slices: tuple[bytes, ...]) -> list[int] | None:
    """The cuts between slices; None if there is no slice at all, not even an empty one."""
    return list(accumulate(map(len, slices[:-1]))) if slices else None


def _differing(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that have no default, or another value."""
    values = {field.name: getattr(value, field.name) for field in fields(value)}
    defaults = {field.name: field.default for field in fields(value)}
    return {
        name: list(map(list, each)) if name == "asides" else each
        for name, each in values.items()
        if each != defaults[name]
    }
