"""One reader without I/O, and a few lines around it for each way of calling.

No `yield` stands in a try: what the consumer throws in, and what the source raises, goes where it belongs.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Protocol


class Reader(Protocol):
    def feed(self, chunk: bytes) -> Iterator[str]: ...  # a generator: what is complete comes out before it raises
    def close(self) -> Iterator[str]: ...  # the last of it, or the error that the stream is not whole


def decode(chunks: Iterable[bytes], reader: Reader) -> Iterator[str]:
    for chunk in chunks:
        yield from reader.feed(chunk)
    yield from reader.close()


async def adecode(chunks: AsyncIterable[bytes], reader: Reader) -> AsyncIterator[str]:
    async for chunk in chunks:
        for text in reader.feed(chunk):
            yield text
    for text in reader.close():
        yield text
