"""Processes that load the decoders and judge, seen from the one that asks: started, asked, heard and ended."""

import json
import multiprocessing
import os
import select
import signal
import socket
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sliceproof.conformance.engine.campaign.database import Shared
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.loader import Prepared, load
from sliceproof.conformance.engine.supervisor import LOADING
from sliceproof.wire.errors import SliceproofError

TURN = 0.2
LEAVING = 5.0  # seconds in which a killed process is reaped


@dataclass
class Listener:
    """Who is told what other processes say beside their answers: that they move, and that a database is lost.

    *tell* is called with one line the first time that *shared* is.
    """

    journal: Journal
    shared: Shared | None = None
    tell: Callable[[str], object] = lambda line: None

    @property
    def lost(self) -> str:
        """Why what is shared is out of reach, or ""."""
        return self.shared.lost if self.shared is not None else ""

    def hears_lost(self, reason: str, line: str) -> None:
        """Another process has found it out of reach."""
        if self.shared is not None and not self.shared.lost:
            self.shared.lose(reason)
            self.tell(line)


class LostError(Exception):
    """A process is gone, or was ended as it no longer moved; `str` says how, `tried` what it told of last."""

    def __init__(self, how: str, tried: tuple[str, str] | None = None, hung: bool = False) -> None:
        super().__init__(how)
        self.tried, self.hung = tried, hung


class Loaders:
    """One loader for all lanes if it can fork, else one for each; a new one in place of one that is gone."""

    def __init__(self, prepared: Prepared, forks: bool) -> None:
        self._prepared, self._forks = prepared, forks
        self._lock, self._closed = threading.Lock(), False
        self._by_lane: dict[int, _Loader] = {}
        if forks:  # before there are other threads a fork is safe, and has imported what we have
            self._by_lane[0] = _Loader(prepared, forks, "fork")

    def of(self, lane: int) -> "_Loader":
        """The loader that a lane asks, its decoders loaded; SliceproofError if they cannot be."""
        with self._lock:
            first = self._started(0)
        if not self._forks or not first.ready():
            self._forks = False
            with self._lock:
                first = self._started(lane)
            first.ready()
        return first

    def close(self) -> None:
        """End all, and what they began."""
        with self._lock:
            self._closed = True
            for loader in self._by_lane.values():
                loader.kill()

    def _started(self, lane: int) -> "_Loader":
        if self._closed:
            raise LostError("was ended")
        loader = self._by_lane.get(lane)
        if loader is None or loader.gone:
            loader = self._by_lane[lane] = _Loader(self._prepared, self._forks)
        return loader


class _Loader:
    """A process that loads and judges, seen from the one that asks."""

    def __init__(self, prepared: Prepared, forks: bool, how: str = "spawn") -> None:
        self._control, theirs = socket.socketpair()
        context: Any = multiprocessing.get_context(how)
        self._process = context.Process(
            target=load, args=(theirs, prepared, forks, self._control if how == "fork" else None)
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # there is the journal's thread, which holds nothing
            self._process.start()
        theirs.close()
        self._lock, self._said = threading.Lock(), b""
        self.gone = False

    def ready(self) -> bool:
        """Whether it forks for each task, waiting until it can be asked; SliceproofError if it cannot load them."""
        with self._lock:
            until = time.monotonic() + LOADING
            while not self._said.endswith(b"\n") and not self.gone and time.monotonic() < until:
                if select.select([self._control], [], [], TURN)[0]:
                    data = self._control.recv(1 << 16)
                    self._said += data
                    self.gone = not data
            if not self._said.endswith(b"\n"):
                self.kill()
                raise LostError(self.death() if self.gone else f"did not load the decoder in {LOADING:.0f} s")
            message = json.loads(self._said)
            if "failed" in message:
                raise SliceproofError(message["failed"])
            return bool(message["ready"])

    def ask(self, asked: tuple[Any, ...], end: int) -> None:
        """Let it be answered into this *end* of a pipe; that it is gone is seen where that is read."""
        with self._lock, suppress(OSError):
            socket.send_fds(self._control, [json.dumps(asked).encode() + b"\n"], [end])

    def death(self) -> str:
        """How it ended."""
        self._reap()
        return _ended(self._process.exitcode)

    def kill(self) -> None:
        """End it, and what it began in its own session."""
        self.gone = True
        pid = self._process.pid
        if pid is not None:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        self._process.kill()
        self._reap()
        self._control.close()

    def _reap(self) -> None:
        """Wait until it has ended; `join` would wait too for what a decoder has forked."""
        until = time.monotonic() + LEAVING
        while self._process.is_alive() and time.monotonic() < until:
            time.sleep(0.005)


class Errand:
    """One thing asked of a loader; *quiet* seconds may pass without a stream begun."""

    def __init__(self, loader: _Loader, listener: Listener, quiet: float) -> None:
        self._loader, self._listener, self._quiet = loader, listener, quiet
        self._tried: tuple[str, str] | None = None
        self._streams = 0
        self._child: int | None = None
        self._rest = b""

    def answer(self, asked: tuple[Any, ...]) -> Any:
        """The answer; LostError if there is none. What is *asked* is told beside it that a database is lost."""
        reading, writing = os.pipe()
        try:
            try:
                self._loader.ask((*asked, self._listener.lost), writing)
            finally:
                os.close(writing)
            return self._heard(reading)
        finally:
            os.close(reading)

    def _heard(self, reading: int) -> Any:
        still = 0.0
        while True:
            lines = self._lines(reading)
            if lines is None:
                self._loader.gone = True
                raise LostError(self._loader.death(), self._tried)
            still = 0.0 if lines else still + TURN
            for message in lines:
                self._note(message)
                if "failed" in message:
                    raise SliceproofError(message["failed"])
                if "answer" in message:
                    return message["answer"]
                if "ended" in message:
                    raise LostError(_ended(message["ended"]), self._tried)
            if not lines:
                self._listener.journal.moved(0)  # whoever waits for this process need not watch the others
            if still > self._quiet:
                self._end()
                raise LostError(f"did not move for {still:.0f} s", self._tried, True)

    def _note(self, message: dict[str, Any]) -> None:
        self._child = message.get("child", self._child)
        if "lost" in message:
            self._listener.hears_lost(*message["lost"])
        self._tried = tuple(message["tries"]) if "tries" in message else self._tried
        before, self._streams = self._streams, message.get("streams", self._streams)
        self._listener.journal.moved(self._streams - before)

    def _end(self) -> None:
        """End the process that judges; with one that judges for itself, the loader."""
        if self._child is None or not self._loader.ready():
            self._loader.kill()
        else:
            with suppress(OSError):
                os.kill(self._child, signal.SIGKILL)

    def _lines(self, reading: int) -> list[dict[str, Any]] | None:
        """What it told since, waiting a turn for it; None once nobody can tell any more."""
        if not select.select([reading], [], [], TURN)[0]:
            return []
        data = os.read(reading, 1 << 20)
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and not lines:
            return None
        return [json.loads(line) for line in lines]


def _ended(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended by itself, with code {code}"
    return f"was killed by {signal.Signals(-code).name}"
