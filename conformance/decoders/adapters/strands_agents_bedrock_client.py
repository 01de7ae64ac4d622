"""strands-agents' BedrockModel, unmodified, over our endpoint, and what `process_stream` makes of it."""

import logging
from collections.abc import AsyncIterator
from functools import cache
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from sliceproof.conformance.decoders.adapters.strands_agents import CLAIMED
from sliceproof.conformance.decoders.adapters.strands_agents_bedrock import events
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.stream import Stream


@cache
def _session(url: str) -> Any:
    """As much of a boto3 session as a model asks for: the client that a model has made of the URL, without retries."""
    import boto3
    from botocore.config import Config
    from strands.models.bedrock import BedrockModel

    made = BedrockModel(
        boto_session=boto3.Session("none", "none", region_name="us-east-1"),
        boto_client_config=Config(retries={"total_max_attempts": 1}),
        endpoint_url=url,
        model_id="none",
    )
    return SimpleNamespace(region_name="us-east-1", client=lambda **_: made.client)


def _reads(dialect: str, form: str) -> Client:
    async def stream(url: str, name: str) -> AsyncIterator[Any]:
        from strands.event_loop.streaming import process_stream
        from strands.models.bedrock import BedrockModel

        of = events()
        model = BedrockModel(boto_session=_session(url), model_id=name)  # a thread of its own reads the id later
        async for event in process_stream(model.stream([{"role": "user", "content": [{"text": "hello"}]}])):
            yield of(event)

    return stream


_CODE = """import boto3
from strands.event_loop.streaming import process_stream
from strands.models.bedrock import BedrockModel


async def client(url, name):
    session = boto3.Session("none", "none", region_name="us-east-1")
    model = BedrockModel(boto_session=session, endpoint_url=url, model_id=name)
    async for event in process_stream(model.stream([{"role": "user", "content": [{"text": "hello"}]}])):
        yield event
"""


def decoder() -> Decoder:
    """The adapter; ImportError if strands-agents is not installed."""
    from strands.event_loop.streaming import process_stream
    from strands.models.bedrock import BedrockModel

    for module in (process_stream.__module__, BedrockModel.__module__):
        logging.getLogger(module).disabled = True

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream, asynchronous=True)

    return client(
        "strands-agents-bedrock-client",
        {"async": mode(_reads)},
        ("bedrock-converse",),
        yields="deltas",
        channels=CLAIMED,
        version=lambda: version("strands-agents"),
        code=code,
        builds_on=("botocore", "strands-agents-bedrock"),
        modules=(BedrockModel.__module__, process_stream.__module__),
    )
