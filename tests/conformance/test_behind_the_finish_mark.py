"""A fault behind the finish mark costs nobody anything: who left with the whole answer is not blamed, others are."""

import time
from collections.abc import Iterator

import pytest

from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.decoders.sound.steps import Lines, Messages, Sound
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import Breach
from sliceproof.conformance.requirements.judge import difference
from sliceproof.wire.dialects import BEDROCK, DIALECTS
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

FINISHING = [dialect.id for dialect in DIALECTS.values() if dialect.finishes and dialect.framing in ("sse", "lines")]


class Swallows(Sound):
    """Gives what there was and ends in peace, whatever is wrong."""

    def decode(self, chunks: Iterator[bytes]) -> Iterator[str]:  # type: ignore[override]
        try:
            yield from super().decode(chunks)
        except Exception:
            return


SWALLOWS = Decoder("swallows", {"sync": Mode(lambda id_, form: Swallows(id_).decode)})


def breach(id_: str, stream: Stream, decoder: Decoder = SWALLOWS) -> Breach | None:
    broken = REQUIREMENTS[id_].check(decoder, stream)
    return broken and broken.breach


ASKED = [(dialect, id_) for dialect in FINISHING for id_ in ("T2", "T4", "E3", "F2", "F2-malformed")]
ASKED += [(dialect, id_) for dialect in BEDROCK for id_ in ("T2", "T4", "F2")]


@pytest.mark.parametrize(("dialect", "id_"), ASKED)
def test_who_leaves_at_the_mark_is_not_blamed_and_who_swallows_is(dialect: str, id_: str) -> None:
    leaves = SOUND["leaves_at_the_finish_mark"].decoder()
    streams = list(REQUIREMENTS[id_].sweep(DIALECTS[dialect]))
    assert [stream for stream in streams if breach(id_, stream, leaves)] == []
    assert [stream for stream in streams if breach(id_, stream)]


def test_a_wire_that_breaks_off_after_the_mark_lost_nothing_and_one_before_it_did() -> None:
    plain = Stream("openai-sse", ["x", "y"])
    marks = [at for at in range(1, len(plain.wire)) if breach("T2", plain.but(fault=Fault("truncated", at))) is None]
    inside = [at for at in marks if at not in plain.frame_stops]
    assert inside
    assert min(inside) > plain.frame_stops[-2]


def test_an_exception_is_an_error_wherever_it_comes() -> None:
    assert breach("E1", Stream("openai-sse", ["x"], fault=Fault("exception", 1))) is not None


def test_who_does_not_read_records_knows_of_no_mark() -> None:
    class Half(Messages):
        def end(self) -> None:
            pass

    decoder = Decoder("half", {"sync": Mode(lambda id_, form: Half(id_).decode)}, yields="messages")
    wire = Stream("openai-sse", ["x"])
    assert breach("T2", wire.but(fault=Fault("truncated", len(wire.wire) - 1)), decoder) is not None


def test_expected_is_what_a_sound_decoder_gives() -> None:
    plain = Stream("openai-sse", ["x", "y"])
    for at, text in ((1, "''"), (plain.frame_stops[0], "''"), (plain.frame_stops[0] + 1, "'x'")):
        told = REQUIREMENTS["T2"].check(SWALLOWS, plain.but(fault=Fault("truncated", at)))
        if at in plain.frame_stops:
            assert told is None
        else:
            assert told is not None
            assert told.breach.expected == f"{text}, then an error"
    unreadable = breach("E3", Stream("openai-sse", ["x", "y"], fault=Fault("unreadable-record", 1), part_cuts=()))
    assert unreadable is not None
    assert unreadable.expected == "'x', then an error"
    lines = Decoder("lines", {"sync": Mode(lambda id_, form: Lines(id_).decode)}, accepts="events", yields="lines")
    assert breach("T4", plain.but(fault=Fault("source-error", 3, "ConnectionResetError")), lines) is None


def test_a_document_is_whole_at_its_end_and_who_reads_it_at_once_withholds_nothing() -> None:
    stream = Stream("djl-json", ["x", "y"], fault=Fault("exception", 2))
    assert breach("T3", stream, SOUND["loads_the_document"].decoder()) is None

    class Half(Sound):
        def decode(self, chunks: Iterator[bytes]) -> Iterator[str]:  # type: ignore[override]
            yield "x"
            raise ValueError("half of it")

    half = Decoder("half", {"sync": Mode(lambda id_, form: Half(id_).decode)})
    assert breach("T3", stream, half) is not None


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        ("xy", "q" * 100_000_000, "alters text"),
        ("x" * 1000, "x" * 100_000_000, "invents text"),
        ("ab" * 5_000_000, "ab" * 5_000_000 + "c", "invents text"),
        ("ab" * 1_000_000, "ba" * 1_000_000, "reorders"),
    ],
    ids=["other", "more", "one more", "turned"],
)
def test_a_difference_of_a_hundred_megabytes_is_told_soon(expected: str, got: str, told: str) -> None:
    began = time.process_time()
    assert difference(expected, got)[0].words == told
    assert time.process_time() - began < 10
