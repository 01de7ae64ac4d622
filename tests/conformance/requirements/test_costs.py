"""What is asked about cost and length, with a clock that shows what a decoder charges and no real time."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Broken
from sliceproof.conformance.requirements.roots import has
from sliceproof.strategies.letters import LINE
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.messages import MessageDecoder
from sliceproof.wire.stream import Stream

Q1, Q2, W1 = (REQUIREMENTS[id_] for id_ in ("Q1", "Q2", "W1"))
SWEPT = list(Q1.sweep(DIALECTS["tgi-sse"]))
SHAPES = ("one chunk", "many messages", "one part", "many parts")
EACH = pytest.mark.parametrize("long", SWEPT, ids=SHAPES)
SECOND = 1e-9  # a byte, where nothing grows


@dataclass
class Charging:
    """A decoder that reads everything and charges for it: seconds a run, from its number and its bytes."""

    charge: Callable[[int, int], float]
    runs: list[list[bytes]] = field(default_factory=list)
    now: float = 1000.0

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        self.runs.append(list(chunks))
        self.now += self.charge(len(self.runs), sum(map(len, self.runs[-1])))
        yield ""

    def clock(self) -> float:
        return self.now

    def check(self, stream: Stream, *others: "Charging") -> Broken | None:
        """What Q1 says of it, and of others as further ways of calling it."""
        modes = {str(number): Mode(lambda d, f, one=one: one.decode) for number, one in enumerate((self, *others))}  # type: ignore[misc]
        return Q1.check(Decoder("mine", modes, cpu_seconds=lambda: sum(one.now for one in (self, *others))), stream)

    def sizes(self) -> list[int]:
        return [sum(map(len, run)) for run in self.runs]


def linear(number: int, size: int) -> float:
    return SECOND * size


def test_shapes_are_many_messages_in_one_chunk_as_many_chunks_and_in_one_part_and_one_record_in_many() -> None:
    of_chunks, of_messages, of_one_part, of_parts = SWEPT
    assert (len(of_chunks.chunks), len(of_messages.chunks)) == (1, len(of_messages.frames))
    assert len(of_chunks.tokens) == len(of_one_part.tokens) > 1000
    assert len(of_messages.tokens) > 4000
    assert len(of_one_part.parts) == 1
    assert len(of_parts.tokens) == 1
    assert len(of_parts.parts) > 100


@pytest.mark.parametrize("known", DIALECTS.values(), ids=lambda known: known.id)
def test_every_dialect_has_the_shapes_that_its_framing_allows(known: Dialect) -> None:
    assert len(list(Q1.sweep(known))) == (4 if known.framing in ("sse", "lines") else 3)


class TestTheCostAByte:
    @EACH
    def test_is_measured_until_it_is_long_enough_and_once_where_nothing_grows(self, long: Stream) -> None:
        charging = Charging(linear)
        assert charging.check(long) is None
        times = [round(size / charging.sizes()[0]) for size in charging.sizes()]
        assert times == [1, 1, 1, 8, 1, 32, 1]
        assert {len(run) for run in charging.runs} == {1} or long.chunk_cuts != ()

    @EACH
    def test_keeps_the_shape_at_each_length(self, long: Stream) -> None:
        charging = Charging(linear)
        charging.check(long)
        assert tuple(charging.runs[-2]) == long.chunks

    @pytest.mark.parametrize("tokens", [(), ("x",) * 100, ("x" * 1000,)])
    def test_of_a_short_stream_is_not_asked(self, tokens: tuple[str, ...]) -> None:
        charging = Charging(lambda number, size: size * size)
        assert charging.check(Stream("tgi-sse", tokens)) is None
        assert charging.runs == []

    @EACH
    def test_that_grows_with_the_length_is_told_with_both_lengths(self, long: Stream) -> None:
        charging = Charging(lambda number, size: size * size * 1e-13)
        broken = charging.check(long)
        assert broken is not None
        assert broken.stream == long
        told = re.fullmatch(r"([\d,]+) bytes cost about (\d+) times as much a byte as ([\d,]+)", broken.breach.got)
        assert told is not None
        longer, shorter = (int(told[group].replace(",", "")) for group in (1, 3))
        assert [shorter, longer] == charging.sizes()[2:4]
        assert int(told[2]) == round(longer / shorter)

    @EACH
    @pytest.mark.parametrize("share", [0.02, 0.05, 0.3, 1.0])
    def test_that_grows_a_little_is_found_by_going_on(self, long: Stream, share: float) -> None:
        """The part that grows is such a share of the short stream's cost; at 128 times it is all of it."""
        probe = Charging(linear)
        probe.check(long)
        short = probe.sizes()[0]
        assert Charging(lambda number, size: 1e-9 * size * (1 + share * size / short)).check(long) is not None

    @EACH
    def test_may_differ_by_what_a_stream_costs_at_once(self, long: Stream) -> None:
        assert Charging(lambda number, size: 1e-3 + 1e-9 * size).check(long) is None

    @EACH
    def test_that_is_twice_as_dear_once_it_is_long_is_no_growth(self, long: Stream) -> None:
        """As where a processor's cache no longer holds it."""
        assert Charging(lambda number, size: 1e-9 * size * (1 if size < 300_000 else 2)).check(long) is None

    @EACH
    @pytest.mark.parametrize("dearer", [3, 6])
    def test_that_is_much_dearer_once_it_is_long_is_no_growth_either(self, long: Stream, dearer: int) -> None:
        """As where other processes crowd it out of the caches."""
        assert Charging(lambda number, size: 1e-9 * size * (1 if size < 300_000 else dearer)).check(long) is None

    @pytest.mark.parametrize("undisturbed", [0, 1, 2])
    def test_counts_the_least_of_three_so_that_two_disturbed_runs_do_not_count(self, undisturbed: int) -> None:
        """The first three runs are of the short stream; after them, each is of another length in turn."""

        def noise(number: int) -> int:
            number -= 1
            return 1 if (number if number < 3 else (number - 3) // 2) % 3 == undisturbed else 50

        assert Charging(lambda n, size: 1e-9 * size * noise(n)).check(SWEPT[1]) is None
        assert Charging(lambda n, size: 1e-13 * size * size * noise(n)).check(SWEPT[1]) is not None

    def test_is_not_measured_longer_where_a_run_is_slow_and_nothing_grew(self) -> None:
        charging = Charging(lambda number, size: size / 200_000)
        assert charging.check(SWEPT[1]) is None
        assert len(charging.runs) == 5

    def test_is_measured_once_where_a_run_takes_over_a_second(self) -> None:
        charging = Charging(lambda number, size: size / 100_000)
        assert charging.check(SWEPT[1]) is None
        assert len(charging.runs) == 5

    def test_of_what_the_clock_does_not_see_is_no_growth(self) -> None:
        assert Charging(lambda number, size: 0.0).check(SWEPT[1]) is None
        assert Charging(lambda number, size: 1e-6 * (size > 100_000)).check(SWEPT[1]) is None

    def test_of_a_clock_that_goes_back_is_no_growth(self) -> None:
        """As the clock of a child that ended and was begun again."""
        assert Charging(lambda number, size: -1e-12 * size * size).check(SWEPT[1]) is None

    def test_of_a_decoder_that_fails_is_no_growth(self) -> None:
        def charge(number: int, size: int) -> float:
            if size > 100_000:
                raise ValueError("too long")
            return 1e-12 * size * size

        assert Charging(charge).check(SWEPT[1]) is None

    def test_is_measured_in_each_way_of_calling(self) -> None:
        broken = Charging(linear).check(SWEPT[1], Charging(lambda number, size: 1e-12 * size * size))
        assert broken is not None
        assert broken.mode == "1"
        assert broken.outcome.items == ("",)


class SplitsAgainAndAgain:
    """A reader of lines that copies what is left of the part for each line."""

    def __init__(self) -> None:
        self.rest = ""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[str]:
        messages = MessageDecoder()
        for chunk in chunks:
            for message in messages.feed(chunk):
                rest = message.payload.decode()
                while "\n\n" in rest:
                    record, rest = rest.split("\n\n", 1)
                    yield str(len(record))


def test_lines_that_are_cut_off_a_part_one_by_one_are_found_in_one_part_alone() -> None:
    decoder = Decoder("mine", {"sync": Mode(lambda dialect, form: SplitsAgainAndAgain().decode)})
    assert [shape for shape, long in zip(SHAPES, SWEPT, strict=True) if Q1.check(decoder, long)] == ["one part"]


class TestALongRecord:
    CAPS = (2**13, 2**16, 2**17, 2**20)  # of http.client's and asyncio's readers, and of others

    def test_is_just_past_each_cap_that_readers_have_whole_and_in_parts(self) -> None:
        for dialect in DIALECTS.values():
            swept = list(Q2.sweep(dialect))
            whole = [stream for stream in swept if stream.part_cuts is None]
            in_parts = [stream for stream in swept if stream.part_cuts is not None]
            assert [stream.text for stream in whole] == [stream.text for stream in in_parts]
            for cap, stream in zip(self.CAPS, whole, strict=True):
                assert cap < len(stream.text) < 1.25 * cap

    def test_in_parts_is_cut_at_the_line_and_where_it_ends_and_nowhere_else(self) -> None:
        for dialect in DIALECTS.values():
            for stream in Q2.sweep(dialect):
                if stream.part_cuts is not None:
                    lines = range(LINE, len(stream.body), LINE)
                    assert set(stream.part_cuts) == {*lines, *stream.but(part_cuts=None).edges[1:-1]}
                    assert list(stream.part_cuts) == sorted(set(stream.part_cuts))


class TestADelta:
    def test_is_asked_for_at_once_also_among_several_in_a_chunk_or_a_part(self) -> None:
        for dialect in DIALECTS.values():
            streams = [W1.composed(dialect, (letter,) * 2) for letter in W1.alphabet(dialect)]
            assert any(has(stream, "O1") for stream in streams), dialect
            assert any(has(stream, "R2") for stream in streams) == (dialect.framing != "raw"), dialect

    def test_is_not_late_in_the_reference(self) -> None:
        reference = DECODERS["reference"].load()
        assert W1.check(reference, Stream("tgi-sse", ("x", "y"))) is None
