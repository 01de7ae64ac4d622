"""Ends a decoder that spins without asking for more: a hang must be a finding, never a hung run.

One daemon thread looks twice a second at what runs; a run over its time gets `Hang` raised inside
it, wherever it is in Python code.
"""

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 10.0  # seconds for one stream; the streams judged take well under a millisecond


class Hang(BaseException):
    """Raised inside a decoder that does not end."""


class _Watch:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, float] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(self, patience: float | None) -> Iterator[None]:
        """End what runs inside with Hang after *patience* seconds (None: PATIENCE)."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="sliceproof-watchdog", daemon=True)
            self._thread.start()
        thread = threading.get_ident()
        with self._lock:
            around = self._running.get(thread)
            self._running[thread] = time.monotonic() + (patience or PATIENCE)
        try:
            yield
        finally:
            with self._lock:
                if around is None:
                    del self._running[thread]
                else:
                    self._running[thread] = around

    def _look(self) -> None:
        while True:
            time.sleep(0.5)
            now = time.monotonic()
            with self._lock:
                for thread, deadline in self._running.items():
                    if now > deadline:
                        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Hang))


watching = _Watch().watching
