"""A case is saved whole or not at all: a file beside it is written, synced, and put in its place."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

from sliceproof.corpus import layout
from sliceproof.corpus.case import Case, CaseError, Found, TooLargeError
from sliceproof.corpus.reading import LARGEST, load, parsed

try:
    from fcntl import LOCK_EX, flock
except ImportError:  # Windows
    flock = None  # type: ignore[assignment]


def save(case: Case, folder: str | os.PathLike[str]) -> Path:
    """Write *case* into *folder* (made if it is not there) and give its path.

    If the case is there already, its title stays and what was found is added to what it says.
    CaseError if it cannot be written, or could not be loaded again.
    """
    path = Path(folder) / f"{case.name}.json"
    _data(case, path)  # what is refused makes no folder
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            write_whole(path, _data(case, path))
    except OSError as error:
        raise CaseError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _data(case: Case, path: Path) -> bytes:
    """The bytes of a case file, with what is there already; CaseError if it could not be loaded again."""
    if os.path.lexists(path):
        there = load(path)
        case = replace(case, title=there.title, found=merged(there.found, case.found))
    else:
        case = replace(case, found=merged((), case.found))
    data = layout.text(case).encode()
    if len(data) > LARGEST:
        raise TooLargeError(f"{path.name} would have {len(data):,} bytes; a case has {LARGEST:,} at most")
    parsed(path.name, data)
    return data


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One saver at a time in a folder, so that what two add to one case is both kept; the kernel ends it with us."""
    folder_fd = os.open(folder, os.O_RDONLY) if flock is not None else -1
    try:
        if flock is not None:
            with suppress(OSError):  # not every file system can lock
                flock(folder_fd, LOCK_EX)
        yield
    finally:
        if folder_fd >= 0:
            os.close(folder_fd)


def merged(there: tuple[Found, ...], more: tuple[Found, ...]) -> tuple[Found, ...]:
    """Each decoder, version and mode once, as it was said first; a thread is taken from whoever knows one."""
    first: dict[tuple[str, str, str], Found] = {}
    for found in (*there, *more):
        key = (found.decoder, found.version, found.mode)
        first_found = first.setdefault(key, found)
        first[key] = replace(first_found, thread=first_found.thread or found.thread)
    return tuple([first[key] for key in sorted(first)])


def write_whole(path: Path, data: bytes) -> None:
    """Put *data* in a file's place at once: whoever reads finds the old bytes or the new ones, never half.

    The new file may be read and written by whom the old one may be.
    """
    if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
        return
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with open(beside, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(beside, S_IMODE(path.stat().st_mode))
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name last; not every system can sync a folder."""
    with suppress(OSError):
        folder_fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(folder_fd)
        finally:
            os.close(folder_fd)
