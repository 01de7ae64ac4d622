"""Mutates modules, runs their own tests on each mutant, and writes docs/mutation.md: `tox -e mutation`.

Everything happens in copies of the tree. What each module came to is kept in results.json beside this file, so a run
of a few modules writes the whole page.
"""

import argparse
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import page
from copies import HERE, ROOT, Copy, MutationError, result
from record import Record, digest, load, save

MODULES: dict[str, dict[str, list[str]]] = tomllib.loads((HERE / "modules.toml").read_text("utf-8"))
TESTS = {module: tests for group in MODULES.values() for module, tests in group.items()}
RESULTS = HERE / "results.json"
REASONS = HERE / "survivors.toml"
PAGE = ROOT / "docs" / "mutation.md"


def main() -> None:
    """The command."""
    options = _options()
    try:
        records = load(RESULTS)
        for record in _run(_chosen(options, records), options.workers):
            records = {**load(RESULTS), record.module: record}
            save(RESULTS, records)
            print(f"{record.module}: {record.result.score:.1%} of {record.result.mutants}", flush=True)
        reasons = tomllib.loads(REASONS.read_text("utf-8"))
        PAGE.write_text(page.page(MODULES, records, reasons), "utf-8")
        print(f"docs/{PAGE.name} is written")
        for told in page.complaints(records, reasons):
            print(told, file=sys.stderr)
    except MutationError as error:
        sys.exit(f"{error}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--module", action="append", choices=TESTS, help="only this one; may be repeated")
    parser.add_argument("--changed", action="store_true", help="only modules that changed, or whose tests did")
    parser.add_argument("--requirements", action="store_true", help="also conformance/requirements")
    parser.add_argument("--page", action="store_true", help="run nothing; write the page from what is kept")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="copies of the tree (default: cores)")
    return parser.parse_args()


def _chosen(options: argparse.Namespace, records: dict[str, Record]) -> list[str]:
    if options.page:
        return []
    modules = options.module or [
        module for name, group in MODULES.items() if name != "requirements" or options.requirements for module in group
    ]
    if options.changed:
        modules = [module for module in modules if not _same(records.get(module), module)]
    return modules


def _same(record: Record | None, module: str) -> bool:
    return record is not None and record.digest == digest(ROOT, module, TESTS[module])


def _run(modules: Sequence[str], workers: int) -> Iterator[Record]:
    """The records of modules as they are done, each shared between as many copies of the tree as there are workers."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        copies = [Copy(Path(folder) / str(number)) for number in range(workers if modules else 0)]
        for module in modules:
            tests = TESTS[module]
            shares = [pool.submit(copy.run, module, tests, share, workers) for share, copy in enumerate(copies)]
            done = chain.from_iterable([share.result() for share in shares])
            yield Record.of(copies[0].tree, module, tests, result(done))


if __name__ == "__main__":
    main()
