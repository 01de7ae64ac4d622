"""strands-agents: SageMakerAIModel.stream, from the call of the endpoint to the text of its content deltas.

It talks to OpenAI-compatible containers only (its guide: "endpoints that support OpenAI-compatible
chat completion APIs"), so LMI's other record schema is no business of its.
"""

import logging
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import Session, client, code, endpoint
from sliceproof.conformance.harness.contract import Decoder, Mode

OPENAI_ONLY = "it reads OpenAI chunks, and LMI writes other records too where it is not asked for a chat"
_IMPORTS = """import asyncio

from strands.models.sagemaker import SageMakerAIModel"""
_USE = """

async def main():
    session = SimpleNamespace(client=lambda **_: client)
    model = SageMakerAIModel({"endpoint_name": "endpoint"}, {"max_tokens": 9}, session)
    async for event in model.stream([{"role": "user", "content": [{"text": "prompt"}]}]):
        print(event)


asyncio.run(main())"""


def text_of(event: dict[str, Any]) -> str:
    """The text of a stream event; "" for one that is no content delta."""
    text: str = event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    return text


def decoder() -> Decoder:
    """The adapter; ImportError if strands-agents or its extra `sagemaker` is not installed."""
    from strands.models.sagemaker import SageMakerAIModel

    logging.getLogger(SageMakerAIModel.__module__).disabled = True  # it logs each record it skips

    client()  # made now, so that no run waits for it

    def stream(chunks: Iterable[bytes]) -> Any:
        model = SageMakerAIModel({"endpoint_name": endpoint(chunks)}, {"max_tokens": 9}, Session())
        return model.stream([{"role": "user", "content": [{"text": "prompt"}]}])

    return Decoder(
        "strands-agents",
        {"async": Mode(lambda dialect, form: stream, is_async=True)},
        ("openai-sse", "lmi-jsonlines"),
        version=lambda: version("strands-agents"),
        extract=text_of,
        code=lambda stream, mode: code(_IMPORTS, _USE, body=False),
        builds_on=("botocore",),
        modules=(SageMakerAIModel.__module__,),
        by_design={"R3 lmi-jsonlines": OPENAI_ONLY, "D1 lmi-jsonlines": OPENAI_ONLY},
        client="strands-agents-client",
    )
