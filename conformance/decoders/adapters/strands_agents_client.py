"""strands-agents' SageMakerAIModel, unmodified, over our endpoint, which boto3 finds by its own variable."""

import logging
from collections.abc import AsyncIterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.strands_agents import CLAIMED, OPENAI_ONLY, deltas
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.decoders.endpoint.environment import environment
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.stream import Stream


@cache
def _model(url: str) -> Any:
    """The model of a URL, without retries; each stream names its endpoint by `update_config`."""
    from botocore.config import Config
    from strands.models.sagemaker import SageMakerAIModel

    with environment(url):
        return SageMakerAIModel(
            {"endpoint_name": "", "region_name": "us-east-1"},
            {"max_tokens": 9},
            boto_client_config=Config(retries={"total_max_attempts": 1}),
        )


def _reads(dialect: str, form: str) -> Client:
    async def stream(url: str, name: str) -> AsyncIterator[Any]:
        model = _model(url)
        model.update_config(endpoint_name=name)  # read before the first await of `stream`
        of = deltas()
        async for event in model.stream([{"role": "user", "content": [{"text": "hello"}]}]):
            yield of(event)

    return stream


_CODE = """import os

from strands.models.sagemaker import SageMakerAIModel


async def client(url, name):
    os.environ.update(
        AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=url, AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none"
    )
    model = SageMakerAIModel({"endpoint_name": name, "region_name": "us-east-1"}, {"max_tokens": 9})
    async for event in model.stream([{"role": "user", "content": [{"text": "hello"}]}]):
        yield event
"""


def decoder() -> Decoder:
    """The adapter; ImportError if strands-agents or its extra `sagemaker` is not installed."""
    from strands.models.sagemaker import SageMakerAIModel

    logging.getLogger(SageMakerAIModel.__module__).disabled = True  # it logs each record it skips

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream, asynchronous=True)

    return client(
        "strands-agents-client",
        {"async": mode(_reads)},
        ("openai-sse", "lmi-jsonlines"),
        yields="deltas",
        channels=CLAIMED,
        version=lambda: version("strands-agents"),
        code=code,
        builds_on=("botocore", "strands-agents"),
        modules=(SageMakerAIModel.__module__,),
        by_design={"R3 lmi-jsonlines": OPENAI_ONLY, "D1 lmi-jsonlines": OPENAI_ONLY},
    )
