"""inspect-ai's SageMaker provider, unmodified, over our endpoint: `get_model(...).generate(...)`, the whole answer."""

import logging
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.inspect_ai import WHOLE
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.stream import Stream


@cache
def _session() -> Any:
    """aiobotocore's session, with credentials that are none; made anew for each answer, it reads its models again."""
    from aiobotocore.session import get_session

    session = get_session()
    session.set_credentials("none", "none")
    return session


def _reads(dialect: str, form: str) -> Client:
    async def generate(url: str, name: str) -> str:
        from inspect_ai.model import GenerateConfig, get_model

        config = GenerateConfig(max_retries=0)
        model = get_model(f"sagemaker/{name}", config=config, memoize=False, endpoint_url=url, stream=True)
        model.api.session = _session()
        text: str = (await model.generate("hello")).completion
        return text

    return generate


_CODE = """import os

from inspect_ai.model import GenerateConfig, get_model


async def client(url, name):
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")
    config = GenerateConfig(max_retries=0)
    output = await get_model(f"sagemaker/{name}", config=config, endpoint_url=url, stream=True).generate("hello")
    return output.completion
"""


def decoder() -> Decoder:
    """The adapter; ImportError if inspect-ai, openai or aiobotocore is not installed."""
    from inspect_ai.model._providers.sagemaker import SagemakerAPI

    logging.getLogger(SagemakerAPI.__module__).disabled = True  # it logs each record it skips

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream, asynchronous=True)

    return client(
        "inspect-ai-client",
        {"async": mode(_reads)},
        ("openai-sse",),
        version=lambda: version("inspect-ai"),
        code=code,
        builds_on=("aiobotocore", "inspect-ai"),
        modules=("inspect_ai.model._providers.sagemaker",),
        by_design={"T3": WHOLE},
    )
