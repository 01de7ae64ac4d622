"""`StreamDecoderTests`: a class to inherit from, with a test for each requirement, which runs in each dialect.

The tests take the fixture `sliceproof`, so that all else (search, baselines, reports) is what it is of a test
function. In a `unittest.TestCase`, which knows no fixtures, each dialect gets a method of its own.
"""

import functools
import inspect
import unittest
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import FunctionType
from typing import Any, ClassVar

import pytest

from sliceproof.conformance.plugin.fixture import Asked
from sliceproof.conformance.plugin.settings import words
from sliceproof.conformance.requirements import REQUIREMENTS, requirements
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.wire.errors import SliceproofError

METHODS = {f"test_{id_.replace('-', '_')}": id_ for id_ in REQUIREMENTS}
"""The tests, and the requirement of each."""


class StreamDecoderTests:
    """The tests of one decoder: say what it is, and in which dialects it is judged.

    `decoder` is a method that returns the callable (or the name of a decoder, as `sliceproof check` takes it), a
    property, a fixture of that name, or a string; `adecoder` likewise its async twin, so that both are compared.
    The other attributes are those of `@pytest.mark.sliceproof`; what is left out comes from the ini file.
    `known_failures` gives, for a requirement ("U1") or one in a dialect (("U1", "tgi-sse")), the reason why it is
    known to fail: then it is to fail, and a test that passes is an error. To expect something else of a requirement,
    override its test (`test_U1`, `test_E1_record`), with `super().test_U1(sliceproof)` in it.
    """

    dialects: ClassVar[str | Sequence[str]] = ()
    requirements: ClassVar[str | Sequence[str]] = ()
    level: ClassVar[str] = ""
    conformance: ClassVar[str] = ""
    accepts: ClassVar[str] = ""
    yields: ClassVar[str] = ""
    envelope: ClassVar[str] = ""
    profile: ClassVar[str] = ""
    seed: ClassVar[int | str] = ""
    examples: ClassVar[int | None] = None
    seconds: ClassVar[float | None] = None
    known_failures: ClassVar[Mapping[str | tuple[str, str], str]] = {}

    decoder: Any = None
    adecoder: Any = None

    def __init_subclass__(cls, **more: Any) -> None:
        """Leave the tests of the requirements that the class asks for."""
        super().__init_subclass__(**more)
        try:
            _spelt(cls)
            asked = {requirement.id for requirement in _asked(cls)}
            odd = [key for key in map(_id, cls.known_failures) if key not in REQUIREMENTS]
            if odd:
                requirements((odd[0],))
                raise SliceproofError(f"known_failures has {odd[0]!r}, which is no requirement's id")
        except SliceproofError as error:
            raise pytest.Collector.CollectError(f"sliceproof: {cls.__qualname__}: {error}") from None
        for name, id_ in METHODS.items():
            if name not in vars(cls) and (getattr(cls, name) is None) == (id_ in asked):
                setattr(cls, name, _test(id_) if id_ in asked else None)
        if issubclass(cls, unittest.TestCase):
            from sliceproof.conformance.plugin.unittests import spread

            spread(cls, asked)


def _asked(tests: type[StreamDecoderTests]) -> list[Requirement]:
    chosen = requirements(tuple(words(tests.requirements)))
    return [requirement for requirement in chosen if tests.level in ("", requirement.level)]


def _spelt(tests: type[StreamDecoderTests]) -> None:
    """SliceproofError for an attribute that is named almost as one of ours is, which nobody would read."""
    ours = {name for name in vars(StreamDecoderTests) if not name.startswith(("_", "test"))}
    for name, value in vars(tests).items():
        if name.startswith(("_", "test")) or name in ours or callable(value):
            continue
        if near := get_close_matches(name, ours, 1, 0.8):
            raise SliceproofError(f"it has no attribute {name!r}: did you mean {near[0]!r}?")


def _id(key: str | tuple[str, str]) -> str:
    return key if isinstance(key, str) else key[0]


def _test(id_: str) -> Callable[[StreamDecoderTests, Asked], None]:
    def test(self: StreamDecoderTests, sliceproof: Asked) -> None:
        sliceproof.check(*given(self, sliceproof.fixture))

    requirement = REQUIREMENTS[id_]
    test.__name__ = f"test_{id_.replace('-', '_')}"
    test.__qualname__ = f"StreamDecoderTests.{test.__name__}"
    test.__doc__ = f"{id_}, {requirement.title}: {requirement.rule}"
    return test


def given(tests: StreamDecoderTests, fixture: Callable[[str], Any]) -> list[Any]:
    """The decoder, and its async twin if there is one; fails with one line if there is neither."""
    __tracebackhide__ = True
    found = [value for name in ("decoder", "adecoder") for value in _value(tests, name, fixture)]
    if not found:
        raise pytest.fail.Exception(
            f"sliceproof: {type(tests).__qualname__} names no decoder; `def decoder(self): return decode` does",
            pytrace=False,
        )
    return found


def _value(tests: StreamDecoderTests, name: str, fixture: Callable[[str], Any]) -> Iterator[Any]:
    kept = inspect.getattr_static(tests, name)
    if kept is None or isinstance(kept, str | property):
        value = getattr(tests, name)
    elif _is_fixture(kept):
        value = fixture(name)
    else:
        value = getattr(tests, name)
        try:
            inspect.signature(value).bind()
        except TypeError:
            raise pytest.fail.Exception(
                f"sliceproof: {type(tests).__qualname__}.{name} takes chunks itself; let it take nothing and return "
                "the callable",
                pytrace=False,
            ) from None
        value = value()
    if value is not None:
        yield value


def _is_fixture(kept: Any) -> bool:
    """Whether pytest made a fixture of it: a function with a mark until 8.3, an object since."""
    ours = isinstance(kept, FunctionType | staticmethod | classmethod | functools.partialmethod)
    return hasattr(kept, "_pytestfixturefunction") or not ours


for _name, _requirement in METHODS.items():
    setattr(StreamDecoderTests, _name, _test(_requirement))
