"""What is asked about cost and length, with a clock that shows what a decoder charges and no real time."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from sliceproof.conformance.decoder import Decoder, Mode
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.requirement import Broken
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.roots import has
from sliceproof.strategies.letters import LINE
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.stream import Stream

Q1, Q2, W1 = (REQUIREMENTS[id_] for id_ in ("Q1", "Q2", "W1"))
TIMES = 32
SWEPT = list(Q1.sweep(DIALECTS["tgi-sse"]))
SHORT, LONG = SWEPT[::2], SWEPT[1::2]
SHAPES = ("one chunk", "many messages", "many parts")
EACH_LONG = pytest.mark.parametrize(("short", "long"), [*zip(SHORT, LONG, strict=True)], ids=SHAPES)
APART = 500_000
"""Bytes that every long wire has, and no short one."""


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


def a_byte(rate: float, long_rate: float) -> Callable[[int, int], float]:
    """So much for each byte: of a short wire, and of a long one."""
    return lambda number, size: size * (long_rate if size > APART else rate)


def test_pairs_are_one_shape_and_32_times_as_long() -> None:
    for short, long in zip(SHORT, LONG, strict=True):
        assert len(long.text) == TIMES * len(short.text)
        assert len(short.wire) < APART < len(long.wire)


def test_shapes_are_many_messages_in_one_chunk_as_many_chunks_and_one_record_in_many_parts() -> None:
    of_chunks, of_messages, of_parts = LONG
    assert (len(of_chunks.chunks), len(of_messages.chunks)) == (1, len(of_messages.frames))
    assert len(of_messages.tokens) == len(of_chunks.tokens) > 1
    assert len(of_parts.tokens) == 1
    assert len(of_parts.parts) > 100


class TestTheCostAByte:
    @EACH_LONG
    def test_is_compared_with_that_of_the_short_stream_before(self, short: Stream, long: Stream) -> None:
        charging = Charging(a_byte(1e-9, 1e-9))
        assert charging.check(long) is None
        read = [tuple(run) for run in charging.runs]
        assert read == [short.chunks] * 3 + [long.chunks] * 3

    @pytest.mark.parametrize("short", SHORT, ids=SHAPES)
    def test_of_a_short_stream_is_compared_with_none(self, short: Stream) -> None:
        charging = Charging(a_byte(1e-9, 1.0))
        assert charging.check(short) is None
        assert charging.check(Stream("tgi-sse", ())) is None
        assert charging.runs == []

    @pytest.mark.parametrize("tokens", [("x",) * 8320, ("x" * 1_100_000, "y")], ids=["many deltas", "a long one"])
    def test_of_any_other_long_stream_is_compared_with_that_of_a_32nd(self, tokens: tuple[str, ...]) -> None:
        stream, charging = Stream("tgi-sse", tokens), Charging(a_byte(1e-9, 1e-9))
        assert charging.check(stream) is None
        sizes = [sum(map(len, run)) for run in charging.runs]
        assert sizes[3:] == [len(stream.wire)] * 3
        assert sizes[3] / sizes[0] == pytest.approx(TIMES, rel=0.05)

    @EACH_LONG
    def test_may_double_and_no_more(self, short: Stream, long: Stream) -> None:
        assert Charging(a_byte(1.0, 2.0)).check(long) is None
        assert Charging(a_byte(1.0, 2.1)).check(long) is not None

    @EACH_LONG
    def test_that_grows_with_the_length_is_told_with_both_lengths(self, short: Stream, long: Stream) -> None:
        broken = Charging(lambda number, size: size * size * 1e-12).check(long)
        assert broken is not None
        assert broken.stream == long
        told = re.fullmatch(r"([\d,]+) bytes cost about (\d+) times as much a byte as ([\d,]+)", broken.breach.got)
        assert told is not None
        sizes = [int(told[group].replace(",", "")) for group in (1, 3)]
        assert sizes == [len(long.wire), len(short.wire)]
        assert int(told[2]) == round(len(long.wire) / len(short.wire))

    def test_is_the_least_of_three_so_that_two_disturbed_runs_do_not_count(self) -> None:
        assert Charging(lambda number, size: size * (1e-9 if number in (3, 6) else 1e-7)).check(LONG[1]) is None

    def test_is_measured_once_where_a_run_takes_over_a_second(self) -> None:
        charging = Charging(lambda number, size: 1.5)
        assert charging.check(LONG[1]) is None
        assert [len(run) for run in charging.runs] == [len(SHORT[1].chunks), len(LONG[1].chunks)]

    def test_that_grew_is_measured_again_and_the_smaller_growth_counts(self) -> None:
        disturbed = Charging(lambda number, size: size * (1e-7 if 4 <= number <= 6 else 1e-9))
        assert disturbed.check(LONG[1]) is None
        assert len(disturbed.runs) == 12
        assert (
            Charging(lambda number, size: size * size * (1e-12 if number < 7 else 0.5e-12)).check(LONG[1]) is not None
        )

    def test_of_what_the_clock_does_not_see_is_no_growth(self) -> None:
        assert Charging(lambda number, size: 0.0).check(LONG[1]) is None
        assert Charging(lambda number, size: 1e-6 * (size > APART)).check(LONG[1]) is None

    def test_of_a_clock_that_goes_back_is_no_growth(self) -> None:
        """As the clock of a child that ended and was begun again."""
        assert Charging(lambda number, size: -1e-12 * size * size).check(LONG[1]) is None

    def test_is_measured_in_each_way_of_calling(self) -> None:
        broken = Charging(a_byte(1.0, 1.0)).check(LONG[1], Charging(a_byte(1.0, 9.0)))
        assert broken is not None
        assert broken.mode == "1"
        assert broken.outcome.items == ("",)


class TestALongRecord:
    CAPS = (2**13, 2**16, 2**17, 2**20)  # of http.client's and asyncio's readers, and of others

    def test_is_just_past_each_cap_that_readers_have_whole_and_in_parts(self) -> None:
        for known in DIALECTS.values():
            swept = list(Q2.sweep(known))
            whole = [stream for stream in swept if stream.part_cuts is None]
            in_parts = [stream for stream in swept if stream.part_cuts is not None]
            assert [stream.text for stream in whole] == [stream.text for stream in in_parts]
            for cap, stream in zip(self.CAPS, whole, strict=True):
                assert cap < len(stream.text) < 1.25 * cap

    def test_in_parts_is_cut_at_the_line_and_where_it_ends_and_nowhere_else(self) -> None:
        for known in DIALECTS.values():
            for stream in Q2.sweep(known):
                if stream.part_cuts is not None:
                    lines = range(LINE, len(stream.body), LINE)
                    assert set(stream.part_cuts) == {*lines, *stream.but(part_cuts=None).edges[1:-1]}
                    assert list(stream.part_cuts) == sorted(set(stream.part_cuts))


class TestADelta:
    def test_is_asked_for_at_once_also_among_several_in_a_chunk_or_a_part(self) -> None:
        for known in DIALECTS.values():
            streams = [W1.composed(known, (letter,) * 2) for letter in W1.alphabet(known)]
            assert any(has(stream, "O1") for stream in streams), known
            assert any(has(stream, "R2") for stream in streams) == (known.framing != "raw"), known

    def test_is_not_late_in_the_reference(self) -> None:
        reference = DECODERS["reference"].load()
        assert W1.check(reference, Stream("tgi-sse", ("x", "y"))) is None
