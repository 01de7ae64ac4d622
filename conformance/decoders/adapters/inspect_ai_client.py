"""inspect-ai's SageMaker provider, unmodified, over our endpoint: `get_model(...).generate(...)`, the whole answer."""

import json
import logging
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.inspect_ai import CLAIMED, WHOLE
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.dialects import Delta
from sliceproof.wire.stream import Stream


@cache
def _session() -> Any:
    """aiobotocore's session, with credentials that are none; made anew for each answer, it reads its models again."""
    from aiobotocore.session import get_session

    session = get_session()
    session.set_credentials("none", "none")
    return session


def _deltas(choice: Any) -> list[Delta]:
    """What the message of a choice says, and why it is over."""
    content = choice.message.content
    blocks = [Delta(content)] if isinstance(content, str) else [_block(block) for block in content]
    calls = [
        Delta(json.dumps(call.arguments), "tool-call", index=index, id=call.id, name=call.function)
        for index, call in enumerate(choice.message.tool_calls or [])
    ]
    return [*blocks, *calls, Delta(finish=choice.stop_reason)]


def _block(block: Any) -> Delta:
    return Delta(block.reasoning, "reasoning") if block.type == "reasoning" else Delta(block.text)


def _reads(dialect: str, form: str) -> Client:
    async def generate(url: str, name: str) -> list[Delta]:
        from inspect_ai.model import GenerateConfig, get_model

        config = GenerateConfig(max_retries=0)
        model = get_model(f"sagemaker/{name}", config=config, memoize=False, endpoint_url=url, stream=True)
        model.api.session = _session()
        return _deltas((await model.generate("hello")).choices[0])

    return generate


_CODE = """import os

from inspect_ai.model import GenerateConfig, get_model


async def client(url, name):
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")
    config = GenerateConfig(max_retries=0)
    output = await get_model(f"sagemaker/{name}", config=config, endpoint_url=url, stream=True).generate("hello")
    return [output.completion, *output.choices[0].message.tool_calls or []]
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
        yields="deltas",
        channels=CLAIMED,
        version=lambda: version("inspect-ai"),
        code=code,
        builds_on=("aiobotocore", "inspect-ai"),
        modules=("inspect_ai.model._providers.sagemaker",),
        by_design={"T3": WHOLE},
    )
