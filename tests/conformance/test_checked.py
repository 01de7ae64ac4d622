"""The names of the package itself: `from sliceproof import check, decode, Stream, streams`."""

import subprocess
import sys
from collections.abc import Iterable, Iterator

import pytest

import sliceproof
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.errors import SliceproofError


def loses_halves(parts: Iterable[bytes]) -> Iterator[str]:
    for part in parts:
        yield part.decode(errors="ignore")


def test_a_callable_is_judged_in_the_dialects_named() -> None:
    checked = sliceproof.check(loses_halves, "text", accepts="parts", requirements=["U1", "U2"], profile="quick")
    assert [one.requirement.id for one in checked.broken] == ["U1"]
    assert str(checked).startswith("U1  code point cut between parts")
    assert "replay    sliceproof replay" in str(checked)
    assert f"{__name__}:loses_halves --requirement U1 --accepts parts" in str(checked)
    assert not checked.weak


def test_a_callable_without_a_name_is_judged_and_no_command_is_told_that_could_not_find_it() -> None:
    checked = sliceproof.check(lambda parts: loses_halves(parts), "text", accepts="parts", requirements=["U1"])
    assert [one.requirement.id for one in checked.broken] == ["U1"]
    assert "replay" not in str(checked)


def test_a_name_is_judged_in_the_dialects_that_it_claims() -> None:
    checked = sliceproof.check("broken:takes_any_end_for_success", profile="quick", requirements=["T1", "T2"])
    assert (checked.broken, [one.requirement.id for one in checked.weak]) == ((), ["T1"])


def test_the_reference_is_whole_async_and_sync() -> None:
    checked = sliceproof.check("reference", "tgi-sse", profile="quick")
    assert not checked.broken
    assert "is broken" in str(checked)
    stream = sliceproof.Stream("tgi-sse", ["é", "y"])
    assert "".join(sliceproof.decode(stream.chunks, "tgi-sse")) == "éy"


def test_what_could_not_be_asked_is_no_success() -> None:
    with pytest.raises(SliceproofError, match="sound:messages could not be judged: U1 in tgi-sse: the decoder yields"):
        sliceproof.check("sound:messages", "tgi-sse", requirements=["U1"])


def test_judging_that_fails_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object) -> None:
        raise OSError("no more memory")

    monkeypatch.setattr(REQUIREMENTS["U1"].__class__, "check", fails)
    with pytest.raises(SliceproofError, match="U1 in text: OSError: no more memory"):
        sliceproof.check(loses_halves, "text", accepts="parts", requirements=["U1"], profile="quick")


def test_a_profile_that_there_is_not_is_one_clear_error() -> None:
    with pytest.raises(SliceproofError, match="profile 'fast' is none of quick, ci, dev, deep"):
        sliceproof.check("reference", profile="fast")


def test_every_public_name_is_there_and_no_other() -> None:
    assert all(hasattr(sliceproof, name) for name in sliceproof.__all__)
    assert set(sliceproof.__all__) <= set(dir(sliceproof))
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        sliceproof.chekc  # noqa: B018 - it is looked up here


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import sys, sliceproof; print([one for one in sys.modules if one.startswith(('sliceproof.', 'hypothesis'))])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
