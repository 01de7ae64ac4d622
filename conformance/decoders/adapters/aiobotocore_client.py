"""aiobotocore's client, unmodified, over our endpoint: aiohttp's connections, its errors, its events; the text is ours.

As with botocore's client, what comes of each part goes to our own reader, which loses nothing.
"""

from collections.abc import AsyncIterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.dialects import DIALECTS, reader
from sliceproof.wire.stream import Stream

_clients: dict[str, Any] = {}


async def _client(url: str) -> Any:
    """The client of a URL: made once, in the event loop in which all streams run."""
    from aiobotocore.config import AioConfig
    from aiobotocore.session import AioSession

    if url not in _clients:
        made = AioSession().create_client(
            "sagemaker-runtime",
            "us-east-1",
            endpoint_url=url,
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=AioConfig(retries={"total_max_attempts": 1}),
        )
        _clients[url] = await made.__aenter__()
    return _clients[url]


def _reads(dialect: str, form: str) -> Client:
    async def parts(url: str, name: str) -> AsyncIterator[str]:
        runtime = await _client(url)
        body = (await runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=b"{}"))["Body"]
        text = reader(DIALECTS[dialect])
        try:
            async for event in body:
                for piece in text.feed(event["PayloadPart"]["Bytes"]):
                    yield piece
            for piece in text.close():
                yield piece
        finally:
            body.close()

    return parts


_CODE = """from aiobotocore.session import AioSession


async def client(url, name):
    async with AioSession().create_client(
        "sagemaker-runtime", "us-east-1", endpoint_url=url, aws_access_key_id="none", aws_secret_access_key="none"
    ) as runtime:
        answer = await runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=b"{}")
        async for event in answer["Body"]:
            yield event["PayloadPart"]["Bytes"]
"""


def decoder() -> Decoder:
    """The adapter; ImportError if aiobotocore is not installed."""
    import aiobotocore.session  # noqa: F401

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream, asynchronous=True)

    return client(
        "aiobotocore-client",
        {"async": mode(_reads)},
        tuple(DIALECTS),
        version=lambda: version("aiobotocore"),
        code=code,
        builds_on=("aiobotocore",),
        modules=("aiobotocore.eventstream", "aiobotocore.httpsession"),
    )
