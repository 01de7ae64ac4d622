"""LiteLLM before 1.109: each part is decoded by itself, and called async it swallows every error (to 1.108.11)."""

import asyncio
from collections.abc import AsyncIterator
from struct import pack
from typing import Any
from zlib import crc32

import pytest

BY_PART = ("1.63.3", "1.65.1", "1.106.2")
SWALLOWS = ("1.65.1", "1.106.2")
STRICT = ("1.63.3", "1.65.1")
PART = b"\x0b:event-type\x07\x00\x0bPayloadPart\r:message-type\x07\x00\x05event"
EXCEPTION = b"\x0f:exception-type\x07\x00\x10ModelStreamError\r:message-type\x07\x00\x09exception"


def message(payload: bytes, headers: bytes = PART) -> bytes:
    lengths = pack(">II", 16 + len(headers) + len(payload), len(headers))
    body = lengths + pack(">I", crc32(lengths)) + headers + payload
    return body + pack(">I", crc32(body))


def record(text: str) -> bytes:
    return b'data: {"token": {"id": 17, "text": "%s"}, "details": null}\n\n' % text.encode()


def decoder() -> Any:
    import litellm  # noqa: F401 - its sub-modules import each other; this order works in every release
    from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

    return AWSEventStreamDecoder(model="m", is_messages_api=False)


def told(*messages: bytes) -> tuple[str, type | None]:
    """The text that comes of messages, called sync, and the class of the error that ends it."""
    text = ""
    try:
        for item in decoder().iter_bytes(iter(messages)):
            text += item["text"] if item else ""
    except Exception as error:
        return text, type(error)
    return text, None


async def fed(*messages: bytes) -> AsyncIterator[bytes]:
    for message in messages:
        yield message


def told_async(*messages: bytes) -> tuple[str, type | None]:
    async def read() -> tuple[str, type | None]:
        text = ""
        try:
            async for item in decoder().aiter_bytes(fed(*messages)):
                text += item["text"] if item else ""
        except Exception as error:
            return text, type(error)
        return text, None

    return asyncio.run(read())


def test_whole_records_are_told(judged: Any) -> None:
    judged("litellm", *BY_PART)
    assert told(message(record("x")), message(record("y"))) == ("xy", None)


@pytest.mark.confirms("litellm", "U1")
def test_a_character_that_two_parts_share_ends_it(judged: Any) -> None:
    judged("litellm", *BY_PART)
    one = record("é")
    cut = one.index("é".encode()) + 1
    assert told(message(one[:cut]), message(one[cut:])) == ("", UnicodeDecodeError)


@pytest.mark.confirms("litellm", "X2")
def test_called_async_the_same_character_is_lost_and_nothing_said(judged: Any) -> None:
    judged("litellm", *SWALLOWS)
    one = record("é")
    cut = one.index("é".encode()) + 1
    assert told_async(message(one[:cut]), message(one[cut:])) == ("", None)


@pytest.mark.confirms("litellm", "R1")
def test_a_record_cut_in_its_prefix_is_lost(judged: Any) -> None:
    judged("litellm", *BY_PART)
    one = record("x")
    assert told(message(one[:1]), message(one[1:]), message(record("y"))) != ("xy", None)


@pytest.mark.confirms("litellm", "R2")
def test_two_records_in_one_part_lose_themselves_and_all_after_them(judged: Any) -> None:
    judged("litellm", *BY_PART)
    text, _ = told(message(record("x") + record("y")), message(record("z")))
    assert text == ""


@pytest.mark.confirms("litellm", "P2")
def test_data_at_the_start_of_a_part_is_taken_from_the_text(judged: Any) -> None:
    judged("litellm", *BY_PART)
    one = b'{"token": {"id": 17, "text": "data:x"}, "details": null}\n'
    cut = one.index(b"data:")
    assert told(message(one[:cut]), message(one[cut:])) == ("x", None)


@pytest.mark.confirms("litellm", "S2")
def test_a_comment_loses_what_follows_it(judged: Any) -> None:
    judged("litellm", *BY_PART)
    assert told(message(b":\n\n"), message(record("x")))[0] == ""


@pytest.mark.confirms("litellm", "E1-record")
def test_the_containers_error_record_ends_in_peace(judged: Any) -> None:
    judged("litellm", *BY_PART)
    failed = b'{"token": {"id": -1, "text": "", "error_msg": "out of memory"}, "details": {"finish_reason": "error"}}\n'
    assert told(message(record("x")), message(failed)) == ("x", None)


@pytest.mark.confirms("litellm", "E1")
def test_an_exception_of_the_service_is_swallowed_when_called_async(judged: Any) -> None:
    judged("litellm", *SWALLOWS)
    failed = message(b'{"Message": "out of time"}', EXCEPTION)
    assert told(message(record("x")), failed)[1] is not None
    assert told_async(message(record("x")), failed) == ("x", None)


@pytest.mark.confirms("litellm", "C1")
def test_an_exception_of_the_consumer_is_swallowed_with_what_follows_when_called_async(judged: Any) -> None:
    judged("litellm", *SWALLOWS)

    async def interrupted() -> str:
        items = decoder().aiter_bytes(fed(message(record("x")), message(record("y"))))
        assert (await items.__anext__())["text"] == "x"
        after = [await items.athrow(KeyError("the consumer's own")), *[item async for item in items]]
        return "".join(item["text"] for item in after if item)

    assert asyncio.run(interrupted()) == ""


@pytest.mark.confirms("litellm", "T2")
def test_a_message_whose_end_never_comes_is_forgotten(judged: Any) -> None:
    judged("litellm", *BY_PART, "1.109.1", "1.110.2")
    assert told(message(record("x")), message(record("y"))[:-1]) == ("x", None)


def chunk(
    delta: bytes, others: bytes = b'"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", '
) -> bytes:
    return b'data: {%s"choices": [{"index": 0, "delta": %s, "finish_reason": null}]}\n\n' % (others, delta)


def chat(one: bytes) -> list[Any]:
    """The chunks that come of a message with one record of a chat."""
    import litellm  # noqa: F401 - as above
    from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

    return list(AWSEventStreamDecoder(model="m", is_messages_api=True).iter_bytes(iter([message(one)])))


@pytest.mark.confirms("litellm", "M2")
def test_the_beginning_of_a_tool_call_as_vllm_writes_it_is_an_error(judged: Any) -> None:
    judged("litellm", *STRICT)
    call = b'{"id": "c", "type": "function", "index": 0, "function": {"name": "f"%s}}'
    (found,) = chat(chunk(b'{"tool_calls": [%s]}' % (call % b', "arguments": ""')))
    assert found.choices[0].delta.tool_calls[0].function.name == "f"
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'arguments'"):
        chat(chunk(b'{"tool_calls": [%s]}' % (call % b"")))


@pytest.mark.confirms("litellm", "R3")
def test_a_record_without_a_model_is_an_error(judged: Any) -> None:
    judged("litellm", *STRICT)
    assert chat(chunk(b'{"content": "x"}'))[0].choices[0].delta.content == "x"
    with pytest.raises(ValueError, match="Field required"):
        chat(chunk(b'{"content": "x"}', b'"id": "c", "object": "chat.completion.chunk", "created": 1, '))


@pytest.mark.confirms("litellm", "M1")
def test_data_at_the_start_of_reasoning_is_taken_from_it(judged: Any) -> None:
    judged("litellm", "1.63.3")
    assert chat(chunk(b'{"reasoning": "data:x"}'))[0].choices[0].delta.reasoning == "x"
