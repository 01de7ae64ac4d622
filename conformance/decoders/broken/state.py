"""Mistakes with state, with being called, with time and size."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import ClassVar

from sliceproof.conformance.decoders.broken.registry import Broken, Registry, breaks
from sliceproof.conformance.decoders.sound.steps import Sound, stepped
from sliceproof.conformance.harness.contract import Mode


@breaks("X1")
class SharesItsBuffer(Sound):
    """Keeps what is left of a line in the class, so the next stream begins with it."""

    left: ClassVar[list[str]] = []

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.rest = self.left.pop() if self.left else ""

    def last(self) -> Iterator[str]:
        if self.rest:
            self.left[:] = [self.rest]
        yield from super().last()
        self.left.clear()


@breaks("W1")
class OneBehind(Sound):
    """Holds each delta back until the next one comes."""

    waiting = ""

    def delta(self, text: str) -> Iterator[str]:
        if text:
            waiting, self.waiting = self.waiting, text
            if waiting:
                yield waiting

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        source = super().decode(chunks)
        while True:
            try:
                text = next(source)
            except StopIteration:
                break
            except Exception:
                yield self.waiting
                raise
            yield text
        yield self.waiting


@breaks("Q1")
class LooksAgainAtEverything(Sound):
    """Keeps the whole body and looks through it for each part."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.seen = ""

    def text(self, text: str) -> Iterator[str]:
        self.seen += text
        self.seen.count("\0")
        yield from super().text(text)


@breaks("Q2")
class CapsLines(Sound):
    """Drops a line of more than 64 KiB."""

    def split(self, text: str) -> list[str]:
        lines = super().split(text)
        self.finished = self.finished or any(len(line) > 65536 for line in lines)
        return [line for line in lines if len(line) <= 65536]


@breaks("C1")
class SwallowsWhatIsThrown(Sound):
    """Yields inside try/except and goes on, whatever was thrown in."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        for text in super().decode(chunks):
            try:
                yield text
            except Exception:
                continue


def _async_drops_what_fails(id_: str, form: str) -> object:
    async def decode(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
        decoding = Sound(id_)
        try:
            async for text in stepped(decoding, chunks):
                yield text
        except Exception:
            return

    return decode


Registry.add(
    Broken(
        "async_drops_what_fails",
        "Raises when called sync, and ends in peace when called async",
        ("X2", "E1", "E1-record", "E3", "T1", "T2", "T4", "F2", "F2-malformed", "F3", "C1"),
        "tgi-sse",
        {
            "sync": Mode(lambda id_, form: lambda chunks: Sound(id_).decode(chunks)),
            "async": Mode(_async_drops_what_fails, is_async=True),  # type: ignore[arg-type]
        },
        module=__name__,
    )
)
