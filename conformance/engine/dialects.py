"""The dialects in which a decoder that claims none is judged, and one that is fed what it was not made for."""

import os
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from sliceproof.conformance.engine.supervisor import silence
from sliceproof.conformance.harness.contract import ACCEPTS, Decoder, TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements.judge import described
from sliceproof.wire.dialects import BEDROCK, DIALECTS
from sliceproof.wire.stream import Stream

OTHERS = ("bedrock", "sagemaker", "http")
"""The envelopes in which a decoder is tried that reads nothing in its own."""
LONGEST = 5.0
"""Seconds that may be spent on trying how else a decoder may be fed."""


def dialects_read(decoder: Decoder) -> tuple[list[str], dict[str, str]]:
    """The dialects in which a decoder that claims none gives back a plain stream, and what became of the others.

    TargetError if it reads none, and says so itself or reads one when it is fed otherwise.
    """
    read, others = [], {}
    for id_ in _of(decoder.envelope):
        stream = _plain(id_)
        outcome = drive(decoder, next(iter(decoder.modes)), stream)
        if outcome.pulls == 0 and isinstance(outcome.error, TypeError | AttributeError):
            body = decoder.envelope == "http" and decoder.accepts == "chunks"
            what = "bytes of the HTTP response body, without an event stream" if body else ACCEPTS[decoder.accepts]
            given = f"{'' if decoder.accepts == 'endpoint' else 'an iterable of '}{what}"
            as_said(decoder, _of(decoder.envelope))
            raise TargetError(
                f"{decoder.name} fails before it asks for a chunk ({described(outcome.error)}); "
                f"it is given {given}; say with --accepts if it takes something else"
            )
        text = "".join(outcome.items) if decoder.compared == "text" else ""
        if decoder.compared != "text" or _held_in(stream.text, text):
            read.append(id_)
        else:
            error = outcome.error
            others[id_] = f"raised {described(error)}" if error else f"gave {text!r}"
    if not read:
        as_said(decoder, others)
    return read, others


def as_said(decoder: Decoder, dialects: Iterable[str]) -> None:
    """TargetError if one's own callable gives back no plain stream of these dialects, and does if fed otherwise."""
    if decoder.builtin or decoder.compared != "text" or decoder.name.startswith(("exec:", "run:")):
        return
    asked = tuple(dialects)
    if any(_gives_back(decoder, id_, _held_in) for id_ in asked):
        return
    envelope = "bedrock" if BEDROCK.keys() >= set(asked) else decoder.envelope
    for id_, other in _fed_otherwise(decoder, envelope, asked):
        if _gives_back(other, id_, str.__eq__):
            pairs = (("envelope", envelope), ("accepts", decoder.accepts))
            told = [(name, getattr(other, name)) for name, now in pairs if getattr(other, name) != now]
            options = " ".join([f"--{name} {value}" for name, value in told])
            keywords = ", ".join([f'{name}="{value}"' for name, value in told])
            raise TargetError(
                f"{decoder.name} is fed {decoder.accepts} in the envelope {envelope} and gives back no plain stream; "
                f"it reads {id_} with {options}: say {options if decoder.target is None else keywords}"
            )


def as_said_apart(decoder: Decoder, dialects: Iterable[str]) -> None:
    """`as_said`, tried in a fork of this process, so that the decoder is judged as it was loaded.

    What a decoder does to its process is not told here: judging says it. Nothing is tried where no process can fork.
    """
    if not hasattr(os, "fork"):
        return
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the watchdog's thread holds nothing
        pid = os.fork()
    if pid == 0:
        with suppress(BaseException), open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            try:
                as_said(decoder, dialects)
            except TargetError as error:
                os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    said = _read(reading, min(LONGEST, silence() / 2))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
    if said:
        raise TargetError(said)


def _read(end: int, seconds: float) -> str:
    """What a pipe says until it is closed; "" if that takes longer."""
    data, until = b"", time.monotonic() + seconds
    with open(end, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
            if not (more := pipe.read(65536)):
                return data.decode(errors="replace")
            data += more
    return ""


def _fed_otherwise(decoder: Decoder, envelope: str, asked: tuple[str, ...]) -> Iterator[tuple[str, Decoder]]:
    """Dialects, of those asked for if it names any, and the decoder as it would be fed in each otherwise than now."""
    for accepts in dict.fromkeys((decoder.accepts, "chunks", "events", "parts")):
        for other in dict.fromkeys((envelope, *OTHERS)):
            if (other, accepts) != (envelope, decoder.accepts):
                with suppress(TargetError):  # of an envelope that has no events
                    fed = replace(decoder, dialects=None, envelope=other, accepts=accepts)
                    yield from ((id_, fed) for id_ in _of(other) if not decoder.dialects or id_ in asked)


def _gives_back(decoder: Decoder, dialect: str, alike: Callable[[str, str], bool]) -> bool:
    """Whether the decoder gives back a plain stream of a dialect."""
    stream = _plain(dialect)
    with suppress(TargetError):
        outcome = drive(decoder, next(iter(decoder.modes)), stream)
        return outcome.ended == "end" and alike(stream.text, "".join(outcome.items))
    return False


def _of(envelope: str) -> tuple[str, ...]:
    """The dialects that travel in an envelope."""
    return tuple(BEDROCK if envelope == "bedrock" else DIALECTS)


def _plain(dialect: str) -> Stream:
    return Stream(dialect, ("x", "y", "Hello"))


def _held_in(expected: str, got: str) -> bool:
    """Whether *got* holds the text, with perhaps some of it twice, and is not simply the whole body."""
    rest = iter(got)
    return len(got) <= 4 * len(expected) and all(any(character == other for other in rest) for character in expected)
