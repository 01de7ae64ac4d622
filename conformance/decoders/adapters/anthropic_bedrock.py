"""anthropic's client of Bedrock, sync and async, over a transport of ours: messages in Bedrock's events."""

from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.anthropic_python import modes
from sliceproof.conformance.decoders.adapters.bedrock_runtime import BASE
from sliceproof.conformance.decoders.adapters.http_transport import clients, code, library_of
from sliceproof.conformance.harness.contract import Decoder

_USE = """client = AnthropicBedrock(
    aws_access_key="none", aws_secret_key="none", aws_region="us-east-1", http_client=http, max_retries=0
)
messages = [{"role": "user", "content": "hello"}]
for event in client.messages.create(model="m", max_tokens=9, messages=messages, stream=True):
    print(event)"""


def decoder() -> Decoder:
    """The adapter; ImportError if anthropic, or what its extra `bedrock` has, is not installed."""
    import botocore.eventstream  # noqa: F401 - it is imported at the first event
    from anthropic import AnthropicBedrock, AsyncAnthropicBedrock
    from anthropic.lib.bedrock import _stream_decoder

    _stream_decoder.get_response_stream_shape()  # loaded now, so that no run waits for it
    library = library_of("anthropic._base_client")
    http, async_http = clients(library)
    keys = {"aws_access_key": "none", "aws_secret_key": "none", "aws_region": "us-east-1"}
    asked: dict[str, Any] = {**keys, "base_url": "http://127.0.0.1", "max_retries": 0}
    return Decoder(
        "anthropic-bedrock",
        modes(AnthropicBedrock(**asked, http_client=http), AsyncAnthropicBedrock(**asked, http_client=async_http)),
        ("bedrock-invoke-anthropic",),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("anthropic"),
        code=lambda stream, mode: code(library, "from anthropic import AnthropicBedrock", _USE),
        builds_on=(BASE,),
        modules=(_stream_decoder.__name__, "anthropic._streaming", "botocore.eventstream"),
    )
