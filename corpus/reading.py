"""Case files are read as if a stranger had written them: every doubt is one CaseError with file and field.

What is read is bounded before it is read, checked against its form, and then composed again: body,
wire, expectation and id must be what the other fields give, as the dialect is written now or as it once was.
"""

import json
import os
import re
import stat
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from sliceproof.corpus.case import Case, CaseError, Found, expected_fields, offsets
from sliceproof.corpus.composing import Field, composed, expanded, former_form
from sliceproof.corpus.form import FORMAT, CaseForm

LARGEST = 4 * 1024 * 1024
"""Bytes that a case file may have."""


def load(path: str | os.PathLike[str]) -> Case:
    """The case in a file; CaseError says what is wrong with it, in which field."""
    return parsed(os.fspath(path), _read(Path(path)))


def load_folder(folder: str | os.PathLike[str]) -> tuple[Case, ...]:
    """The cases in a folder's .json files, sorted by id; CaseError if one is bad or two have the same id."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json") and not name.startswith("."))
    except OSError as error:
        raise CaseError(f"{os.fspath(folder)} is no folder of cases: {error.strerror}") from None
    return _sorted((path, load(path)) for path in (os.path.join(folder, name) for name in names))


@cache
def shipped() -> tuple[Case, ...]:
    """The cases that come with this package, sorted by id."""
    folder = files("sliceproof.corpus").joinpath("cases")
    found = [file for file in folder.iterdir() if file.name.endswith(".json")] if folder.is_dir() else []
    return _sorted((file.name, parsed(file.name, file.read_bytes())) for file in found)


def _sorted(found: Iterable[tuple[str, Case]]) -> tuple[Case, ...]:
    names: dict[str, str] = {}
    cases: dict[str, Case] = {}
    for name, case in found:
        if case.id in cases:
            raise CaseError(f"{name}: id: {case.id} is the case of {names[case.id]} too; remove one of the two")
        names[case.id], cases[case.id] = name, case
    return tuple([cases[id_] for id_ in sorted(cases)])


def _read(path: Path) -> bytes:
    """The bytes of a regular file that is not too large; nothing else is even opened for long."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if path.is_symlink():
            raise CaseError(f"{path} is a symbolic link; give the case file itself")
        descriptor = os.open(path, flags)
        try:
            return _bounded(path, descriptor)
        finally:
            os.close(descriptor)
    except CaseError:
        raise
    except (OSError, ValueError) as error:
        raise CaseError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _bounded(path: Path, descriptor: int) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise CaseError(f"{path} is no regular file; give a case file")
    if status.st_size > LARGEST:
        raise CaseError(f"{path} has {status.st_size:,} bytes; a case has {LARGEST:,} at most")
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(LARGEST + 1)


def parsed(name: str, data: bytes) -> Case:
    """The case that a file's bytes say; *name* is what errors call it."""
    if len(data) > LARGEST:
        raise CaseError(f"{name} has more than {LARGEST:,} bytes, which is the most that a case may have")
    field = Field(name)
    form = _formed(field, _parsed(name, data))
    try:
        return _case(field, form, form.style.form)
    except CaseError as error:
        former = former_form(form)
        if former is None:
            raise
        try:
            return _case(field, form, former)
        except CaseError as other:  # the more telling one: that of the way in which the body is right
            raise (error if other.field == "body" else other) from None


def _case(field: Field, form: CaseForm, record_form: str) -> Case:
    stream = composed(field, form, record_form)
    found = [Found(entry.decoder, entry.version, entry.date, entry.thread, entry.mode) for entry in form.found]
    case = Case(form.requirement, form.title, stream, tuple(found))
    _compared(field, form, case)
    return case


def _compared(field: Field, form: CaseForm, case: Case) -> None:
    """What the file says twice must be the same both times."""
    if form.part_cuts != offsets(case.stream.parts):
        field.wrong("part_cuts", "null stands for no part at all, and this body has one")
    if form.chunk_cuts != offsets(case.stream.chunks):
        field.wrong("chunk_cuts", "null stands for no chunk at all, and this wire has one")
    said = {"text": expanded(field, "expected.text", [form.expected.text])[0], "error": _said(form.expected.error)}
    due = expected_fields(case.expected)
    for name in ("text", "error"):
        if said[name] != due[name]:
            field.wrong(f"expected.{name}", "it is not what a sound decoder makes of this stream")
    if form.id != case.id:
        field.wrong("id", f"{form.id} is not the hash of this case, which is {case.id}; was it edited by hand?")


def _said(error: Any) -> Any:
    return None if error is None else msgspec.to_builtins(error)


def _parsed(name: str, data: bytes) -> dict[str, Any]:
    """The JSON object of a file, strictly: no duplicate key, no NaN, no byte order mark."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        object_ = dict(pairs)
        if len(object_) < len(pairs):
            keys = [key for key, _ in pairs]
            raise CaseError(f"{name}: {next(key for key in keys if keys.count(key) > 1)}: the key is there twice")
        return object_

    def constant(said: str) -> NoReturn:
        raise CaseError(f"{name}: {said} is no JSON")

    try:
        object_ = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=constant)
    except UnicodeDecodeError as error:
        raise CaseError(f"{name} is not UTF-8 at byte {error.start}") from None
    except CaseError:
        raise
    except (ValueError, RecursionError) as error:
        raise CaseError(f"{name} is no JSON: {error}") from None
    if not isinstance(object_, dict):
        raise CaseError(f"{name} is no case: a case is a JSON object")
    return object_


def _formed(field: Field, data: dict[str, Any]) -> CaseForm:
    """The file's fields by their types."""
    version = data.get("format")
    if not isinstance(version, int):
        field.wrong("format", "it is missing or no number, so this is no case")
    if version > FORMAT:
        field.wrong("format", f"written by a newer sliceproof ({version}; this one reads {FORMAT}): upgrade it")
    try:
        return msgspec.convert(data, CaseForm)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        inside = path.strip("`.")
        missing = re.search(r"(?:missing required|contains unknown) field `([^`]*)`", what)
        if missing:
            inside = f"{inside}.{missing[1]}".strip(".")
            what = "it is missing" if "missing" in what else "there is no such field"
        field.wrong(inside, what)
