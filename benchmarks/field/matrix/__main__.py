"""Judges what benchmarks/field/matrix.toml lists, and writes docs/matrix.md and docs/matrix.json.

    tox -e matrix                                  everything: an hour or so, and some gigabytes
    tox -e matrix -- litellm sagemaker==2.257.7    these again; the other rows stay as they are
    tox -e matrix -- --missing                     what has no row yet
    tox -e matrix -- --target litellm-bedrock litellm    of litellm this target alone, which may be repeated
    tox -e matrix -- --page                        the page again, from docs/matrix.json
    tox -e matrix -- --html FILE                   docs/matrix.json as one page of HTML, with the streams drawn
    tox -e matrix -- --keep DIR litellm            leaves the environments in a folder, so that after writing a test
    tox -e matrix -- --keep DIR --evidence litellm runs the evidence alone again

Each row is kept as soon as it is there. Exit 1: a MUST that others break has no evidence, or a test of
the evidence failed. 2: the roster cannot be used.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from matrix import record, roster
from matrix.environment import InstallError, wheel
from matrix.html import html_page
from matrix.judging import confirmed_again, judged
from matrix.page import complaints, page
from matrix.record import DOCS, Environment

JSON, PAGE, SCHEMA = DOCS / "matrix.json", DOCS / "matrix.md", DOCS / "matrix.schema.json"


def main() -> None:
    """The command."""
    options = _options()
    if options.html:
        options.html.write_text(html_page(record.load(JSON)), "utf-8")
        print(f"{options.html} is written")
        return
    left_out: list[str] = []
    try:
        packages = roster.read()
        asked = _asked(options, packages)
        order = [(each.name, version) for each in packages for version in each.versions]
        for environment in _again(asked, options.keep) if options.evidence else _run(asked, options):
            left_out += _put(environment, order, bool(options.target))
    except (roster.RosterError, InstallError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    matrix = record.load(JSON)
    SCHEMA.write_text(record.schema_text(), "utf-8")
    PAGE.write_text(page(matrix), "utf-8")
    print("docs/matrix.md is written")
    faults = left_out + complaints(matrix)
    for fault in faults:
        print(fault, file=sys.stderr)
    raise SystemExit(bool(faults))


def _put(environment: Environment, order: list[tuple[str, str]], beside: bool) -> list[str]:
    """Write an entry down, *beside* the decoders that it has already; why it could not be, if so."""
    matrix = record.load(JSON)
    try:
        entry = record.joined(matrix, environment) if beside else environment
    except record.RecordError as error:
        return [str(error)]
    record.save(JSON, record.replaced(matrix, entry, order))
    print(_summary(entry), flush=True)
    return []


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="matrix", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("package", nargs="*", help="a package of the roster, or package==version")
    parser.add_argument("--missing", action="store_true", help="only what docs/matrix.json has no verdicts of")
    parser.add_argument(
        "--target", action="append", default=[], metavar="NAME", help="only this; an entry keeps its other decoders"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="judge nothing, and write docs/matrix.json as HTML")
    parser.add_argument("--page", action="store_true", help="judge nothing")
    parser.add_argument(
        "--python", action="append", default=[], metavar="COMMAND", help="another Python; may be repeated"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the environments in this folder")
    parser.add_argument(
        "--evidence", action="store_true", help="run the evidence alone, in environments that were kept"
    )
    parser.add_argument("--jobs", type=int, default=1, help="environments at a time")
    return parser.parse_args()


def _asked(options: argparse.Namespace, packages: list[roster.Package]) -> list[roster.Asked]:
    if options.page:
        return []
    asked = roster.narrowed(roster.chosen(packages, options.package), options.target)
    if not options.missing:
        return asked
    there = {environment.key for environment in record.load(JSON).environments if not environment.error}
    return [(package, version) for package, version in asked if (package.name, version) not in there]


def _run(asked: Sequence[roster.Asked], options: argparse.Namespace) -> Iterator[Environment]:
    """The entries, as they come; several environments are made at a time if that is asked for."""
    if not asked:
        return
    with tempfile.TemporaryDirectory(prefix="matrix-wheel-") as folder, ThreadPoolExecutor(options.jobs) as pool:
        built = wheel(Path(folder))
        running = [pool.submit(judged, *job, built, options.python, _kept(options.keep, *job)) for job in asked]
        for done in as_completed(running):
            yield done.result()


def _again(asked: Sequence[roster.Asked], keep: Path | None) -> Iterator[Environment]:
    """The entries that there are, with their evidence run again."""
    there = {environment.key: environment for environment in record.load(JSON).environments if not environment.error}
    for package, version in asked:
        kept = _kept(keep, package, version)
        if kept is None:
            raise InstallError("--evidence needs --keep DIR, the folder in which the environments were left")
        if entry := there.get((package.name, version)):
            yield confirmed_again(entry, package, kept)


def _kept(keep: Path | None, package: roster.Package, version: str) -> Path | None:
    return keep / f"{package.name.replace('/', '-')}-{version}" if keep else None


def _summary(environment: Environment) -> str:
    seconds, name = sum(environment.seconds.values()), f"{environment.package} {environment.version}"
    if environment.error:
        return f"{name}: {environment.error}"
    broken = [f"{each.target} breaks {_broken(each) or 'nothing'}" for each in environment.decoders if each.verdicts]
    return f"{name}: {seconds:.0f} s, {environment.megabytes:.0f} MB; {'; '.join(broken)}"


def _broken(judged: record.Judged) -> str:
    return " ".join(each.requirement for each in judged.findings if each.level == "must" and each.roots)


if __name__ == "__main__":
    main()
