"""A `StreamDecoderTests` that is a `unittest.TestCase` too: a method for each requirement in each dialect.

They need no pytest to run them (`python -m unittest`) and read no ini file: what the class says is all.
"""

import unittest
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sliceproof.conformance.decoders.shapes import decoder
from sliceproof.conformance.engine.options import Options
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.plugin import SliceproofWarning
from sliceproof.conformance.plugin.inherited import METHODS, StreamDecoderTests, given
from sliceproof.conformance.plugin.inheriting import fields, reason
from sliceproof.conformance.plugin.outcome import failure_text
from sliceproof.conformance.plugin.settings import words
from sliceproof.conformance.plugin.verdict_cache import Verdicts
from sliceproof.conformance.reporting.checked import as_decoder
from sliceproof.corpus import shipped
from sliceproof.wire.errors import SliceproofError

__unittest = True  # unittest then leaves the lines of this module out of tracebacks

_VERDICTS = Verdicts(None)


def spread(tests: type[StreamDecoderTests], asked: Iterable[str]) -> None:
    """Put methods without arguments in the place of those that take a fixture: `test_U1_in_tgi_sse`."""
    options = _options(tests)
    if not options.dialects:
        tests.test_dialects = _without_dialects  # type: ignore[attr-defined]
    for name, id_ in METHODS.items():
        setattr(tests, name, None)
        for dialect in options.dialects if id_ in asked else ():
            test = _test(id_, dialect, options)
            known = reason(tests, id_, dialect)
            setattr(tests, f"{name}_in_{dialect.replace('-', '_')}", unittest.expectedFailure(test) if known else test)


def _options(tests: type[StreamDecoderTests]) -> Options:
    said = fields(tests)
    said |= {name: tuple(words(said[name])) for name in ("dialects", "requirements") if name in said}
    try:
        return Options(**said)
    except SliceproofError as error:
        raise pytest.Collector.CollectError(f"sliceproof: {tests.__qualname__}: {error}") from None


def _without_dialects(self: unittest.TestCase) -> None:
    self.fail(f'{type(self).__qualname__} says no dialects; say in which: dialects = ["tgi-sse"]')


def _test(id_: str, dialect: str, options: Options) -> Callable[[Any], None]:
    def test(self: Any) -> None:
        try:
            judged = _decoder(given(self, _no_fixture), options)
        except (SliceproofError, pytest.fail.Exception) as error:
            self.fail(str(error))
        result = _VERDICTS.result(judged, options.plan(shipped()).fit(judged), id_, dialect)
        if result.verdict == "n/a":
            self.skipTest(result.reason)
        known = reason(type(self), id_, dialect)
        if result.verdict in ("fail", "error") or (result.verdict == "warn" and known):
            raise self.failureException(failure_text(result)) from None
        if result.verdict == "warn":
            warnings.warn(SliceproofWarning(failure_text(result)), stacklevel=1)

    return test


def _no_fixture(name: str) -> Any:
    raise SliceproofError(f"{name} is a fixture, which unittest does not have; let it be a method")


_DECODERS: dict[Any, Decoder] = {}


def _decoder(targets: list[Any], options: Options) -> Decoder:
    """The decoder, the same object for the same callables, so that its verdicts are kept."""
    key = (*targets, options)
    if key not in _DECODERS:
        if len(targets) > 1:
            name = f"{targets[0].__module__}:{targets[0].__qualname__}"
            made = decoder(*targets, name=name, accepts=options.accepts, yields=options.yields)
        elif isinstance(targets[0], str):
            made = options.decoder(targets[0])
        else:
            made = targets[0] if isinstance(targets[0], Decoder) else as_decoder(targets[0], options)
        _DECODERS[key] = made.within(options.envelope)
    return _DECODERS[key]
