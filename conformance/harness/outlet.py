"""The command's own stdout, which no decoder can write to, close or replace, and files that are written whole.

While a decoder runs, file descriptor 1 and sys.stdout lead to stderr: what a decoder prints is seen, and is no
part of a report.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from sliceproof.corpus.saving import write_whole
from sliceproof.wire.errors import SliceproofError

_own: list[TextIO] = []


def out() -> TextIO:
    """Where the command writes what it was asked for."""
    return _own[-1] if _own else sys.stdout


@contextmanager
def apart(descriptor: bool = False) -> Iterator[None]:
    """Let what anybody else prints go to stderr; of the *descriptor* itself only in a process of one's own."""
    before = sys.stdout
    own = _duplicate() if descriptor else before
    _own.append(own)
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout = before
        _own.pop()
        if descriptor:
            with suppress(OSError, ValueError):
                own.close()


def _duplicate() -> TextIO:
    """Stdout under another number; where there is none, nowhere."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:
        return open(os.devnull, "w", encoding="utf-8")
    return open(kept, "w", encoding=encoding, errors="backslashreplace")


def encodable() -> None:
    """Let no text be an error for an encoding that lacks it: it is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def shown(text: str) -> str:
    """*text* with what no terminal should get (control characters, halves of surrogate pairs) as escapes."""
    if text.isprintable():
        return text
    return "".join(
        [character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1] for character in text]
    )


def error_text(error: BaseException) -> str:
    """An exception's text in one line; of one that cannot be told, why not."""
    try:
        return shown(" ".join(str(error).split()))[:2000]
    except BaseException as other:
        if isinstance(other, KeyboardInterrupt):
            raise
        return f"(its text cannot be had: {type(other).__name__})"


class OutputError(SliceproofError):
    """A file that cannot be written."""


def file_to_write(name: str) -> Path:
    """The absolute path of a file that can be written; OutputError if it cannot be."""
    path = Path(name).absolute()
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        if path.exists():
            with open(path, "ab") if path.is_file() else open(path, "wb"):
                pass
        if path.is_file() or not path.exists():
            with tempfile.TemporaryFile(dir=path.parent):
                pass
    except OSError as error:
        raise OutputError(f"cannot write {name}: {error.strerror}; give a path that can be written") from error
    return path


def folder_to_write(name: str) -> Path:
    """The absolute path of a folder that is there, or can be made; OutputError if it cannot be written."""
    path = Path(name).absolute()
    there = next(parent for parent in (path, *path.parents) if os.path.lexists(parent))
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise OutputError(f"{name} cannot be written: {error.strerror}; give a folder that can be") from error
    return path


def write(path: Path, text: str) -> None:
    """Write a file, whole or not at all; what is no regular file (a pipe, /dev/null) is simply written to."""
    data = text.encode()
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            write_whole(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; give a path that can be written") from error
