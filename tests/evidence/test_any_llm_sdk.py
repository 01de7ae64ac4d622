"""any-llm-sdk: each event is parsed by itself; what does not parse is dropped (R1, R2, E1-record), like tool calls."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _judged(judged: Any) -> None:
    judged("any-llm-sdk", "1.40.2")


def chunk_of(part: bytes) -> Any:
    from any_llm.providers.sagemaker.utils import _create_openai_chunk_from_sagemaker_chunk

    return _create_openai_chunk_from_sagemaker_chunk({"PayloadPart": {"Bytes": part}}, "m")


RECORD = b'{"token": {"id": 17, "text": "x", "log_prob": -0.5}}\n'


@pytest.mark.confirms("any-llm-sdk", "R1")
def test_a_record_that_two_parts_share_is_dropped() -> None:
    assert chunk_of(RECORD).choices[0].delta.content == "x"
    assert [chunk_of(RECORD[:30]), chunk_of(RECORD[30:])] == [None, None]


@pytest.mark.confirms("any-llm-sdk", "R2")
def test_two_records_in_one_part_are_dropped() -> None:
    assert chunk_of(RECORD + RECORD) is None


@pytest.mark.confirms("any-llm-sdk", "U1")
def test_a_character_that_two_parts_share_raises() -> None:
    record = '{"token": {"id": 17, "text": "é"}}\n'.encode()
    with pytest.raises(UnicodeDecodeError):
        chunk_of(record[: record.index("é".encode()) + 1])


@pytest.mark.confirms("any-llm-sdk", "E1-record")
def test_an_error_record_is_an_empty_delta() -> None:
    assert chunk_of(b'{"error": "out of memory", "code": 500}\n').choices[0].delta.content is None


CALL = (
    b'{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", '
    b'"function": {"name": "f", "arguments": "{}"}}]}, "finish_reason": null}]}\n'
)


@pytest.mark.confirms("any-llm-sdk", "M2")
@pytest.mark.confirms("any-llm-sdk", "M3")
def test_a_tool_call_is_dropped_with_its_name_and_its_arguments() -> None:
    delta = chunk_of(CALL).choices[0].delta
    assert (delta.tool_calls, delta.content) == (None, None)


def test_it_passes_tools_on_and_says_that_it_gives_no_reasoning() -> None:
    from any_llm.providers.sagemaker.sagemaker import SagemakerProvider
    from any_llm.providers.sagemaker.utils import _convert_params
    from any_llm.types.completion import CompletionParams

    asked = [{"role": "user", "content": "?"}]
    tools = [{"type": "function", "function": {"name": "f"}}]
    params = CompletionParams(model_id="e", messages=asked, tools=tools)
    assert _convert_params(params, {})["tools"] == tools
    assert SagemakerProvider.SUPPORTS_COMPLETION_REASONING is False


def test_two_choices_come_out_as_one() -> None:
    first, second = (
        b'{"choices": [{"index": %d, "delta": {"content": "%s"}, "finish_reason": null}]}\n' % (number, text)
        for number, text in enumerate((b"x", b"y"))
    )
    assert [choice.index for part in (first, second) for choice in chunk_of(part).choices] == [0, 0]


def test_an_outputs_record_as_djl_writes_it_raises() -> None:
    with pytest.raises(AttributeError):
        chunk_of(b'{"outputs": [" a"]}\n')
