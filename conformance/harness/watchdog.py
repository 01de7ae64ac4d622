"""Ends a decoder that spins or waits without asking for more: a hang must be a finding, never a hung run.

One daemon thread looks twice a second at what runs. A run that asks for nothing and gives nothing for all its
patience gets `Hang` raised inside it: in Python code wherever it is, and in the main thread also where it waits
in a call to the system (by SIGURG, which nobody else minds).
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

PATIENCE = 10.0
"""Seconds without a pull or an item; the streams judged take well under a millisecond."""
IMPATIENCE = 1.0
"""The same for a decoder that has hung before: what it fails is known, and there may be dozens of such streams."""


class Hang(BaseException):
    """Raised inside a decoder that does not end."""


class Progress(Protocol):
    """What counts how often more was asked for or given."""

    @property
    def steps(self) -> int:
        """Pulls and items so far."""


@dataclass
class _Run:
    deadline: float
    patience: float
    progress: Progress | None = None
    steps: int = 0
    rung: int = 0  # how often Hang was raised in it

    def over(self, now: float) -> bool:
        if self.progress is not None and self.progress.steps != self.steps:
            self.steps, self.deadline = self.progress.steps, now + self.patience
        return now > self.deadline


class _Watch:
    def __init__(self) -> None:
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """Watch nothing; in a fork there is no thread that does, and what ran in others is not there."""
        self._lock = threading.RLock()
        self._running: dict[int, _Run] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, patience: float | None, progress: Progress | None = None) -> Iterator[None]:
        """End what runs inside with Hang after *patience* seconds (None: PATIENCE) without *progress*."""
        if self._thread is None:
            self._begin()
        thread, wait = threading.get_ident(), patience or PATIENCE
        run = _Run(time.monotonic() + wait, wait, progress)
        with self._lock:
            around, self._running[thread] = self._running.get(thread), run
        try:
            yield
        finally:
            with self._lock:
                if around is None:
                    self._running.pop(thread, None)  # a fork has forgotten it
                else:
                    around.deadline = time.monotonic() + around.patience
                    self._running[thread] = around
            if run.rung:
                _take_late_ring()

    def _begin(self) -> None:
        main = threading.current_thread() is threading.main_thread()
        if main and hasattr(signal, "SIGURG") and signal.getsignal(signal.SIGURG) in (signal.SIG_DFL, self._rung):
            signal.signal(signal.SIGURG, self._rung)
        self._thread = threading.Thread(target=self._look, name="sliceproof-watchdog", daemon=True)
        self._thread.start()

    def _rung(self, signum: int, frame: object) -> None:
        """Nothing but Python code, in which the Hang that waits for this thread is raised."""
        for _ in range(100):
            pass

    def _look(self) -> None:
        while True:
            time.sleep(0.5)
            now = time.monotonic()
            with self._lock:  # no variable of this frame may keep a run, and with it what its decoder holds
                for thread in [thread for thread, run in self._running.items() if run.over(now)]:
                    self._ring(thread, self._running[thread])

    def _ring(self, thread: int, run: _Run) -> None:
        run.rung += 1
        if run.rung % 2:
            ring(thread)
        elif thread == threading.main_thread().ident and hasattr(signal, "pthread_kill"):
            signal.pthread_kill(thread, signal.SIGURG)  # it waits where only a signal reaches it


def ring(thread: int) -> None:
    """Raise Hang in a thread, as soon as it runs Python code."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Hang))


def _take_late_ring() -> None:
    """Let a Hang that came too late be raised here, not in what comes next.

    Taking it back instead (SetAsyncExc with NULL) leaves CPython 3.11 checking for it for ever.
    """
    with suppress(Hang):
        for _ in range(1000):
            pass


watching = _Watch().watching
