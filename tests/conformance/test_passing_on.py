"""Exceptions that are meant for whoever runs the judging end it; all others are the decoder's."""

from collections.abc import Iterable, Iterator

import pytest

from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder, TargetError, of_callable
from sliceproof.conformance.harness.drive import drive, pass_on, passed_on
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.stream import Stream


class OutOfTimeError(BaseException):
    """What a test runner raises wherever its time is over."""


class OtherError(BaseException):
    """What nobody has spoken for."""


@pytest.fixture(autouse=True)
def passing_on() -> None:
    pass_on(OutOfTimeError)


def raising(error: BaseException, after: int = 0) -> Decoder:
    """A decoder of text that raises in its call number *after*."""
    calls = iter(range(100_000))

    def decode(chunks: Iterable[bytes]) -> Iterator[str]:
        if next(calls) == after:
            raise error
        yield from (chunk.decode() for chunk in chunks)

    return of_callable(decode, "raising", dialects=("text",), accepts="parts")


def test_what_was_spoken_for_is_raised() -> None:
    with pytest.raises(OutOfTimeError):
        drive(raising(OutOfTimeError()), "sync", Stream("text", ("x",)))


def test_anything_else_is_an_outcome() -> None:
    outcome = drive(raising(OtherError()), "sync", Stream("text", ("x",)))
    assert (outcome.ended, type(outcome.error)) == ("error", OtherError)


@pytest.mark.parametrize("after", [0, 3, 40])
def test_it_ends_a_sweep_and_a_search(after: int) -> None:
    """In a search, Hypothesis may take it for a failing example first."""
    plan = Plan([REQUIREMENTS["L1"], REQUIREMENTS["MIX"]], PROFILES["ci"])
    with pytest.raises(OutOfTimeError):
        list(run(raising(OutOfTimeError(), after), plan, ["text"]))


def test_it_is_found_in_what_it_caused() -> None:
    meant = OutOfTimeError()
    chained = ValueError()
    chained.__cause__ = BaseExceptionGroup("several", [OtherError(), meant])
    assert passed_on(chained) is meant
    assert passed_on(ValueError()) is None
    assert isinstance(passed_on(TargetError("it cannot be judged")), TargetError)
