"""Whether decoders conform to the frozen set that a run asked: told only where every item of theirs ran."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from sliceproof.conformance.engine.claim import claimed
from sliceproof.conformance.engine.plan import Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.wording import count
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.plugin import ROOT
from sliceproof.conformance.plugin.items import Asked, Collection
from sliceproof.conformance.requirements import REQUIREMENTS

Row = Mapping[str, Any]


def claims(rows: Sequence[Row], config: pytest.Config) -> Iterator[str]:
    """A line for each configured decoder, then for each decoder of a test or a class, if a set was asked."""
    collection = config.pluginmanager.get_plugin("sliceproof-collection")
    if isinstance(collection, Collection) and collection.settings.plan.conformance:
        ours = [row for row in rows if row["nodeid"].startswith(f"{ROOT}::")]
        for asked in collection.asked:
            yield _line(asked, collection, {(row["decoder"], row["dialect"], row["requirement"]): row for row in ours})
    by_test: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if "set" in row:
            by_test.setdefault((row["set"]["of"], row["decoder"], row["version"]), []).append(row)
    for (test, name, version), own in by_test.items():
        yield f"{test}: {_of_rows(f'{name} {version}'.strip(), own)}"


def _line(asked: Asked, collection: Collection, rows: Mapping[tuple[str, str, str], Row]) -> str:
    decoder, plan = asked.decoder, collection.settings.plan
    name, missing = f"{decoder.name} {decoder.version()}".strip(), 0
    results = []
    for task in plan.fit(decoder).tasks(decoder, asked.requirements):
        row = rows.get((decoder.name, *task.pair))
        missing += row is None and not task.reason
        results.append(_result(decoder, row) if row else _not_asked(decoder, task))
    return f"{name} {_told(plan.conformance, results, missing)}"


def _of_rows(name: str, rows: Sequence[Row]) -> str:
    """What the items of one test or class say, each of which knows how many there are."""
    pairs = {(row["dialect"], row["requirement"]): row for row in rows}
    decoder = Decoder(rows[0]["decoder"], {}, None, version=lambda: str(rows[0]["version"]))
    results = [_result(decoder, row) for row in pairs.values()]
    return f"{name} {_told(rows[0]['set']['name'], results, rows[0]['set']['items'] - len(pairs))}"


def _told(conformance: str, results: Sequence[Result], missing: int) -> str:
    if missing > 0:
        return f"was not judged whole, so nothing is said of {conformance}: {count(missing, 'item')} did not run"
    return str(claimed(conformance, results, {result.dialect: None for result in results}))


def _not_asked(decoder: Decoder, task: Task) -> Result:
    return Result(decoder, task.dialect.id, task.requirement, "n/a", reason=task.reason)


def _result(decoder: Decoder, row: Row) -> Result:
    requirement = REQUIREMENTS[row["requirement"]]
    return Result(decoder, row["dialect"], requirement, row["verdict"], reason=row["reason"], standing=row["standing"])
