"""`run -- COMMAND`: programs that ask for streams and report what they got, whatever becomes of them."""

import json
import subprocess
import sys
import time
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.harness.drive import drive
from sliceproof.wire.stream import Stream

LOOP = """
import http.client, json, os, sys, time, urllib.request

from sliceproof import decode

URL = os.environ["SLICEPROOF_URL"]
SEEN = []

def client(name):
    host = URL.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("POST", f"/endpoints/{name}/invocations-response-stream", body=b"{}")
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(response.status)
    yield from decode(iter(lambda: response.read1(65536), b""), "text")

def report(name, told):
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    request = urllib.request.Request(f"{URL}/report/{name}", data, method="POST")
    try:
        urllib.request.urlopen(request).read()
    except urllib.error.HTTPError as error:
        print(error.read().decode())
        raise

while True:
    with urllib.request.urlopen(f"{URL}/next") as response:
        if response.status == 204:
            continue
        case = json.load(response)
    told = {"text": ""}
    try:
        for text in client(case["name"]):
            told["text"] += text
    except Exception as error:
        told["error"] = repr(error)
    SEEN.append(told["text"])
    DOES
    report(case["name"], told)
"""
PROGRAMS = {
    "sound": "pass",
    "loses": 'told["text"] = told["text"].replace("\\u00e9", "")',
    "crashes": "os._exit(3) if len(SEEN) > 2 else None",
    "hangs": "time.sleep(600) if len(SEEN) > 2 else None",
    "floods": 'print("noise" * 100_000)',
    "says_nothing_of_use": 'told = b"[]"',
}
ASKED = ("--dialect", "text", "--requirement", "U2", "--requirement", "A1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, does in PROGRAMS.items():
        (tmp_path / f"{name}.py").write_text(LOOP.replace("DOES", does))
    return tmp_path


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    asked = [sys.executable, "-P", "-m", "sliceproof", "run", *ASKED, "--json", "out.json", *arguments]
    return subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["requirement"]: row for row in json.loads((folder / "out.json").read_text())["results"]}


@pytest.mark.parametrize("name", ["sound", "floods"])
def test_a_sound_program_is_blamed_for_nothing(folder: Path, name: str) -> None:
    ran = run(folder, "--", sys.executable, f"{name}.py")
    assert (ran.returncode, ": no MUST of " in ran.stdout) == (0, True), ran.stderr[-2000:]
    assert {row["verdict"] for row in rows(folder).values()} == {"pass"}


def test_one_that_loses_text_is_shown_on_a_small_stream(folder: Path) -> None:
    ran = run(folder, "--", sys.executable, "loses.py")
    assert ran.returncode == 1
    assert rows(folder)["U2"]["finding"]["stream"] == "Stream('text', ['é'])"
    assert rows(folder)["A1"]["verdict"] == "pass"


def test_one_that_ends_is_a_finding_and_is_started_again(folder: Path) -> None:
    ran = run(folder, "--", sys.executable, "crashes.py")
    assert ran.returncode == 1
    assert "the program ended with code 3" in rows(folder)["U2"]["finding"]["got"]


def test_one_that_hangs_is_a_finding(folder: Path) -> None:
    ran = run(folder, "--", sys.executable, "hangs.py")
    assert ran.returncode == 1
    assert "never the end" in rows(folder)["U2"]["finding"]["got"]


def test_a_report_that_is_none_is_refused_with_what_one_is(folder: Path) -> None:
    ran = run(folder, "--", sys.executable, "says_nothing_of_use.py")
    assert ran.returncode == 1
    assert 'a report is {\\"text\\": \\"...\\"}' in ran.stderr


def test_one_that_never_asks_for_a_stream_cannot_be_judged(folder: Path) -> None:
    ran = run(folder, "--", sys.executable, "-c", "raise SystemExit(3)")
    assert ran.returncode == 2
    assert "never asked for a stream with GET /next: the program ended with code 3" in ran.stderr


SLOW = """
import os, sys, time
time.sleep(11)
os.execv(sys.executable, [sys.executable, "sound.py"])
"""


def test_one_that_is_slow_to_start_is_waited_for(folder: Path) -> None:
    """As a gateway is, or a virtual machine: longer than it may be silent in a stream."""
    (folder / "slow.py").write_text(SLOW)
    ran = run(folder, "--", sys.executable, "slow.py")
    assert (ran.returncode, ": no MUST of " in ran.stdout) == (0, True), ran.stderr[-2000:]


LEAVES = """
import os, subprocess, sys
with open("children", "a") as file:
    print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, file=file)
os.execv(sys.executable, [sys.executable, "crashes.py"])
"""


def test_what_one_began_ends_with_it_and_not_with_the_run(folder: Path) -> None:
    (folder / "leaves.py").write_text(LEAVES)
    decoded = load(f"run:{sys.executable} {folder / 'leaves.py'}", dialects=("text",))
    (folder / "crashes.py").write_text(LOOP.replace("DOES", "os._exit(3)"))
    with chdir(folder):
        outcome = drive(decoded, "program", Stream("text", ["x"]))
    assert "ended with code 3" in str(outcome.error)
    (child,) = map(int, (folder / "children").read_text().split())
    for _ in range(100):
        if not alive(child):
            return
        time.sleep(0.05)
    raise AssertionError("what the program began is still there")


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has reaped does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_a_command_that_is_none_is_one_clear_error(folder: Path) -> None:
    ran = run(folder, "--", "no-such-program")
    assert (ran.returncode, "no-such-program cannot be started: No such file" in ran.stderr) == (2, True), ran.stderr


def test_a_report_that_is_long_and_escaped_is_taken(tmp_path: Path) -> None:
    """Each character of it takes six bytes, and there are two million."""
    source = """
import json, os, urllib.request

url = os.environ["SLICEPROOF_URL"]
while True:
    with urllib.request.urlopen(f"{url}/next") as answer:
        name = json.load(answer)["name"]
    body = json.dumps({"text": "\\u4f60" * 2_000_000}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{url}/report/{name}", body)).read()
"""
    (tmp_path / "long.py").write_text(source)
    decoder = load(f"run:{sys.executable} {tmp_path / 'long.py'}", dialects=("text",))
    outcome = drive(decoder, "program", Stream("text", ["x"]))
    assert (outcome.ended, len(outcome.items[0])) == ("end", 2_000_000)
