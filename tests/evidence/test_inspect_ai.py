"""inspect-ai: an error record in the stream is counted as a chunk and otherwise passed over (E1-record)."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

RECORD = b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": null}]}\n\n'


def told(*parts: bytes) -> Any:
    from inspect_ai.model._providers.sagemaker import SagemakerAPI

    async def events() -> AsyncIterator[dict[str, Any]]:
        for part in parts:
            yield {"PayloadPart": {"Bytes": part}}

    async def invoke(**_: object) -> dict[str, Any]:
        return {"Body": events()}

    client = SimpleNamespace(invoke_endpoint_with_response_stream=invoke)
    _, output = asyncio.run(SagemakerAPI("endpoint")._invoke_endpoint_streaming(client, {}))
    return output["choices"][0]


@pytest.mark.confirms("inspect-ai", "E1-record")
def test_an_error_record_passes_for_a_whole_answer(judged: Any) -> None:
    judged("inspect-ai", "0.3.285")
    choice = told(RECORD, b'data: {"error": {"message": "out of memory", "code": 500}}\n\n')
    assert (choice["message"]["content"], choice["finish_reason"]) == ("x", "stop")
