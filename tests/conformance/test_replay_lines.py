"""Every command that a report prints runs as it is printed, and shows the failure again."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DECODERS = """
import functools

import pytest


def parts_of(chunks):
    from botocore.eventstream import EventStreamBuffer

    buffer = EventStreamBuffer()
    for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            yield message.payload


def replacing(chunks, errors="replace"):
    for payload in parts_of(chunks):
        yield payload.decode("utf-8", errors)


class Client:
    def __init__(self, errors="replace"):
        self.errors = errors

    def method(self, chunks):
        return replacing(chunks, self.errors)

    def __call__(self, chunks):
        return replacing(chunks, self.errors)

    @classmethod
    def of_class(cls, chunks):
        return replacing(chunks)


async def replacing_async(chunks):
    from botocore.eventstream import EventStreamBuffer

    buffer = EventStreamBuffer()
    async for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            yield message.payload.decode("utf-8", "replace")


def of_parts(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")


named = lambda chunks: replacing(chunks)
bound = functools.partial(replacing, errors="replace")
client = Client()
"""
TEST = """
asked = pytest.mark.sliceproof(dialects=["text"], requirements=["U1"]{more})


@pytest.fixture
def made():
    return Client().method


@asked
def test_decode(sliceproof{fixture}):
    sliceproof.check({given})
"""
WAYS = {
    "function": "replacing",
    "class method": "Client.of_class",
    "instance of a module": "client",
    "method": "Client().method",
    "instance": "Client()",
    "lambda of a module": "named",
    "lambda": "lambda chunks: replacing(chunks)",
    "partial of a module": "bound",
    "partial": "functools.partial(replacing, errors='replace')",
    "fixture": "made",
    "both": "replacing, replacing_async",
    "parts": "of_parts",
    "path": "'test_own.py:replacing'",
    "path of a method": "'test_own.py:client.method'",
}


def ran(words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("way", WAYS)
def test_a_replay_line_of_pytest_runs_as_printed(way: str, tmp_path: Path) -> None:
    more = ', accepts="parts"' if way == "parts" else ""
    written = TEST.format(more=more, fixture=", made" if way == "fixture" else "", given=WAYS[way])
    (tmp_path / "test_own.py").write_text(DECODERS + written)
    first = ran(["pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-q"], tmp_path)
    lines = [line.split("replay", 1)[1].strip() for line in first.stdout.splitlines() if " replay " in line]
    assert lines, first.stdout + first.stderr
    assert "functools:partial" not in first.stdout
    words = shlex.split(lines[0])
    assert words[0] in ("sliceproof", "pytest")
    again = ran(words, tmp_path)
    assert again.returncode == 1, lines[0] + again.stdout + again.stderr
    assert "code point cut between parts" in again.stdout


def test_a_replay_line_of_the_command_line_runs_as_printed(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(DECODERS)
    for target, more in (("own.py:client.method", []), ("own:bound", []), ("own.py:of_parts", ["--accepts", "parts"])):
        asked = ["sliceproof", "check", target, "--requirement", "U1", "--dialect", "text", *more]
        first = ran(asked, tmp_path)
        line = next(line.split("replay", 1)[1].strip() for line in first.stdout.splitlines() if " replay " in line)
        again = ran(shlex.split(line), tmp_path)
        assert again.returncode == 1, line + again.stdout + again.stderr
