"""How the tests of a `StreamDecoderTests` become items: one a dialect, skipped with the reason where none applies."""

from typing import Any

import pytest

from sliceproof.conformance.plugin.fixture import FIELDS, FIXTURE, claims, marked
from sliceproof.conformance.plugin.inherited import METHODS, StreamDecoderTests
from sliceproof.conformance.plugin.items import label, marks
from sliceproof.conformance.plugin.settings import settings
from sliceproof.conformance.requirements import REQUIREMENTS


def inherited(test: pytest.Metafunc | pytest.Item) -> bool:
    """Whether it is one of the inherited tests, or one in place of such."""
    tests, function = getattr(test, "cls", None), getattr(test, "function", None)
    inherits = tests is not None and issubclass(tests, StreamDecoderTests)
    return inherits and getattr(function, "__name__", "") in METHODS


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make an item for each dialect; a mistake in what the class says is one error of the class."""
    tests: type[StreamDecoderTests] = metafunc.cls
    requirement = REQUIREMENTS[METHODS[metafunc.function.__name__]]
    try:
        said = {**fields(tests), **marked(metafunc.definition.get_closest_marker(FIXTURE))}
        chosen = settings(metafunc.config, said)
        claimed = claims(chosen, 'dialects = ["tgi-sse"]')
    except pytest.UsageError as error:
        raise pytest.Collector.CollectError(f"{tests.__qualname__}: {error}") from None
    plan = chosen.plan.fit(claimed)
    unasked = "" if requirement in plan.requirements else "it is not among the requirements that this run asks for"
    params = []
    for task in plan._replace(requirements=[requirement]).tasks(claimed, chosen.options.dialects):
        dialect, why, known = task.dialect.id, unasked or task.reason, reason(tests, requirement.id, task.dialect.id)
        more = [pytest.mark.skip(reason=why)] if why else []
        id_ = f"{dialect}-{label(requirement)}"
        params.append(pytest.param((requirement, dialect, chosen, known), id=id_, marks=[*marks(requirement), *more]))
    metafunc.parametrize(FIXTURE, params, indirect=True)


def fields(tests: type[StreamDecoderTests]) -> dict[str, Any]:
    """What the class says, of what the marker can say."""
    said = {name: getattr(tests, name) for name in FIELDS}
    return {name: value for name, value in said.items() if value not in (None, "", (), [])}


def reason(tests: type[StreamDecoderTests], id_: str, dialect: str) -> str:
    """Why a requirement is known to fail in a dialect, or ""."""
    known = tests.known_failures
    return known.get((id_, dialect)) or known.get(id_) or ""
