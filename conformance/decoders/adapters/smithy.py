"""smithy-aws-event-stream: Event.decode_async over smithy's own reader of a body (Python 3.12 and later)."""

from collections.abc import AsyncIterable, AsyncIterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.harness.contract import Decoder, Mode

_CODE = """import asyncio

from smithy_aws_event_stream.events import Event
from smithy_core.aio.types import AsyncBytesReader

CHUNKS


async def feed():
    for chunk in chunks:
        yield chunk


async def main():
    source = AsyncBytesReader(feed())
    while event := await Event.decode_async(source):
        print(event.message)


asyncio.run(main())"""


def decoder() -> Decoder:
    """The adapter; ImportError if smithy-aws-event-stream is not installed."""
    from smithy_aws_event_stream.events import Event
    from smithy_core.aio.types import AsyncBytesReader

    async def messages(chunks: AsyncIterable[bytes]) -> AsyncIterator[Any]:
        source = AsyncBytesReader(chunks)
        while event := await Event.decode_async(source):
            yield event.message

    return Decoder(
        "smithy-aws-event-stream",
        {"async": Mode(lambda dialect, form: messages, is_async=True)},
        yields="messages",
        version=lambda: version("smithy-aws-event-stream"),
        extract=lambda message: (message.headers, message.payload),
        code=lambda stream, mode: _CODE,
        modules=("smithy_aws_event_stream.events",),
    )
