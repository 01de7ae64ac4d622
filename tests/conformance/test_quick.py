"""Profile quick: for the edit loop, what is filed and some of each sweep, and no search."""

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import shipped
from sliceproof.wire.dialects import DIALECTS

QUICK = PROFILES["quick"]
PLAN = Plan(list(REQUIREMENTS.values()), QUICK, cases=list(shipped()))


@pytest.mark.parametrize(
    "broken", [one for one in BROKEN.values() if one.breaks[0] not in QUICK.skips], ids=lambda one: one.name
)
def test_finds_each_broken_decoder(broken: Broken) -> None:
    own = PLAN._replace(requirements=[REQUIREMENTS[broken.breaks[0]]])
    assert all(one.finding for one in run(broken.decoder(), own, [broken.dialect]))


@pytest.mark.parametrize("known", ["tgi-sse", "djl-json", "text"])
def test_blames_no_sound_decoder_and_asks_a_fraction_of_the_streams(known: str) -> None:
    quick = list(run(DECODERS["reference"].load(), PLAN, [known]))
    assert {one.verdict for one in quick} <= {"pass", "n/a"}
    all_swept = sum(sum(1 for _ in REQUIREMENTS[id_].sweep(DIALECTS[known])) for id_ in ("E1", "F1", "U6", "T2"))
    assert 0 < sum(one.streams for one in quick) < all_swept


def test_asks_the_first_of_a_sweep_and_some_of_the_others_and_searches_nothing() -> None:
    requirement = REQUIREMENTS["U1"]
    asked = list(QUICK.swept(requirement, range(100)))  # type: ignore[arg-type]
    assert asked[: requirement.first] == list(range(requirement.first))
    assert asked[requirement.first :] == list(range(13, 100, 13))
    assert (QUICK.examples, QUICK.mixed) == (0, 0)


def test_says_that_it_leaves_out_what_takes_long() -> None:
    (result,) = run(DECODERS["reference"].load(), PLAN._replace(requirements=[REQUIREMENTS["Q1"]]), ["tgi-sse"])
    assert result.verdict == "n/a"
    assert "quick" in result.reason
