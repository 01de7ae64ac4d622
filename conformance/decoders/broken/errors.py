"""Mistakes when the stream breaks."""

from collections.abc import Iterable, Iterator
from typing import Any

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.reference import EventStreamFault
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.wire.dialects import ModelError
from sliceproof.wire.errors import MessageChecksumError, PreludeChecksumError
from sliceproof.wire.messages import Limits, Message, MessageDecoder


@breaks("E1")
class SwallowsExceptionMessages(Sound):
    """Ends in peace at an exception message."""

    def payload(self, message: Message) -> bytes:
        try:
            return super().payload(message)
        except EventStreamFault:
            self.finished = True
            return b""


@breaks("E1-record")
class SwallowsErrorRecords(Sound):
    """Skips a record that reports an error, and ends in peace."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        try:
            yield from super().record(record)
        except ModelError:
            self.finished = True


@breaks("E2")
class LosesTheMessage(Sound):
    """Raises an error of its own that says nothing of the service's."""

    def chunk(self, chunk: bytes) -> Iterator[str]:
        try:
            yield from super().chunk(chunk)
        except (EventStreamFault, ModelError):
            raise ValueError("bad response") from None


@breaks("T1")
class TakesAnyEndForSuccess(Sound):
    """Does not look for the finish mark."""

    def last(self) -> Iterator[str]:
        try:
            yield from super().last()
        except ValueError:
            return

    def end_of_body(self) -> None:
        """Any end will do."""


@breaks("T2")
class IgnoresHalfAMessage(Sound):
    """Says nothing when the wire ends inside a message."""

    def end_of_wire(self) -> None:
        """What is left is left."""
        self.finished = self.finished or self.decoder.pending > 0


@breaks("T3", "W1")
class WithholdsText(Sound):
    """Collects the text and gives it at the end, if there is one."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        yield "".join(list(super().decode(chunks)))


@breaks("F2")
class SkipsCorruptMessages(Sound):
    """Ends in peace at a message whose checksums do not match."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        try:
            yield from super().messages(chunk)
        except (MessageChecksumError, PreludeChecksumError):
            self.finished, self.decoder = True, MessageDecoder()


@breaks("F3")
class BuffersWhateverIsDeclared(Sound):
    """Believes any declared length."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.decoder = MessageDecoder(Limits(None, None, None))


@breaks("H1", "T2")
class NeverEnds(Sound):
    """Asks for more for ever when the wire ended inside a message."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        source = iter(chunks)
        while True:
            chunk = next(source, None)
            if chunk is not None:
                yield from self.chunk(chunk)
            elif not self.decoder.pending:
                yield from self.end()
                return
