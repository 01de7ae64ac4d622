"""The example in Perl conforms."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS

DECODER = Path(__file__).parents[2] / "examples/perl/decoder.pl"
PERL = shutil.which("perl")


@pytest.mark.skipif(
    PERL is None or subprocess.run([PERL, "-MJSON::PP", "-e", "1"], capture_output=True, check=False).returncode != 0,
    reason="perl with its core modules is not installed",
)
def test_the_decoder_in_perl_breaks_no_must() -> None:
    musts = [requirement for requirement in REQUIREMENTS.values() if requirement.level == "must"]
    results = list(run(load(f"exec:perl '{DECODER}'"), Plan(musts, PROFILES["ci"], examples=3), ["tgi-sse"]))
    assert {result.requirement.id: result.verdict for result in results if result.verdict not in ("pass", "n/a")} == {}
    assert sum(result.verdict == "pass" for result in results) > 20
