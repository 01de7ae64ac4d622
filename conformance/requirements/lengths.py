"""Numbers: how many deltas, records without text and bytes there are changes nothing.

Counters, recursion and buffers have edges; each count that a decoder may keep is put there once.
"""

from collections.abc import Iterator
from itertools import accumulate

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.strategies.crossing import words
from sliceproof.strategies.hazards import MESSAGE_OVERHEAD
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

COUNTS = (9, 10, 11, 17, 34, 65, 101, 129, 257, 513, 1100)
RUNS = (2, 3, 9, 33, 101, 1100)
"""How many records without text stand in a row; Python's recursion ends at 1,000."""
FEW = 101
"""How many records make no large chunk."""
SIZES = (32_768, 65_535, 65_536, 65_537, 131_072, 1_048_576)


def _many_deltas(known: Dialect) -> Iterator[Stream]:
    """So many deltas, no two alike: each a message of its own, then all in one chunk, then all in one part."""
    for count in COUNTS:
        yield Stream(known.id, words(count))
    for count in COUNTS[2:-3]:  # more is a large chunk, or a large part
        yield Stream(known.id, words(count), chunk_cuts=())
    for count in COUNTS[2:-3]:
        yield Stream(known.id, words(count), part_cuts=())


def _runs_without_text(known: Dialect) -> Iterator[Stream]:
    """Between two deltas a long run of what the dialect's servers write that has no text: empty deltas, comments."""
    kinds = [kind for kind in (*known.asides, *known.extras) if kind not in ("role", "usage")]
    for count in RUNS:
        yield Stream(known.id, ("x", *[""] * count, "y"))
        for kind in kinds:
            yield Stream(known.id, ("x", "y"), Style(asides=((1, kind),) * count))
    for count in RUNS:
        plain = Stream(known.id, ("x", "y"))
        yield plain.but(part_cuts=tuple(sorted((*plain.edges[1:-1], *(plain.records[0].stop,) * count))))
        if count <= FEW:
            yield Stream(known.id, ("x", *[""] * count, "y"), chunk_cuts=())


def _without_them(stream: Stream) -> Stream:
    """The control of runs: the two deltas alone."""
    return Stream(stream.dialect, tuple(filter(None, stream.tokens)))


def sized(known: Dialect, size: int) -> Stream:
    """A stream whose first part has *size* bytes, in many short records; a short record follows it.

    The records are short so that the full text, which some dialects repeat in the last one, is short too.
    Of a document the first part begins it, of plain text it is *size* bytes of text.
    """
    records = Stream(known.id, words(1200)).records[:-1]
    overhead = max(record.stop - record.start - len(record.text) for record in records)
    tokens = tuple([f"w{number:05}" for number in range(size // (overhead + 6) - 1)])
    if known.framing == "raw":
        tokens = ()
    room = size - Stream(known.id, (*tokens, "", "y")).records[len(tokens)].stop
    stream = Stream(known.id, (*tokens, "z" * room, "y"))
    return stream.but(part_cuts=(stream.records[len(tokens)].stop,))


def _large_messages(known: Dialect) -> Iterator[Stream]:
    """Parts and whole messages of such sizes, then a wire of several such in chunks of them."""
    for size in SIZES:
        yield sized(known, size)
        if size < 1_000_000:
            yield sized(known, size - MESSAGE_OVERHEAD)
    many = Stream(known.id, words(1000))
    for size in (16_384, 65_535, 65_536, 65_537):
        yield many.but(chunk_cuts=every(size, len(many.wire)))
    for size in (127, 128, 255, 256, 257, 511, 512):
        short = Stream(known.id, words(12))
        yield short.but(chunk_cuts=tuple(accumulate([size] * (len(short.wire) // size))))


def _in_short_parts(stream: Stream) -> Stream | None:
    """The control of sizes: the same text, each record a part; there is none where that is as large."""
    plain = carried_plainly(stream)
    return plain if max(map(len, plain.parts)) < SIZES[0] // 2 and plain != stream else None


REQUIREMENTS = (
    Requirement(
        id="N1",
        title="many deltas",
        rule="Every delta counts: the tenth, the hundredth and the thousandth like the first.",
        source="an answer has as many deltas as tokens",
        level=MUST,
        why="answers of a thousand tokens are ordinary",
        contains=("R4", "R2", "O1"),
        letters=lambda known: [],
        more=_many_deltas,
        layer="lines",
        searched=False,
        blames="order",
    ),
    Requirement(
        id="N2",
        title="a long run without text",
        rule="A thousand records without text, empty deltas or empty parts in a row take nothing from what follows.",
        source="TGI writes an empty delta for each token held back, and keep-alives; parts may be empty",
        level=MUST,
        why="the dialect's own servers write them, and nothing says how many",
        contains=("R4", "S2", "R3", "F6", "P4", "O1"),
        letters=lambda known: [],
        more=_runs_without_text,
        control=_without_them,
        layer="lines",
        searched=False,
        blames="line",
    ),
    Requirement(
        id="F7",
        title="large messages, parts and chunks",
        rule="A message, part or chunk of 64 KiB, one byte more or less, or of a megabyte is one like others.",
        source="Smithy amazon-eventstream: lengths have 32 bits; HTTP clients hand over 64 KiB at a time",
        level=MUST,
        why="a slow consumer finds that much in one read, and a container that is not read in time writes it",
        contains=("R4", "R2", "O1", "F1", "N1"),
        letters=lambda known: [],
        more=_large_messages,
        control=_in_short_parts,
        layer="messages",
        searched=False,
        blames="message",
    ),
)
