"""U2: UTF-8 and no other charset."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly
from sliceproof.wire.stream import Stream


def _raw_non_ascii(stream: Stream) -> bool:
    return not stream.body.isascii()


REQUIREMENT = Requirement(
    id="U2",
    title="UTF-8 and no other charset",
    rule="The body is UTF-8, whatever the media type says or omits.",
    source="RFC 8259 section 8.1; WHATWG HTML, server-sent events",
    level=MUST,
    why="every container writes UTF-8",
    seen=("vercel/ai#12162", "open-metadata/OpenMetadata#29531"),
    blames="UTF-8",
    control=said_plainly,
    shows=_raw_non_ascii,
    carried=True,
)
