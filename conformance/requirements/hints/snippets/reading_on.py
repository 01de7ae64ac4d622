"""An async iterator that can be read on after a wait was given up: it awaits in one place, where it holds nothing."""

from collections.abc import AsyncIterable, Iterator
from typing import Protocol


class Reader(Protocol):
    def feed(self, chunk: bytes) -> Iterator[str]: ...
    def close(self) -> Iterator[str]: ...


class Deltas:
    def __init__(self, chunks: AsyncIterable[bytes], reader: Reader) -> None:
        self.chunks = aiter(chunks)
        self.reader = reader
        self.ready: Iterator[str] = iter(())
        self.ended = False

    def __aiter__(self) -> "Deltas":
        return self

    async def __anext__(self) -> str:
        while True:
            for text in self.ready:
                return text
            if self.ended:
                raise StopAsyncIteration
            try:
                chunk = await anext(self.chunks)
            except StopAsyncIteration:
                self.ready, self.ended = self.reader.close(), True
            else:
                self.ready = self.reader.feed(chunk)
