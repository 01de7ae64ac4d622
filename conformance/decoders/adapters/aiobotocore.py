"""aiobotocore's AioEventStream: botocore's buffer, fed from aiohttp's body."""

from collections.abc import AsyncIterable, AsyncIterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import OPERATION, output_shape
from sliceproof.conformance.harness.contract import Decoder, Mode

_CODE = """import asyncio
from types import SimpleNamespace

from aiobotocore.eventstream import AioEventStream
from aiobotocore.parsers import AioEventStreamJSONParser
from botocore.loaders import Loader
from botocore.model import ServiceModel

CHUNKS


async def iter_chunks():
    for chunk in chunks:
        yield chunk, True


async def main():
    model = ServiceModel(Loader().load_service_model("sagemaker-runtime", "service-2"))
    shape = model.shape_for("InvokeEndpointWithResponseStreamOutput").members["Body"]
    response = SimpleNamespace(content=SimpleNamespace(iter_chunks=iter_chunks))
    async for event in AioEventStream(response, shape, AioEventStreamJSONParser(), "operation"):
        print(event)


asyncio.run(main())"""


class _Response:
    """As much of aiohttp's response as AioEventStream reads: `content.iter_chunks()`."""

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self._chunks = chunks

    @property
    def content(self) -> "_Response":
        return self

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        """Each chunk, and that it ends one of HTTP's."""
        async for chunk in self._chunks:
            yield chunk, True


def event_stream(chunks: AsyncIterable[bytes]) -> Any:
    """aiobotocore's AioEventStream over *chunks*: what `response["Body"]` is."""
    from aiobotocore.eventstream import AioEventStream
    from aiobotocore.parsers import AioEventStreamJSONParser

    return AioEventStream(_Response(chunks), output_shape(), AioEventStreamJSONParser(), OPERATION)


def decoder() -> Decoder:
    """The adapter; ImportError if aiobotocore is not installed."""
    import aiobotocore.eventstream
    import aiobotocore.parsers  # noqa: F401

    output_shape()  # loaded now, so that no run waits for it
    return Decoder(
        "aiobotocore",
        {"async": Mode(lambda dialect, form: event_stream, is_async=True)},
        yields="messages",
        version=lambda: version("aiobotocore"),
        extract=lambda event: (None, event["PayloadPart"]["Bytes"]),
        code=lambda stream, mode: _CODE,
        builds_on=("botocore",),
        modules=("aiobotocore.eventstream", "botocore.eventstream"),
        client="aiobotocore-client",
    )
