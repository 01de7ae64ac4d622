"""any-llm's SageMaker provider, from the call of the endpoint to the content of its chunks.

It reads one JSON object an event: `token` (DJL, LMI) or `choices` (LMI's chat), in JSON lines; no
SSE. DJL's older `{"outputs": [" a"]}` it names too, but wants an object where DJL writes the text.
"""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import client, code, endpoint
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects.delta import openai_deltas

CLAIMED = ("tool-call",)
"""It passes the request's tools on, says itself that it gives no reasoning, and has no argument for several choices."""

_IMPORTS = "from any_llm.providers.sagemaker.utils import _create_openai_chunk_from_sagemaker_chunk"
_USE = """for event in body:
    print(_create_openai_chunk_from_sagemaker_chunk(event, "m"))"""


def decoder() -> Decoder:
    """The adapter; ImportError if any-llm-sdk or its extra `sagemaker` is not installed."""
    from any_llm.providers.sagemaker.sagemaker import SagemakerProvider
    from any_llm.types.completion import CompletionParams

    class Provider(SagemakerProvider):
        """The provider with our client, for which no credentials need to be there."""

        def _verify_and_set_api_key(self, api_key: str | None = None) -> str | None:
            return api_key

        def _init_client(self, *_: object, **__: object) -> None:
            self.client = client()

    client()  # made now, so that no run waits for it

    provider, asked = Provider(), [{"role": "user", "content": "prompt"}]

    def stream(chunks: Iterable[bytes]) -> Any:
        return provider._completion(CompletionParams(model_id=endpoint(chunks), messages=asked, stream=True))

    return Decoder(
        "any-llm-sdk",
        {"sync": Mode(lambda dialect, form: stream)},
        ("djl-jsonlines", "lmi-jsonlines"),
        yields="deltas",
        channels=CLAIMED,
        version=lambda: version("any-llm-sdk"),
        extract=openai_deltas,
        code=lambda stream, mode: code(_IMPORTS, _USE),
        builds_on=("botocore",),
        modules=("any_llm.providers.sagemaker.utils",),
        client="any-llm-client",
    )
