"""The differential: each thing that a decoder can do with a doubtful message is told as that."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.decoders.subprocess.child import ChildError
from sliceproof.conformance.engine import differential
from sliceproof.conformance.engine.differential import VERDICTS, Reacted, Reaction, ours, reaction, reactions
from sliceproof.conformance.harness.contract import Decoder, Mode, TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.source import RawWire
from sliceproof.wire.specimens import SOUND, SPECIMENS, Specimen

BY_NAME = {specimen.name: specimen for specimen in SPECIMENS}
Given = Iterator[tuple[None, bytes]]


def decoder(messages: Callable[[Iterable[bytes]], Given]) -> Decoder:
    return Decoder("mine", {"sync": Mode(lambda dialect, form: messages)}, yields="messages")


def react(messages: Callable[[Iterable[bytes]], Given]) -> str:
    return str(reaction(decoder(messages), "sync", [b"abc"]))


def of(judged: Decoder, *names: str) -> dict[tuple[str, str], Reacted]:
    told = reactions(judged, [BY_NAME[name] for name in names])
    return {(one.specimen, one.mode): one for one in told}


def gives(*payloads: bytes, error: BaseException | None = None) -> Callable[[Iterable[bytes]], Given]:
    def messages(chunks: Iterable[bytes]) -> Given:
        for _ in chunks:
            pass
        for payload in payloads:
            yield None, payload
        if error is not None:
            raise error

    return messages


def spins(chunks: Iterable[bytes]) -> Given:
    while True:
        time.sleep(0.01)
    yield None, b""


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        (gives(b"doubtful", SOUND), "accepted"),
        (gives(b""), "accepted, the next lost"),
        (gives(SOUND), "silent"),
        (gives(), "lost"),
        (gives(error=KeyError(10)), "error KeyError"),
        (gives(SOUND, error=KeyError(10)), "error KeyError"),
        (gives(b"doubtful", error=KeyError(10)), "accepted, then error KeyError"),
        (gives(error=ChildError("a line of 20 MiB")), "not asked"),
    ],
)
def test_what_is_given_and_how_it_ends_is_the_verdict(messages: Any, told: str) -> None:
    assert react(messages) == told
    assert react(messages).partition(" KeyError")[0] in VERDICTS


def test_what_does_not_end_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(differential, "PATIENCE", 0.3)
    assert react(spins) == "hang"


def test_a_class_that_is_called_error_is_told_with_its_module() -> None:
    import struct

    assert react(gives(error=struct.error("short"))) == "error struct.error"


def test_what_an_error_says_is_one_line_and_not_a_long_one() -> None:
    told = reaction(decoder(gives(error=KeyError("x\n" * 500))), "sync", [b"abc"])
    assert "\n" not in told.message
    assert len(told.message) == 200
    assert told.message.endswith("…")


def test_a_decoder_that_cares_how_the_wire_is_cut_is_told_both_ways() -> None:
    def first_chunk_alone(chunks: Iterable[bytes]) -> Given:
        sizes = [len(chunk) for chunk in chunks]
        yield None, SOUND
        if len(sizes) == 1:
            yield None, b"doubtful"

    (told,) = of(decoder(first_chunk_alone), "no-headers").values()
    assert (told.whole, told.bytewise) == (Reaction("accepted"), Reaction("silent"))


def test_one_that_does_not_is_told_once() -> None:
    (told,) = of(decoder(gives(SOUND)), "no-headers").values()
    assert told == Reacted("no-headers", "sync", Reaction("silent"))


def test_a_large_specimen_comes_in_chunks_and_once() -> None:
    seen: list[list[int]] = []

    def sizes(chunks: Iterable[bytes]) -> Given:
        seen.append([len(chunk) for chunk in chunks])
        yield None, SOUND

    of(decoder(sizes), "headers-128-kib")
    assert [max(lengths) for lengths in seen] == [65536]
    assert sum(seen[0]) == len(BY_NAME["headers-128-kib"].wire)


def test_a_child_is_not_asked_what_no_line_of_it_may_hold() -> None:
    """It would be told as a hang, and be none of its own."""
    asked: list[int] = []

    def messages(chunks: Iterable[bytes]) -> Given:
        asked.append(sum(map(len, chunks)))
        yield None, SOUND

    child = Decoder("exec:x", {"exec": Mode(lambda dialect, form: messages)}, yields="messages")
    told = of(child, "payload-16-mib", "payload-over-24-mib", "headers-128-kib")
    assert [one.whole.verdict for one in told.values()] == ["not asked", "not asked", "silent"]
    assert "lines of 16 MiB" in told["payload-16-mib", "exec"].whole.message
    assert len(asked) == 1


def test_who_reads_no_framing_is_not_asked() -> None:
    with pytest.raises(TargetError, match="reference takes chunks and gives text"):
        next(reactions(load("reference")))


class TestOurOwn:
    @pytest.mark.parametrize("specimen", [one for one in SPECIMENS if not one.large], ids=lambda one: one.name)
    def test_takes_and_refuses_what_the_specification_says_however_it_is_cut(self, specimen: Specimen) -> None:
        (told,) = reactions(ours(), [specimen])
        assert told.bytewise is None
        assert told.whole.verdict == ("error" if specimen.expected == "refuse" else "accepted")

    def test_stops_at_its_limits_where_a_client_need_not(self) -> None:
        told = of(ours(), "headers-128-kib", "headers-over-128-kib")
        assert [str(one.whole) for one in told.values()] == ["accepted", "error LengthError"]


class TestBotocore:
    """As of 1.44; what changes here changes the published table."""

    def test_says_nothing_of_half_a_message(self) -> None:
        told = of(load("botocore"), "truncated-50")
        assert {str(one.whole) for one in told.values()} == {"silent"}

    def test_takes_a_total_length_of_12_and_its_event_stream_drops_it(self) -> None:
        told = of(load("botocore"), "total-12")
        assert told["total-12", "buffer"].whole.verdict == "accepted"
        assert told["total-12", "event stream"].whole.verdict == "silent"

    def test_ends_at_a_wrong_checksum(self) -> None:
        told = of(load("botocore"), "prelude-checksum", "payload-bit")
        assert {str(one.whole) for one in told.values()} == {"error ChecksumMismatch"}


class TestARawWire:
    def test_is_fed_as_it_is(self) -> None:
        wire = RawWire([b"ab", b"", b"c"])
        outcome = drive(decoder(lambda chunks: ((None, chunk) for chunk in chunks)), "sync", wire)
        assert [payload for _, payload in outcome.items] == [b"ab", b"", b"c"]

    def test_is_equal_to_another_of_the_same_chunks(self) -> None:
        assert RawWire([b"a"]) == RawWire((b"a",)) != RawWire([b"a"], "tgi-sse")
