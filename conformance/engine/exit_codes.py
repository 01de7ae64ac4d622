"""What the command exits with, and the signals that end it early."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CONFORMS, BROKEN, COULD_NOT_JUDGE = 0, 1, 2

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals after which what was found is still told: the exit code is then 128 and the signal's number."""


def fails(verdict: str, standing: str = "") -> bool:
    """Whether a run exits 1 for a verdict: a MUST is broken, or it is not what a baseline expects.

    A SHOULD that is broken anew warns, and no more.
    """
    return standing in ("stale", "changed") or (verdict == "fail" and not standing)


class Interrupted(KeyboardInterrupt):
    """A signal asked for the end; `code` is what to exit with."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


def code_of(error: BaseException) -> int:
    """What to exit with after a KeyboardInterrupt of whatever origin."""
    return int(getattr(error, "code", 128 + signal.SIGINT))


@contextmanager
def interruptible() -> Iterator[None]:
    """The first of the signals raises Interrupted in the main thread; those after it are passed over."""
    before = {}

    def strike(number: int, frame: object) -> None:
        for signum in ENDING:
            signal.signal(signum, signal.SIG_IGN)
        raise Interrupted(number)

    with suppress(ValueError):  # not in the main thread: whoever is there sees to signals
        for signum in ENDING:
            if signal.getsignal(signum) is not signal.SIG_IGN:  # nohup, or a shell's background
                before[signum] = signal.signal(signum, strike)
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
