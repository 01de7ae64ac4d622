"""huggingface_hub: its lines end at U+2028 (L1), and `data:[DONE]` without a space is read as JSON (P3)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def record(text: str, space: str = " ") -> bytes:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    return f"data:{space}{json.dumps({**CHUNK, 'choices': [choice]}, ensure_ascii=False)}\n\n".encode()


def client(*chunks: bytes) -> Any:
    """A client whose answer is these chunks."""
    import httpx2
    from huggingface_hub import InferenceClient, set_client_factory

    class Body(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return iter(chunks)

    answer = httpx2.MockTransport(lambda request: httpx2.Response(200, stream=Body()))
    set_client_factory(lambda: httpx2.Client(transport=answer))
    return InferenceClient("http://127.0.0.1")


def deltas(*chunks: bytes) -> Iterator[str]:
    """What chat_completion gives of the chunks of a response."""
    asked = client(*chunks)  # held, as what it gives ends with it
    for chunk in asked.chat_completion([{"role": "user", "content": "?"}], stream=True):
        yield chunk.choices[0].delta.content


@pytest.mark.confirms("huggingface-hub", "L1")
@pytest.mark.parametrize("ends", ["\u2028", "\u2029", "\x85"])
def test_a_unicode_line_break_in_the_text_ends_the_stream_with_an_error(judged: Any, ends: str) -> None:
    judged("huggingface_hub", "2.4.0")
    assert list(deltas(record("x"), record("y"), b"data: [DONE]\n\n")) == ["x", "y"]
    with pytest.raises(json.JSONDecodeError):
        list(deltas(record(f"x{ends}y"), b"data: [DONE]\n\n"))


@pytest.mark.confirms("huggingface-hub", "L1")
def test_so_it_does_in_text_generation(judged: Any) -> None:
    judged("huggingface_hub", "2.4.0")
    token = '{"index":1,"token":{"id":1,"text":"x\u2028y","logprob":-0.5,"special":false},"generated_text":null}'
    asked = client(f"data: {token}\n\n".encode())
    with pytest.raises(json.JSONDecodeError):
        list(asked.text_generation("?", stream=True))


@pytest.mark.confirms("huggingface-hub", "P3")
def test_the_end_without_a_space_is_an_error(judged: Any) -> None:
    judged("huggingface_hub", "2.4.0")
    assert list(deltas(record("x", space=""), b"data: [DONE]\n\n")) == ["x"]
    with pytest.raises(json.JSONDecodeError):
        list(deltas(record("x", space=""), b"data:[DONE]\n\n"))
