"""Mistakes of decoders that give no text: of those that give lines of events, or messages of chunks."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, ClassVar

from botocore.exceptions import EventStreamError

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Lines, Messages
from sliceproof.wire.errors import IncompleteMessageError, MessageChecksumError, PreludeChecksumError
from sliceproof.wire.messages import Limits, Message, MessageDecoder

# Events to lines


@breaks("L1", dialect="djl-jsonlines")
class LinesWhereUnicodeHasThem(Lines):
    """Splits the decoded text with str.splitlines."""

    def part(self, payload: bytes) -> Iterator[bytes]:
        for line in super().part(payload):
            yield from (piece.encode() for piece in line.decode().splitlines())


@breaks("L4", dialect="djl-jsonlines")
class LinesWithALineFeedOnly(Lines):
    """Drops a last line that has no line feed."""

    def last(self) -> Iterator[bytes]:
        yield from ()


@breaks("R1")
class LinesOfEachEvent(Lines):
    """Splits each event by itself, so half a record is a line."""

    def part(self, payload: bytes) -> Iterator[bytes]:
        yield from payload.split(b"\n")


@breaks("R2")
class OneLineAnEvent(Lines):
    """Gives the first whole line of each event and drops the others."""

    def part(self, payload: bytes) -> Iterator[bytes]:
        for number, line in enumerate(line for line in super().part(payload) if line):
            if number == 0:
                yield line


@breaks("E1")
class LinesUntilAnError(Lines):
    """Ends in peace at the error that boto3 raises."""

    def decode(self, events: Iterable[Any]) -> Iterator[bytes]:
        with suppress(EventStreamError):
            yield from super().decode(events)


@breaks("H1", "L4", dialect="djl-jsonlines")
class WaitsForALineFeed(Lines):
    """Asks for more for ever when the last line has no line feed."""

    def decode(self, events: Iterable[Any]) -> Iterator[bytes]:
        source = iter(events)
        while True:
            event = next(source, None)
            if event is not None:
                yield from self.part(event["PayloadPart"]["Bytes"])
            elif not any(self.held):
                return


@breaks("Q2")
class CapsLinesOfBytes(Lines):
    """Drops a line of more than 64 KiB."""

    def part(self, payload: bytes) -> Iterator[bytes]:
        yield from (line for line in super().part(payload) if len(line) <= 65536)


@breaks("X1")
class SharesHalfALine(Lines):
    """Keeps half a line in the class, and clears it when a stream begins, not when it ends."""

    left: ClassVar[list[list[bytes]]] = [[]]

    @property
    def held(self) -> list[bytes]:
        return self.left[0]

    @held.setter
    def held(self, pieces: list[bytes]) -> None:
        self.left[0] = pieces


# Chunks to messages


@breaks("F1")
class MessagesOfEachChunk(Messages):
    """Reads each chunk alone and drops what is no whole message."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        self.decoder = MessageDecoder()
        return self.decoder.feed(chunk)


@breaks("F2")
class MessagesUntilACorruptOne(Messages):
    """Ends in peace at a message whose checksums do not match."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        with suppress(PreludeChecksumError, MessageChecksumError):
            yield from self.decoder.feed(chunk)
            return
        self.decoder = MessageDecoder()


@breaks("F3")
class MessagesOfAnyLength(Messages):
    """Believes any declared length."""

    def __init__(self, dialect_id: str) -> None:
        self.decoder = MessageDecoder(Limits(None, None, None))


@breaks("F4")
class MessagesByLine(Messages):
    """Takes chunks apart at line feeds, as a reader of lines does, and drops them in a message's lengths."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        if chunk[:2] == b"\0\0" and b"\n" in chunk[:8]:
            return iter(())
        return super().messages(chunk)


@breaks("F5")
class MessagesWithHeadersInOrder(Messages):
    """Knows a message by its first header, which it takes for `:event-type`."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        for message in super().messages(chunk):
            first = next(iter(message.headers))
            if first == ":event-type" or ":event-type" not in message.headers:
                yield message


@breaks("F6")
class MessagesWithAPayload(Messages):
    """Takes an empty message for the end of the stream."""

    ended = False

    def messages(self, chunk: bytes) -> Iterable[Message]:
        for message in super().messages(chunk):
            self.ended = self.ended or (not message.payload and ":event-type" in message.headers)
            if not self.ended:
                yield message


@breaks("K1")
class EveryMessageIsAPart(Messages):
    """Calls every event a PayloadPart."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        for message in super().messages(chunk):
            event = ":event-type" in message.headers
            yield Message({**message.headers, ":event-type": "PayloadPart"}, message.payload) if event else message


@breaks("O1")
class MessagesLastFirst(Messages):
    """Gives the messages of one chunk last first."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return reversed(list(super().messages(chunk)))


@breaks("E1")
class EventsOnly(Messages):
    """Drops messages that are no events."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return (message for message in super().messages(chunk) if message.headers.get(":message-type") == "event")


@breaks("T2")
class MessagesWithoutAnEnd(Messages):
    """Says nothing when the wire ends inside a message."""

    def end(self) -> None:
        with suppress(IncompleteMessageError):
            super().end()
