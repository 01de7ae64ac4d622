"""Event-stream codecs: a message whose end never comes is forgotten without a word (T2); smithy's says so."""

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

BOTOCORE = ("1.44.5", "1.44.8")
MESSAGE = (
    b"\x00\x00\x00B\x00\x00\x000a\xc8\xe4\xec"
    b"\x0b:event-type\x07\x00\x0bPayloadPart\r:message-type\x07\x00\x05event"
    b"x\nX\x0f\x92\x02"
)


@pytest.mark.parametrize(
    ("package", "versions", "module"),
    [
        pytest.param("botocore", BOTOCORE, "botocore.eventstream", marks=pytest.mark.confirms("botocore", "T2")),
        pytest.param(
            "amazon-transcribe",
            ("0.6.4",),
            "amazon_transcribe.eventstream",
            marks=pytest.mark.confirms("amazon-transcribe", "T2"),
        ),
    ],
)
def test_a_buffer_keeps_half_a_message_and_nothing_says_so(
    package: str, versions: tuple[str, ...], module: str, judged: Any
) -> None:
    judged(package, *versions)
    whole, half = import_module(module).EventStreamBuffer(), import_module(module).EventStreamBuffer()
    whole.add_data(MESSAGE)
    half.add_data(MESSAGE[:-1])
    assert [message.payload for message in whole] == [b"x\n"]
    assert list(half) == []


@pytest.mark.confirms("aiobotocore", "T2")
def test_aiobotocores_stream_ends_in_peace_inside_a_message(judged: Any) -> None:
    judged("aiobotocore", "3.10.0")
    from aiobotocore.eventstream import AioEventStream

    async def iter_chunks() -> AsyncIterator[tuple[bytes, bool]]:
        yield MESSAGE[:-1], True

    async def read() -> list[Any]:
        response = SimpleNamespace(content=SimpleNamespace(iter_chunks=iter_chunks))
        return [event async for event in AioEventStream(response, None, None, "operation")]

    assert asyncio.run(read()) == []


def test_smithy_raises_inside_a_message(judged: Any) -> None:
    judged("smithy-aws-event-stream", "0.3.0")
    from smithy_aws_event_stream.events import Event
    from smithy_aws_event_stream.exceptions import InvalidEventBytes
    from smithy_core.aio.types import AsyncBytesReader

    with pytest.raises(InvalidEventBytes):
        asyncio.run(Event.decode_async(AsyncBytesReader(MESSAGE[:-1])))
