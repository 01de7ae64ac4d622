"""LiteLLM's `completion` and `acompletion`, unmodified, over our endpoint: `sagemaker/` and `sagemaker_chat/`.

Which of the two is asked goes by the dialect, as a user of that container chooses it. Retries are off: what a retry
makes of an answer that broke is told by A1 and A2, once.
"""

from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.litellm import COMPLETION, MESSAGES, messages_api
from sliceproof.conformance.decoders.adapters.litellm_calls import litellm, modes
from sliceproof.conformance.decoders.endpoint.client import client, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.stream import Stream

_CREDENTIALS = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "aws_region_name": "us-east-1"}


def _asked(dialect: str, form: str, url: str, name: str) -> dict[str, Any]:
    return {
        "model": f"{_provider(dialect, form)}/{name}",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "max_retries": 0,
        "num_retries": 0,
        "sagemaker_base_url": f"{url}/endpoints/{name}/invocations-response-stream",
        **_CREDENTIALS,
    }


def _provider(dialect: str, form: str) -> str:
    return "sagemaker_chat" if messages_api(dialect, form) else "sagemaker"


_CODE = """import litellm

credentials = {{"aws_access_key_id": "none", "aws_secret_access_key": "none", "aws_region_name": "us-east-1"}}


def client(url, name):
    for chunk in litellm.completion(
        model=f"{provider}/{{name}}",
        messages=[{{"role": "user", "content": "hello"}}],
        stream=True,
        max_retries=0,
        sagemaker_base_url=f"{{url}}/endpoints/{{name}}/invocations-response-stream",
        **credentials,
    ):
        yield chunk
"""


def decoder() -> Decoder:
    """The adapter; ImportError if litellm is not installed."""
    package = litellm()

    def code(stream: Stream, mode: str) -> str:
        provider = _provider(stream.dialect, stream.style.form)
        return snippet(_CODE.format(provider=provider), "client", stream)

    return client(
        "litellm-completion",
        modes(package, _asked),
        COMPLETION + MESSAGES,
        yields="deltas",
        version=lambda: version("litellm"),
        code=code,
        builds_on=("litellm",),
        modules=("litellm.litellm_core_utils.streaming_handler", "litellm.llms.sagemaker.common_utils"),
    )
