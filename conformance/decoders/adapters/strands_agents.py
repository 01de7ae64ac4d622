"""strands-agents: SageMakerAIModel.stream, from the call of the endpoint to the text of its content deltas.

It talks to OpenAI-compatible containers only (its guide: "endpoints that support OpenAI-compatible
chat completion APIs"), so LMI's other record schema is no business of its.
"""

import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import Session, client, code, endpoint
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import Delta

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


CLAIMED = ("reasoning", "tool-call")
"""Its events have no place for the number of a choice."""


def deltas() -> Callable[[dict[str, Any]], list[Delta]]:
    """What gives the deltas of each stream event in turn: tool calls are numbered as they begin."""
    begun = -1

    def of(event: dict[str, Any]) -> list[Delta]:
        nonlocal begun
        if "messageStart" in event:
            begun = -1
        if "messageStop" in event:
            return [Delta(finish=event["messageStop"]["stopReason"])]
        if start := event.get("contentBlockStart", {}).get("start", {}).get("toolUse"):
            begun += 1
            return [Delta("", "tool-call", index=begun, id=start["toolUseId"] or "", name=start["name"] or "")]
        delta = event.get("contentBlockDelta", {}).get("delta", {})
        said = (
            (delta.get("text"), "content", 0),
            (delta.get("reasoningContent", {}).get("text"), "reasoning", 0),
            (delta.get("toolUse", {}).get("input"), "tool-call", begun),
        )
        return [Delta(text, kind, index=index) for text, kind, index in said if text]

    return of


async def _each(events: AsyncIterable[dict[str, Any]]) -> AsyncIterator[list[Delta]]:
    of = deltas()
    async for event in events:
        yield of(event)


def decoder() -> Decoder:
    """The adapter; ImportError if strands-agents or its extra `sagemaker` is not installed."""
    from strands.models.sagemaker import SageMakerAIModel

    logging.getLogger(SageMakerAIModel.__module__).disabled = True  # it logs each record it skips

    client()  # made now, so that no run waits for it

    def stream(chunks: Iterable[bytes]) -> Any:
        model = SageMakerAIModel({"endpoint_name": endpoint(chunks)}, {"max_tokens": 9}, Session())
        return _each(model.stream([{"role": "user", "content": [{"text": "prompt"}]}]))

    return Decoder(
        "strands-agents",
        {"async": Mode(lambda dialect, form: stream, is_async=True)},
        ("openai-sse", "lmi-jsonlines"),
        version=lambda: version("strands-agents"),
        yields="deltas",
        channels=CLAIMED,
        code=lambda stream, mode: code(_IMPORTS, _USE, body=False),
        builds_on=("botocore",),
        modules=(SageMakerAIModel.__module__,),
        by_design={"R3 lmi-jsonlines": OPENAI_ONLY, "D1 lmi-jsonlines": OPENAI_ONLY},
        client="strands-agents-client",
    )
