"""Sound decoders of different build: none is blamed, whatever way it has of reading, but for what it really does."""

from functools import cache

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.sound import SOUND, Build
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS
from sweeps import shared

EXAMPLES = 2


def blamed(decoder: Decoder, dialects: tuple[str, ...], ids: tuple[str, ...] = (), step: int = 1) -> dict[str, str]:
    """The requirements that *decoder* breaks, each with the stream that shows it.

    It is asked each *step*-th stream of a sweep, others for each decoder.
    """
    turn = list(SOUND).index(decoder.name.removeprefix("sound:")) if decoder.name.startswith("sound:") else 0
    chosen = [shared(id_, step, turn) for id_ in REQUIREMENTS if (id_ in ids if ids else id_ != "Q1")]
    plan = Plan(chosen, PROFILES["ci"], examples=EXAMPLES)
    results = list(run(decoder, plan, dialects))
    assert [result for result in results if result.verdict == "error"] == []
    return {
        one.requirement.id: f"{one.finding.stream!r}: {one.finding.broken.breach}" for one in results if one.finding
    }


@cache
def tried() -> dict[str, str]:
    """The dialect in which each build is judged here: the least tried of its own; benchmarks/soundness.py tries all."""
    found: dict[str, str] = {}
    for build in sorted(SOUND.values(), key=lambda one: len(one.dialects)):
        found[build.name] = min(build.dialects, key=list(found.values()).count)
    return found


@pytest.mark.parametrize("build", SOUND.values(), ids=SOUND)
def test_a_sound_decoder_is_blamed_for_nothing_but_its_own_weakness(build: Build) -> None:
    """On a tenth of each sweep; benchmarks/soundness.py asks all, in all dialects."""
    found = blamed(build.decoder(), (tried()[build.name],), step=10)
    assert set(found) <= set(build.weak), found


@pytest.mark.parametrize("build", [one for one in SOUND.values() if one.weak], ids=lambda one: one.name)
def test_a_weakness_is_real(build: Build) -> None:
    asked = tuple(id_ for id_ in build.weak if id_ != "Q1")  # of that there is a test of its own
    dialect = "triton-sse" if "triton-sse" in build.dialects else build.dialects[0]
    assert set(blamed(build.decoder(), (dialect,), asked)) == set(asked)


@pytest.mark.parametrize("build", SOUND.values(), ids=SOUND)
def test_the_cost_a_byte_grows_where_that_is_a_known_weakness_and_nowhere_else(build: Build) -> None:
    """Measured again where it differs: other tests take turns on the same cores."""
    dialect = "tgi-sse" if "tgi-sse" in build.dialects else build.dialects[0]
    due = {"Q1"}.intersection(build.weak)
    assert due in (set(blamed(build.decoder(), (dialect,), ("Q1",))) for _ in range(3))


def test_every_dialect_is_read_by_several_builds() -> None:
    assert min(map(list(tried().values()).count, DIALECTS)) > 1


@pytest.mark.parametrize("id_", DIALECTS)
def test_the_reference_conforms_in_every_dialect(id_: str) -> None:
    """On a third of each sweep; test_requirements.py shows that it reads back each swept stream."""
    assert blamed(DECODERS["reference"].load(), (id_,), step=3) == {}


def test_the_reference_costs_the_same_a_byte_however_long_the_stream_is() -> None:
    assert blamed(DECODERS["reference"].load(), ("tgi-sse",), ("Q1",)) == {}


def test_botocore_ignores_half_a_message_and_takes_a_malformed_one_and_nothing_else() -> None:
    found = blamed(DECODERS["botocore"].load(), ("tgi-sse",))
    assert set(found) == {"T2", "F2-malformed"}, found


def test_botocore_copies_what_it_has_not_read_yet_for_each_message() -> None:
    assert set(blamed(DECODERS["botocore"].load(), ("tgi-sse",), ("Q1",))) == {"Q1"}
