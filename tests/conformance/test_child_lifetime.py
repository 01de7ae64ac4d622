"""No child outlives sliceproof, in whatever way that ends; nor what a child has started."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from time import monotonic

import pytest

from children import MARK, SPEAKS, command, left_after, marked

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked for in /proc")

STUBBORN = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
subprocess.Popen(["sleep", "300"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(300)
"""
"""A child that waits in a stream, deaf to its stdin, beside a child of its own that knows no sliceproof."""

PARENT = """
import os, signal, sys, threading
from sliceproof.conformance.decoders.subprocess.pool import decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.wire.stream import Stream

judged = decoder(sys.argv[1])
items = iter(judged.modes["exec"].open("text", "")(iter([b"fault"])))
assert next(items) == "f"
drive(judged, "exec", Stream("text", ["a"]))
print("ready", flush=True)
sys.stdin.readline()
{end}
"""

ENDS = {
    "it ends": "",
    "it fails": "raise SystemExit(3)",
    "it leaves at once": "os._exit(0)",
    "it is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "it is asked to end": "os.kill(os.getpid(), signal.SIGTERM)",
    "it is interrupted": "os.kill(os.getpid(), signal.SIGINT)",
    "it crashes": "os.abort()",
    "it hangs in a stream, and is killed": (
        "threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGKILL]).start()\n"
        "drive(judged, 'exec', Stream('text', ['fault']), 60)"
    ),
    "it forks": "if os.fork():\n    os.wait()\nelse:\n    del items, judged\n    os._exit(0)",
}


def below(parent: int, folder: Path) -> list[int]:
    """How many processes run child.py, and how many sleep."""
    alive = [told for pid, told in marked(str(folder)).items() if pid != parent]
    return [sum(name in told for told in alive) for name in ("child.py", "sleep")]


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_left_when(tmp_path: Path, end: str) -> None:
    faulty = textwrap.indent(STUBBORN, "    ")
    target = command(tmp_path / "child.py", SPEAKS.replace("FAULT", faulty))
    environment = os.environ | {MARK: str(tmp_path)}
    ran = subprocess.Popen(
        [sys.executable, "-c", PARENT.replace("{end}", ENDS[end]), target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    with ran:
        assert ran.stdout is not None
        assert ran.stdout.readline() == b"ready\n"
        deadline = monotonic() + 10
        while (alive := below(ran.pid, tmp_path)) != [2, 1] and monotonic() < deadline:
            pass  # until the last process that was forked runs its own program
        assert alive == [2, 1]
        ran.communicate(b"\n", timeout=30)
    assert left_after(str(tmp_path), 10) == {}


def test_a_fork_leaves_the_children_to_its_parent(tmp_path: Path) -> None:
    """A worker that a test runner forks must not speak to, nor end, children that are not its own."""
    source = SPEAKS.replace("FAULT", "    pass")
    code = """
import os, sys
from sliceproof.conformance.decoders.subprocess.pool import decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.wire.stream import Stream

judged, stream = decoder(sys.argv[1]), Stream("text", ["a", "b"])
here = drive(judged, "exec", stream).items
forked = os.fork()
if forked == 0:
    told = [drive(judged, "exec", stream).items for _ in range(50)]
    del judged
    os._exit(told != [here] * 50)
told = [drive(judged, "exec", stream).items for _ in range(50)]
_, status = os.waitpid(forked, 0)
told += [drive(judged, "exec", stream).items]
print(status, told == [here] * 51, here)
"""
    target = command(tmp_path / "child.py", source)
    environment = os.environ | {MARK: str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", code, target], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert (ran.stdout, ran.stderr) == ("0 True ('a', 'b')\n", "")
    assert left_after(str(tmp_path), 5) == {}


def test_an_interrupted_check_leaves_nothing(tmp_path: Path) -> None:
    stubborn = SPEAKS.replace("FAULT", textwrap.indent(STUBBORN, "    ")).replace("first ==", "first !=")
    target = command(tmp_path / "child.py", stubborn)
    environment = os.environ | {MARK: str(tmp_path)}
    ran = subprocess.Popen(
        [sys.executable, "-m", "sliceproof", "check", target, "--dialect", "text"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    with ran:
        while not any("sleep" in told for told in marked(str(tmp_path)).values()):
            assert ran.poll() is None
        ran.send_signal(signal.SIGINT)
        _, err = ran.communicate(timeout=30)
        assert (ran.returncode, err.startswith(b"sliceproof: interrupted (SIGINT)")) == (130, True)
    assert left_after(str(tmp_path), 5) == {}
