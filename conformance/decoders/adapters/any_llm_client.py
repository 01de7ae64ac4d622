"""any-llm's SageMaker provider, unmodified, over our endpoint: `completion` and `acompletion`."""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.any_llm import CLAIMED
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.decoders.endpoint.environment import environment
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.dialects.delta import openai_deltas
from sliceproof.wire.stream import Stream

_ASKED: dict[str, Any] = {"messages": [{"role": "user", "content": "hello"}], "stream": True}


@cache
def _provider(url: str) -> Any:
    """The provider of a URL, as `any_llm.completion` makes it anew each time; without retries.

    It looks for credentials in boto3's session, and there is no argument for these.
    """
    from any_llm import AnyLLM
    from botocore.config import Config

    with environment(url):
        return AnyLLM.create("sagemaker", api_base=url, config=Config(retries={"total_max_attempts": 1}))


def _sync(dialect: str, form: str) -> Client:
    def complete(url: str, name: str) -> Iterator[Any]:
        yield from map(openai_deltas, _provider(url).completion(model=name, **_ASKED))

    return complete


def _async(dialect: str, form: str) -> Client:
    async def complete(url: str, name: str) -> AsyncIterator[Any]:
        async for chunk in await _provider(url).acompletion(model=name, **_ASKED):
            yield openai_deltas(chunk)

    return complete


_CODE = """import os

from any_llm import completion


def client(url, name):
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="us-east-1")
    messages = [{"role": "user", "content": "hello"}]
    for chunk in completion(name, messages, provider="sagemaker", api_base=url, stream=True):
        yield chunk
"""


def decoder() -> Decoder:
    """The adapter; ImportError if any-llm-sdk or its extra `sagemaker` is not installed."""
    import any_llm.providers.sagemaker.sagemaker  # noqa: F401
    from any_llm.logging import logger

    logger.disabled = True  # it warns of itself at each call

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream)

    return client(
        "any-llm-client",
        {"sync": mode(_sync), "async": mode(_async)},
        ("djl-jsonlines", "lmi-jsonlines"),
        yields="deltas",
        channels=CLAIMED,
        version=lambda: version("any-llm-sdk"),
        code=code,
        builds_on=("botocore", "any-llm-sdk"),
        modules=("any_llm.providers.sagemaker.utils",),
    )
