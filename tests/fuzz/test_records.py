"""The target `records`: our readers make the same of a body however it is sliced; one that does not is caught."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from sliceproof.conformance.engine.seeds import seeds
from sliceproof.conformance.harness.contract import TargetError
from sliceproof.corpus import shipped
from sliceproof.fuzz import fuzz_records
from sliceproof.fuzz.fuzz_records import Records
from sliceproof.fuzz.target import FaultOfOursError, Options
from sliceproof.wire.dialects import DIALECTS, Dialect, reader

BODIES = seeds(shipped())["records"]


def changed(random: Random, data: bytes) -> bytes:
    at = random.randrange(1, len(data) + 1)
    return (
        data[:at]
        + random.choice([b"", b"\n", b'"', b"}", b"\xff", b"\r", b"data: "])
        + data[at + random.randrange(3) :]
    )


def test_bodies_of_cases_and_what_is_near_them_read_alike_in_any_slices() -> None:
    target, random = Records(Options()), Random(1)
    for body in BODIES:
        for data in (body, *(changed(random, body) for _ in range(4))):
            assert not target.run(data)


class _OfWholeLines:
    """A reader that forgets what is left of a line when its slice ends."""

    def __init__(self, dialect: Dialect) -> None:
        self.inner = reader(dialect)

    def feed(self, data: bytes) -> Iterator[str]:
        whole, _, _ = data.rpartition(b"\n")
        return self.inner.feed(whole + b"\n")

    def close(self) -> Iterator[str]:
        return self.inner.close()


def test_a_reader_that_minds_its_slices_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_records, "reader", _OfWholeLines)
    body = bytes([list(DIALECTS).index("tgi-sse")]) + b'data: {"token":{"text":"x"},"generated_text":"x"}\n\n'
    with pytest.raises(FaultOfOursError, match=r"tgi-sse: .* in slices of 1"):
        Records(Options()).run(body)


def test_a_framing_that_changes_the_text_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_events_alone(dialect: Dialect) -> Any:
        return reader(DIALECTS["text"] if dialect.framing == "sse" else dialect)

    monkeypatch.setattr(fuzz_records, "reader", of_events_alone)
    body = bytes([list(DIALECTS).index("djl-jsonlines")]) + b'{"token":{"text":"x"},"generated_text":"x"}\n'
    with pytest.raises(FaultOfOursError, match=r"in djl-jsonlines, .* in djl-sse"):
        Records(Options()).run(body)


def test_no_decoder_is_asked() -> None:
    with pytest.raises(TargetError, match="leave the decoder out"):
        Records(Options(("litellm",)))
