"""The runners of vectors: green with a decoder that is right, and red with one that decodes each part by itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sliceproof.conformance.cli.vendoring import vendored

VENDOR = Path(__file__).parents[2] / "examples" / "vendor"
Ran = subprocess.CompletedProcess[str]


def copied(kind: str, folder: Path) -> Path:
    """A project of that kind with its vectors."""
    there = folder / kind
    shutil.copytree(VENDOR / kind, there, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    vendored(str(there / "vectors.json"), "2026.1", "500k", ("tgi-sse",), "")
    return there


def ran(folder: Path, decoder: str, *command: str, **env: str) -> Ran:
    whole = {**os.environ, **env, "DECODER": decoder, "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=folder, env=whole, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False
    )


def told(result: Ran) -> str:
    return result.stdout + result.stderr


def test_pytest(tmp_path: Path) -> None:
    """Without the plugin, as a project has it that has no sliceproof."""
    folder = copied("pytest", tmp_path)
    command = (sys.executable, "-m", "pytest", "-p", "no:sliceproof", "-p", "no:cacheprovider", "test_vectors.py")
    green, red = ran(folder, "sound", *command), ran(folder, "broken", *command)
    assert green.returncode == 0, told(green)
    assert " passed" in green.stdout
    assert "failed" not in green.stdout
    assert red.returncode == 1, told(red)
    failed = [line for line in red.stdout.splitlines() if line.startswith("FAILED")]
    assert failed
    assert all("[U1-" in line for line in failed)
    assert "A code point whose bytes come in two parts is one code point." in red.stdout


def test_the_runner_is_python_3_9(tmp_path: Path) -> None:
    """By its grammar, as no such interpreter need be installed."""
    import ast

    for file in (VENDOR / "pytest").glob("*.py"):
        ast.parse(file.read_text("utf-8"), feature_version=(3, 9))


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_go(tmp_path: Path) -> None:
    folder = copied("go", tmp_path)
    cache = {"GOCACHE": str(tmp_path / "cache"), "GOFLAGS": "-mod=mod", "GO111MODULE": "on"}
    green, red = ran(folder, "", "go", "test", **cache), ran(folder, "broken", "go", "test", **cache)
    assert green.returncode == 0, told(green)
    assert red.returncode == 1, told(red)
    assert "--- FAIL: TestVectors/U1-" in red.stdout
    assert all("/U1-" in line for line in red.stdout.splitlines() if "--- FAIL: TestVectors/" in line)


@pytest.fixture
def vitest(tmp_path: Path) -> Path:
    """The project with its packages; a skip where they cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = copied("vitest", tmp_path)
    words = (npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1")
    result = ran(folder, "", *words)
    if result.returncode:
        pytest.skip(f"npm cannot install vitest: {' '.join(result.stderr.split())[-300:]}")
    return folder


def test_vitest(vitest: Path) -> None:
    green, red = (ran(vitest, f"./{name}.mjs", "npm", "test") for name in ("sound", "broken"))
    assert green.returncode == 0, told(green)
    assert red.returncode == 1, told(red)
    failed = [line for line in told(red).splitlines() if " FAIL " in line]
    assert failed
    assert all("U1-" in line for line in failed)
