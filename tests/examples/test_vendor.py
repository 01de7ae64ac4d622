"""The runners of vectors: green with a decoder that is right, and red with one that decodes each part by itself.

Which of the two is asked stands in one line of the runner, that a project writes anew; so does each test here.
"""

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


def broken(runner: Path) -> None:
    """Make it ask the other decoder, as a reader would."""
    line = next(line for line in runner.read_text("utf-8").splitlines() if "yours" in line or "your decoder" in line)
    other = line.replace("sound", "broken").replace("= Decode ", "= DecodeBroken ")
    assert other != line
    runner.write_text(runner.read_text("utf-8").replace(line, other), "utf-8")


def ran(folder: Path, *command: str, **env: str) -> Ran:
    whole = {**os.environ, **env, "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=folder, env=whole, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False
    )


def told(result: Ran) -> str:
    return result.stdout + result.stderr


def test_pytest(tmp_path: Path) -> None:
    """Without the plugin, as a project has it that has no sliceproof."""
    folder = copied("pytest", tmp_path)
    command = (sys.executable, "-m", "pytest", "-p", "no:sliceproof", "-p", "no:cacheprovider", "test_vectors.py")
    green = ran(folder, *command)
    assert green.returncode == 0, told(green)
    assert " passed" in green.stdout
    assert "failed" not in green.stdout
    broken(folder / "test_vectors.py")
    red = ran(folder, *command)
    assert red.returncode == 1, told(red)
    failed = [line for line in red.stdout.splitlines() if line.startswith("FAILED")]
    assert failed
    assert all("[U1-" in line and ": A code point whose bytes come in two parts" in line for line in failed)
    assert "at 0 comes '', where 'é' is due" in red.stdout


SWALLOWS = "try:\n        yield from sound.decode(chunks)\n    except ValueError:\n        pass"
WITHHOLDS = "yield ''.join(sound.decode(chunks))"
RAISES = "yield from sound.decode(chunks)\n    raise ValueError('always')"


@pytest.mark.parametrize(
    ("body", "of", "said"),
    [
        (SWALLOWS, {"T2", "T3", "F2"}, "DID NOT RAISE"),
        (WITHHOLDS, {"T3"}, "AssertionError: at 0 comes '', where 'x' is due"),
        (RAISES, {"PLAIN", "U1", "F7"}, "ValueError: always"),
    ],
    ids=["swallows errors", "withholds text", "raises"],
)
def test_pytest_says_what_is_wrong(tmp_path: Path, body: str, of: set[str], said: str) -> None:
    """Of other decoders, which fail vectors of these requirements and hold others."""
    folder = copied("pytest", tmp_path)
    broken(folder / "test_vectors.py")
    (folder / "broken.py").write_text(f"import sound\n\n\ndef decode(chunks):\n    {body}\n", "utf-8")
    words = ("-p", "no:sliceproof", "-p", "no:cacheprovider", "test_vectors.py")
    red = ran(folder, sys.executable, "-m", "pytest", *words, COLUMNS="300")
    failed = [line for line in red.stdout.splitlines() if line.startswith("FAILED")]
    assert of <= {line.partition("[")[2].partition(":")[0].rpartition("-")[0] for line in failed}
    assert any(said in line for line in failed), told(red)
    assert " passed" in red.stdout


def test_the_page_shows_the_runner() -> None:
    page = (VENDOR.parents[1] / "docs" / "vectors.md").read_text("utf-8")
    shown = page.partition("```python\n")[2].partition("```")[0]
    assert "def test_vector" in shown
    assert (VENDOR / "pytest" / "test_vectors.py").read_text("utf-8").endswith(f"\n{shown}")


ASYNCHRONOUS = """
import sound


async def decode(chunks):
    held, failed = [], None
    try:
        async for chunk in chunks:
            held.append(chunk)
    except ConnectionResetError as error:
        failed = error

    def again():
        yield from held
        if failed:
            raise failed

    for delta in sound.decode(again()):
        yield delta
"""


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (("", ""), set()),
        (("raise failed", "pass"), {"T4"}),
        (("held.append(chunk)", "held[:] = [chunk]"), {"D2", "F6"}),
    ],
    ids=["sound", "swallows what the source raises", "loses chunks"],
)
def test_an_asynchronous_decoder_is_asked_as_the_page_says(
    tmp_path: Path, change: tuple[str, str], failed: set[str]
) -> None:
    folder = copied("pytest", tmp_path)
    page = (VENDOR.parents[1] / "docs" / "vectors.md").read_text("utf-8")
    wrapper = next(block for block in page.split("```python\n")[1:] if "asyncio.run" in block).partition("```")[0]
    (folder / "mine.py").write_text(ASYNCHRONOUS.replace(*change), "utf-8")
    (folder / "broken.py").write_text(f"import asyncio\n\nimport mine\n\n\n{wrapper}", "utf-8")
    broken(folder / "test_vectors.py")
    words = ("-p", "no:sliceproof", "-p", "no:cacheprovider", "test_vectors.py")
    result = ran(folder, sys.executable, "-m", "pytest", *words, COLUMNS="300")
    lines = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    found = {line.partition("[")[2].partition(":")[0].rpartition("-")[0] for line in lines}
    assert (failed <= found and " passed" in result.stdout) if failed else not found, told(result)
    assert result.returncode == bool(failed), told(result)


def test_the_runner_is_python_3_9(tmp_path: Path) -> None:
    """By its grammar, as no such interpreter need be installed."""
    import ast

    for file in (VENDOR / "pytest").glob("*.py"):
        ast.parse(file.read_text("utf-8"), feature_version=(3, 9))


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_go(tmp_path: Path) -> None:
    folder = copied("go", tmp_path)
    cache = {"GOCACHE": str(tmp_path / "cache"), "GOFLAGS": "-mod=mod", "GO111MODULE": "on"}
    green = ran(folder, "go", "test", **cache)
    assert green.returncode == 0, told(green)
    broken(folder / "vectors_test.go")
    red = ran(folder, "go", "test", **cache)
    assert red.returncode == 1, told(red)
    assert "--- FAIL: TestVectors/U1-" in red.stdout
    assert all("/U1-" in line for line in red.stdout.splitlines() if "--- FAIL: TestVectors/" in line)
    assert 'A code point whose bytes come in two parts is one code point. At 0 comes "", where "é" is due' in red.stdout


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('give("x")\n\treturn errors.New("always")', 'The error is "always", where none is due'),
        ("_ = Decode(source, give)\n\treturn nil", "No error comes, where one is due: truncated"),
        (
            'if Decode(source, give) != nil {\n\t\treturn errors.New("no")\n\t}\n\treturn nil',
            'The error is "no", which does not say "an ',
        ),
    ],
    ids=["fails", "swallows errors", "says nothing"],
)
def test_go_says_what_is_wrong(tmp_path: Path, body: str, said: str) -> None:
    """In one sentence behind the rule; of each level, as what an error says is a SHOULD."""
    folder = copied("go", tmp_path)
    broken(folder / "vectors_test.go")
    runner = (folder / "vectors_test.go").read_text("utf-8")
    (folder / "vectors_test.go").write_text(runner.replace('v.Level == "must"', "true"), "utf-8")
    decoder = (folder / "decoder.go").read_text("utf-8")
    start, end = decoder.index("func DecodeBroken"), decoder.index("func decode(")
    other = f"func DecodeBroken(source io.Reader, give func(string)) error {{\n\t{body}\n}}\n\n"
    (folder / "decoder.go").write_text(decoder[:start] + other + decoder[end:], "utf-8")
    red = ran(folder, "go", "test", GOCACHE=str(tmp_path / "cache"), GO111MODULE="on")
    assert red.returncode == 1, told(red)
    lines = [line for line in red.stdout.splitlines() if "vectors_test.go:" in line]
    assert any(said in line for line in lines), told(red)[:3000]
    assert len(lines) == red.stdout.count("--- FAIL: TestVectors/")
    assert 'due is ""' not in red.stdout


@pytest.fixture
def vitest(tmp_path: Path) -> Path:
    """The project with its packages; a skip where they cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = copied("vitest", tmp_path)
    words = (npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1")
    result = ran(folder, *words)
    if result.returncode:
        pytest.skip(f"npm cannot install vitest: {' '.join(result.stderr.split())[-300:]}")
    return folder


def test_vitest(vitest: Path) -> None:
    green = ran(vitest, "npm", "test")
    assert green.returncode == 0, told(green)
    broken(vitest / "vectors.test.mjs")
    red = ran(vitest, "npm", "test")
    assert red.returncode == 1, told(red)
    failed = [line for line in told(red).splitlines() if " FAIL " in line]
    assert failed
    assert all("U1-" in line and ": A code point whose bytes come in two parts" in line for line in failed)
    assert 'where "é" is due' in told(red)
