"""docs/mutation.md: what the tests kill, and why each mutant that is left is left."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from copies import Survivor
from record import Record

UNEXPLAINED = "unexplained"

Reasons = Mapping[str, Sequence[Mapping[str, Any]]]
"""By module: tables of a `reason` and the `mutants` that it is for, each `operator: line as the mutant has it`."""

_HEAD = """# Mutation testing

Written by `tox -e mutation`, which changes each module below in one place at a time, in a copy of the tree, and runs
the module's own tests on each mutant. A mutant is killed when a test fails on it, or timed out when a test takes over
three times as long as the longest does without it; the score is the share of both. `tox -e mutation -- --changed` runs
again only what changed since, `-- --requirements` adds `conformance/requirements/`.
"""


def page(groups: Mapping[str, Mapping[str, object]], records: Mapping[str, Record], reasons: Reasons) -> str:
    """The whole page; a group of modules without a record is left out."""
    kept = {name: [records[module] for module in group if module in records] for name, group in groups.items()}
    lines = [_HEAD, *_facts(list(records.values())), *_noise(list(records.values()))]
    for name, group in kept.items():
        if group:
            lines += _table(name, group)
    lines += ["", "## Survivors"]
    for group in kept.values():
        for record in group:
            lines += _survivors(record, reasons)
    return "\n".join(lines) + "\n"


def complaints(records: Mapping[str, Record], reasons: Reasons) -> Iterator[str]:
    """How many survivors have no reason, and which reasons have no survivor."""
    for module, record in records.items():
        bare = sum(not _reason(survivor, reasons.get(module, ())) for survivor in record.result.survivors)
        if bare:
            yield f"{module}: {bare} survivors have no reason"
    for module, entries in reasons.items():
        left = records[module].result.survivors if module in records else ()
        for key in (key for entry in entries for key in entry["mutants"]):
            if not any(_names(key, one) for one in left):
                yield f"{module}: no survivor for the reason of {key}"


def _reason(survivor: Survivor, entries: Sequence[Mapping[str, Any]]) -> str:
    return next((entry["reason"] for entry in entries if any(_names(key, survivor) for key in entry["mutants"])), "")


def _names(key: str, survivor: Survivor) -> bool:
    """Whether a key of a reason, `operator: line`, names *survivor*; the operator may end in `*`."""
    operator, _, line = key.partition(": ")
    return line == (survivor.becomes or survivor.was) and fnmatchcase(survivor.operator, operator)


def _facts(records: Sequence[Record]) -> Iterator[str]:
    for (day, versions), count in sorted(Counter((record.date, record.versions) for record in records).items()):
        yield f"- {day}, {versions}: {count} modules"


def _noise(records: Sequence[Record]) -> Iterator[str]:
    total = sum((Counter(record.result.noise) for record in records), Counter[str]())
    yield f"\nOf {total.total() + sum(one.result.mutants for one in records):,} mutants these are left out:\n"
    for kind, count in total.most_common():
        yield f"- {count:,}: {kind}"


def _table(name: str, records: Sequence[Record]) -> Iterator[str]:
    yield f"\n## {name.capitalize()}\n"
    yield "| module | tests | mutants | killed | timed out | survived | score |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for record in records:
        yield _row(f"`{record.module}`", ", ".join(f"`{test}`" for test in record.tests), [record])
    yield _row("together", "", records)


def _row(name: str, tests: str, records: Sequence[Record]) -> str:
    results = [record.result for record in records]
    mutants, survived = sum(result.mutants for result in results), sum(len(result.survivors) for result in results)
    killed, timed_out = sum(result.killed for result in results), sum(result.timed_out for result in results)
    score = f"{1 - survived / mutants:.1%}" if mutants else "—"
    return f"| {name} | {tests} | {mutants} | {killed} | {timed_out} | {survived} | {score} |"


def _survivors(record: Record, reasons: Reasons) -> Iterator[str]:
    if not record.result.survivors:
        return
    by_reason = defaultdict[str, list[Survivor]](list)
    for survivor in record.result.survivors:
        by_reason[_reason(survivor, reasons.get(record.module, ())) or UNEXPLAINED].append(survivor)
    yield f"\n### `{record.module}`"
    for reason, left in by_reason.items():
        yield f"\n{reason[:1].upper()}{reason[1:]}\n\n```diff"
        for was in dict.fromkeys((one.definition, one.was) for one in left):
            yield f"@@ {was[0] or 'module'} @@\n-{was[1]}"
            yield from (f"+{one.becomes}  # {one.operator}" for one in left if (one.definition, one.was) == was)
        yield "```"
