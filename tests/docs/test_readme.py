"""The Python of README.md is run, with our own decoder where a reader has one."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from blocks import Block, blocks
from sliceproof import Stream, adecode, decode
from sliceproof.corpus import load_folder

CASES = Path(__file__).parents[2] / "corpus" / "cases"
STAND_IN = """
import pytest
import sliceproof as package

def decode(chunks):
    return package.decode(chunks, "tgi-sse")

async def adecode(chunks):
    async for text in package.adecode(chunks, "tgi-sse"):
        yield text
"""
NOT_RUN = {
    "# myapp/streams.py": "its body is left to the reader",
    "# myapp/client.py": "it needs LiteLLM; `litellm-completion` is the same client, judged by tox -e litellm-new",
}
"""Blocks by their first line, and why they are only read."""

PYTHON = [block for block in blocks() if block.page == "README.md" and block.language == "python"]


def block(marked: str) -> Block:
    (found,) = [each for each in PYTHON if marked in each.text]
    return found


def names(source: str, **given: Any) -> dict[str, Any]:
    given["__name__"] = __name__
    exec(compile(source, "<README>", "exec"), given)
    return given


def test_each_block_is_run_here_or_told_why_not() -> None:
    """The six that the tests below take."""
    left = [each for each in PYTHON if each.text.splitlines()[0] not in NOT_RUN]
    assert len(left) == 6
    assert len(PYTHON) - len(left) == len(NOT_RUN)
    for each in PYTHON:
        ast.parse(each.text)


@pytest.mark.parametrize("marked", ["@pytest.mark.sliceproof", "StreamDecoderTests"])
def test_the_ways_into_pytest(pytester: pytest.Pytester, marked: str) -> None:
    pytester.makepyfile(test_own=STAND_IN + block(marked).text)
    choice = ("-k", "U1 and not U1_", "--sliceproof-profile", "quick", "-p", "no:asyncio")
    result = pytester.runpytest_subprocess(*choice)
    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])


def test_the_way_into_unittest(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (head,) = re.findall(r"`(class \w+\(StreamDecoderTests, unittest\.TestCase\))`", text)
    shown = block("StreamDecoderTests").text
    quick = '    profile = "quick"\n    requirements = ["U1", "L1"]\n'
    ran = []
    for source in (shown, shown.replace(head.replace(", unittest.TestCase", ""), head)):
        own = source.replace("    def decoder", f"{quick}\n    def decoder")
        (tmp_path / "test_own.py").write_text(f"import unittest\n{STAND_IN}{own}")
        done = subprocess.run([sys.executable, "-m", "unittest"], cwd=tmp_path, capture_output=True, text=True)
        ran.append(re.findall(r"Ran (\d+) tests?", done.stderr))
    assert ran == [["0"], ["2"]]


def test_the_property() -> None:
    found = names(block("@given").text, decode=lambda chunks: decode(chunks, "openai-sse"))
    found["test_nothing_is_lost"]()
    with pytest.raises(AssertionError):
        names(block("@given").text, decode=lambda chunks: [])["test_nothing_is_lost"]()


def test_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def mine(chunks: Any) -> Any:
        return decode(chunks, "tgi-sse")

    assert not names(block("import check").text, decode=mine)["checked"].broken
    with pytest.raises(AssertionError, match="PLAIN"):
        names(block("import check").text, decode=lambda chunks: iter(()))


def test_the_loop_over_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tests" / "cases"
    folder.mkdir(parents=True)
    sound = [case for case in load_folder(CASES) if case.stream.dialect == "tgi-sse" and case.expected.error is None]
    for case in sound[:5]:
        (path,) = CASES.glob(f"*-{case.id}.json")
        (folder / path.name).write_bytes(path.read_bytes())
    assert list(folder.iterdir())
    names(block("load_folder").text, decode=lambda chunks: decode(chunks, "tgi-sse"))
    with pytest.raises(AssertionError):
        names(block("load_folder").text, decode=lambda chunks: [])


def test_the_decoder_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    names(block("response_chunks").text, response_chunks=Stream("tgi-sse", ["é", "!"], part_cuts=[43]).chunks)
    assert capsys.readouterr().out == "é!"
    assert isinstance(adecode, Callable)  # type: ignore[arg-type]
