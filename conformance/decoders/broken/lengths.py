"""Mistakes with numbers: counters, recursion, sizes."""

from collections.abc import Iterable, Iterator

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Messages, Sound
from sliceproof.wire.messages import Message


@breaks("N1")
class LosesEachHundredth(Sound):
    """Loses each hundredth delta."""

    count = 0

    def delta(self, text: str) -> Iterator[str]:
        if text:
            self.count += 1
            if self.count % 100:
                yield text


@breaks("N2")
class TakesARunOfNothingForAStuckStream(Sound):
    """Raises at the hundredth record without text in a row, as if the model hung."""

    in_a_row = 0

    def delta(self, text: str) -> Iterator[str]:
        self.in_a_row = 0 if text else self.in_a_row + 1
        if self.in_a_row > 99:
            raise TimeoutError("the model says nothing")
        yield from super().delta(text)


@breaks("F7")
class KeepsSixtyFourKibibytes(Sound):
    """Drops a message of more than 64 KiB."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return (message for message in super().messages(chunk) if len(message.payload) <= 65536)


@breaks("F7", "U1")
class DecodesInWindows(Sound):
    """Decodes a part of more than 4 KiB in windows of that, and drops the characters that two of them share."""

    def characters(self, payload: bytes) -> str:
        if len(payload) <= 4096:
            return super().characters(payload)
        windows = [payload[at : at + 4096] for at in range(0, len(payload), 4096)]
        return "".join([window.decode("utf-8", "ignore") for window in windows])


@breaks("F7")
class MessagesOfSixteenBits(Messages):
    """Drops a message whose length does not fit in 16 bits."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return (message for message in super().messages(chunk) if len(message.encode()) < 65536)


@breaks("F5")
class ReadsOneByteOfALength(Sound):
    """Drops a message that has a header value of 256 bytes or more, having read one byte of its length."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        for message in super().messages(chunk):
            values = [value for value in message.headers.values() if isinstance(value, str | bytes)]
            if all(len(value) < 256 for value in values):
                yield message
            else:
                self.finished = True
