"""The examples for Node.js: how they are judged, and plain Node.js beside them."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS

EXAMPLES = Path(os.environ.get("SLICEPROOF_EXAMPLES") or Path(__file__).parents[2] / "examples/node")
"""Their folder, or a copy of it that the variable names."""
NODE = shutil.which("node")
MUSTS = [requirement.id for requirement in REQUIREMENTS.values() if requirement.level == "must"]


def decoder(folder: Path, name: str) -> Decoder:
    return load(f"exec:{NODE} '{folder / name}'")


def broken(judged: Decoder, dialects: tuple[str, ...], ids: list[str]) -> dict[str, str]:
    """The requirements that a decoder breaks, each with the smallest stream."""
    plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["ci"], examples=3)
    results = list(run(judged, plan, dialects))
    assert [result for result in results if result.verdict == "error"] == []
    assert sum(result.verdict == "pass" for result in results) > len(dialects) * 5
    return {result.requirement.id: repr(result.finding.stream) for result in results if result.finding}


def version(folder: Path, package: str) -> str:
    return str(json.loads((folder / "node_modules" / package / "package.json").read_text())["version"])


def node(folder: Path, code: str) -> str:
    """What plain Node.js prints, without sliceproof."""
    assert NODE is not None
    words = [NODE, "--no-warnings", "--input-type=module", "--eval", code]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=True).stdout
