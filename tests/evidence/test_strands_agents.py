"""strands-agents: SageMakerAIModel decodes each part by itself (U1); 1.10.0 lost much more (R1 to R3, P2, P3, S2)."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

RECORD = 'data: {{"choices": [{{"delta": {{"content": "{}"}}, "finish_reason": null}}]}}\n\n'


def told(*parts: bytes, kind: str = "text") -> Any:
    """The text, or what else a delta says, that comes of boto3's events."""
    from strands.models.sagemaker import SageMakerAIModel

    body = [{"PayloadPart": {"Bytes": part}} for part in parts]
    errors = ("InternalFailure", "ServiceUnavailable", "ValidationError", "ModelError")
    errors += ("InternalDependencyException", "ModelNotReadyException")
    client = SimpleNamespace(
        invoke_endpoint_with_response_stream=lambda **_: {"Body": body},
        exceptions=SimpleNamespace(**{name: type(name, (Exception,), {}) for name in errors}),
    )

    async def read() -> Any:
        model = SageMakerAIModel({"endpoint_name": "e"}, {"max_tokens": 9}, SimpleNamespace(client=lambda **_: client))
        events = [event async for event in model.stream([{"role": "user", "content": [{"text": "?"}]}])]
        return "".join(str(event.get("contentBlockDelta", {}).get("delta", {}).get(kind, "")) for event in events)

    return asyncio.run(read())


@pytest.mark.confirms("strands-agents", "U1")
def test_a_character_that_two_parts_share_ends_the_stream_with_an_error(judged: Any) -> None:
    judged("strands-agents", "1.62.0", "1.10.0")
    record = RECORD.format("é").encode()
    cut = record.index("é".encode()) + 1
    assert told(record) == "é"
    with pytest.raises(UnicodeDecodeError):
        told(record[:cut], record[cut:])


@pytest.mark.confirms("strands-agents", "R2")
def test_two_records_in_one_part_lost_the_whole_text(judged: Any) -> None:
    judged("strands-agents", "1.10.0")
    one, two = RECORD.format("x").encode(), RECORD.format("y").encode()
    assert told(one, two) == "xy"
    assert told(one + two) == ""


@pytest.mark.confirms("strands-agents", "E1-record")
def test_an_error_record_ends_in_peace(judged: Any) -> None:
    judged("strands-agents", "1.62.0")
    assert told(RECORD.format("x").encode(), b'data: {"error": {"message": "out of memory", "code": 500}}\n\n') == "x"


@pytest.mark.confirms("strands-agents", "R1")
def test_a_record_cut_inside_its_prefix_loses_all_text(judged: Any) -> None:
    judged("strands-agents", "1.10.0")
    one, two = RECORD.format("x").encode(), RECORD.format("y").encode()
    assert told(one[:1], one[1:], two) == ""


@pytest.mark.confirms("strands-agents", "R3")
def test_the_record_that_tells_the_usage_ends_the_stream_with_an_error(judged: Any) -> None:
    judged("strands-agents", "1.10.0")
    with pytest.raises(IndexError):
        told(b'data: {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}}\n\n')


@pytest.mark.confirms("strands-agents", "P2")
def test_data_at_the_start_of_a_part_is_taken_from_the_text(judged: Any) -> None:
    judged("strands-agents", "1.10.0")
    one = b'{"choices": [{"delta": {"content": "x data: y"}, "finish_reason": null}]}\n'
    cut = one.index(b"data: ")
    assert told(one) == "x data: y"
    assert told(one[:cut], one[cut:]) == "x y"


@pytest.mark.confirms("strands-agents", "P3")
def test_a_record_without_the_space_after_data_is_lost(judged: Any) -> None:
    judged("strands-agents", "1.10.0")
    assert told(RECORD.format("x").encode().replace(b"data: ", b"data:")) == ""


@pytest.mark.confirms("strands-agents", "S2")
def test_a_comment_loses_all_text_after_it(judged: Any) -> None:
    judged("strands-agents", "1.10.0")
    assert told(b":\n\n", RECORD.format("x").encode()) == ""


@pytest.mark.confirms("strands-agents", "M1")
def test_reasoning_in_the_field_that_vllm_has_today_is_lost(judged: Any) -> None:
    judged("strands-agents", "1.10.0")
    former = RECORD.replace("content", "reasoning_content").format("hm").encode()
    today = RECORD.replace("content", "reasoning").format("hm").encode()
    assert "hm" in told(former, kind="reasoningContent")
    assert told(today, kind="reasoningContent") == ""
    assert told(today) == ""
