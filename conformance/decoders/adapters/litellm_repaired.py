"""LiteLLM's own decoder with the smallest override that makes it conform: what a user of an old release can copy.

The override is `litellm_lossless`, and nothing else; docs/litellm.md shows it.
"""

from dataclasses import replace
from typing import Any

from sliceproof.conformance.decoders.adapters import litellm as released
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.stream import Stream


def _code(stream: Stream, mode: str) -> str:
    module = "sliceproof.conformance.decoders.adapters.litellm_lossless"
    code = released.code(stream, mode).replace("litellm.llms.sagemaker.common_utils", module)
    return code.replace("AWSEventStreamDecoder", "LosslessDecoder")


def decoder() -> Decoder:
    """The adapter; ImportError if litellm is not installed."""
    adapted = released.decoder()
    from sliceproof.conformance.decoders.adapters.litellm_lossless import LosslessDecoder

    def opened(dialect: str, form: str) -> Any:
        return LosslessDecoder(model="m", is_messages_api=released.messages_api(dialect, form))

    return replace(
        adapted,
        name="litellm-repaired",
        modes={
            "sync": Mode(lambda dialect, form: opened(dialect, form).iter_bytes),
            "async": Mode(lambda dialect, form: opened(dialect, form).aiter_bytes, is_async=True),
        },
        code=_code,
        modules=(LosslessDecoder.__module__, *adapted.modules),
    )
