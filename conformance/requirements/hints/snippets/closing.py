"""The source is closed however its reader ends: at the end, by an error, or because the consumer left."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Protocol


class Reader(Protocol):
    def feed(self, chunk: bytes) -> Iterator[str]: ...
    def close(self) -> Iterator[str]: ...


def decode(chunks: Iterable[bytes], reader: Reader) -> Iterator[str]:
    try:
        for chunk in chunks:
            yield from reader.feed(chunk)
        yield from reader.close()
    finally:
        if hasattr(chunks, "close"):
            chunks.close()


async def adecode(chunks: AsyncIterable[bytes], reader: Reader) -> AsyncIterator[str]:
    try:
        async for chunk in chunks:
            for text in reader.feed(chunk):
                yield text
        for text in reader.close():
            yield text
    finally:
        if hasattr(chunks, "aclose"):
            await chunks.aclose()
