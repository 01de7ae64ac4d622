"""Whether configured decoders conform to the frozen set that a run asked: told only where every item of theirs ran."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from sliceproof.conformance.engine.claim import claimed
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.wording import count
from sliceproof.conformance.plugin import ROOT
from sliceproof.conformance.plugin.items import Asked, Collection


def claims(rows: Sequence[Mapping[str, Any]], config: pytest.Config) -> Iterator[str]:
    """A line for each configured decoder, if a set was asked."""
    collection = config.pluginmanager.get_plugin("sliceproof-collection")
    if isinstance(collection, Collection) and collection.settings.plan.conformance:
        ours = [row for row in rows if row["nodeid"].startswith(f"{ROOT}::")]
        for asked in collection.asked:
            yield _line(asked, collection, {(row["decoder"], row["dialect"], row["requirement"]): row for row in ours})


def _line(asked: Asked, collection: Collection, rows: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> str:
    decoder, plan = asked.decoder, collection.settings.plan
    name, missing = f"{decoder.name} {decoder.version()}".strip(), 0
    results = []
    for task in plan.fit(decoder).tasks(decoder, asked.requirements):
        result = Result(decoder, task.dialect.id, task.requirement, "n/a", reason=task.reason)
        row = rows.get((decoder.name, *task.pair))
        if row is not None:
            result = Result(decoder, task.dialect.id, task.requirement, row["verdict"], standing=row["standing"])
        missing += row is None and not task.reason
        results.append(result)
    if missing:
        return f"{name}: {count(missing, 'item')} did not run, so nothing is said of conformance to {plan.conformance}"
    return f"{name} {claimed(plan.conformance, results, tuple(asked.requirements))}"
