"""LiteLLM's `completion` and `acompletion`, unmodified, over our endpoint: `bedrock/converse/` and `bedrock/invoke/`.

Which of the two is asked goes by the dialect; the id of the model says of whom it is. Retries are off.
"""

from contextlib import suppress
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.bedrock_runtime import CONVERSE, operation
from sliceproof.conformance.decoders.adapters.litellm_bedrock import MODELS, PROMPTED
from sliceproof.conformance.decoders.adapters.litellm_calls import litellm, modes
from sliceproof.conformance.decoders.endpoint.client import client, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.stream import Stream

NOBODY = "http://127.0.0.1:1"
"""Where nobody answers."""
_CREDENTIALS = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "aws_region_name": "us-east-1"}


def _route(dialect: str) -> str:
    return "converse" if operation(dialect) == CONVERSE else "invoke"


def _asked(dialect: str, form: str, url: str, name: str) -> dict[str, Any]:
    return {
        "model": f"bedrock/{_route(dialect)}/{name}",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "max_retries": 0,
        "num_retries": 0,
        "aws_bedrock_runtime_endpoint": url,
        **_CREDENTIALS,
    }


_CODE = """import litellm

credentials = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "aws_region_name": "us-east-1"}


def client(url, name):
    for chunk in litellm.completion(
        model=f"bedrock/ROUTE/{name}",
        messages=[{"role": "user", "content": "hello"}],
        stream=True,
        max_retries=0,
        aws_bedrock_runtime_endpoint=url,
        **credentials,
    ):
        yield chunk
"""


def decoder() -> Decoder:
    """The adapter; ImportError if litellm is not installed."""
    import boto3  # noqa: F401 - LiteLLM imports it at the first call

    package = litellm()
    for dialect in ("bedrock-converse", "bedrock-invoke-llama"):  # the first call imports much: no stream waits for it
        with suppress(Exception):
            package.completion(**_asked(dialect, "", NOBODY, MODELS[dialect]))

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE.replace("ROUTE", _route(stream.dialect)), "client", stream)

    return client(
        "litellm-bedrock-client",
        modes(package, _asked),
        tuple(MODELS),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("litellm"),
        code=code,
        builds_on=("botocore", "litellm-bedrock"),
        by_design={"R3 bedrock-invoke-mistral": PROMPTED},
        modules=("litellm.litellm_core_utils.streaming_handler", "litellm.llms.bedrock.chat.invoke_handler"),
    )
