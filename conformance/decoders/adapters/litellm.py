"""LiteLLM's AWSEventStreamDecoder, in the version installed: sync and async, completion and messages API.

Its caller knows which API it called, so the adapter chooses `is_messages_api` by the dialect and
the form of its records, as `sagemaker/` and `sagemaker_chat/` do.
"""

import os
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects.delta import openai_deltas
from sliceproof.wire.stream import Stream

COMPLETION = ("tgi-sse", "djl-jsonlines", "djl-sse")
MESSAGES = ("openai-sse", "lmi-jsonlines")


def messages_api(dialect: str, form: str) -> bool:
    return dialect in MESSAGES and not form.startswith("token")


def deltas_of(item: Any) -> Any:
    """The deltas of one chunk: a GenericStreamingChunk (a dict), a chat chunk, or None at an unreadable end."""
    if item is None:
        return ()
    if isinstance(item, dict):
        return item.get("text") or ""
    return openai_deltas(item)


_SYNC = """from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

CHUNKS

decoder = AWSEventStreamDecoder(model="m", is_messages_api={api})
for item in decoder.iter_bytes(iter(chunks)):
    print(item)"""

_ASYNC = """import asyncio

from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

CHUNKS


async def feed():
    for chunk in chunks:
        yield chunk


async def main():
    decoder = AWSEventStreamDecoder(model="m", is_messages_api={api})
    async for item in decoder.aiter_bytes(feed()):
        print(item)


asyncio.run(main())"""


def code(stream: Stream, mode: str) -> str:
    api = messages_api(stream.dialect, stream.style.form)
    return (_SYNC if mode == "sync" else _ASYNC).format(api=api)


def decoder() -> Decoder:
    """The adapter; ImportError if litellm is not installed."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or importing it asks the network
    import litellm  # noqa: F401 - its sub-modules import each other; this order works in every release
    from litellm import verbose_logger
    from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

    verbose_logger.disabled = True  # it logs every record it cannot read; the findings say so better

    def opened(dialect: str, form: str) -> Any:
        return AWSEventStreamDecoder(model="m", is_messages_api=messages_api(dialect, form))

    return Decoder(
        "litellm",
        {
            "sync": Mode(lambda dialect, form: opened(dialect, form).iter_bytes),
            "async": Mode(lambda dialect, form: opened(dialect, form).aiter_bytes, is_async=True),
        },
        COMPLETION + MESSAGES,
        yields="deltas",
        version=lambda: version("litellm"),
        extract=deltas_of,
        code=code,
        builds_on=("botocore",),
        client="litellm-completion",
        modules=("litellm.llms.sagemaker.common_utils", "botocore.eventstream"),
    )
