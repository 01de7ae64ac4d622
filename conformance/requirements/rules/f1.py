"""F1: message cut across reads."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream


def _every_wire_offset(dialect: Dialect) -> Iterator[Stream]:
    """A wire of two messages × one cut at each of its bytes, then slices of fixed sizes."""
    plain = Stream(dialect.id, ("x", "y"))
    stops = plain.frame_stops[:-1]
    for offset in range(1, len(plain.wire)):
        if offset not in stops:
            yield plain.but(chunk_cuts=tuple(sorted((*stops, offset))))
    for size in (1, 2, 7, 64):
        yield plain.but(chunk_cuts=every(size, len(plain.wire)))


def _messages_cut(stream: Stream) -> bool:
    return stream.chunk_cuts is not None and bool(set(stream.chunk_cuts) - set(stream.frame_stops))


REQUIREMENT = Requirement(
    id="F1",
    title="message cut across reads",
    rule="A message, its prelude or its checksum that comes in two chunks is one message.",
    source="HTTP hands over bytes as they come",
    level=MUST,
    why="every HTTP client cuts anywhere",
    seen=("agentgateway/agentgateway#2113", "aws/aws-sdk-ruby#1803", "langchain-ai/langchainjs#3850"),
    more=_every_wire_offset,
    layer="messages",
    wire=True,
    blames="message",
    control=carried_plainly,
    shows=_messages_cut,
)
