"""F7: large messages, parts and chunks."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.strategies.crossing import words
from sliceproof.strategies.hazards import MESSAGE_OVERHEAD
from sliceproof.wire.dialects import Dialect, Framing
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

SIZES = (65_537, 65_536, 65_535, 32_768, 131_072, 1_048_576)


def sized(dialect: Dialect, size: int) -> Stream:
    """A stream whose first part has *size* bytes, in many short records; a short record follows it.

    The records are short so that the full text, which some dialects repeat in the last one, is short too.
    Of a document the first part begins it, of plain text it is *size* bytes of text.
    """
    if dialect.framing.by_message:
        return _of_one_record(dialect, size)
    records = Stream(dialect.id, ("y",)).records
    before = next(number for number, record in enumerate(records) if record.text)  # what begins an answer
    tokens = tuple(
        [f"w{number:05}" for number in range((size - records[before].start) // (_overhead(dialect) + 6) - 1)]
    )
    if dialect.framing is Framing.RAW:
        tokens = ()
    last = before + len(tokens)
    room = size - Stream(dialect.id, (*tokens, "", "y")).records[last].stop
    stream = Stream(dialect.id, (*tokens, "z" * room, "y"))
    return stream.but(part_cuts=(stream.records[last].stop,))


def _of_one_record(dialect: Dialect, size: int) -> Stream:
    """A stream whose first text has a message of *size* bytes, or of the nearest that base64 can have below."""
    empty, full = (Stream(dialect.id, (text, "y")).frames for text in ("", "zzz"))
    around = next(len(first) for first, second in zip(empty, full, strict=True) if first != second)
    room = size - around if dialect.typed else (size - around) * 3 // 4
    return Stream(dialect.id, ("z" * room, "y"))


@lru_cache(maxsize=64)
def _overhead(dialect: Dialect) -> int:
    """The bytes of the longest of many records around its text."""
    records = Stream(dialect.id, words(1200)).records[:-1]
    return max(record.stop - record.start - len(record.text) for record in records if record.text)


def _large_messages(dialect: Dialect) -> Iterator[Stream]:
    """Parts and whole messages of such sizes, then a wire of several such in chunks of them."""
    for size in SIZES:
        stream = sized(dialect, size)
        yield stream
        yield stream.but(chunk_cuts=())
        if size < 1_000_000:
            yield sized(dialect, size - MESSAGE_OVERHEAD)
    many = Stream(dialect.id, words(1000))
    for size in (16_384, 65_535, 65_536, 65_537):
        yield many.but(chunk_cuts=every(size, len(many.wire)))
    for character in ("é", "你", "😀"):  # a record of characters that end nowhere near a power of two, at each offset
        for before in range(len(character.encode())):
            text = "x" * before + character * 9000
            yield Stream(dialect.id, (text, "y"), chunk_cuts=())
    for size in (127, 128, 255, 256, 257, 511, 512):
        short = Stream(dialect.id, words(12))
        yield short.but(chunk_cuts=tuple(accumulate([size] * (len(short.wire) // size))))


def _in_short_parts(stream: Stream) -> Stream | None:
    """The control of sizes: the same text, each record a part; of long records, their beginnings."""
    if stream.chunk_cuts == () and len(stream.tokens) == 2:
        return Stream(stream.dialect, tuple([token[:8] for token in stream.tokens]))
    plain = carried_plainly(stream)
    return plain if max(map(len, plain.parts)) < min(SIZES) // 2 and plain != stream else None


REQUIREMENT = Requirement(
    id="F7",
    title="large messages, parts and chunks",
    rule="A message, part or chunk of 64 KiB, one byte more or less, or of a megabyte is one like others.",
    source="Smithy amazon-eventstream: lengths have 32 bits; HTTP clients hand over 64 KiB at a time",
    level=MUST,
    why="a slow consumer finds that much in one read, and a container that is not read in time writes it",
    contains=("R4", "R2", "O1", "F1", "N1"),
    letters=lambda dialect: [],
    more=_large_messages,
    control=_in_short_parts,
    layer="messages",
    searched=False,
    blames="message",
    shows=lambda stream: max(map(len, (*stream.parts, *stream.chunks)), default=0) >= 32_000,
)
