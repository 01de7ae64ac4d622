"""What the process that judges tells the one that waits for it: lines of JSON in a pipe.

It tells what is asked next, each result as a row of the report, and, twice a second, how many streams were begun
and chunks asked for. If neither grows, the decoder no longer moves.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sliceproof.conformance.harness.contract import Call, Decoder, Mode, Opener

BEAT = 0.5  # seconds
LARGEST_ROW = 1 << 20  # characters; a longer row is told without what can be made again from its stream


class Journal:
    """Told to nobody if *fd* is None; it counts the streams all the same."""

    def __init__(self, fd: int | None = None) -> None:
        self._fd, self._lock = fd, threading.Lock()
        self.streams = 0
        self.asked = ("", "", "")
        self._feed: Any = None
        self._moves = 0
        if fd is not None:
            self._begin(lambda: os._exit(2))

    def _begin(self, left: Callable[[], object]) -> None:
        """Tell twice a second that it moves; *left* is called once nobody waits any more."""
        threading.Thread(target=self._beats, args=(left,), name="sliceproof-journal", daemon=True).start()

    @contextmanager
    def writing_to(self, fd: int, left: Callable[[], object]) -> Iterator[None]:
        """Tell it to this *fd* for a while; *left* is called once nobody waits for it there."""
        with self._lock:
            self._fd, self.streams = fd, 0
        self._begin(left)
        try:
            yield
        finally:
            with self._lock:
                self._fd = None

    @property
    def tells(self) -> bool:
        """Whether another process waits for this one."""
        return self._fd is not None

    def head(self, head: Mapping[str, Any]) -> None:
        """What a report begins with."""
        self.says(head=head)

    def asks(self, decoder: str, dialect: str, requirement: str) -> None:
        """What is asked next."""
        self.asked = (decoder, dialect, requirement)
        self.says(asks=self.asked, streams=self.streams)

    def row(self, row: dict[str, Any]) -> None:
        """A result."""
        if self._fd is not None:
            if row["finding"] and len(json.dumps(row)) > LARGEST_ROW:
                row = row | {"finding": row["finding"] | {"snippet": "", "byte_map": [], "modes": {}}}
            self.says(row=row)

    def done(self, code: int) -> None:
        """All is judged, told and written."""
        self.says(done=code)

    def counted(self, decoder: Decoder) -> Decoder:
        """The same decoder, whose streams are counted."""
        modes = {name: replace(mode, open=self._counted(mode)) for name, mode in decoder.modes.items()}
        return replace(decoder, modes=modes)

    def _counted(self, mode: Mode) -> Opener:
        def opened(dialect: str, form: str) -> Call:
            call = mode.open(dialect, form)

            def begun(feed: Any) -> Any:
                # Only what counts its pulls is kept: a source that is to be let go must not be held here.
                self.streams, self._feed = self.streams + 1, feed if hasattr(feed, "pulls") else None
                return call(feed)

            return begun

        return opened

    def moved(self, streams: int) -> None:
        """So many streams more were begun in other processes, which are watched."""
        self.streams += streams
        self._moves += 1

    def says(self, **value: Any) -> None:
        """A line of JSON."""
        if self._fd is None:
            return
        data = memoryview(json.dumps(value).encode() + b"\n")
        with self._lock:
            while data and self._fd is not None:
                data = data[os.write(self._fd, data) :]

    def _beats(self, left: Callable[[], object]) -> None:
        before, owner, fd = (0, 0, 0), os.getpid(), self._fd
        while True:
            time.sleep(BEAT)
            if os.getpid() != owner or self._fd != fd:
                return
            now = (self.streams, getattr(self._feed, "pulls", 0), self._moves)
            if now != before:
                before = now
                try:
                    self.says(streams=self.streams)
                except OSError:
                    left()
                    return
