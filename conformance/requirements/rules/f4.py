"""F4: frames are no text."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.sources import SMITHY
from sliceproof.strategies.controls import framed_otherwise
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _every_length(dialect: Dialect) -> Iterator[Stream]:
    """Payloads of lengths that give the prelude each value of its last length byte."""
    for length in range(1, 257):
        yield Stream(dialect.id, ("x" * length, "y"))


def _text_like(stream: Stream) -> bool:
    """Whether a prelude or checksum holds a byte that text readers stumble over."""
    framing = b"".join(frame[:12] + frame[-4:] for frame in stream.frames)
    return not framing.isascii() or bool(set(framing) & set(b'\n\r"{}:'))


REQUIREMENT = Requirement(
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
    shows=_text_like,
)
