"""F6: empty parts and exact sizes."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly, said_plainly
from sliceproof.strategies.hazards import MESSAGE_OVERHEAD
from sliceproof.strategies.letters import compose, letters
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


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


REQUIREMENT = Requirement(
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
    shows=lambda stream: b"" in stream.parts or b"" in stream.chunks or len(stream.body) >= 8192,
)
