"""What several requirements look for in a stream to say whether it has their hazard."""

from sliceproof.wire.stream import Stream


def part_cuts(stream: Stream) -> set[int]:
    """The offsets in the body at which one part ends and the next begins."""
    return set(stream.edges[1:-1])


def has_asides(stream: Stream) -> bool:
    """Whether something stands in the body that is no record."""
    return any(kind not in stream.format.textless for _, kind in stream.style.asides)
