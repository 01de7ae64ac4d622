"""Where bytes are cut.

A cut is an offset into what is sliced. Cuts are sorted, may repeat (a repeated cut leaves an empty
slice) and may stand at 0 or at the end (an empty slice first or last). Joining the slices always
gives the data back.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

ESCAPE = re.compile(rb'\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|["\\/bfnrt])')
LINE_END = re.compile(rb"\r\n|\n|\r")


def cut(data: bytes, offsets: Sequence[int]) -> tuple[bytes, ...]:
    """Slice *data* at *offsets* (bytes from its start, ascending); n cuts give n + 1 slices."""
    edges = (0, *offsets, len(data))
    if any(a > b for a, b in pairwise(edges)):
        raise ValueError(f"cuts must ascend from 0 to {len(data)}, not {list(offsets)}")
    return tuple([data[a:b] for a, b in pairwise(edges)])


def every(size: int, length: int) -> tuple[int, ...]:
    """The cuts that leave slices of *size* bytes (the last one may be shorter) of *length* bytes."""
    if size < 1:
        raise ValueError(f"a slice has at least 1 byte, not {size}")
    return tuple(range(size, length, size))


def inside_code_points(data: bytes) -> list[int]:
    """The offsets that stand between two bytes of one UTF-8 code point."""
    return [offset for offset, byte in enumerate(data) if byte & 0xC0 == 0x80]


def inside_escapes(data: bytes) -> list[int]:
    r"""The offsets inside a JSON escape; a surrogate pair (`\ud83d\ude00`) is one escape."""
    return [offset for match in ESCAPE.finditer(data) for offset in range(match.start() + 1, match.end())]


def inside_line_ends(data: bytes) -> list[int]:
    """The offsets between the CR and the LF of one line terminator."""
    return [match.start() + 1 for match in LINE_END.finditer(data) if match.end() - match.start() == 2]
