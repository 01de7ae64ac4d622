"""`exec:COMMAND`: a decoder in any language, as a child process that speaks the protocol of `exchange`.

One child serves one stream after the other; a stream that begins while another is under way gets a
child of its own. After any end but those that the protocol foresees a child is killed, and the next
stream gets a fresh one.
"""

import os
import select
import shlex
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sliceproof.conformance.decoders.subprocess import process_groups, protocol
from sliceproof.conformance.decoders.subprocess.child import MEMORY, Child, ChildError, DiedError
from sliceproof.conformance.decoders.subprocess.protocol import DONE, PULL, Hello, ProtocolError, RaisedError
from sliceproof.conformance.harness.contract import Call, Decoder, Mode, TargetError
from sliceproof.conformance.harness.watchdog import Hang, watching

HELLO_SECONDS = 30.0
MOST = 4  # children at once; no requirement needs more than two
MEMORY_VARIABLE = "SLICEPROOF_EXEC_MEMORY"


class Pool:
    """The children of one target; TargetError if the first does not introduce itself."""

    def __init__(self, target: str, command: Sequence[str], memory: int = MEMORY) -> None:
        self._target, self._command, self._memory = target, command, memory
        self._owner = os.getpid()
        self._living: list[Child] = []
        self._idle: list[Child] = []
        self._cpu_of_dead = 0.0
        self._numbers = 0
        first, self.hello = self._greeted()
        self._idle.append(first)

    def cpu_seconds(self) -> float:
        """The CPU time that all children, living and dead, have used."""
        return self._cpu_of_dead + sum(child.cpu_seconds() for child in self._living)

    def streamed(self, dialect: str, form: str, feed: Iterable[Any]) -> Iterator[Any]:
        """What the decoder yields of one stream, whose chunks are pulled from *feed*.

        Raises the decoder's own error as RaisedError, what became of the child as ChildError or Hang,
        and TargetError for a child that does not keep to the protocol.
        """
        self._numbers += 1
        number, chunks = self._numbers, iter(feed)
        accepts, yields = self.hello.accepts, self.hello.yields
        child, line = self._begun(protocol.opening(number, dialect, form))
        try:
            pull = None  # how this child writes one in this stream: most of its lines are that
            while (item := PULL if line == pull else protocol.said(line, number, yields)) is not DONE:
                if item is PULL:
                    pull = line
                    child.write(protocol.answer(chunks, accepts))
                else:
                    yield item
                line = child.line()
        except RaisedError:
            self._idle.append(child)
            raise
        except ProtocolError as error:
            self._discard(child)
            raise self._breach(error) from None
        except BaseException:
            self._discard(child)
            raise
        self._idle.append(child)

    def _begun(self, opening: bytes) -> tuple[Child, bytes]:
        """A child that has begun a stream, and the first line that it says of it.

        One that left well after its last stream only served a single one. One that failed there, or as
        it was to begin this one, is this one's error: what a stream leaves behind is the next one's fault.
        """
        self._disown()
        while self._idle:
            try:
                return self._asked(self._idle.pop(), opening)
            except DiedError as error:
                if error.code != 0:
                    raise DiedError(f"between two streams {error}", error.code) from None
        child, hello = self._greeted()
        if hello != self.hello:
            self._discard(child)
            raise TargetError(f"{self._target} says another hello each time: {self.hello}, then {hello}")
        return self._asked(child, opening)

    def _disown(self) -> None:
        """In a fork, the children are the parent's."""
        if self._owner != os.getpid():
            self._owner, self._living, self._idle = os.getpid(), [], []

    def _asked(self, child: Child, opening: bytes) -> tuple[Child, bytes]:
        try:
            if stray := child.stray():
                raise self._breach(ProtocolError("it wrote more after it was done", stray))
            return child, child.ask(opening)
        except BaseException:
            self._discard(child)
            raise

    def _breach(self, error: ProtocolError) -> TargetError:
        return TargetError(f"{self._target} breaks the protocol: {error}")

    def _discard(self, child: Child) -> None:
        child.kill()
        if child in self._living:
            self._living.remove(child)
            self._cpu_of_dead += child.cpu_seconds()

    def _greeted(self) -> tuple[Child, Hello]:
        """A new child, and how it introduced itself."""
        while len(self._living) >= MOST:
            self._discard(self._living[0])  # its stream was left alone before its end
        with watching(2 * HELLO_SECONDS):  # a slow start is no hang of the stream that it is for
            try:
                child = Child(self._command, self._memory)
            except ChildError as error:
                raise TargetError(f"{self._target} cannot be started: {error}") from None
            self._living.append(child)
            try:
                child.write(protocol.greeting())
                return child, protocol.hello(child.line(time.monotonic() + HELLO_SECONDS))
            except BaseException as error:
                self._discard(child)
                raise self._no_hello(child, error) from None

    def _no_hello(self, child: Child, error: BaseException) -> BaseException:
        if isinstance(error, ProtocolError):
            return self._breach(error)
        if isinstance(error, ChildError):
            return TargetError(f"{self._target} did not say hello: {error}")
        if isinstance(error, TimeoutError):
            words = child.last_words()
            text = f"; its last words were: {words}" if words else "; it must write the protocol's first line at once"
            return TargetError(f"{self._target} said no hello within {HELLO_SECONDS:.0f} s{text}")
        if isinstance(error, Hang):
            return TargetError(f"{self._target} said no hello, but writes without end")
        return error


def decoder(
    target: str, *, accepts: str = "chunks", yields: str = "text", dialects: tuple[str, ...] | None = None
) -> Decoder:
    """The decoder that answers to `exec:COMMAND`; a first child is started to hear what it is.

    *accepts* and *yields* may only say what the child says itself; *dialects* are for one that names none.
    """
    if not hasattr(select, "poll") or not hasattr(os, "killpg"):
        raise TargetError(f"{target}: other processes can be judged on Linux and macOS only")
    pool = Pool(target, _words(target), _memory())
    hello = pool.hello
    for name, asked, claimed in (("accepts", accepts, hello.accepts), ("yields", yields, hello.yields)):
        if asked != claimed and asked != Decoder.__dataclass_fields__[name].default:
            raise TargetError(f"{target} says itself that it {name} {claimed}, not {asked}; leave --{name} out")

    def opened(dialect: str, form: str) -> Call:
        return lambda feed: pool.streamed(dialect, form, feed)

    return Decoder(
        target,
        {"exec": Mode(opened)},
        hello.dialects or dialects,
        hello.accepts,
        hello.yields,
        hello.envelope,
        version=lambda: hello.version,
        throwable=False,
        cpu_seconds=pool.cpu_seconds if process_groups.has_clock() else None,
        channels=Decoder.channels if hello.channels is None else hello.channels,
    )


def _words(target: str) -> list[str]:
    """The command's words, as a shell would split them."""
    try:
        words = shlex.split(target.partition(":")[2])
    except ValueError as error:
        raise TargetError(f"the command of {target!r} cannot be split into words: {error}") from None
    if not words:
        raise TargetError(f'{target!r} names no command; write one after the colon, as in "exec:node decoder.mjs"')
    return words


def _memory() -> int:
    """MiB that the processes of a child may hold."""
    given = os.environ.get(MEMORY_VARIABLE, str(MEMORY))
    if not given.isdecimal() or not int(given):
        raise TargetError(f"{MEMORY_VARIABLE} is {given!r}; give a number of MiB, such as {MEMORY}")
    return int(given)
