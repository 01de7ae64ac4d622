"""The command `sliceproof` and pytest, run in folders that hold targets of a user's own."""

import os
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

import pytest

from sliceproof.conformance.cli.main import main

Ran = tuple[int, str, str]
Sliceproof = Callable[..., Ran]

OWN = """
from sliceproof.conformance.decoders import reference
from sliceproof.wire.dialects import dialect, reader

def sound(chunks):
    return reference.decode(chunks, "text")

async def asound(chunks):
    async for text in reference.adecode(chunks, "text"):
        yield text

def halves(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")

def drops(parts):
    for part in parts:
        yield part.decode("utf-8", "ignore")

def of_events(events):
    for event in events:
        yield event["PayloadPart"]["Bytes"].decode("utf-8", "replace")

def lines(parts):
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\\n")
        yield from whole

def numbers(chunks):
    for chunk in chunks:
        yield len(chunk)

def nothing(chunks):
    return None

def no_argument():
    return []

def two_arguments(chunks, size):
    return []

async def coroutine(chunks):
    return []

def leaves(chunks):
    import sys
    sys.exit(0)
    yield ""

def needs_text(chunks):
    for chunk in chunks:
        yield chunk + ""

a_number = 17
"""


@pytest.fixture
def sliceproof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sliceproof:
    """The command, run in a folder that holds `own.py`: exit code, stdout, stderr."""
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "broken_syntax.py").write_text("def decode(chunks)\n    pass\n")
    (tmp_path / "broken_import.py").write_text("import no_such_module_at_all\n")
    (tmp_path / "broken_exit.py").write_text("import sys\nsys.exit(0)\n")
    (tmp_path / "notes.txt").write_text("no Python")
    (tmp_path / "report.json").write_text('{"results": 3}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLICEPROOF_IN_PROCESS", "1")
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["sliceproof", *arguments])
        for file in tmp_path.glob("*.py"):
            sys.modules.pop(file.stem, None)
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


DECODERS = """
import codecs

from sliceproof.conformance.decoders import reference

def sound(chunks):
    yield from reference.decode(chunks, "text")

async def asound(chunks):
    async for text in reference.adecode(chunks, "text"):
        yield text

def halves(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")

def whole(parts):
    decoder = codecs.getincrementaldecoder("utf-8")()
    for part in parts:
        yield decoder.decode(part)

def late(chunks):
    yield "".join(reference.decode(chunks, "text"))
"""
"""Decoders of a project of one's own: `sound` and `asound`, of parts `halves` and `whole`, and `late`."""

PLUGIN = "sliceproof.conformance.plugin"
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """pytest, run in a project that has `app.py` and the ini lines and files that are given."""
    outer = [name for name in os.environ if name.startswith("PYTEST_XDIST_")]
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "PYTEST_ADDOPTS", *outer):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path])
    installed = any(entry_point.value == PLUGIN for entry_point in entry_points(group="pytest11"))
    plugin = () if installed else ("-p", PLUGIN)
    quiet = ("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:asyncio")
    pytester.makepyfile(app=DECODERS)

    def run(*arguments: str, ini: str = "", alone: bool = True, **files: str) -> pytest.RunResult:
        """*alone* is in this process and without other plugins; else pytest is a process of its own."""
        if ini:
            pytester.makefile(".ini", pytest=f"[pytest]\n{dedent(ini)}")
        if files:
            pytester.makepyfile(**files)
        if alone:
            return pytester.runpytest_inprocess(*plugin, *quiet, *arguments)
        return pytester.runpytest_subprocess(*plugin, *arguments)

    return run
