"""The process that loads the decoders for others to judge: it is asked for one task after the other.

Where that is safe it forks for each, so that every task begins with the decoders as they were loaded, whatever was
asked before, and none can end or spoil the process that forks. Elsewhere it judges them itself, one by one. Those of
packages have read a plain stream by then, or each child would import again what they import at their first use.

A task comes as a line of JSON together with the end of a pipe; what is told of it are lines of JSON in that pipe:
child (the process that judges), tries, streams, lost (a database out of reach), then answer or failed, and ended
at last, with the exit code.
"""

import gc
import json
import os
import select
import socket
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import click

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.engine.campaign.database import Shared
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.packing import packed
from sliceproof.conformance.engine.plan import PROFILES, Plan, Task
from sliceproof.conformance.harness import drive
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.harness.outlet import apart
from sliceproof.conformance.harness.source import Source
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.stream import Stream

LOOK = 0.1  # seconds between two looks at which of its children have ended
OF_OURS = 70  # what a child exits with after an error of ours


class Loaded(NamedTuple):
    """How each of the decoders is judged, and what keeps their failures for other runs."""

    judgings: Sequence[Judging]
    shared: Shared | None = None


Prepared = Callable[[Journal], Loaded]
"""Loads the decoders; it goes to other processes, so it is a function of a module."""


def load(control: socket.socket, prepared: Prepared, forks: bool, other: socket.socket | None = None) -> None:
    """Load the decoders, then judge what is asked, until nobody asks any more; fork for it if *forks* and it can.

    The *other* end is closed, which a fork has too.
    """
    if other:
        other.close()
    with suppress(OSError, AttributeError):
        os.setsid()  # a terminal's signals are for the process that reports
    journal = Journal()
    with suppress(OSError), apart(descriptor=True):  # OSError: nobody waits for it any more
        try:
            loaded = prepared(journal)
        except (SliceproofError, click.ClickException) as error:
            control.sendall(_line(failed=str(error)))
            return
        forks = forks and _alone()
        if forks:
            _warm()
            for judging in loaded.judgings:
                _use_once(judging.decoder)
            forks = len(os.listdir("/proc/self/task")) <= 2  # this one, and the watchdog's
        control.sendall(_line(ready=forks))
        gc.collect()
        gc.freeze()  # what is shared with the children is not written to
        _Loader(control, loaded, journal, forks).serve()


def _warm() -> None:
    """Do once what each child would have to do anew: what we and Hypothesis import, make and keep at first use.

    It begins no thread but that of the watchdog, which a child begins anew.
    """
    reference = DECODERS["reference"].load()
    plan = Plan([REQUIREMENTS["C1"], REQUIREMENTS["P1"]], PROFILES["ci"], examples=3)
    for task in plan.tasks(reference, ["text"]):
        Judging(reference, plan).evaluate(task)


def _use_once(decoder: Decoder) -> None:
    """Let a package import what it imports at its first use, as each child would; a decoder of one's own is not run."""
    if decoder.name in DECODERS and decoder.target is None and decoder.accepts != "endpoint":
        with suppress(Exception):
            for dialect in decoder.dialects or ():
                for mode in decoder.modes:
                    drive.drive(decoder, mode, Stream(dialect, ("x", "y")))


def _alone() -> bool:
    """Whether this process has one thread; of others a fork would lack."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/task")) == 1
    return False


class _Loader:
    def __init__(self, control: socket.socket, loaded: Loaded, journal: Journal, forks: bool) -> None:
        self._control, self._loaded, self._journal, self._forks = control, loaded, journal, forks
        self._children: dict[int, int] = {}
        self._rest, self._ends = b"", list[int]()

    def serve(self) -> None:
        """Until the other end is closed."""
        while True:
            if select.select([self._control], [], [], LOOK if self._children else None)[0]:
                data, ends, _, _ = socket.recv_fds(self._control, 1 << 16, 64)
                if not data:
                    return
                self._ends += ends
                *lines, self._rest = (self._rest + data).split(b"\n")
                for line in lines:
                    self._begin(json.loads(line), self._ends.pop(0))
            self._reap()

    def _begin(self, asked: Sequence[Any], end: int) -> None:
        if not self._forks:
            self._judge(asked, end)
            self._send(end, ended=0)
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # there is the watchdog's thread, which holds nothing
            pid = os.fork()
        if pid == 0:
            code = OF_OURS
            try:
                self._control.close()
                for other in self._children.values():
                    os.close(other)
                self._judge(asked, end)
                code = 0
            except OSError:  # nobody waits for the answer
                pass
            except BaseException as error:
                sys.excepthook(type(error), error, error.__traceback__)
            finally:
                with suppress(OSError, ValueError):
                    sys.stderr.flush()
                os._exit(code)
        self._children[pid] = end

    def _judge(self, asked: Sequence[Any], end: int) -> None:
        number, how, dialect, requirement, turn, traced, lost = asked
        judging, registered = self._loaded.judgings[number], DIALECTS[dialect]
        if lost and self._loaded.shared is not None:
            self._loaded.shared.lose(lost)
        drive.listeners[:] = [partial(_tell, self._journal)] if traced else []
        with self._journal.writing_to(end, self._left):
            self._journal.says(child=os.getpid())
            try:
                _learn(judging.decoder, registered)
                if how == "fails_plainly":
                    answer: str | bool = judging.fails_plainly(registered)
                else:
                    answer = packed(getattr(judging, how)(Task(REQUIREMENTS[requirement], registered, turn)))
            except SliceproofError as error:
                self._journal.says(failed=str(error))
            else:
                self._journal.says(streams=self._journal.streams, answer=answer)

    def _left(self) -> None:
        """Nobody waits for the answer; if nobody asks any more either, there is nothing left to do."""
        if self._forks or not self._asked():
            os._exit(OF_OURS)

    def _asked(self) -> bool:
        """Whether the other end is open."""
        try:
            return bool(self._control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return True

    def _reap(self) -> None:
        for pid in list(self._children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._send(self._children.pop(pid), ended=os.waitstatus_to_exitcode(status))

    def _send(self, end: int, **value: Any) -> None:
        with suppress(OSError):  # who has an answer waits for no more
            os.write(end, _line(**value))
        with suppress(OSError):
            os.close(end)


def _learn(decoder: Decoder, dialect: Dialect) -> None:
    """Find out by a plain stream which modes do without an event loop, as judging runs these much sooner."""
    for name, mode in decoder.modes.items():
        if mode.is_async:
            drive.library_of(decoder, name, Stream(dialect.id, ("x", "y")))


def _line(**value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _tell(journal: Journal, decoder: Decoder, way: Mode, stream: Source) -> None:
    """Say which stream is given to which mode next."""
    if isinstance(stream, Stream):
        journal.says(tries=(next((name for name, mode in decoder.modes.items() if mode is way), ""), repr(stream)))
