"""Messages: they are cut by HTTP, their bytes look like text, and their headers vary."""

from collections.abc import Iterator
from uuid import UUID

from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly, framed_otherwise, said_plainly
from sliceproof.strategies.hazards import MESSAGE_OVERHEAD
from sliceproof.strategies.letters import compose, letters
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.headers import HeaderValue, Int8, Int16, Int32, Int64, Timestamp, encode_header
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

SMITHY = "Smithy docs/source-2.0/aws/amazon-eventstream.rst"


def _every_wire_offset(known: Dialect) -> Iterator[Stream]:
    """A wire of two messages × one cut at each of its bytes, then slices of fixed sizes."""
    plain = Stream(known.id, ("x", "y"))
    stops = plain.frame_stops[:-1]
    for offset in range(1, len(plain.wire)):
        if offset not in stops:
            yield plain.but(chunk_cuts=tuple(sorted((*stops, offset))))
    for size in (1, 2, 7, 64):
        yield plain.but(chunk_cuts=every(size, len(plain.wire)))


def _every_length(known: Dialect) -> Iterator[Stream]:
    """Payloads of lengths that give the prelude each value of its last length byte."""
    for length in range(1, 257):
        yield Stream(known.id, ("x" * length, "y"))


_NAME_LENGTHS = (1, 2, 9, 31, 32, 63, 64, 100, 127, 128, 129, 200, 254, 255)
_VALUE_LENGTHS = (1, 2, 9, 10, 13, 34, 99, 127, 128, 129, 254, 255, 256, 257, 300, 511, 512, 1000, 4096, 32767, 0)


def _edge_headers(known: Dialect) -> Iterator[Stream]:
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
            yield Stream(known.id, ("x", "y"), headers=variant)


def _of_usual_size(stream: Stream) -> Stream:
    """The control of sizes: no empty part or chunk, or, where there is none, short deltas."""
    plain = carried_plainly(stream)
    return said_plainly(stream) if plain == stream else plain


def _at_the_buffer_size(known: Dialect) -> Iterator[Stream]:
    """Parts, and messages, of exactly the sizes that buffers have, and one off."""
    if known.framing == "raw":
        return
    for size in (8191, 8192, 8193, 1024, 4096, 16384):
        yield compose(known.id, letters(["y"], ("exact", size)))
        yield compose(known.id, letters(["y"], ("exact", size - MESSAGE_OVERHEAD)))


REQUIREMENTS = (
    Requirement(
        id="F1",
        title="message cut across reads",
        rule="A message, its prelude or its checksum that comes in two chunks is one message.",
        source="HTTP hands over bytes as they come",
        level=MUST,
        why="every HTTP client cuts anywhere",
        seen=("agentgateway/agentgateway#2113", "aws/aws-sdk-ruby#1803"),
        more=_every_wire_offset,
        layer="messages",
        wire=True,
        blames="message",
        control=carried_plainly,
    ),
    Requirement(
        id="F4",
        title="frames are no text",
        rule="Lengths and checksums are binary, also where their bytes look like line ends, quotes or braces.",
        source=SMITHY,
        level=MUST,
        why="the framing prescribes it",
        seen=("BerriAI/litellm#8479", "Kuberwastaken/claurst#214"),
        more=_every_length,
        control=framed_otherwise,
        layer="messages",
        wire=True,
        blames="message",
    ),
    Requirement(
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
    ),
    Requirement(
        id="F6",
        title="empty parts and exact sizes",
        rule="An empty part or chunk, or one of exactly a buffer's size, changes nothing.",
        source="the framing allows empty payloads; 8 KB slices have been seen",
        level=MUST,
        why="SageMaker and HTTP clients cut anywhere",
        more=_at_the_buffer_size,
        layer="messages",
        blames="part",
        control=_of_usual_size,
    ),
    Requirement(
        id="K1",
        title="unknown event type",
        rule="An event of a type that the API does not have is neither text nor the end.",
        source="AWS SDKs skip unknown events (aws/aws-sdk-js-v3#1325)",
        level=SHOULD,
        why="the service sends none today; it may tomorrow",
        layer="messages",
        wire=True,
        blames="message",
        control=carried_plainly,
    ),
)
