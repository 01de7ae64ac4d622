"""Whether any sound decoder is blamed: each, in every dialect it reads, on a million streams.

`python benchmarks/soundness.py` writes docs/soundness.md, some quarter of an hour.

Every round judges each in each dialect by all requirements, with a seed that was drawn and one SHARE-th of the sweeps,
another for each seed; the tests ask the whole of them. Q1, which measures time, is left out.
"""

import argparse
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import count, islice
from typing import Any, NamedTuple

from page import DOCS, facts, table

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.wire.dialects import BEDROCK, DIALECTS, Dialect
from sliceproof.wire.stream import Stream

STREAMS = 1_000_000
ROUND = PROFILES["ci"]
SHARE = 8

Mapped = Callable[[Callable[["Job"], "Row"], Iterable["Job"]], Iterable["Row"]]


class Job(NamedTuple):
    """A sound decoder to judge in a dialect, with a seed."""

    name: str
    dialect: str
    seed: int


class Row(NamedTuple):
    """What one job came to: streams judged, the weaknesses that were told, and what it was blamed for."""

    job: Job
    streams: int
    weak: tuple[str, ...]
    blamed: tuple[str, ...]


def measure(mapped: Mapped, streams: int, dialects: Sequence[str]) -> list[Row]:
    """Judge in rounds, the first of them whole, until there were so many streams; *mapped* is map over processes."""
    rows: list[Row] = []
    for number, seed in enumerate(count(secrets.randbits(31))):
        names = ("reference", "reference-deltas", *SOUND)
        jobs = [Job(name, dialect, seed) for name in names for dialect in _read_by(name) if dialect in dialects]
        for row in mapped(judged, jobs):
            rows.append(row)
            if number and sum(row.streams for row in rows) >= streams:
                return rows
    raise AssertionError


def _read_by(name: str) -> Sequence[str]:
    return (*SOUND[name].dialects, *SOUND[name].of_bedrock) if name in SOUND else (*DIALECTS, *BEDROCK)


def judged(job: Job) -> Row:
    """One decoder in one dialect by all requirements."""
    decoder: Decoder = SOUND[job.name].decoder() if job.name in SOUND else DECODERS[job.name].load()
    weak: Any = SOUND[job.name].weak if job.name in SOUND else ()
    requirements = [_in_part(requirement, job.seed) for requirement in REQUIREMENTS.values() if requirement.id != "Q1"]
    streams, lines, blamed = 0, [], []
    for result in run(decoder, Plan(requirements, ROUND, job.seed), [job.dialect]):
        streams += result.streams
        if result.verdict in ("fail", "warn", "error"):
            id_ = result.requirement.id
            shown = repr(result.finding.stream) if result.finding else result.reason
            lines, blamed = ([*lines, id_], blamed) if id_ in weak else (lines, [*blamed, f"{id_} {shown}"])
    return Row(job, streams, tuple(lines), tuple(blamed))


def _in_part(requirement: Requirement, seed: int) -> Requirement:
    return replace(requirement, swept=False, more=partial(_some, requirement, seed % SHARE))


def _some(requirement: Requirement, start: int, dialect: Dialect) -> Iterator[Stream]:
    return islice(requirement.sweep(dialect), start, None, SHARE)


# The page


def goals(rows: Sequence[Row]) -> Iterator[tuple[str, str, bool]]:
    """No sound decoder blamed."""
    blamed = [f"{row.job.name} in {row.job.dialect}: {blame}" for row in rows for blame in row.blamed]
    streams = sum(row.streams for row in rows)
    text = f"{streams:,} streams, " + (f"blamed: {'; '.join(blamed)}" if blamed else "none blamed")
    yield "no sound decoder blamed in 1,000,000 streams over all dialects", text, not blamed and streams >= STREAMS


def page(rows: Sequence[Row]) -> str:
    """All of docs/soundness.md."""
    shown = [(what, figure, "yes" if met else "**missed**") for what, figure, met in goals(rows)]
    blocks = (_HEAD, "\n".join(facts(("hypothesis", "botocore"))), table(("to show", "measured", "met"), shown))
    return "\n\n".join((*blocks, _log(rows))) + "\n"


_HEAD = """# Soundness

Written by `python benchmarks/soundness.py`. Whether a decoder that loses nothing is ever blamed."""


def _log(rows: Sequence[Row]) -> str:
    """Decoder, dialects, seeds, streams."""
    seeds = sorted({row.job.seed for row in rows})
    requirements = sum(requirement != "Q1" for requirement in REQUIREMENTS)
    lines = [
        _line(name, [row for row in rows if row.job.name == name]) for name in dict.fromkeys(r.job.name for r in rows)
    ]
    head = ("decoder", "dialects", "streams", "told of its weakness", "blamed")
    text = f"""\
{requirements} requirements, {ROUND.examples} examples a search and {ROUND.mixed} of MIX besides each {SHARE}th stream
of the sweeps, seeds {seeds[0]} to {seeds[-1]}, the first drawn at random. A weakness is one that the
decoder is known for (`sliceproof list decoders`); of anything else none may be told.
"""
    return f"{text}\n{table(head, lines)}"


def _line(name: str, rows: Sequence[Row]) -> Sequence[str]:
    weak = sorted({id_ for row in rows for id_ in row.weak})
    blamed = [blame for row in rows for blame in row.blamed]
    streams = sum(row.streams for row in rows)
    return (
        f"`{name}`",
        str(len({row.job.dialect for row in rows})),
        f"{streams:,}",
        " ".join(weak) or "—",
        "; ".join(blamed) or "no",
    )


def main() -> None:
    """Measure on all cores and write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--streams", type=int, default=STREAMS, help="at least so many")
    asked.add_argument("--dialect", action="append", help="only these, and what would be written is printed")
    given = asked.parse_args()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rows = measure(pool.map, given.streams, given.dialect or (*DIALECTS, *BEDROCK))
        pool.shutdown(cancel_futures=True)
    if given.dialect:
        print(page(rows))
        return
    (DOCS / "soundness.md").write_text(page(rows), "utf-8")
    print("docs/soundness.md is written")


if __name__ == "__main__":
    main()
