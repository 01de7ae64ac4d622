"""The process that waits while another judges, and ends it when the decoder no longer moves.

Inside the judging process the watchdog ends what it can reach. A regular expression that never ends, a loop in C
or a decoder that catches everything is out of its reach: then this process kills the other, tells what was
found until then, and where it hung. It does the same when the other dies by itself.
"""

import ctypes
import faulthandler
import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from sliceproof.conformance.engine.exit_codes import BROKEN, COULD_NOT_JUDGE, ENDING, fails
from sliceproof.conformance.harness.outlet import shown

SILENCE = 40.0  # seconds without a stream begun or a chunk asked for; a child in another language has 30 to say hello
LOADING = 120.0  # seconds in which a decoder must be loaded
LONGER = 4  # times as long as later may nothing move while it is loaded
GRACE = 10.0  # seconds to tell what was found, after a signal
LEAVING = 3.0  # seconds between the verdict and the end of the process
TURN = 0.2

Work = Callable[[Any], int]
Write = Callable[[dict[str, Any]], list[str]]
"""Writes a report, and says what went wrong."""


def supervised(work: Work, in_process: bool, write: Write | None = None) -> int:
    """What to exit with after *work*, done in a process of its own unless *in_process*; it is given its journal.

    If the process has to be ended, what it told is given to *write* as a report.
    """
    from sliceproof.conformance.engine.journal import Journal

    if in_process or os.environ.get("SLICEPROOF_IN_PROCESS") or not hasattr(os, "fork"):
        return work(Journal())
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    reading, writing = os.pipe()
    where, place = os.pipe()
    _adopt()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.close(where)
        if hasattr(signal, "SIGUSR2"):
            faulthandler.register(signal.SIGUSR2, place, all_threads=True)
        journal = Journal(writing)
        code = COULD_NOT_JUDGE
        try:
            code = work(journal)
        finally:
            with suppress(OSError):
                journal.done(code)
        return code
    os.close(writing)
    os.close(place)
    return _Watch(pid, reading, where, write).ended()


def _adopt() -> None:
    """On Linux, let what the judging process leaves behind become a child of this one, so that it can be ended."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def silence() -> float:
    """How long nothing may move; SLICEPROOF_SILENCE is for machines that are slow."""
    try:
        return max(1.0, float(os.environ["SLICEPROOF_SILENCE"]))
    except (KeyError, ValueError):
        return SILENCE


class _Watch:
    def __init__(self, pid: int, reading: int, where: int, write: Write | None) -> None:
        self._pid, self._reading, self._where, self._write = pid, reading, where, write
        self._head: dict[str, Any] = {}
        self._rows: list[dict[str, Any]] = []
        self._asked: tuple[str, ...] = ()
        self._rest = b""
        self._done: int | None = None
        self._signals: list[int] = []
        self._status: int | None = None

    def ended(self) -> int:
        """Wait, and give what to exit with."""
        before = {number: signal.getsignal(number) for number in ENDING}
        for number in ENDING:
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, self._struck)
        try:
            why = self._waited()
            self._leave()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if self._done is not None and not why:
            return self._done
        return self._end_run(why)

    def _struck(self, number: int, frame: object) -> None:
        self._signals.append(number)
        with suppress(OSError):  # a terminal tells both, and then the second does nothing
            os.kill(self._pid, number)

    def _waited(self) -> str:
        """Why it was ended, or "" once it is done."""
        limit, quiet, grace = silence(), 0.0, GRACE
        while True:
            ready = select.select([self._reading], [], [], TURN)[0]
            if ready and self._heard():
                quiet = 0.0
            else:
                quiet += TURN  # not by a clock, which goes on while a shell has stopped both
            if self._done is not None:
                return ""
            if self._gone():
                while self._heard():
                    pass
                return "" if self._done is not None else self._death()
            if self._signals:
                grace -= TURN
                if grace < 0 or len(self._signals) > 1:
                    return f"it did not end after {signal.Signals(self._signals[0]).name}"
            elif quiet > (patience := limit if self._asked else min(LOADING, LONGER * limit)):
                return f"it did not move for {patience:.0f} s{self._where_it_is()}"

    def _heard(self) -> bool:
        """Take in what it said; whether that was anything."""
        if not select.select([self._reading], [], [], 0)[0]:
            return False
        data = os.read(self._reading, 1 << 16)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self._head = message.get("head", self._head)
            self._asked = tuple(message.get("asks", self._asked))
            self._done = message.get("done", self._done)
            self._rows += [message["row"]] if "row" in message else []
        if not data:
            time.sleep(TURN / 4)  # it closed the pipe; that it ends is seen elsewhere
        return bool(data)

    def _gone(self) -> bool:
        if self._status is None:
            with suppress(ChildProcessError):
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                self._status = status if pid else None
        return self._status is not None

    def _death(self) -> str:
        code = os.waitstatus_to_exitcode(self._status or 0)
        if code >= 0:
            return f"its process ended by itself, with code {code}"
        return f"its process was killed by {signal.Signals(-code).name}"

    def _where_it_is(self) -> str:
        """The innermost line of its main thread, as far as it can be had."""
        if not hasattr(signal, "SIGUSR2"):
            return ""
        with suppress(OSError):
            os.kill(self._pid, signal.SIGUSR2)
            if select.select([self._where], [], [], 2)[0]:
                time.sleep(TURN)
                threads = re.split(
                    r"(?:Current thread|Thread) ", os.read(self._where, 1 << 16).decode("utf-8", "replace")
                )
                frames = re.findall(r'File "(.*)", line (\d+) in (.*)', threads[-1])
                if frames:
                    file, line, name = frames[0]
                    return f" (in {name}, {file}, line {line})"
        return ""

    def _leave(self) -> None:
        """End the process, if it does not end itself, and what it left behind."""
        until = time.monotonic() + (LEAVING if self._done is not None else 0)
        while not self._gone() and time.monotonic() < until:
            time.sleep(0.01)
        if not self._gone():
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                self._status = os.waitpid(self._pid, 0)[1]
        for _ in range(100):
            left = [pid for pid in _children() if pid != self._pid]
            if not left:
                return
            for pid in left:
                if not _guards(pid):  # the guardian ends by itself when it has killed what it guards
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)

    def _end_run(self, why: str) -> int:
        """Tell what was found until the end, and what to exit with."""
        decoder, dialect, requirement = self._asked or ("the decoder", "", "")
        asked = f" when asked {requirement} in {dialect}" if requirement else " while it was loaded"
        hung, struck = "did not move" in why, bool(self._signals)
        for row in self._rows:
            _show(row)
        if requirement and not struck:
            verdict = "fail" if hung else "error"
            reason = shown(f"{'it hung: ' if hung else ''}{why}")
            self._rows.append(self._row(decoder, dialect, requirement, verdict, reason))
        if self._write is not None and self._head and self._rows:
            for problem in self._write({**self._head, "incomplete": why, "results": self._rows}):
                click.echo(f"sliceproof: {problem}", err=True)
        word = "FAIL  hang: " if hung and requirement and not struck else "sliceproof: "
        click.echo(shown(f"{word}{decoder}{asked}: {why}; the rest was not judged"), err=True)
        if struck:
            return 128 + self._signals[0]
        broken = any(fails(row["verdict"], row.get("standing", "")) for row in self._rows)
        return BROKEN if broken else COULD_NOT_JUDGE

    def _row(self, decoder: str, dialect: str, requirement: str, verdict: str, reason: str) -> dict[str, Any]:
        from sliceproof.conformance.requirements import REQUIREMENTS

        version = next((row["version"] for row in self._rows if row["decoder"] == decoder), "")
        entry = {"decoder": decoder, "version": version, "dialect": dialect, "requirement": requirement}
        entry |= {"level": REQUIREMENTS[requirement].level, "verdict": verdict, "streams": 0}
        return entry | {"examples_to_failure": None, "reason": reason, "finding": None}


def _show(row: dict[str, Any]) -> None:
    """A finding in a few lines, from its row."""
    finding = row["finding"]
    if not finding:
        return
    head = f"{'FAIL' if row['verdict'] == 'fail' else 'warn'}  {row['requirement']}  {finding['title']}"
    click.echo(shown(f"{head}  in {row['dialect']} ({row['decoder']})"), err=True)
    for name in ("stream", "expected", "got", "replay"):
        click.echo(shown(f"      {name:<9} {finding[name][:2000]}"), err=True)


def _children() -> list[int]:
    """The processes whose parent is this one; none where there is no /proc."""
    found, mine = [], str(os.getpid()).encode()
    with suppress(OSError):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with suppress(OSError, IndexError):
                    fields = Path("/proc", entry, "stat").read_bytes().rpartition(b")")[2].split()
                    found += [int(entry)] if fields[1] == mine else []
    return found


def _guards(pid: int) -> bool:
    with suppress(OSError):
        return b"guardian.py" in Path("/proc", str(pid), "cmdline").read_bytes()
    return True
