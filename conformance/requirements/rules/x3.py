"""X3: two streams at once."""

from collections.abc import Iterator

from sliceproof.conformance.harness.consumers import both
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.applicability import throwable
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.wire.dialects import Dialect, Framing, Style
from sliceproof.wire.stream import Stream


def _between(dialect: Dialect) -> Iterator[Stream]:
    """Streams in which half a record, half a message and half a character are held between two pulls."""
    plain = Stream(dialect.id, ("left", "over", "and", "gone"))
    if dialect.framing is not Framing.RAW:
        halves = tuple([(record.start + record.stop) // 2 for record in plain.records[:4]])
        yield plain.but(part_cuts=halves)
    if dialect.framing.by_line:
        for before in (0, 1):  # behind the data, and between the two line ends of an event
            yield plain.but(part_cuts=tuple([record.stop - 1 - before for record in plain.records[:4]]))
        first = plain.records[0].stop
        yield plain.but(part_cuts=(first // 2, first + 20))
    starts = (0, *plain.frame_stops[:-1])
    yield plain.but(
        chunk_cuts=tuple([(start + two) // 2 for start, two in zip(starts, plain.frame_stops, strict=True)])
    )
    accents = Stream(dialect.id, ("é", "ö"), Style(ascii=False))
    yield accents.but(part_cuts=tuple([record.text_start + 1 for record in accents.records[:2]]))
    yield plain


def _interleaved(decoder: Decoder, stream: Stream) -> Broken | None:
    """Two streams that are read at once; each comes out as if it were alone."""
    other = _of_other_words(stream)
    for mode in decoder.modes:
        for given, outcome in zip((stream, other), both(decoder, mode, stream, other), strict=True):
            breach = lossless(given, outcome, decoder.compared)
            alone = both(decoder, mode, given, None)[0] if breach else outcome
            if breach is not None and lossless(given, alone, decoder.compared) is None:
                return Broken(stream, mode, breach, outcome)
    return None


def _of_other_words(stream: Stream) -> Stream:
    """As many deltas of other words, each as long, so that the same cuts fall at the same places."""
    tokens = tuple([token.translate(_OTHER_LETTERS) for token in stream.tokens])
    return Stream(stream.dialect, tokens, stream.style, stream.part_cuts, stream.chunk_cuts)


_OTHER_LETTERS = str.maketrans("leftovrandgéö", "LEFTOVRANDGÉÖ")


def _one_after_the_other(decoder: Decoder) -> str:
    if decoder.accepts == "endpoint":
        return "a program asks for one stream after the other" if decoder.name.startswith("run:") else ""
    return throwable(decoder)


REQUIREMENT = Requirement(
    id="X3",
    title="two streams at once",
    rule="Two streams that one decoder reads at the same time come out as each would alone.",
    source="a server answers many users at once, from threads or tasks",
    level=MUST,
    why="text of one user in another's answer is text invented",
    letters=lambda dialect: [],
    more=_between,
    compare=_interleaved,
    decoders=_one_after_the_other,
    layer="messages",
    searched=False,
    contains=("X1",),
    blames="order",
    alone=False,
)
