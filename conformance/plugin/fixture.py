"""The fixture `sliceproof`: a test of one's own that is asked once for each dialect and requirement.

@pytest.mark.sliceproof(dialects=["tgi-sse"])
def test_decode(sliceproof):
    sliceproof.check(decode)
"""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sliceproof.conformance.decoders.loading import importable, load, wrapped
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.plugin import CHECKED, MISTAKE
from sliceproof.conformance.plugin.items import applicable, label, marks
from sliceproof.conformance.plugin.outcome import settle
from sliceproof.conformance.plugin.settings import Settings, settings, usage
from sliceproof.conformance.plugin.verdict_cache import verdicts
from sliceproof.conformance.requirements.requirement import Requirement

FIXTURE = "sliceproof"
FIELDS = (
    *("dialects", "requirements", "level", "accepts", "yields", "envelope"),
    *("profile", "seed", "examples", "seconds", "conformance"),
)


@dataclass(frozen=True)
class Asked:
    """One requirement in one dialect, to be asked of a decoder by `check`; *known* says why it is known to fail."""

    requirement: Requirement
    dialect: str
    settings: Settings
    item: pytest.Item
    fixture: Callable[[str], Any]
    known: str = ""

    def check(self, *decoders: Any, name: str = "") -> None:
        """Judge a decoder: a callable, or the sync and the async one that are to agree, or the name of one.

        *name* is what reports and baselines call it, instead of `module:function`. The test ends here if
        the requirement is broken, known, or does not apply.
        """
        __tracebackhide__ = True
        self.item.stash[CHECKED] = True
        try:
            with usage():
                decoder = self._decoder(decoders, name)
                known_verdicts = verdicts(self.item.config)
                result = known_verdicts.result(decoder, self.settings.plan, self.requirement.id, self.dialect)
        except pytest.UsageError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        settle(self.item, result, self.known, self._frozen())

    def _frozen(self) -> Mapping[str, Any] | None:
        """The set that is asked, what asks it (a test, or a class that is inherited), and how many items that has."""
        if not self.settings.plan.conformance:
            return None
        from sliceproof.conformance.plugin.inheriting import inherited

        claimed, test = claims(self.settings, ""), self.item.nodeid.split("[")[0]
        asked = applicable(claimed, self.settings.options.dialects, self.settings.plan.fit(claimed))
        test = test.rpartition("::")[0] if inherited(self.item) else test
        return {"name": self.settings.plan.conformance, "of": test, "items": sum(map(len, asked.values()))}

    def _decoder(self, given: tuple[Any, ...], name: str) -> Decoder:
        kept = self.item.config.stash.setdefault(_DECODERS, {})
        options = self.settings.options
        key = (given, name, options.accepts, options.yields, options.envelope)
        if key not in kept:
            kept[key] = self._made(given, name).within(options.envelope)
        return kept[key]

    def _made(self, given: tuple[Any, ...], name: str) -> Decoder:
        if len(given) == 1 and isinstance(given[0], Decoder):
            return given[0]
        accepts, yields = self.settings.options.accepts, self.settings.options.yields
        if len(given) == 1 and isinstance(given[0], str):
            return load(given[0], accepts=accepts, yields=yields)
        made = [self._of(function, name) for function in given]
        modes: dict[str, Mode] = {}
        for decoder in made:
            modes |= decoder.modes
        if not made or len(modes) != len(made):
            raise pytest.UsageError("sliceproof: check takes one decoder, or one that is sync and one that is async")
        if len(made) == 1:
            return made[0]
        codes = {mode: decoder.code for decoder in made for mode in decoder.modes}

        def code(stream: Any, mode: str) -> str:
            chosen = codes[mode]
            return chosen(stream, mode) if chosen else ""

        test = made[0].test
        return Decoder(made[0].name, modes, None, accepts, yields, code=code, builtin=False, target="", test=test)

    def _of(self, target: Any, name: str) -> Decoder:
        where, found = _where(target, self.item)
        name = name or found or _shown(target, self.item)
        made = wrapped(
            target, name, accepts=self.settings.options.accepts, yields=self.settings.options.yields, where=where
        )
        return replace(made, target=found, test=self.item.nodeid.split("[")[0])


_DECODERS = pytest.StashKey[dict[Any, Decoder]]()


def _where(target: Any, item: pytest.Item) -> tuple[tuple[str, str] | None, str]:
    """How to import *target*, and what finds it on the command line; (None, "") if its name does not lead to it.

    A lambda, a partial or an instance has no name of its own, but a module may have given it one.
    """
    here = getattr(item, "module", None)
    if named := importable(target):
        module, name = named
        if sys.modules[module] is here:
            return _in_test_module(item, name)
        return (f"from {module} import {name.split('.')[0]}", name), f"{module}:{name}"
    given = next((key for key, value in vars(here).items() if value is target), "") if here else ""
    return _in_test_module(item, given) if given else (None, "")


def _in_test_module(item: pytest.Item, name: str) -> tuple[tuple[str, str], str]:
    """Test modules can rarely be imported by their name, so it is the file that is told."""
    return (f"from {item.path.stem} import {name.split('.')[0]}", name), f"{item.nodeid.split('::')[0]}:{name}"


def _shown(target: Any, item: pytest.Item) -> str:
    """What a decoder is called that only a test makes: by its own name, or by that of what makes it."""
    bound = inspect.unwrap(target)
    while isinstance(bound, functools.partial):
        bound = bound.func
    if not hasattr(bound, "__qualname__"):
        bound = type(bound)
    return f"{bound.__module__}:{bound.__qualname__}"


def parametrize(metafunc: pytest.Metafunc, fixture: str = FIXTURE) -> None:
    """Make an item for each dialect and requirement that a test asks for."""
    from sliceproof.conformance.plugin import inheriting

    if inheriting.inherited(metafunc):
        inheriting.parametrize(metafunc)
        return
    marker = metafunc.definition.get_closest_marker(FIXTURE)
    try:
        fields = {**marked(marker)}
        if fixture != FIXTURE:
            fields |= {"accepts": "endpoint"}
        chosen = settings(metafunc.config, fields)
        claimed = claims(chosen, f'@pytest.mark.{FIXTURE}(dialects=["tgi-sse"])')
        asked = applicable(claimed, chosen.options.dialects, chosen.plan.fit(claimed))
    except pytest.UsageError as error:
        metafunc.parametrize(fixture, [pytest.param(str(error), id="mistake")], indirect=True)
        return
    metafunc.parametrize(
        fixture,
        [
            pytest.param((requirement, dialect, chosen), id=f"{dialect}-{label(requirement)}", marks=marks(requirement))
            for dialect, requirements in asked.items()
            for requirement in requirements
        ],
        indirect=True,
    )


_NONE = Mode(lambda dialect, form: iter)


def claims(chosen: Settings, example: str) -> Decoder:
    """What is known of a decoder before a test runs; UsageError if no dialect is named, with an *example* of it."""
    options = chosen.options
    if not options.dialects:
        raise pytest.UsageError(f"sliceproof: say in which dialects: {example}, or sliceproof_dialects in the ini file")
    modes = {"sync": _NONE, "async": _NONE}
    return Decoder("", modes, None, options.accepts, options.yields, options.envelope or "sagemaker")


def marked(marker: pytest.Mark | None) -> Mapping[str, Any]:
    if marker is None:
        return {}
    if marker.args or not set(marker.kwargs) <= set(FIELDS):
        odd = next((name for name in marker.kwargs if name not in FIELDS), repr((*marker.args, "")[0]))
        raise pytest.UsageError(f"@pytest.mark.sliceproof takes {', '.join(FIELDS)}; not {odd}")
    return marker.kwargs


def asked(request: pytest.FixtureRequest) -> Asked | None:
    """What the fixture gives; None where the marker is a mistake, of which the test is told before it runs."""
    if isinstance(request.param, str):
        request.node.stash[MISTAKE] = request.param
        return None
    request.node.stash[CHECKED] = False
    requirement, dialect, chosen, *known = request.param
    return Asked(requirement, dialect, chosen, request.node, request.getfixturevalue, *known)
