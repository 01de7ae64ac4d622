"""What the reference decoder holds of a stream of up to 256 MiB: `python benchmarks/memory.py`.

The goal is that the largest record bounds it: a stream sixteen times as long takes no more memory. Two shapes,
records of about 200 bytes and records of 1 MiB, in messages of at most 8 KiB and chunks of 64 KiB that are made
as they are read. Each stream is read twice, in a process of its own each time: once with every allocation of
Python's counted (tracemalloc), once for the peak of the process's resident memory.
"""

import re
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from sliceproof.conformance.decoders.reference import decode
from sliceproof.wire.dialects import DIALECTS, encode
from sliceproof.wire.events import frame, part_header_block
from sliceproof.wire.slicing import cut, every

KIB, MIB = 1024, 1024 * 1024
DIALECT = "openai-sse"  # TGI's last record repeats the whole text, which would be the largest record
PART, CHUNK = 8 * KIB, 64 * KIB
RECORDS = (200, MIB)
SIZES = (16, 64, 256)

GROWTH_GOAL = 1.1
"""How many times the shortest stream's peak the longest one's may be."""


class Row(NamedTuple):
    """One stream: bytes of a record, MiB of wire, and both peaks in bytes."""

    record: int
    mib: int
    traced: int
    resident: int


class Growth(NamedTuple):
    """How many times the peaks grow from the shortest stream of such records to the longest."""

    record: int
    traced: float
    resident: float


def measure() -> list[Row]:
    """A row for each stream; takes about a minute of one core."""
    streams = [(record, mib) for record in RECORDS for mib in reversed(SIZES)]  # the long ones first
    with ThreadPoolExecutor(2) as pool:
        peaks = pool.map(_peak, *zip(*((*stream, way) for stream in streams for way in PEAKS), strict=True))
        return sorted(Row(*stream, traced=next(peaks), resident=next(peaks)) for stream in streams)


def growths(rows: Sequence[Row]) -> list[Growth]:
    """The growth of each shape."""
    lines = []
    for record in RECORDS:
        first, *_, last = [row for row in rows if row.record == record]
        lines.append(Growth(record, last.traced / first.traced, last.resident / first.resident))
    return lines


class Wire(NamedTuple):
    """The wire to read: the messages of so many records, again and again, then the last message."""

    messages: bytes
    times: int
    last: bytes
    characters: int

    def chunks(self) -> Iterator[bytes]:
        for _ in range(self.times):
            for at in range(0, len(self.messages), CHUNK):
                yield self.messages[at : at + CHUNK]
        yield self.last


def wire(record: int, mib: int) -> Wire:
    """About *mib* MiB, of records of *record* bytes."""
    dialect, block = DIALECTS[DIALECT], part_header_block("plain")
    text = "x" * (record - encode(dialect, ("", "")).records[0].stop)
    body = encode(dialect, (text, "")).data
    messages = b"".join([frame(block, part) for part in cut(body[:record], every(PART, record))])
    records = max(1, CHUNK // len(messages))
    times = mib * MIB // (records * len(messages))
    return Wire(messages * records, times, frame(block, body[record:]), times * records * len(text))


def read(record: int, mib: int) -> None:
    """Decode such a stream; RuntimeError if it lacks a character."""
    stream = wire(record, mib)
    characters = sum(map(len, decode(stream.chunks(), DIALECT)))
    if characters != stream.characters:
        raise RuntimeError(f"{characters} characters came out, not {stream.characters}")


def traced(record: int, mib: int) -> int:
    """The most bytes that Python had allocated at once."""
    tracemalloc.start()
    read(record, mib)
    return tracemalloc.get_traced_memory()[1]


def resident(record: int, mib: int) -> int:
    """The most bytes of memory that the process had.

    Linux hands ru_maxrss down from the process that started this one, so its VmHWM is preferred.
    """
    read(record, mib)
    status = Path("/proc/self/status")
    if status.exists() and (peak := re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)):
        return int(peak[1]) * KIB
    peak_size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_size if sys.platform == "darwin" else peak_size * KIB


PEAKS = {"traced": traced, "resident": resident}


def _peak(record: int, mib: int, way: str) -> int:
    command = [sys.executable, __file__, way, str(record), str(mib)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def sized(size: int) -> str:
    """A number of bytes as one reads it."""
    if size >= MIB:
        return f"{size / MIB:.3g} MiB"
    return f"{size / KIB:.3g} KiB" if size >= KIB else f"{size} B"


def main() -> None:
    """Print the rows as a plain table, and the growth of each shape."""
    rows = measure()
    print(f"{'record':>10}{'wire':>10}{'allocated':>12}{'resident':>12}")
    for row in rows:
        print(f"{sized(row.record):>10}{f'{row.mib} MiB':>10}{sized(row.traced):>12}{sized(row.resident):>12}")
    for growth in growths(rows):
        grown = f"allocated {growth.traced:.2f} times, resident {growth.resident:.2f} times"
        print(f"records of {sized(growth.record)}, {SIZES[-1] // SIZES[0]} times the wire: {grown}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(PEAKS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3])))
    else:
        main()
