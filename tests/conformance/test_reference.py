"""The limits of the reference decoder are its own advice, and a user can lift them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sliceproof.conformance.decoders.reference import adecode, decode
from sliceproof.wire.dialects import RecordError
from sliceproof.wire.errors import LengthError
from sliceproof.wire.messages import UNLIMITED
from sliceproof.wire.specimens import OVER_LIMITS, SOUND, SPECIMENS
from sliceproof.wire.stream import Stream


class TestItsLimits:
    @pytest.mark.parametrize("name", sorted(OVER_LIMITS))
    def test_refuses_what_is_over_its_limits_and_accepts_it_where_these_are_lifted(self, name: str) -> None:
        (wire,) = [specimen.wire for specimen in SPECIMENS if specimen.name == name]
        with pytest.raises(LengthError):
            list(decode([wire], "text"))
        assert "".join(decode([wire], "text", limits=UNLIMITED)).endswith(SOUND.decode())
        assert "".join(asynchronously(wire)).endswith(SOUND.decode())

    def test_accepts_all_else_that_the_specification_accepts(self) -> None:
        for specimen in SPECIMENS:
            if specimen.expected == "accept" and specimen.name not in OVER_LIMITS:
                assert "".join(decode([specimen.wire], "text")).endswith(SOUND.decode())

    @pytest.mark.parametrize("id_", ["tgi-sse", "djl-jsonlines"])
    def test_holds_a_record_up_to_its_limit_or_to_none(self, id_: str) -> None:
        stream = Stream(id_, ("x" * 1000,))
        with pytest.raises(RecordError):
            list(decode(stream.chunks, id_, max_record=1000))
        assert "".join(decode(stream.chunks, id_, max_record=None)) == stream.text
        assert "".join(decode(stream.chunks, id_, max_record=len(stream.body))) == stream.text


def asynchronously(wire: bytes) -> list[str]:
    """What the async one gives of one chunk, without limits."""

    async def chunks() -> AsyncIterator[bytes]:
        yield wire

    async def told() -> list[str]:
        return [text async for text in adecode(chunks(), "text", limits=UNLIMITED, max_record=None)]

    return asyncio.run(told())
