"""A reader's folder, with the files that a page shows or takes for granted, and what a command does there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from blocks import ROOT, Command, blocks

HEADED = re.compile(r"^# ([\w./-]+\.\w+)\n")
GOES_ON = ("docs/channels.md", "docs/shapes.md")
"""Pages whose blocks without a name go on with the module of the one before."""

PROJECT = """
[tool.sliceproof]
profile = "quick"
decoders = ["myapp/streams.py:decode"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""
STREAMS = """
import sliceproof
from sliceproof.conformance.decoders.sound.builds import Body


def read(chunks):
    yield from {read}


decode = sliceproof.decoder(read, dialects={dialects!r}, envelope={envelope!r})
"""
READS_BOTH = """
import contextlib
import itertools

import sliceproof
from botocore.eventstream import EventStreamBuffer


def decode(chunks):
    chunks, held, frames, body = iter(chunks), b"", EventStreamBuffer(), b""
    for chunk in chunks:
        held += chunk
        frames.add_data(chunk)
        with contextlib.suppress(Exception):  # the reader below raises what is to be raised
            for message in frames:
                body += message.payload
        if any(key in body for key in (b'"choices"', b'"token"', b'"error"')):
            break
    dialect = "openai-sse" if b'"choices"' in body else "tgi-sse"
    yield from sliceproof.decode(itertools.chain([held], chunks), dialect)
"""
PROGRAM = """
import json
import os
import urllib.request

import sliceproof

URL = os.environ["SLICEPROOF_URL"]


def asked(url, body=None):
    with urllib.request.urlopen(url, body) as response:
        yield from iter(lambda: response.read1(), b"")


while True:
    try:
        told = b"".join(asked(f"{URL}/next"))
    except OSError:
        break  # it is over
    if not told:
        continue
    stream, report = json.loads(told), {"text": ""}
    try:
        for text in sliceproof.decode(asked(stream["invoke_url"], b"{}"), stream["dialect"]):
            report["text"] += text
    except Exception as error:
        report["error"] = repr(error)
    b"".join(asked(f"{URL}/report/{stream['name']}", json.dumps(report).encode()))
"""
UNITTEST = """
import unittest

from sliceproof.testing import StreamDecoderTests

from myapp.streams import read


class TestDecode(StreamDecoderTests, unittest.TestCase):
    dialects = ["tgi-sse"]
    requirements = ["U1"]

    def decoder(self):
        return read
"""
ONE = """
import sliceproof
from myapp.streams import read


def test_one():
    assert "".join(read(sliceproof.Stream("tgi-sse", ["x"]).chunks)) == "x"
"""


class Done(NamedTuple):
    """How a command ended, and what it showed."""

    code: int
    out: str
    err: str


def environment() -> dict[str, str]:
    """That of a shell in which the environment of these tests is active."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "SLICEPROOF"))}
    told = {"COLUMNS": "120", "PYTHONIOENCODING": "utf-8", "PYTEST_ADDOPTS": "-p no:randomly"}
    return {**kept, **told, "PATH": path}


def missing(expected: list[str] | tuple[str, ...], shown: str) -> str:
    """The first line that a page has and a command does not show, in order; … is anything, also many lines.

    Seconds and executions are another number each time.
    """
    there = iter(shown.splitlines())
    for line in filter(lambda each: each.strip() not in ("", "…"), expected):
        told = re.sub(r"[\d.,]+ (s|executions)\b", r"… \1", line.rstrip())
        pattern = re.compile(re.escape(told).replace("…", ".*"))
        if not any(pattern.fullmatch(each.rstrip()) for each in there):
            return line
    return ""


def files_of(page: str) -> dict[str, str]:
    """The files that a page shows whole, by the comment in their first line."""
    found: dict[str, str] = {}
    last = ""
    for block in blocks([ROOT / page]):
        if block.language in ("python", "yaml"):
            headed = HEADED.match(block.text)
            if headed and "\n    ...\n" not in block.text:
                last = headed[1]
                found[last] = block.text
            elif page in GOES_ON and last and block.language == "python" and not block.text.startswith("from slice"):
                found[last] += "\n\n" + block.text
    return found


def laid_out(folder: Path, command: Command) -> Path:
    """The folder in which a command is typed, with all that it needs."""
    page = command.page
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("node_modules"))
    if page == "CONTRIBUTING.md":
        left = shutil.ignore_patterns("node_modules", ".*", "*.egg-info", "build", "__pycache__", "examples")
        shutil.copytree(ROOT, folder, ignore=left, dirs_exist_ok=True)
    files = {
        "pyproject.toml": PROJECT.replace('profile = "quick"\n', "") if command.shown else PROJECT,
        "client.py": PROGRAM,
        "myapp/__init__.py": "",
        "myapp/streams.py": streams(command),
        "src/myapp/streams.py": streams(command),
        "myapp/bedrock.py": files_of("docs/bedrock.md")["myapp/bedrock.py"],
        "myapp/formats.py": files_of("docs/own-dialect.md")["myapp/formats.py"],
        "myapp/client.py": files_of("docs/endpoint.md")["myapp/client.py"],
        "test_unit.py": UNITTEST,
        "tests/test_one.py": ONE,
        **settings_of(page),
        **files_of(page),
    }
    for name, text in files.items():
        if name != "pyproject.toml" or page != "CONTRIBUTING.md":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
    for name in ("tests/cases", "recorded", "inputs", "docs"):
        (folder / name).mkdir(exist_ok=True)
        shutil.copy(ROOT / "corpus/cases/U1-00127edc0acc.json", folder / name)
    return folder / (command.at or (Path(page).parent if page.startswith("examples/") and command.whole else ""))


def streams(command: Command) -> str:
    """The decoder that `myapp/streams.py` stands for: one of what the command names."""
    told = dict(zip(command.words, command.words[1:], strict=False))
    envelope = told.get("--envelope", "sagemaker")
    named = [value for option, value in zip(command.words, command.words[1:], strict=False) if option == "--dialect"]
    dialects = named or ["bedrock-converse" if envelope == "bedrock" else "tgi-sse"]
    if command.page == "docs/settings.md":
        dialects = ["tgi-sse", "openai-sse"]
    if len(dialects) > 1:
        return READS_BOTH
    read = "Body({!r}).decode(chunks)" if envelope == "http" else "sliceproof.decode(chunks, {!r})"
    return STREAMS.format(read=read.format(dialects[0]), dialects=dialects, envelope=envelope)


def settings_of(page: str) -> dict[str, str]:
    """The settings of the page about them, with the files that they name."""
    if page != "docs/settings.md":
        return {}
    (block,) = (each.text for each in blocks([ROOT / page]) if each.language == "toml")
    return {"pyproject.toml": block, "tests/known.toml": ""}


def ran(command: Command, folder: Path, seconds: float = 900, **given: str) -> Done:
    """What comes of a command in a folder."""
    told = dict(each.split("=", 1) for each in command.given)
    words = (
        ["bash", "-c", f'eval "{command.words[1]}" && complete -p sliceproof']
        if command.words[0] == "eval"
        else list(command.words)
    )
    done = subprocess.run(
        words,
        cwd=folder,
        env={**environment(), **told, **given},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
