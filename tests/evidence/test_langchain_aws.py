"""langchain-aws: SagemakerEndpoint streams over LineIterator, so a last line without its line feed never ends (H1)."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest


class AsksForEverError(Exception):
    pass


def events() -> Iterator[dict[str, Any]]:
    yield {"PayloadPart": {"Bytes": b'{"outputs": [" a"]}\n'}}
    yield {"PayloadPart": {"Bytes": b'{"outputs": [" b"]}'}}


class Asked:
    """Events; whoever goes on asking after the last one is told so."""

    def __init__(self) -> None:
        self.events, self.after = events(), 0

    def __iter__(self) -> "Asked":
        return self

    def __next__(self) -> dict[str, Any]:
        for event in self.events:
            return event
        self.after += 1
        if self.after > 1000:
            raise AsksForEverError
        raise StopIteration


@pytest.mark.confirms("langchain-aws-text", "H1")
def test_the_text_of_a_last_line_without_its_line_feed_never_comes(judged: Any) -> None:
    judged("langchain-aws", "1.9.1")
    from langchain_aws.llms.sagemaker_endpoint import LLMContentHandler, SagemakerEndpoint

    class Handler(LLMContentHandler):
        def transform_input(self, prompt: str, model_kwargs: dict[str, Any]) -> bytes:
            return prompt.encode()

        def transform_output(self, output: bytes) -> str:
            text: str = json.loads(output)["outputs"][0]
            return text

    client = SimpleNamespace(invoke_endpoint_with_response_stream=lambda **_: {"Body": Asked()})
    chunks = SagemakerEndpoint(client=client, endpoint_name="e", content_handler=Handler())._stream("prompt")
    assert next(chunks).text == " a"
    with pytest.raises(AsksForEverError):
        next(chunks)
