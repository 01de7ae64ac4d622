"""LiteLLM by release: what a case says of the installed version is still true of it."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, Found, shipped

try:
    INSTALLED = version("litellm")
except PackageNotFoundError:
    pytest.skip("litellm is not installed", allow_module_level=True)

NAMED = [
    (case, found)
    for case in shipped()
    for found in case.found
    if (found.decoder, found.version) == ("litellm", INSTALLED)
]
if not NAMED:
    pytest.skip(f"no case names litellm {INSTALLED}", allow_module_level=True)


@cache
def litellm() -> Decoder:
    return load("litellm")


@pytest.mark.parametrize(("case", "found"), NAMED, ids=lambda value: getattr(value, "name", ""))
def test_a_case_that_names_this_release_still_breaks_it(case: Case, found: Found) -> None:
    broken = REQUIREMENTS[case.requirement].check(litellm(), case.stream)
    assert broken is not None
    assert broken.mode == found.mode


def test_most_of_what_was_found_in_other_releases_only_does_not_break_this_one() -> None:
    """A check that calls everything broken would pass the test above."""
    passed = [
        case
        for case in shipped()
        if case.requirement != "Q1"
        and not REQUIREMENTS[case.requirement].inapplicable(litellm(), case.stream.format)
        and REQUIREMENTS[case.requirement].check(litellm(), case.stream) is None
    ]
    assert len(passed) > 20
