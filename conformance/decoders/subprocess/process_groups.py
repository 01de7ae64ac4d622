"""Process groups: none outlives this process, and what one uses of memory and time can be asked.

Each child leads a group of its own, so that whatever it starts ends with it. If this process is
killed without warning, the guardian ends the groups. What is used is read from /proc; where there is
none, it is not known.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
_TICKS = 2  # fields of /proc/PID/stat, counted from the state
_RSS = 21


class Member(NamedTuple):
    """A process of a group, and its resident memory in bytes."""

    pid: int
    resident: int


def members(group: int) -> Iterator[Member]:
    """The processes of a group; none where there is no /proc."""
    page = os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError), os.scandir(PROC) as entries:
        for entry in entries:
            if entry.name.isdigit():
                with suppress(OSError, ValueError, IndexError):
                    fields = Path(entry.path, "stat").read_bytes().rpartition(b")")[2].split()
                    if int(fields[_TICKS]) == group:
                        yield Member(int(entry.name), int(fields[_RSS]) * page)


def resident(group: int) -> int:
    """The resident memory of a group in bytes; memory that is shared counts for each that has it."""
    return sum(member.resident for member in members(group))


@cache
def _clock_of() -> "ctypes._FuncPointer | None":
    """The C library's clock_getcpuclockid, where its clocks can be read for others too."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "clock_getcpuclockid", None)


def has_clock() -> bool:
    """Whether `cpu_seconds` knows anything here."""
    return _clock_of() is not None and (PROC / "self" / "stat").exists()


def cpu_seconds(group: int) -> float:
    """The CPU time that the living processes of a group have used, to the nanosecond."""
    clock_of, used = _clock_of(), 0.0
    if clock_of is None:
        return used
    for member in members(group):
        clock = ctypes.c_int()
        if clock_of(member.pid, ctypes.byref(clock)) == 0:
            with suppress(OSError):  # it ended meanwhile
                used += time.clock_gettime(clock.value)
    return used


class Guardian:
    """This process's link to the guardian, which is started when the first group begins."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def began(self, group: int) -> None:
        """From now on *group* is to be killed if this process ends."""
        if self._owner != os.getpid():
            self._start()
        self._tell(f"+{group}\n")

    def gone(self, group: int) -> None:
        """*group* is no more."""
        self._tell(f"-{group}\n")

    def _start(self) -> None:
        self._owner = os.getpid()
        script = str(Path(__file__).with_name("guardian.py"))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        weakref.finalize(self, _let_go, self._process, self._owner)

    def _tell(self, line: str) -> None:
        process = self._process
        if process is not None and process.stdin is not None and self._owner == os.getpid():
            with suppress(OSError, ValueError):  # somebody killed it: what it guards still reads the end of its stdin
                process.stdin.write(line.encode())


def _let_go(process: "subprocess.Popen[bytes]", owner: int) -> None:
    if os.getpid() == owner and process.stdin is not None:
        with suppress(OSError, subprocess.TimeoutExpired):
            process.stdin.close()
            process.wait(5)


GUARDIAN = Guardian()


def end(process: "subprocess.Popen[bytes]", owner: int) -> None:
    """Kill the group that *process* leads, close its pipes and reap it; not if *owner* is another process."""
    if os.getpid() != owner:
        return  # forked: they are the parent's
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    GUARDIAN.gone(process.pid)
