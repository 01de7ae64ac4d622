"""Mistakes with messages: prelude, headers, sizes."""

from collections.abc import Iterable, Iterator

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.wire.messages import Message, MessageDecoder


@breaks("F1")
class WantsWholeMessages(Sound):
    """Decodes each chunk alone and drops what is no whole message."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        self.decoder = MessageDecoder()
        return self.decoder.feed(chunk)

    def end_of_wire(self) -> None:
        """Nothing is left that it knows of."""


@breaks("F4")
class EndsFramesAtLineFeeds(Sound):
    """Takes a line feed in a message's lengths for the end of the stream."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        if chunk[:2] == b"\0\0" and b"\n" in chunk[:8]:
            self.finished = True
            return iter(())
        return super().messages(chunk)


@breaks("F5")
class WantsHeadersInOrder(Sound):
    """Reads `:event-type` from the first header."""

    def payload(self, message: Message) -> bytes:
        payload = super().payload(message)
        if next(iter(message.headers)) == ":event-type":
            return payload
        self.finished = True
        return b""


@breaks("F6")
class EndsAtAnEmptyPart(Sound):
    """Takes an empty part or chunk for the end of the stream."""

    ended = False

    def chunk(self, chunk: bytes) -> Iterator[str]:
        self.ended = self.ended or not chunk
        if self.ended:
            self.finished = True
            return
        yield from super().chunk(chunk)

    def payload(self, message: Message) -> bytes:
        self.ended = self.ended or not message.payload
        self.finished = self.finished or self.ended
        return super().payload(message)


@breaks("K1")
class ReadsEveryEvent(Sound):
    """Takes the payload of any event for text."""

    def payload(self, message: Message) -> bytes:
        return super().payload(message) or message.payload
