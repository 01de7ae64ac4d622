"""mistralai: a chunk without `model`, as DJL's are, is an error (R3), and so is a call without `arguments` (M2).

Its own service writes both.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

RECORD = {
    "id": "c",
    "object": "chat.completion.chunk",
    "created": 1,
    "choices": [{"index": 0, "delta": {"content": "x", "role": "assistant"}, "logprobs": None, "finish_reason": None}],
}


def deltas(record: dict[str, Any]) -> Iterator[Any]:
    """What chat.stream gives of a response with one record."""
    import httpx2
    from mistralai.client import Mistral

    body = f"data: {json.dumps(record)}\n\ndata: [DONE]\n\n".encode()
    headers = {"content-type": "text/event-stream"}
    answer = httpx2.MockTransport(lambda request: httpx2.Response(200, headers=headers, content=body))
    client = Mistral(api_key="none", server_url="http://127.0.0.1", client=httpx2.Client(transport=answer))
    with client.chat.stream(model="m", messages=[{"role": "user", "content": "?"}]) as events:
        for event in events:
            yield event.data.choices[0].delta.content


@pytest.mark.confirms("mistralai", "R3")
def test_a_chunk_without_its_model_is_an_error(judged: Any) -> None:
    judged("mistralai", "3.7.0")
    from mistralai.client.errors import ResponseValidationError

    assert list(deltas({**RECORD, "model": "m"})) == ["x"]
    with pytest.raises(ResponseValidationError, match="model"):
        list(deltas(RECORD))


@pytest.mark.confirms("mistralai", "M2")
def test_the_beginning_of_a_tool_call_as_vllm_writes_it_is_an_error(judged: Any) -> None:
    judged("mistralai", "3.7.0")
    from mistralai.client.errors import ResponseValidationError

    def begun(**function: str) -> dict[str, Any]:
        call = {"id": "call_1", "type": "function", "index": 0, "function": function}
        return {
            **RECORD,
            "model": "m",
            "choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}],
        }

    assert len(list(deltas(begun(name="f", arguments="")))) == 1
    with pytest.raises(ResponseValidationError, match="arguments"):
        list(deltas(begun(name="f")))
