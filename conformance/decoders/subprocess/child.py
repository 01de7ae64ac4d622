"""A child process that is spoken to in lines, and that can neither hang nor outlive us.

Reading waits in short slices, so that the watchdog's Hang comes through; while we write, what the
child writes is read too, so that two full pipes never wait for each other. Its stderr is always
drained, and the end of it kept. What becomes of the child (dead, too large, too loud) is an exception.
"""

import os
import re
import select
import signal
import subprocess
import time
import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sliceproof.conformance.decoders.subprocess import process_groups
from sliceproof.conformance.harness.watchdog import Hang, watching

SLICE = 100  # milliseconds
BLOCK = 1 << 18
MAX_LINE = 16 << 20  # bytes; the longest that a sound decoder of our streams writes is under 4 MiB
MAX_OUTPUT = 64 << 20  # bytes a stream
MEMORY = 1024  # MiB
TAIL = 4096  # bytes of stderr that are kept
LOOKED = 0.25  # seconds between two looks at the memory, or twenty times what a look takes

_TELLING = re.compile(r"error|exception|panic|fatal|cannot|not found", re.IGNORECASE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class ChildError(Exception):
    """What became of a child, so that no more can be asked of it."""


class DiedError(ChildError):
    """The child ended, or closed its output, while it was asked; *code* as subprocess tells it."""

    def __init__(self, text: str, code: int | None) -> None:
        super().__init__(text)
        self.code = code


class TooLargeError(ChildError):
    """The child took more memory than it may."""


class NotStartedError(ChildError):
    """There is no such command, or it cannot be run."""


class Child:
    """One running child; *memory* in MiB is what its process group may hold. NotStartedError if it cannot be."""

    def __init__(self, command: Sequence[str], memory: int = MEMORY) -> None:
        self._process = _started(command)
        self.group = self._process.pid
        self.end = weakref.finalize(self, process_groups.end, self._process, os.getpid())
        process_groups.GUARDIAN.began(self.group)
        self._memory = memory
        self._lines: deque[bytes] = deque()
        self._rest: list[bytes] = []
        self._open = 0  # bytes of the line that has not ended
        self._output = 0
        self._tail = b""
        self._next_look = time.monotonic() + LOOKED
        self._spent = 0.0
        pipes = self._process.stdin, self._process.stdout, self._process.stderr
        self._in, self._out, self._err = (pipe.fileno() for pipe in pipes if pipe is not None)
        self._poll = select.poll()
        for fd in (self._in, self._out, self._err):
            os.set_blocking(fd, False)
        for fd in (self._out, self._err):
            self._poll.register(fd, select.POLLIN)

    def kill(self) -> None:
        """End it and all it started; once is enough, and more does no harm."""
        self.cpu_seconds()
        with watching(60.0):  # a Hang of the stream that it is killed for must not interrupt this
            self.end()

    def cpu_seconds(self) -> float:
        """The CPU time that its group has used; what it last was, once it is dead."""
        if self.end.alive:
            self._spent = max(self._spent, process_groups.cpu_seconds(self.group))
        return self._spent

    def stray(self) -> bytes:
        """What it said that nobody asked for, or b"" if it is quiet; DiedError if it ended."""
        with suppress(BlockingIOError):
            self._take(os.read(self._out, BLOCK))
        return self._lines[0] if self._lines else b"".join(self._rest)

    def ask(self, opening: bytes) -> bytes:
        """Begin a stream, whose output is counted anew, with its first line; the first line of the answer."""
        self._output = 0
        self.write(opening)
        return self.line()

    def write(self, data: bytes) -> None:
        """Write all of *data*. If the child reads no more, its end is for `line` to tell."""
        try:
            written = os.write(self._in, data)
        except BlockingIOError:
            written = 0
        except BrokenPipeError:
            return
        if written < len(data):
            self._write_on(memoryview(data)[written:])

    def _write_on(self, data: memoryview) -> None:
        self._poll.register(self._in, select.POLLOUT)
        try:
            while data:
                if self._turn():
                    data = data[os.write(self._in, data[:BLOCK]) :]
        except BrokenPipeError:
            return
        finally:
            self._poll.unregister(self._in)

    def line(self, until: float | None = None) -> bytes:
        """The next line, without its end; TimeoutError if there is none at *until* (time.monotonic).

        DiedError if the child ends, TooLargeError for its memory, Hang for a line or an output without end.
        """
        while not self._lines:
            self._turn()
            if until is not None and time.monotonic() > until:
                raise TimeoutError
        return self._lines.popleft()

    def _turn(self) -> bool:
        """Wait a slice of time, and take in what came; whether the child can be written to."""
        writable = False
        for fd, _ in self._poll.poll(SLICE):
            if fd == self._out:
                self._take(os.read(fd, BLOCK))
            elif fd == self._err:
                self._hear()
            else:
                writable = True
        self._look()
        return writable

    def _take(self, data: bytes) -> None:
        if not data:
            raise self._died()
        self._output += len(data)
        first, *others = data.split(b"\n")
        self._open += len(first)
        if self._open > MAX_LINE or self._output > MAX_OUTPUT:
            raise Hang
        self._rest.append(first)
        if others:
            self._lines.append(b"".join(self._rest))
            *whole, last = others
            self._lines.extend(whole)
            self._rest, self._open = [last], len(last)

    def _hear(self) -> bool:
        """Take in some of stderr; whether there may be more."""
        try:
            heard = os.read(self._err, BLOCK)
        except BlockingIOError:
            return False
        if not heard:
            with suppress(KeyError):
                self._poll.unregister(self._err)
        self._tail = (self._tail + heard)[-TAIL:]
        return bool(heard)

    def _look(self) -> None:
        begun = time.monotonic()
        if begun < self._next_look:
            return
        if process_groups.resident(self.group) > self._memory << 20:
            raise TooLargeError(f"its process takes more than {self._memory} MiB of memory")
        now = time.monotonic()
        self._next_look = now + max(LOOKED, 20 * (now - begun))

    def _died(self) -> DiedError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        for _ in range(100):  # what it wrote may be more than a pipe holds, but not without end
            if not self._hear():
                break
        words = self.last_words()
        half = ", in the middle of a line" if self._open else ""
        code = self._process.returncode
        return DiedError(f"its process {_ending(code)}{half}{': ' if words else ''}{words}", code)

    def last_words(self) -> str:
        """The last line of stderr that tells of an error, or simply the last."""
        text = _COLOUR.sub("", self._tail.decode("utf-8", "replace"))
        lines = [printable(line.strip()) for line in text.splitlines() if line.strip()]
        telling = [line for line in lines if _TELLING.search(line) and not line.startswith("at ")]
        return (telling or lines or [""])[-1][:300]


def printable(text: str) -> str:
    """*text* with what no terminal should get (control characters, halves of surrogate pairs) as escapes."""
    return "".join(
        [character if character.isprintable() or character.isspace() else ascii(character)[1:-1] for character in text]
    )


def _environment() -> dict[str, str]:
    """Our own, without what a decoder has no business with: the database's URL may hold a password."""
    return {name: value for name, value in os.environ.items() if name != "SLICEPROOF_DATABASE"}


def _started(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A process in a session of its own: no terminal, and a group to be killed by."""
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True, env=_environment()
        )
    except FileNotFoundError:
        missing = "what its first line names is missing" if Path(command[0]).is_file() else "there is no such program"
        raise NotStartedError(f"{command[0]!r} cannot be run: {missing}") from None
    except (OSError, ValueError) as error:  # ValueError: a null byte
        raise NotStartedError(f"{command[0]!r} cannot be run: {getattr(error, 'strerror', None) or error}") from None


def _ending(code: int | None) -> str:
    if code is None:
        return "closed its output"
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
