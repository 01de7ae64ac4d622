"""OpenAI's client for Python, unmodified, over our endpoint's route for it: `OpenAI` and `AsyncOpenAI`.

SageMaker answers there with the container's body as it is: without the framing, an exception message has no place, and
is a connection that breaks.
"""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import CHANNELS, Decoder
from sliceproof.wire.dialects.delta import openai_deltas
from sliceproof.wire.stream import Stream

RAW = "the route that it asks gives the body alone: there is no framing"

_ASKED: dict[str, Any] = {"model": "", "messages": [{"role": "user", "content": "hello"}], "stream": True}


@cache
def _client(url: str, kind: str) -> Any:
    """The client of a URL; its connections are kept for all endpoints."""
    import openai

    return getattr(openai, kind)(base_url=url, api_key="none", max_retries=0)


def _of(kind: str, url: str, name: str) -> Any:
    return _client(url, kind).with_options(base_url=f"{url}/endpoints/{name}/openai/v1")


def _sync(dialect: str, form: str) -> Client:
    def complete(url: str, name: str) -> Iterator[Any]:
        with _of("OpenAI", url, name).chat.completions.create(**_ASKED) as stream:
            yield from map(openai_deltas, stream)

    return complete


def _async(dialect: str, form: str) -> Client:
    async def complete(url: str, name: str) -> AsyncIterator[Any]:
        async with await _of("AsyncOpenAI", url, name).chat.completions.create(**_ASKED) as stream:
            async for chunk in stream:
                yield openai_deltas(chunk)

    return complete


_CODE = """from openai import OpenAI


def client(url, name):
    openai = OpenAI(base_url=f"{url}/endpoints/{name}/openai/v1", api_key="none", max_retries=0)
    messages = [{"role": "user", "content": "hello"}]
    for chunk in openai.chat.completions.create(model="", messages=messages, stream=True):
        yield chunk
"""


def decoder() -> Decoder:
    """The adapter; ImportError if openai is not installed."""
    import openai  # noqa: F401

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream, raw=True)

    return client(
        "openai-client",
        {"sync": mode(_sync), "async": mode(_async)},
        ("openai-sse",),
        yields="deltas",
        channels=CHANNELS,
        version=lambda: version("openai"),
        code=code,
        modules=("openai._streaming",),
        by_design=dict.fromkeys(("F2", "F2-malformed", "F4", "F5", "K1", "T2"), RAW),
    )
