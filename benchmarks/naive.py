"""What one would write first to test a decoder, to hold the suite against.

`naive` draws `st.text()` tokens and random cuts, and asks one property: the text comes back. `failing` is a
table of unit tests as clients have them: whole tokens, one object a part.
"""

from functools import cache
from random import Random

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.wire.dialects import encode
from sliceproof.wire.stream import Stream


@cache
def naive(dialect_id: str) -> st.SearchStrategy[Stream]:
    """Streams of `st.text()` tokens, body and wire cut at drawn offsets."""

    @st.composite
    def drawn(draw: st.DrawFn) -> Stream:
        stream = Stream(dialect_id, tuple(draw(st.lists(st.text(), min_size=1, max_size=12))))
        offsets = st.lists(st.integers(0, len(encode(stream.format, stream.tokens).data)), max_size=12)
        stream = stream.but(part_cuts=tuple(sorted(draw(offsets))))
        offsets = st.lists(st.integers(0, len(stream.wire)), max_size=12)
        return stream.but(chunk_cuts=tuple(sorted(draw(offsets))))

    return drawn()


def first_lost(decoder: Decoder, dialect_id: str, examples: int, seed: int) -> int:
    """The number of the first naive example that does not come back, or 0."""
    tried = 0

    def lost(stream: Stream) -> bool:
        nonlocal tried
        tried += 1
        return not _comes_back(decoder, stream)

    try:
        find(naive(dialect_id), lost, settings=settings(_SETTINGS, max_examples=examples), random=Random(seed))
    except NoSuchExample:
        return 0
    return tried


_SETTINGS = settings(
    database=None,
    deadline=None,
    derandomize=False,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)

UNIT_TESTS = (
    ["Hello", " world"],
    ["The", " capital", " of", " France", " is", " Paris", "."],
    ["你好", "，", "世界"],
    ["Grüße", " aus", " Köln"],
    ["😀", " 👍🏽"],
    ["Привет"],
    ['{"name"', ': "get', '_weather"}'],
    ['say "hi"', " \\o/"],
    ["first line\n", "second line\n"],
    ["a", "", "b"],
)
"""What the unit tests of real clients hold: whole tokens, one object a part, one message a chunk."""


def failing(decoder: Decoder, dialect_id: str) -> int:
    """How many of the unit tests fail."""
    return sum(not _comes_back(decoder, Stream(dialect_id, tuple(tokens))) for tokens in UNIT_TESTS)


def _comes_back(decoder: Decoder, stream: Stream) -> bool:
    outcomes = (drive(decoder, mode, stream) for mode in decoder.modes)
    return all(lossless(stream, outcome, decoder.compared) is None for outcome in outcomes)
