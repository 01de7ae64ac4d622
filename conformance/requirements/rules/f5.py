"""F5: header order and unknown headers."""

from collections.abc import Iterator
from uuid import UUID

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.sources import SMITHY
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.headers import HeaderValue, Int8, Int16, Int32, Int64, Timestamp, encode_header
from sliceproof.wire.stream import Stream

_NAME_LENGTHS = (1, 2, 9, 31, 32, 63, 64, 100, 127, 128, 129, 200, 254, 255)
_VALUE_LENGTHS = (1, 2, 9, 10, 13, 34, 99, 127, 128, 129, 254, 255, 256, 257, 300, 511, 512, 1000, 4096, 32767, 0)


def _edge_headers(dialect: Dialect) -> Iterator[Stream]:
    """An unknown header of each type, and of each edge length of name and value, before and behind the others."""
    values: list[HeaderValue] = [True, False, Int8(-128), Int8(127), Int16(-1), Int32(1 << 30), Int64(-1), Int64(0)]
    values += [Timestamp(0), Timestamp(4_102_444_800_000), UUID(int=0), UUID(int=(1 << 128) - 1)]
    headers = [encode_header("n", value) for value in values]
    headers += [encode_header("n" * length, True) for length in _NAME_LENGTHS]
    headers += [encode_header("é" * 60, "é"), encode_header(":", "x"), encode_header("event-type", "x")]
    for length in _VALUE_LENGTHS:
        headers += [encode_header("n", "v" * length), encode_header("n", b"\xff" * length)]
    headers += [b"".join(encode_header(f"n{number}", "v") for number in range(count)) for count in (2, 10, 33, 100)]
    for header in headers:
        for variant in (f"{header.hex()}+plain", f"plain+{header.hex()}"):
            yield Stream(dialect.id, ("x", "y"), headers=variant)


REQUIREMENT = Requirement(
    id="F5",
    title="header order and unknown headers",
    rule="Headers mean the same in any order; unknown ones of all ten types and of any length are skipped.",
    source=f"{SMITHY}: order means nothing; `:content-type` is optional",
    level=MUST,
    why="the framing prescribes it",
    more=_edge_headers,
    layer="messages",
    wire=True,
    blames="message",
    control=carried_plainly,
    shows=lambda stream: stream.headers != "plain",
)
