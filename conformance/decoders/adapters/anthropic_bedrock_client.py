"""anthropic's clients of Bedrock, unmodified, over our endpoint: AnthropicBedrock and AsyncAnthropicBedrock."""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.anthropic_python import ASKED, deltas
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.stream import Stream


@cache
def _client(url: str, kind: str) -> Any:
    """The client of a URL, without retries; its connections are kept for all models."""
    import anthropic

    keys = {"aws_access_key": "none", "aws_secret_key": "none", "aws_region": "us-east-1"}
    return getattr(anthropic, kind)(**keys, base_url=url, max_retries=0)


def _sync(dialect: str, form: str) -> Client:
    def create(url: str, name: str) -> Iterator[Any]:
        with _client(url, "AnthropicBedrock").messages.create(**ASKED | {"model": name}) as stream:
            yield from map(deltas(), stream)

    return create


def _async(dialect: str, form: str) -> Client:
    async def create(url: str, name: str) -> AsyncIterator[Any]:
        of = deltas()
        async with await _client(url, "AsyncAnthropicBedrock").messages.create(**ASKED | {"model": name}) as stream:
            async for event in stream:
                yield of(event)

    return create


_CODE = """from anthropic import AnthropicBedrock


def client(url, name):
    keys = {"aws_access_key": "none", "aws_secret_key": "none", "aws_region": "us-east-1"}
    bedrock = AnthropicBedrock(**keys, base_url=url, max_retries=0)
    messages = [{"role": "user", "content": "hello"}]
    yield from bedrock.messages.create(model=name, max_tokens=9, messages=messages, stream=True)
"""


def decoder() -> Decoder:
    """The adapter; ImportError if anthropic, or what its extra `bedrock` has, is not installed."""
    import boto3
    import botocore.eventstream  # noqa: F401 - it is imported at the first event
    from anthropic.lib.bedrock import _stream_decoder

    _stream_decoder.get_response_stream_shape()  # loaded now, so that no stream waits for it
    boto3.Session("none", "none", region_name="us-east-1")  # what signs imports it

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream)

    return client(
        "anthropic-bedrock-client",
        {"sync": mode(_sync), "async": mode(_async)},
        ("bedrock-invoke-anthropic",),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("anthropic"),
        code=code,
        builds_on=("botocore", "anthropic-bedrock"),
        modules=(_stream_decoder.__name__, "anthropic._streaming"),
    )
