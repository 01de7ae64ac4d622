"""The OpenAI-compatible chunks of TGI's Messages API, vLLM and SGLang, and of LMI's async vLLM.

Source: vLLM `vllm/entrypoints`, SGLang `python/sglang/srt/entrypoints`, TGI
`router/src/sagemaker.rs`; djl-serving `djl_python/lmi_vllm/request_response_utils.py`.
"""

from collections.abc import Mapping
from typing import Any

from sliceproof.wire.dialects.dialect import Dialect, JsonObject, Reading
from sliceproof.wire.dialects.reader import ModelError

USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def _chunk(choices: list[JsonObject], kind: str = "chat.completion.chunk") -> JsonObject:
    return {"id": "c-1", "object": kind, "created": 1700000000, "model": "m", "choices": choices}


def _choice(delta: JsonObject, finish: str | None = None) -> JsonObject:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _chat(index: int, text: str, full: str | None, form: str) -> JsonObject:
    if form == "token":
        token = {"id": 17, "text": text, "log_prob": -0.5}
        record: dict[str, object] = {"index": 0, "token": token}
        return record if full is None else record | {"details": {"finish_reason": "length"}}
    delta = {"role": "assistant", "content": text} if form == "role" else {"content": text}
    return _chunk([_choice(delta, None if full is None else "stop")])


def _completion(index: int, text: str, full: str | None, form: str) -> JsonObject:
    finish = None if full is None else "stop"
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish, "stop_reason": None}
    return _chunk([choice], "text_completion")


def raise_error(record: Mapping[str, Any]) -> None:
    """ModelError if *record* is an error record, in any of the spellings that servers have."""
    error = record.get("error")
    if isinstance(error, Mapping):
        code = error.get("code") or error.get("http_status_code") or error.get("type")
        raise ModelError(str(error.get("message")), None if code is None else str(code))
    if error is not None:
        raise ModelError(str(error), None if record.get("code") is None else str(record["code"]))


def _read(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    if "token" in record:
        return Reading(record["token"]["text"], bool(record.get("details")))
    text, finished = "", False
    for choice in record["choices"]:
        delta = choice.get("delta") or {}
        text += delta.get("content") or choice.get("text") or ""
        finished = finished or choice.get("finish_reason") is not None
    return Reading(text, finished)


CHAT_EXTRAS = {
    "role": _chunk([_choice({"role": "assistant", "content": ""})]),
    "null-content": _chunk([_choice({"content": None})]),
    "no-content": _chunk([_choice({})]),
    "usage": {**_chunk([]), "usage": USAGE},
}

OPENAI_SSE = Dialect(
    id="openai-sse",
    media_type="text/event-stream",
    framing="sse",
    source="huggingface/text-generation-inference router/src/sagemaker.rs; vLLM and SGLang /invocations",
    record=_chat,
    read=_read,
    error=lambda message: {"error": {"message": message, "http_status_code": 422, "type": "generation"}},
    forms=("", "role"),
    spaces=(True, False),
    asides=("comment",),
    extras=CHAT_EXTRAS,
    done=True,
)

OPENAI_TEXT_SSE = Dialect(
    id="openai-text-sse",
    media_type="text/event-stream; charset=utf-8",
    framing="sse",
    source="vllm-project/vllm vllm/entrypoints, completions",
    record=_completion,
    read=_read,
    error=lambda message: {"error": {"message": message, "type": "InternalServerError", "code": 500}},
    extras={"usage": {**_chunk([], "text_completion"), "usage": USAGE}},
    ascii_errors=True,
    done=True,
)

LMI_JSONLINES = Dialect(
    id="lmi-jsonlines",
    media_type="application/jsonlines",
    framing="lines",
    source="deepjavalibrary/djl-serving djl_python/lmi_vllm/request_response_utils.py",
    record=_chat,
    read=_read,
    error=lambda message: {"error": {"message": message, "type": "InternalServerError", "code": 500}},
    forms=("", "role", "token"),
    asides=("blank",),
    extras=CHAT_EXTRAS,
)
