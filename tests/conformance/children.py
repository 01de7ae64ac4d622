"""Small children for the tests: scripts that speak the exec protocol, soundly or not."""

import os
import shlex
import sys
import time
from pathlib import Path

from sliceproof.conformance.decoders.subprocess.pool import decoder
from sliceproof.conformance.harness.contract import Decoder

MARK = "SLICEPROOF_TEST_MARK"

SPEAKS = """
import base64, codecs, json, os, signal, subprocess, sys, time

def say(told):
    sys.stdout.write((told if isinstance(told, str) else json.dumps(told)) + "\\n")
    sys.stdout.flush()

def hear():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)

def pull(number):
    say({"stream": number, "pull": True})
    answer = hear()
    return base64.b64decode(answer["chunk"]) if "chunk" in answer else None

def sound(number, part=b""):
    utf8 = codecs.getincrementaldecoder("utf-8")()
    while part is not None:
        if text := utf8.decode(part):
            say({"stream": number, "text": text})
        part = pull(number)
    say({"stream": number, "done": True})

def faulty(number):
    say({"stream": number, "text": "f"})
FAULT

if __name__ == "__main__":
    hear()
    say({"hello": {"protocol": 1, "accepts": "parts"}})
    while True:
        number = hear()["stream"]
        first = pull(number)
        if first == b"fault":
            faulty(number)
        else:
            sound(number, first)
"""
"""A decoder of plain text that is sound, except on a stream whose first part is `fault`."""
SOUND = SPEAKS.replace("FAULT", "    pass")
ALONE = SOUND.replace("utf8.decode(part)", "part.decode('utf-8', 'replace')")
"""The same, with each part decoded alone."""


def command(path: Path, source: str) -> str:
    """The target of a Python script with this source, written to *path*."""
    path.write_text(source)
    return f"exec:{shlex.join([sys.executable, '-S', '-E', str(path)])}"


def faulty(folder: Path, fault: str) -> Decoder:
    """A decoder whose child does *fault*, statements, after it yielded "f" of a stream that begins with `fault`."""
    indented = "\n".join(f"    {line}" for line in fault.splitlines())
    return decoder(command(folder / "child.py", SPEAKS.replace("FAULT", indented)))


def marked(mark: str) -> dict[int, str]:
    """The processes that have *mark* in their environment, by pid, without the guardian and without ourselves."""
    wanted, found = f"{MARK}={mark}".encode(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0") and folder.name != str(os.getpid()):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return {pid: told for pid, told in found.items() if told and "guardian.py" not in told}


def left_after(mark: str, seconds: float) -> dict[int, str]:
    """The marked processes that are still there after so long; at once if there are none."""
    until = time.monotonic() + seconds
    while (left := marked(mark)) and time.monotonic() < until:
        time.sleep(0.05)
    return left
