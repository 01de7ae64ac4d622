"""Messages: they are cut by HTTP, their bytes look like text, and their headers vary."""

from collections.abc import Iterator

from sliceproof.conformance.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.hazards import MESSAGE_OVERHEAD
from sliceproof.strategies.letters import compose, letters
from sliceproof.wire.dialects import Dialect
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
    for length in range(256):
        yield Stream(known.id, ("x" * length, "y"))


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
        layer="messages",
        wire=True,
        blames="message",
    ),
    Requirement(
        id="F5",
        title="header order and unknown headers",
        rule="Headers mean the same in any order; unknown ones of all ten types are skipped.",
        source=f"{SMITHY}: order means nothing; `:content-type` is optional",
        level=MUST,
        why="the framing prescribes it",
        layer="messages",
        wire=True,
        blames="message",
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
    ),
)
