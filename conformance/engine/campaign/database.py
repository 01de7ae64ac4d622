"""Opens the database that runs share: a folder, or Redis behind a folder.

What is wrong from the start (a URL, a missing package, a server that does not answer, a folder that cannot be
written) is one DatabaseError that says what to do. A password is never told.
"""

import re
import secrets
from collections.abc import Callable, Iterable
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

from sliceproof.wire.errors import SliceproofError

FOLDER = ".sliceproof"
"""Where a run keeps what it finds beside Redis, if nothing else is said."""
SCHEMES = ("redis", "rediss", "unix")

Tell = Callable[[str], None]


class DatabaseError(SliceproofError):
    """A database that cannot be used: `str(error)` says what is wrong and what to do."""


class Shared:
    """An open database: `name` is what to call it, without password; `database` is what judging uses."""

    def __init__(self, name: str, database: ExampleDatabase) -> None:
        self.name, self.database = name, database

    def push(self, keys: Iterable[bytes]) -> None:
        """Give whoever shares it what this machine alone has under these keys."""

    def settle(self, keys: Iterable[bytes]) -> None:
        """The same at the end of a run, also if it went away meanwhile."""

    @property
    def lost(self) -> str:
        """Why it is out of reach, or ""."""
        return ""

    def lose(self, reason: str) -> None:
        """Ask it no more, as another process has found it out of reach."""


def opened(given: str, folder: str, tell: Tell) -> Shared:
    """The database that *given* names: a folder, or a URL of Redis, which *folder* stands before.

    *tell* is called with one line when Redis goes away in the middle of a run.
    """
    if "://" not in given:
        if re.fullmatch(r"(redis|rediss|unix):.*|[\w.-]+:\d+(/\d*)?", given):
            raise DatabaseError(f"--database {_shown(given)} is neither a folder nor a URL; write redis://HOST:PORT/DB")
        return Shared(given, _folder(given))
    url = _url(given)
    local = _folder(folder)
    try:
        from sliceproof.conformance.engine.campaign.redis_mirror import Behind
    except ImportError as error:
        raise DatabaseError(
            f"a database in Redis needs one more package ({error}); pip install 'sliceproof[redis]'"
        ) from error
    return Behind(given, _name(url), _passwords(url), local, folder, tell)


def _folder(path: str) -> DirectoryBasedExampleDatabase:
    """A folder that what is put into is found in again: Hypothesis itself would say nothing if it cannot write.

    Each try has a key of its own, as who deletes the last value of a key takes its folder from under another's.
    """
    database, probe = DirectoryBasedExampleDatabase(path), secrets.token_bytes(8)
    try:
        database.save(probe, probe)
        kept = probe in set(database.fetch(probe))
        database.delete(probe, probe)
    except OSError:
        kept = False
    if not kept:
        raise DatabaseError(f"cannot keep anything in the folder {path}; give one that can be written")
    return database


def _url(given: str) -> SplitResult:
    try:
        url = urlsplit(given)
        url.port  # noqa: B018 - it is read here
        if url.scheme in ("redis", "rediss") and not re.fullmatch(r"/?\d*", url.path):
            raise ValueError(url.path)
    except ValueError:
        raise DatabaseError(
            "the URL of --database cannot be read; write redis://[USER:PASSWORD@]HOST:PORT/DB, DB a number, "
            "with / # ? @ : and % of a password written as %2F %23 %3F %40 %3A %25"
        ) from None
    if url.scheme not in SCHEMES:
        raise DatabaseError(
            f"--database knows no {url.scheme}://; give redis://HOST:PORT/DB (rediss:// with TLS, "
            "unix:///PATH for a socket) or the path of a folder"
        )
    if (url.scheme == "unix" and not url.path) or (url.scheme != "unix" and not url.hostname):
        raise DatabaseError("the URL of --database names no server; write redis://HOST:PORT/DB")
    strange = [name for name, _ in parse_qsl(url.query, True) if name not in ("db", "protocol") and name[:4] != "ssl_"]
    if strange:
        raise DatabaseError(f"the URL of --database has no option {strange[0]}; it may have db, protocol and ssl_...")
    return url


def _shown(given: str) -> str:
    """What was given, without what may be a password."""
    return given if "@" not in given else f"…@{given.rpartition('@')[2]}"


def _name(url: SplitResult) -> str:
    """The URL without user, password and options."""
    if url.scheme == "unix":
        return f"unix://{url.path}"
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
    return f"{url.scheme}://{host}:{url.port or 6379}/{url.path.strip('/') or 0}"


def _passwords(url: SplitResult) -> tuple[str, ...]:
    """The password in each way in which a message might quote it."""
    return tuple({word for word in (url.password or "", unquote(url.password or "")) if word})


__all__ = ["FOLDER", "DatabaseError", "Shared", "opened"]
