"""inspect-ai's SageMaker provider: its streaming call, which reads the stream to its end and gives the whole answer.

It asks for OpenAI chunks as server-sent events (`stream_options` is vLLM's), over aiobotocore.
"""

import logging
from collections.abc import AsyncIterable, AsyncIterator
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from sliceproof.conformance.decoders.adapters.aiobotocore import event_stream
from sliceproof.conformance.decoders.adapters.invocation import output_shape
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import Delta
from sliceproof.wire.dialects.delta import openai_deltas

WHOLE = "it gives the answer when it is whole, and its caller asks again when it is not"
CLAIMED = ("reasoning", "tool-call")
"""It says itself that its streaming parser drops other choices."""


def whole(choices: list[dict[str, Any]]) -> list[Delta]:
    """The deltas of whole messages."""
    return [
        delta for choice in choices for delta in openai_deltas({"choices": [{**choice, "delta": choice["message"]}]})
    ]


_CODE = """import asyncio
from types import SimpleNamespace

from aiobotocore.eventstream import AioEventStream
from aiobotocore.parsers import AioEventStreamJSONParser
from botocore.loaders import Loader
from botocore.model import ServiceModel
from inspect_ai.model._providers.sagemaker import SagemakerAPI

CHUNKS


async def iter_chunks():
    for chunk in chunks:
        yield chunk, True


async def invoke(**_):
    model = ServiceModel(Loader().load_service_model("sagemaker-runtime", "service-2"))
    shape = model.shape_for("InvokeEndpointWithResponseStreamOutput").members["Body"]
    response = SimpleNamespace(content=SimpleNamespace(iter_chunks=iter_chunks))
    return {"Body": AioEventStream(response, shape, AioEventStreamJSONParser(), "operation")}


client = SimpleNamespace(invoke_endpoint_with_response_stream=invoke)
_, output = asyncio.run(SagemakerAPI("endpoint")._invoke_endpoint_streaming(client, {}))
print(output)"""


def decoder() -> Decoder:
    """The adapter; ImportError if inspect-ai, openai or aiobotocore is not installed."""
    from inspect_ai.model._providers.sagemaker import SagemakerAPI

    logging.getLogger(SagemakerAPI.__module__).disabled = True  # it logs each record it skips
    output_shape()  # loaded now, so that no run waits for it
    provider = SagemakerAPI("endpoint")

    async def stream(chunks: AsyncIterable[bytes]) -> AsyncIterator[Any]:
        async def invoke(**_: object) -> dict[str, Any]:
            return {"Body": event_stream(chunks)}

        client = SimpleNamespace(invoke_endpoint_with_response_stream=invoke)
        _, output = await provider._invoke_endpoint_streaming(client, {})
        yield whole(output["choices"])

    return Decoder(
        "inspect-ai",
        {"async": Mode(lambda dialect, form: stream, is_async=True)},
        ("openai-sse",),
        yields="deltas",
        channels=CLAIMED,
        version=lambda: version("inspect-ai"),
        code=lambda stream, mode: _CODE,
        builds_on=("aiobotocore",),
        modules=("inspect_ai.model._providers.sagemaker",),
        by_design={"W1": WHOLE, "T3": WHOLE},
        client="inspect-ai-client",
    )
