"""The examples for Node.js with the npm packages that they need."""

import shutil
import subprocess
from pathlib import Path

import pytest
from node_examples import EXAMPLES


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the examples with what they need installed; a copy where that must be fetched first."""
    if (EXAMPLES / "node_modules").is_dir():
        return EXAMPLES
    npm, copy = shutil.which("npm"), tmp_path_factory.mktemp("node") / "examples"
    if npm is None:
        pytest.skip("npm is not installed")
    shutil.copytree(EXAMPLES, copy)
    words = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        ran = subprocess.run(words, cwd=copy, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm cannot reach its registry")
    if ran.returncode:
        pytest.skip(f"npm cannot install the packages: {' '.join(ran.stderr.split())[-300:]}")
    return copy
