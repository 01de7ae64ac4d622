"""Mistakes with a fault that comes in pieces, behind others, late, or while something is held."""

from collections.abc import Iterable, Iterator
from typing import Any

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Messages, Sound
from sliceproof.wire.dialects import ModelError
from sliceproof.wire.errors import MessageChecksumError, MessageError
from sliceproof.wire.messages import UNLIMITED, Message, MessageDecoder, decode_messages


def _is_exception(message: Message) -> bool:
    return message.headers.get(":message-type") in ("exception", "error")


class _LosesExceptions(Sound):
    """Ends in peace at some exception messages."""

    def lost(self, message: Message, number: int, chunk: bytes) -> bool:
        """Whether this one is lost: the number-th message of its chunk."""
        return False

    def chunk(self, chunk: bytes) -> Iterator[str]:
        for number, message in enumerate(self.messages(chunk)):
            if _is_exception(message) and self.lost(message, number, chunk):
                self.finished, self.held, self.data = True, [], []
                return
            yield from self.part(self.payload(message))


@breaks("E1")
class WantsAWholeException(_LosesExceptions):
    """Sees an exception message only if it came in one chunk."""

    def lost(self, message: Message, number: int, chunk: bytes) -> bool:
        return message.encode() not in chunk


@breaks("E1")
class LooksAtTheFirstMessage(_LosesExceptions):
    """Looks for an exception in the first message of a chunk only."""

    def lost(self, message: Message, number: int, chunk: bytes) -> bool:
        return number > 0


@breaks("E1")
class PutsTheHalfRecordFirst(_LosesExceptions):
    """Ends in peace at an exception that comes while half a record is held."""

    def lost(self, message: Message, number: int, chunk: bytes) -> bool:
        return bool(self.rest)


@breaks("E1")
class TrustsAStreamThatWentWell(_LosesExceptions):
    """Looks for exceptions in the first ten messages."""

    seen = 0

    def lost(self, message: Message, number: int, chunk: bytes) -> bool:
        return self.seen > 10

    def part(self, payload: bytes) -> Iterator[str]:
        self.seen += 1
        yield from super().part(payload)


@breaks("E1")
class KnowsTwoExceptions(_LosesExceptions):
    """Knows the service's two exceptions by name, and takes any other for an end."""

    def lost(self, message: Message, number: int, chunk: bytes) -> bool:
        names = ("ModelStreamError", "InternalStreamFailure")
        return message.headers.get(":exception-type", names[0]) not in names


@breaks("E1")
class WantsJsonInExceptions(_LosesExceptions):
    """Takes an exception whose payload is no JSON for an end."""

    def lost(self, message: Message, number: int, chunk: bytes) -> bool:
        return bool(message.payload) and message.payload[:1] != b"{"


class _LosesErrorRecords(Sound):
    """Ends in peace at some error records."""

    def lost(self) -> bool:
        """Whether an error record that comes now is lost."""
        return False

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        try:
            yield from super().record(record)
        except ModelError:
            if not self.lost():
                raise
            self.finished = True


@breaks("E1-record")
class WantsAnErrorRecordWhole(_LosesErrorRecords):
    """Sees an error record only if one part holds it whole."""

    begun = ""

    def text(self, text: str) -> Iterator[str]:
        self.begun = self.rest or "".join(self.data)
        yield from super().text(text)

    def lost(self) -> bool:
        return bool(self.begun)


@breaks("E1-record")
class WantsAnErrorRecordAlone(_LosesErrorRecords):
    """Sees an error record only if it is the first of its part."""

    first = True

    def text(self, text: str) -> Iterator[str]:
        self.first = True
        yield from super().text(text)

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        yield from super().record(record)
        self.first = False

    def lost(self) -> bool:
        return not self.first


@breaks("E3")
class SkipsWhatItCannotRead(Sound):
    """Passes over a record that is no JSON."""

    def event(self, data: str) -> Iterator[str]:
        try:
            yield from super().event(data)
        except ValueError:
            return


@breaks("T2")
class ForgivesATailBehindAMessage(Sound):
    """Says nothing of half a message in a chunk that held a whole one too."""

    behind = False

    def chunk(self, chunk: bytes) -> Iterator[str]:
        number = 0
        for message in self.messages(chunk):
            number += 1
            yield from self.part(self.payload(message))
        self.behind = number > 0

    def end_of_wire(self) -> None:
        if not self.behind:
            super().end_of_wire()
        self.finished = self.finished or self.decoder.pending > 0


@breaks("T3")
class DropsAChunkThatIsCorrupt(Sound):
    """Checks all messages of a chunk before it gives any, so a corrupt one takes the sound ones along."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return list(super().messages(chunk))


@breaks("F2-malformed")
class SkipsMalformedMessages(Sound):
    """Passes over a message that the framing forbids as if it were not there."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        try:
            yield from super().messages(chunk)
        except MessageError as error:
            if isinstance(error, MessageChecksumError) or not _matches(chunk):
                raise
            self.finished, self.decoder = True, MessageDecoder(UNLIMITED)


def _matches(chunk: bytes) -> bool:
    """Whether the prelude's checksum of some malformed message in the chunk matches."""
    try:
        decode_messages(chunk, UNLIMITED)
    except MessageError as error:
        return "checksum" not in type(error).__name__.lower() and "incomplete" not in type(error).__name__.lower()
    return False


@breaks("H1")
class LoopsAtALengthOfNothing(Sound):
    """Goes on by the total length that a message declares, also if that is 0."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        while not self.decoder.pending and chunk[:4] == bytes(4):
            chunk = chunk[int.from_bytes(chunk[:4]) :]
        yield from super().messages(chunk)


@breaks("T4")
class TakesAResetForTheEnd(Sound):
    """Takes what its source raises for the end of the stream."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        yield from super().decode(_until_it_raises(chunks, self))


def _until_it_raises(chunks: Iterable[bytes], decoding: Sound) -> Iterator[bytes]:
    try:
        yield from chunks
    except Exception:
        decoding.finished, decoding.held, decoding.data = True, [], []
        decoding.decoder = MessageDecoder()


@breaks("E1")
class MessagesOfWholeExceptions(Messages):
    """Drops an exception message that came in two chunks."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        for message in super().messages(chunk):
            if not _is_exception(message) or message.encode() in chunk:
                yield message


@breaks("T4")
class MessagesUntilAReset(Messages):
    """Ends in peace when its source raises."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[tuple[Any, bytes]]:
        source = iter(chunks)
        while True:
            try:
                chunk = next(source)
            except StopIteration:
                break
            except Exception:
                return
            for message in self.messages(chunk):
                yield message.headers, message.payload
        self.end()
