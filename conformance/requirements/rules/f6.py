"""F6: empty parts and exact sizes."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly, said_plainly
from sliceproof.strategies.hazards import MESSAGE_OVERHEAD
from sliceproof.strategies.letters import compose, letters
from sliceproof.wire.dialects import Dialect, Framing
from sliceproof.wire.stream import Stream


def _of_usual_size(stream: Stream) -> Stream:
    """The control of sizes: no empty part or chunk, or, where there is none, short deltas."""
    plain = carried_plainly(stream)
    return said_plainly(stream) if plain == stream else plain


def _at_the_buffer_size(dialect: Dialect) -> Iterator[Stream]:
    """Parts, and messages, of exactly the sizes that buffers have, and one off."""
    if dialect.framing is Framing.RAW:
        return
    for size in (8191, 8192, 8193, 1024, 4096, 16384):
        yield compose(dialect.id, letters(["y"], ("exact", size)))
        yield compose(dialect.id, letters(["y"], ("exact", size - MESSAGE_OVERHEAD)))


def _empty_ones_anywhere(dialect: Dialect) -> Iterator[Stream]:
    """One or two empty parts before all, inside a record and behind it, and empty chunks inside a message."""
    plain = Stream(dialect.id, ("x", "yé", "z"))
    record = [each for each in plain.records if each.kind == "delta"][1]
    inside = sorted({record.start + 1, record.text_start, record.text_start + 1, record.content_stop, record.stop - 1})
    for offset in (0, *inside, record.stop):
        for times in (2, 3):
            yield plain.but(part_cuts=tuple(sorted((*plain.edges[1:-1], *(offset,) * times))))
    start, stop = plain.frame_stops[:2]
    for offset in (0, start, start + 4, start + 12, start + 40, stop - 4):
        yield plain.but(chunk_cuts=tuple(sorted((*plain.frame_stops[:-1], offset, offset))))


def _empty_or_exact(dialect: Dialect) -> Iterator[Stream]:
    yield from _empty_ones_anywhere(dialect)
    yield from _at_the_buffer_size(dialect)


REQUIREMENT = Requirement(
    id="F6",
    title="empty parts and exact sizes",
    rule="An empty part or chunk, or one of exactly a buffer's size, changes nothing.",
    source="the framing allows empty payloads; 8 KB slices have been seen",
    level=MUST,
    why="SageMaker and HTTP clients cut anywhere",
    more=_empty_or_exact,
    contains=("R1", "F1"),
    layer="messages",
    blames="part",
    control=_of_usual_size,
    shows=lambda stream: b"" in stream.parts or b"" in stream.chunks or len(stream.body) >= 8192,
)
