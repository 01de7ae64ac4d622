"""A dialect of one's own: a `Dialect` value in a module or a file, named as `module:NAME` or `path/file.py:NAME`.

It is looked at before it is used: what it writes must be read back, and its text must stand where it says. What is
wrong is told in one line, with the text that shows it.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from sliceproof.wire.dialects.dialect import TEXT, Dialect, Framing, UnknownDialectError
from sliceproof.wire.dialects.errors import ModelError
from sliceproof.wire.dialects.framing import LINE_ASIDES, SSE_ASIDES, encode
from sliceproof.wire.dialects.reader import reader
from sliceproof.wire.dialects.style import Style

SAID = ("Hello", " ", "你好", "😀", "e\u0301", "\n", '{"a": "\\b"}', "\u2028", "\ufffd", "data: x", "0", "")
"""Text that a definition must bring through."""


def own(name: str) -> Dialect:
    """The dialect that *name* names, whose id that is; UnknownDialectError if there is none or it is wrong."""
    place, _, attribute = name.rpartition(":")
    found: Any = _module(place, name)
    for step in attribute.split("."):
        found = getattr(found, step, None)
    if not isinstance(found, Dialect):
        what = "there is no such name" if found is None else f"it is a {type(found).__name__}"
        raise UnknownDialectError(f"{name} is no sliceproof.Dialect: {what} in {place}")
    dialect = replace(found, id=name)
    for fault in faults(dialect):
        raise UnknownDialectError(f"{name} is defined wrongly: {fault}")
    return dialect


def _module(place: str, name: str) -> ModuleType:
    try:
        if place.endswith(".py"):
            return _of_file(Path(place))
        if "" not in sys.path and str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        return import_module(place)
    except (KeyboardInterrupt, UnknownDialectError):
        raise
    except BaseException as error:  # also of a module that exits
        why = " ".join(str(error).split())
        raise UnknownDialectError(f"{name} cannot be had: {type(error).__name__}: {why}") from error


def _of_file(path: Path) -> ModuleType:
    if (found := sys.modules.get(path.stem)) is not None and getattr(found, "__file__", None) == str(path.resolve()):
        return found
    spec = spec_from_file_location(path.stem, path.resolve())
    if spec is None or spec.loader is None or not path.is_file():
        raise UnknownDialectError(f"there is no file {path}; give the path of a Python file, a colon and a name in it")
    module = module_from_spec(spec)
    if (folder := str(path.resolve().parent)) not in sys.path:
        sys.path.insert(0, folder)  # what is beside it can be imported, as beside a decoder's file
    spec.loader.exec_module(module)
    sys.modules.setdefault(path.stem, module)
    return module


def faults(dialect: Dialect) -> Iterator[str]:
    """What is wrong with a definition, in words; nothing if it writes what it reads, and says where its text stands."""
    yield from _formal(dialect)
    if dialect.framing in (Framing.DOCUMENT, Framing.EVENTS):
        yield f"the framing {dialect.framing.name} cannot be a dialect of one's own; records in SSE, LINES or RAW can"
        return
    if any(True for _ in _formal(dialect)):
        return
    for form in dialect.forms:
        said = f" in the form {form!r}" if form else ""
        for fault in _faults(dialect, Style(form=form)):
            yield f"{fault}{said}"


def _formal(dialect: Dialect) -> Iterator[str]:
    """What is wrong with the fields themselves; what comes after it would only be told in riddles."""
    if not isinstance(dialect.framing, Framing):
        yield f"its framing is {dialect.framing!r}, which is none of Framing.SSE, Framing.LINES and Framing.RAW"
    if not set(dialect.escapes) <= {"raw", "ascii"} or not dialect.escapes:
        yield f"its escapes are {dialect.escapes!r}; give raw, ascii or both"
    if "" not in dialect.forms:
        yield f"its forms are {dialect.forms!r}; the plainest is called ''"
    known = {Framing.SSE: SSE_ASIDES, Framing.LINES: LINE_ASIDES}.get(dialect.framing, {})
    if not set(dialect.asides) <= set(known):
        yield f"its asides are {dialect.asides!r}; there are {', '.join(known) or 'none in this framing'}"
    for name, record in (*dialect.extras.items(), *dialect.allowed.items()):
        if not isinstance(record, Mapping):
            yield f"its record without text {name!r} is {record!r}; give the JSON object"
    if dialect.framing in (Framing.SSE, Framing.LINES):
        yield from _marked(dialect)


def _marked(dialect: Dialect) -> Iterator[str]:
    try:
        record = dialect.dumps(dialect.record(0, TEXT, None, ""))
        again = dialect.dumps(dialect.record(0, TEXT, None, ""))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        yield f"`record` raises {type(error).__name__}: {error}"
        return
    if record != again:
        yield "`record` gives another object each time"
    if record.count(f'"{TEXT}"'.encode()) != 1 or record.count(TEXT.encode()) != 1:
        yield "`record` must put the text, as it is given, into one string, once and with nothing beside it"


def _faults(dialect: Dialect, style: Style) -> Iterator[str]:
    for token in SAID:
        try:
            body = encode(dialect, ("x", token, "y"), style)
        except Exception as wrong:
            yield f"{token!r} cannot be written: {type(wrong).__name__}: {wrong}"
            return
        read, error = _read(dialect, body.data)
        if error is not None:
            yield f"what is written of {token!r} cannot be read: {type(error).__name__}: {error}"
        elif read != f"x{token}y":
            yield f"'x', {token!r} and 'y' are read back as {read!r}"
        else:
            yield from _misplaced(dialect, style, body.data, token)
    yield from _silent(dialect, style)
    if dialect.error is not None and dialect.framing is not Framing.RAW:
        _, error = _read(dialect, encode(dialect, ("x", "y"), style, stop=1, error="oh").data)
        if not isinstance(error, ModelError) or "oh" not in str(error):
            yield f"its error record is read as {error!r}; `read` is to raise ModelError with what it says"


def _misplaced(dialect: Dialect, style: Style, body: bytes, token: str) -> Iterator[str]:
    delta = [record for record in encode(dialect, ("x", token, "y"), style).records if record.kind == "delta"][1]
    other = encode(dialect, ("x", "", "y"), style)
    empty = [record for record in other.records if record.kind == "delta"][1]
    around = (body[delta.start : delta.text_start], body[delta.text_stop : delta.stop])
    bare = (other.data[empty.start : empty.text_start], other.data[empty.text_stop : empty.stop])
    if around != bare:
        yield f"the record of {token!r} differs from one without text in more than its text"


def _silent(dialect: Dialect, style: Style) -> Iterator[str]:
    if not dialect.finishes:
        return
    _, error = _read(dialect, encode(dialect, ("x", "y"), style, stop=1).data)
    if error is None:
        yield "a body that ends early is read as whole; give finishes=False if nothing in it marks its end"


def _read(dialect: Dialect, body: bytes) -> tuple[str, BaseException | None]:
    """The text of a body, and the error that ended it."""
    text, incremental = "", reader(dialect)
    try:
        for delta in incremental.feed(body):
            text += delta
        for delta in incremental.close():
            text += delta
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also one of the definition's own `read`
        return text, error
    return text, None
