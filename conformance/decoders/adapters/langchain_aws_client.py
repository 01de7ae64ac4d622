"""langchain-aws's two models, unmodified, over our endpoint: SagemakerEndpoint and ChatSagemakerEndpoint.

Each leaves a line to its user's content handler, so both are judged in the one format that their own descriptions have,
`{"outputs": [" a"]}`, with the handler that this takes.
"""

import json
import logging
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder

_HANDLERS = {"E1-record": "what a record says is the business of the user's content handler"}


def _text_of(line: bytes) -> str:
    text: str = json.loads(line)["outputs"][0]
    return text


@cache
def _client(model: Any, handler: Any, where: str, url: str) -> Any:
    """The client that a model makes of a URL, which its argument *where* takes: once, and without retries."""
    from botocore.config import Config

    return model(
        endpoint_name="none",
        content_handler=handler(),
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
        **{where: url},
    ).client


_CREDENTIALS = 'region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"'
_TEXT = f"""import json

from langchain_aws.llms.sagemaker_endpoint import LLMContentHandler, SagemakerEndpoint


class Handler(LLMContentHandler):
    def transform_input(self, prompt, model_kwargs):
        return prompt.encode()

    def transform_output(self, output):
        return json.loads(output)["outputs"][0]


def client(url, name):
    credentials = dict({_CREDENTIALS})
    model = SagemakerEndpoint(endpoint_name=name, endpoint_url=url, content_handler=Handler(), **credentials)
    yield from model.stream("hello")
"""
_CHAT = f"""import json

from langchain_aws.chat_models.sagemaker_endpoint import ChatModelContentHandler, ChatSagemakerEndpoint
from langchain_core.messages import AIMessageChunk


class Handler(ChatModelContentHandler):
    def transform_input(self, prompt, model_kwargs):
        return b"{{}}"

    def transform_output(self, output):
        return AIMessageChunk(json.loads(output)["outputs"][0])


def client(url, name):
    credentials = dict({_CREDENTIALS})
    model = ChatSagemakerEndpoint(endpoint_name=name, base_url=url, content_handler=Handler(), **credentials)
    for chunk in model.stream("hello"):
        yield chunk.content
"""


def decoder() -> Decoder:
    """SagemakerEndpoint.stream; ImportError if langchain-aws is not installed."""
    from langchain_aws.llms import sagemaker_endpoint as module

    class Handler(module.LLMContentHandler):
        def transform_input(self, prompt: str, model_kwargs: dict[str, Any]) -> bytes:
            return prompt.encode()

        def transform_output(self, output: bytes) -> str:
            return _text_of(output)

    def stream(url: str, name: str) -> Iterator[str]:
        runtime = _client(module.SagemakerEndpoint, Handler, "endpoint_url", url)
        model = module.SagemakerEndpoint(client=runtime, endpoint_name=name, content_handler=Handler())
        yield from model.stream("hello")

    return _of("langchain-aws-client", "langchain-aws-text", module, stream, _TEXT)


def chat() -> Decoder:
    """ChatSagemakerEndpoint.stream."""
    from langchain_aws.chat_models import sagemaker_endpoint as module
    from langchain_core.messages import AIMessageChunk

    class Handler(module.ChatModelContentHandler):
        def transform_input(self, prompt: Any, model_kwargs: dict[str, Any]) -> bytes:
            return b"{}"

        def transform_output(self, output: bytes) -> Any:
            return AIMessageChunk(_text_of(output))

    def stream(url: str, name: str) -> Iterator[str]:
        runtime = _client(module.ChatSagemakerEndpoint, Handler, "base_url", url)
        model = module.ChatSagemakerEndpoint(client=runtime, endpoint_name=name, content_handler=Handler())
        for chunk in model.stream("hello"):
            yield chunk.content

    return _of("langchain-aws-chat-client", "langchain-aws-chat", module, stream, _CHAT)


def _of(name: str, decoder: str, module: Any, stream: Client, code: str) -> Decoder:
    logging.getLogger(module.__name__).disabled = True  # it logs what it raises
    return client(
        name,
        {"sync": mode(lambda dialect, form: stream)},
        ("djl-outputs",),
        version=lambda: version("langchain-aws"),
        code=lambda of, mode: snippet(code, "client", of),
        builds_on=("botocore", decoder),
        modules=(module.__name__,),
        by_design=_HANDLERS,
    )
