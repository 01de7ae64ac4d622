"""How fast messages are read, against botocore's EventStreamBuffer: `python benchmarks/messages.py`.

Only ratios count. Both run side by side in one process, taking turns, on the same chunks; of each the best
repeat is kept, in CPU time. Both make all headers and payloads available. Ours remembers header blocks, so
one row has no two alike.
"""

import gc
import time
from collections.abc import Callable
from typing import NamedTuple

from botocore.eventstream import EventStreamBuffer  # type: ignore[import-untyped]

from sliceproof.wire.messages import Message, MessageDecoder

HEADERS = {
    ":event-type": "PayloadPart",
    ":content-type": "application/octet-stream",
    ":message-type": "event",
}
MIB = 1024 * 1024
SMALL = Message(HEADERS, b"x" * 100).encode()  # 205 bytes


class Row(NamedTuple):
    """One shape of wire: seconds of CPU for ours and for botocore's, and how many times faster ours is."""

    name: str
    ours: float
    theirs: float
    ratio: str


class Shape(NamedTuple):
    """A wire, the size of its chunks, and how often to run either decoder."""

    name: str
    wire: bytes
    chunk: int
    repeats: int
    their_repeats: int


def shapes() -> list[Shape]:
    """Small messages in usual chunks, all at once and byte by byte, and payloads that double in size."""
    many = SMALL * 40_000
    unlike = b"".join(Message(HEADERS | {"n": str(n)}, b"x" * 91).encode() for n in range(20_000))
    large = [(size, Message(HEADERS, bytes(size * MIB)).encode()) for size in (4, 8, 16)]
    return [
        Shape("20,000 messages of 205 B, 8 KiB chunks", SMALL * 20_000, 8192, 5, 5),
        Shape("the same, no two header blocks alike", unlike, 8192, 5, 5),
        Shape("40,000 messages of 205 B, one chunk", many, len(many), 3, 1),
        *[Shape(f"{size} MiB payload, 8 KiB chunks", wire, 8192, 5, 2) for size, wire in large],
        Shape("500 messages of 205 B, one byte a chunk", SMALL * 500, 1, 5, 5),
    ]


def read_ours(chunks: list[bytes]) -> int:
    decoder, size = MessageDecoder(), 0
    for chunk in chunks:
        for message in decoder.feed(chunk):
            size += len(message.headers) + len(message.payload)
    decoder.close()
    return size


def read_theirs(chunks: list[bytes]) -> int:
    buffer, size = EventStreamBuffer(), 0
    for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            size += len(message.headers) + len(message.payload)
    return size


def measure() -> list[Row]:
    """A row for each shape; takes some ten seconds, most of them botocore's with one chunk."""
    return [_compare(shape) for shape in shapes()]


def _compare(shape: Shape) -> Row:
    chunks = [shape.wire[at : at + shape.chunk] for at in range(0, len(shape.wire), shape.chunk)]
    ours, theirs = [], []
    for turn in range(max(shape.repeats, shape.their_repeats)):
        if turn < shape.repeats:
            ours.append(_seconds(read_ours, chunks))
        if turn < shape.their_repeats:
            theirs.append(_seconds(read_theirs, chunks))
    return Row(shape.name, min(ours), min(theirs), f"{min(theirs) / min(ours):.1f}x")


def _seconds(read: Callable[[list[bytes]], int], chunks: list[bytes]) -> float:
    gc.collect()
    start = time.process_time()
    read(chunks)
    return time.process_time() - start


def main() -> None:
    """Print the rows as a plain table."""
    print(f"{'wire':<42}{'ours, ms':>10}{'botocore, ms':>14}{'faster':>9}")
    for row in measure():
        print(f"{row.name:<42}{row.ours * 1000:>10.1f}{row.theirs * 1000:>14.1f}{row.ratio:>9}")


if __name__ == "__main__":
    main()
