"""Compares the golden bodies and the matrix with the newest releases, and writes docs/drift.md.

    tox -e drift                       everything that has a newer release; minutes each
    tox -e drift -- vLLM litellm       these alone; they are looked at again also if there is no newer release
    tox -e drift -- --list             says what there is, and runs nothing

docs/drift.md is of the last whole run; one with names or `--list` only prints. Exit 1: something changed, or could not
be compared. 2: it could not begin.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from drift import bodies, verdicts
from drift.newest import newest
from drift.page import Row, page
from matrix import record, roster
from matrix.environment import ROOT, InstallError, wheel
from matrix.judging import judged

DOCS = ROOT / "docs"


def main() -> None:
    """The command."""
    options = _options()
    try:
        packages = roster.read()
        unknown = set(options.name) - {server.name for server in bodies.SERVERS} - {each.name for each in packages}
        if unknown:
            raise InstallError(f"there is neither a server nor a package {sorted(unknown)[0]!r}")
        with tempfile.TemporaryDirectory(prefix="drift-") as folder:
            built = None if options.list else wheel(Path(folder))
            servers = list(_shown(_servers(options.name, built)))
            others = list(_shown(_packages(packages, options.name, built)))
    except (roster.RosterError, InstallError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    if not (options.name or options.list):
        (DOCS / "drift.md").write_text(page(servers, others, bodies.elsewhere(), date.today()), "utf-8")
        print("docs/drift.md is written")
    raise SystemExit(any(row.changes for row in (*servers, *others)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drift", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", nargs="*", help="a server of the index of bodies, or a package of the matrix")
    parser.add_argument("--list", action="store_true", help="only which releases there are")
    return parser.parse_args()


def _shown(rows: Iterator[Row]) -> Iterator[Row]:
    """The same rows, each printed when it is known."""
    for row in rows:
        print(f"{row.name} {row.known} → {row.newest or 'unknown'}: {'; '.join(row.changes) or row.same}", flush=True)
        yield row


def _servers(names: list[str], built: Path | None) -> Iterator[Row]:
    for server in bodies.SERVERS:
        if names and server.name not in names:
            continue
        row = Row(f"{server.name} ({server.package})", server.told)
        try:
            row.newest = newest(server.package)
            if built and (names or row.newest != row.known):
                row.changes = list(bodies.changes(server, row.newest, built))
                row.compared = True
        except InstallError as error:
            row.changes = [str(error)]
        yield row


def _packages(packages: list[roster.Package], names: list[str], built: Path | None) -> Iterator[Row]:
    judged_before = {entry.key: entry for entry in record.load(DOCS / "matrix.json").environments}
    for package in packages:
        if names and package.name not in names:
            continue
        if package.npm:
            yield from _npm(package.name)
            continue
        row = Row(package.name, package.versions[-1])
        try:
            row.newest = newest(package.name, below=package.below, python=package.python)
            if built and (names or row.newest != row.known):
                before = judged_before.get((package.name, row.known))
                if before is None:
                    raise InstallError(f"the matrix has no row of {row.known}")
                row.changes = list(verdicts.changes(before, judged(package, row.newest, built, [])))
                row.compared = True
        except InstallError as error:
            row.changes = [str(error)]
        yield row


def _npm(folder: str) -> Iterator[Row]:
    """The packages that an example's package.json names; a newer one is told, and judged once it stands there."""
    pinned = json.loads((ROOT / folder / "package.json").read_text("utf-8"))["dependencies"]
    for name, version in pinned.items():
        row = Row(name, version)
        try:
            row.newest = newest(name, npm=True)
            if row.newest != version:
                row.changes = [f"not judged yet: put it into {folder}/package.json, then `tox -e matrix -- {folder}`"]
        except InstallError as error:
            row.changes = [str(error)]
        yield row


if __name__ == "__main__":
    main()
