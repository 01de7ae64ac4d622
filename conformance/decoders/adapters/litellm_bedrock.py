"""LiteLLM's decoders of Bedrock's event stream, sync and async: of ConverseStream, and of each family of models.

Its caller knows the operation and the provider, so the adapter chooses by the dialect as LiteLLM does: the model of
Anthropic behind InvokeModelWithResponseStream has a decoder of its own, all else AWSEventStreamDecoder.
"""

import os
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.bedrock_runtime import BASE
from sliceproof.conformance.decoders.adapters.litellm import deltas_of
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import Delta
from sliceproof.wire.stream import Stream

MODELS = {
    "bedrock-converse": "anthropic.claude-3-haiku-20240307-v1:0",
    "bedrock-invoke-anthropic": "anthropic.claude-3-haiku-20240307-v1:0",
    "bedrock-invoke-llama": "meta.llama3-8b-instruct-v1:0",
    "bedrock-invoke-mistral": "mistral.mistral-7b-instruct-v0:2",
    "bedrock-invoke-nova": "us.amazon.nova-lite-v1:0",
}
"""A model of each dialect."""
OWN, OTHERS = "AmazonAnthropicClaudeStreamDecoder", "AWSEventStreamDecoder"
PROMPTED = (
    "it asks Mistral's models with a prompt, which they answer in `outputs`; only messages are answered in `choices`"
)

_MADE = """from litellm.llms.bedrock.chat.invoke_handler import NAME

CHUNKS
"""
_SYNC = """
decoder = MADE
for item in decoder.iter_bytes(iter(chunks)):
    print(item)"""
_ASYNC = """

async def feed():
    for chunk in chunks:
        yield chunk


async def main():
    decoder = MADE
    async for item in decoder.aiter_bytes(feed()):
        print(item)


asyncio.run(main())"""


def _deltas(item: Any) -> Any:
    """Those of a chunk; one of a family without typed events tells the end in `finish_reason`."""
    given = deltas_of(item)
    if isinstance(item, dict) and item.get("finish_reason"):
        return [Delta(given), Delta(finish=item["finish_reason"])]
    return given


def decoder() -> Decoder:
    """The adapter; ImportError if litellm is not installed."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or importing it asks the network
    import litellm  # noqa: F401 - its sub-modules import each other; this order works in every release
    from litellm import verbose_logger
    from litellm.llms.bedrock.chat import invoke_handler

    verbose_logger.disabled = True  # it logs every record it cannot read; the findings say so better

    def opened(dialect: str, sync: bool) -> Any:
        model = MODELS[dialect]
        if dialect == "bedrock-invoke-anthropic":
            return getattr(invoke_handler, OWN)(model=model, sync_stream=sync)
        return getattr(invoke_handler, OTHERS)(model=model)

    def code(stream: Stream, mode: str) -> str:
        own, sync = stream.dialect == "bedrock-invoke-anthropic", mode == "sync"
        name = OWN if own else OTHERS
        made = f'{name}(model="{MODELS[stream.dialect]}"{f", sync_stream={sync}" if own else ""})'
        begin = _MADE if sync else f"import asyncio\n\n{_MADE}"
        return (begin + (_SYNC if sync else _ASYNC)).replace("NAME", name).replace("MADE", made)

    return Decoder(
        "litellm-bedrock",
        {
            "sync": Mode(lambda dialect, form: opened(dialect, True).iter_bytes),
            "async": Mode(lambda dialect, form: opened(dialect, False).aiter_bytes, is_async=True),
        },
        tuple(MODELS),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("litellm"),
        extract=_deltas,
        code=code,
        builds_on=(BASE,),
        by_design={"R3 bedrock-invoke-mistral": PROMPTED},
        modules=(invoke_handler.__name__, "botocore.eventstream"),
    )
