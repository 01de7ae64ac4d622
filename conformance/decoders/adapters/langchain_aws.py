"""langchain-aws: LineIterator, ChatLineIterator, and what SagemakerEndpoint streams over the first.

A SagemakerEndpoint leaves each line to its user's content handler, so it is judged in the one format
that LineIterator's own description has, `{"outputs": [" a"]}`, with the handler that this takes.
"""

import json
import logging
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import client, code, endpoint
from sliceproof.conformance.decoders.adapters.lines import BY_LINE, line_decoder
from sliceproof.conformance.harness.contract import Decoder, Mode

_IMPORTS = """from langchain_aws.llms.sagemaker_endpoint import LLMContentHandler, SagemakerEndpoint
import json"""
_USE = """

class Handler(LLMContentHandler):
    def transform_input(self, prompt, model_kwargs):
        return prompt.encode()

    def transform_output(self, output):
        return json.loads(output)["outputs"][0]


model = SagemakerEndpoint(client=client, endpoint_name="endpoint", content_handler=Handler())
for chunk in model._stream("prompt"):
    print(repr(chunk.text))"""


def lines() -> Decoder:
    """LineIterator."""
    from langchain_aws.llms.sagemaker_endpoint import LineIterator

    return line_decoder("langchain-aws", "langchain-aws", LineIterator, BY_LINE)


def chat_lines() -> Decoder:
    """ChatLineIterator."""
    from langchain_aws.chat_models.sagemaker_endpoint import ChatLineIterator

    return line_decoder("langchain-aws-chat", "langchain-aws", ChatLineIterator, BY_LINE)


def text() -> Decoder:
    """SagemakerEndpoint._stream, which its `stream` calls: that one also raises when there is no text at all."""
    from langchain_aws.llms import sagemaker_endpoint as module

    logging.getLogger(module.__name__).disabled = True  # it logs what it raises

    client()  # made now, so that no run waits for it

    class Handler(module.LLMContentHandler):
        def transform_input(self, prompt: str, model_kwargs: dict[str, Any]) -> bytes:
            return prompt.encode()

        def transform_output(self, output: bytes) -> str:
            text: str = json.loads(output)["outputs"][0]
            return text

    def stream(chunks: Iterable[bytes]) -> Any:
        made = module.SagemakerEndpoint(client=client(), endpoint_name=endpoint(chunks), content_handler=Handler())
        return made._stream("prompt")

    return Decoder(
        "langchain-aws-text",
        {"sync": Mode(lambda dialect, form: stream)},
        ("djl-outputs",),
        version=lambda: version("langchain-aws"),
        extract=lambda chunk: chunk.text,
        code=lambda stream, mode: code(_IMPORTS, _USE, body=False),
        builds_on=("botocore", "langchain-aws"),
        modules=(module.__name__,),
        by_design={"E1-record": "what a record says is the business of the user's content handler"},
        client="langchain-aws-client",
    )
