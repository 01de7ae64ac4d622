"""The chunks of the OpenAI API as each server writes them: which fields, in which order, what is null.

A form is a function from a token to its chunk, and perhaps the chunks before the first token and after
the last. Each was read from its server's source, which `corpus/bodies` names, or made by running it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sliceproof.wire.dialects.delta import openai_deltas
from sliceproof.wire.dialects.dialect import JsonObject, Reading
from sliceproof.wire.dialects.errors import ModelError

Write = Callable[[int, str, bool], JsonObject]
Around = Callable[[int], tuple[JsonObject, ...]]
ID, CREATED, MODEL = "c-1", 1700000000, "m"
CHAT, COMPLETION = "chat.completion.chunk", "text_completion"
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
TGI_VERSION = "3.3.7-native"


def _nothing(tokens: int) -> tuple[JsonObject, ...]:
    return ()


@dataclass(frozen=True)
class Form:
    """`write(index, text, last)` gives a token's chunk; `opening(tokens)` and `closing(tokens)` those around all."""

    write: Write
    opening: Around = _nothing
    closing: Around = _nothing


def chunk(choices: list[JsonObject], kind: str = CHAT, **more: object) -> JsonObject:
    """A chunk with the fields that all servers have, in vLLM's and SGLang's order; *more* are those after them."""
    return {"id": ID, "object": kind, "created": CREATED, "model": MODEL, "choices": choices, **more}


def choice(delta: JsonObject, finish: str | None = None, index: int = 0, **more: object) -> JsonObject:
    """A choice of a chat chunk, which mostly has that one alone."""
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish, **more}


def _usage(tokens: int) -> JsonObject:
    """Usage in the order of vLLM's and SGLang's fields."""
    return {"prompt_tokens": 3, "total_tokens": 3 + tokens, "completion_tokens": tokens}


def _plain(index: int, text: str, last: bool) -> JsonObject:
    return chunk([choice({"content": text}, "stop" if last else None)])


def _with_role(index: int, text: str, last: bool) -> JsonObject:
    return chunk([choice({"role": "assistant", "content": text}, "stop" if last else None)])


def _tgi(index: int, text: str, last: bool) -> JsonObject:
    """serde writes the tag of the enum, which is `object`, before the fields."""
    return {
        "object": CHAT,
        "id": "",
        "created": CREATED,
        "model": MODEL,
        "system_fingerprint": TGI_VERSION,
        "choices": [choice({"role": "assistant", "content": text}, "stop" if last else None)],
        "usage": None,
    }


def _tgi_2_1(index: int, text: str, last: bool) -> JsonObject:
    """TGI 2.1.1: no usage (2.3.0 has it), no `[DONE]` (2.2.0 has it), and errors are strings (objects from 2.4.1)."""
    return {
        "object": CHAT,
        "id": "",
        "created": CREATED,
        "model": MODEL,
        "system_fingerprint": "2.1.1-native",
        "choices": [choice({"role": "assistant", "content": text}, "stop" if last else None)],
    }


def _vllm(index: int, text: str, last: bool) -> JsonObject:
    more: dict[str, Any] = {"stop_reason": None, "token_ids": None} if last else {"token_ids": None}
    return chunk([choice({"content": text}, "stop" if last else None, **more)])


def _vllm_role(tokens: int) -> tuple[JsonObject, ...]:
    role = choice({"role": "assistant", "content": ""})
    return (chunk([role], prompt_token_ids=None, prompt_text=None),)


def _vllm_usage(index: int, text: str, last: bool) -> JsonObject:
    return {**_vllm(index, text, last), "usage": _usage(index + 1)}


def _vllm_usage_role(tokens: int) -> tuple[JsonObject, ...]:
    role = choice({"role": "assistant", "content": ""})
    return (chunk([role], usage=_usage(0), prompt_token_ids=None, prompt_text=None),)


def _vllm_0_13(index: int, text: str, last: bool) -> JsonObject:
    """The delta of 0.13.0 has `reasoning_content` always, once more what its `reasoning` has."""
    more: dict[str, Any] = {"stop_reason": None, "token_ids": None} if last else {"token_ids": None}
    return chunk([choice({"content": text, "reasoning_content": None}, "stop" if last else None, **more)])


def _vllm_0_13_role(tokens: int) -> tuple[JsonObject, ...]:
    role = choice({"role": "assistant", "content": "", "reasoning_content": None})
    return (chunk([role], prompt_token_ids=None),)


def _vllm_tool_calls(index: int, text: str, last: bool) -> JsonObject:
    more: dict[str, Any] = {"stop_reason": None} if last else {}
    return chunk([choice({"content": text, "tool_calls": []}, "stop" if last else None, **more)])


def _sglang_chunk(delta: JsonObject, finish: str | None = None, matched: int | None = None) -> JsonObject:
    return chunk([choice({"reasoning_content": None, **delta}, finish, matched_stop=matched)])


def _sglang(index: int, text: str, last: bool) -> JsonObject:
    return _sglang_chunk({"content": text})


def _sglang_role(tokens: int) -> tuple[JsonObject, ...]:
    return (_sglang_chunk({"role": "assistant", "content": ""}),)


def _sglang_finish(tokens: int) -> tuple[JsonObject, ...]:
    return (_sglang_chunk({}, "stop", 2),)


def _nulls_chunk(delta: JsonObject, finish: str | None = None, matched: int | None = None) -> JsonObject:
    nulls = {"role": None, "content": None, "reasoning_content": None, "tool_calls": None}
    return chunk([choice({**nulls, **delta}, finish, matched_stop=matched)], usage=None)


def _nulls(index: int, text: str, last: bool) -> JsonObject:
    return _nulls_chunk({"content": text})


def _nulls_role(tokens: int) -> tuple[JsonObject, ...]:
    return (_nulls_chunk({"role": "assistant", "content": ""}),)


def _nulls_finish(tokens: int) -> tuple[JsonObject, ...]:
    return (_nulls_chunk({}, "stop", 2),)


def _djl(index: int, text: str, last: bool) -> JsonObject:
    delta = {"content": text, "role": "assistant"} if index == 0 else {"content": text}
    lines = [choice(delta, "length" if last else None)]
    return {"id": "chatcmpl-1", "object": CHAT, "created": CREATED, "choices": lines}


def _llama_chunk(delta: JsonObject, finish: str | None = None) -> JsonObject:
    return {"id": ID, "model": MODEL, "created": CREATED, "object": CHAT, "choices": [choice(delta, finish)]}


def _llama(index: int, text: str, last: bool) -> JsonObject:
    return _llama_chunk({"content": text})


CHAT_FORMS: dict[str, Form] = {
    "": Form(_plain),
    "role": Form(_with_role),
    "tgi": Form(_tgi),
    "tgi-2.1": Form(_tgi_2_1),
    "vllm": Form(_vllm, _vllm_role),
    "vllm-hermes": Form(_vllm, _vllm_role),
    "vllm-0.13": Form(_vllm_0_13, _vllm_0_13_role),
    "vllm-usage": Form(_vllm_usage, _vllm_usage_role, lambda tokens: (chunk([], usage=_usage(tokens)),)),
    "vllm-tool-calls": Form(_vllm_tool_calls),
    "lmi-formatter": Form(_vllm, _vllm_role),  # vLLM's, behind a user's output formatter
    "sglang": Form(_sglang, _sglang_role, _sglang_finish),
    "sglang-nulls": Form(_nulls, _nulls_role, _nulls_finish),
    "djl": Form(_djl),
    "llama-cpp": Form(
        _llama,
        lambda tokens: (_llama_chunk({"role": "assistant"}),),
        lambda tokens: (_llama_chunk({}, "length"),),
    ),
}


def _text_choice(text: str, finish: str | None, **more: object) -> JsonObject:
    return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish, **more}


def _completion(index: int, text: str, last: bool) -> JsonObject:
    return chunk([_text_choice(text, "stop" if last else None, stop_reason=None)], COMPLETION)


def _vllm_completion(index: int, text: str, last: bool) -> JsonObject:
    more = {"stop_reason": None, "prompt_token_ids": None, "token_ids": None}
    return chunk([_text_choice(text, "stop" if last else None, **more)], COMPLETION)


def _vllm_completion_usage(index: int, text: str, last: bool) -> JsonObject:
    return {**_vllm_completion(index, text, last), "usage": _usage(index + 1)}


def _vllm_completion_nulls(index: int, text: str, last: bool) -> JsonObject:
    return {**_vllm_completion(index, text, last), "usage": None}


def _sglang_completion(index: int, text: str, last: bool) -> JsonObject:
    choice = _text_choice(text, "stop" if last else None, matched_stop=2 if last else None)
    return chunk([choice], COMPLETION, usage=None)


def _tgi_completion(index: int, text: str, last: bool) -> JsonObject:
    """Before the last record the finish reason is a string without characters, and the fields are in another order."""
    start = {"object": COMPLETION, "id": "", "created": CREATED}
    lines = [_text_choice(text, "stop" if last else "")]
    names = {"model": MODEL, "system_fingerprint": TGI_VERSION}
    if not last:
        return {**start, "choices": lines, **names}
    counted = {"prompt_tokens": 3, "completion_tokens": index + 1, "total_tokens": index + 4}
    return {**start, **names, "choices": lines, "usage": counted}


def _llama_completion_chunk(text: str, finish: str | None) -> JsonObject:
    choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}
    return {"id": ID, "object": COMPLETION, "created": CREATED, "model": MODEL, "choices": [choice]}


def _llama_completion(index: int, text: str, last: bool) -> JsonObject:
    return _llama_completion_chunk(text, None)


COMPLETION_FORMS: dict[str, Form] = {
    "": Form(_completion),
    "tgi": Form(_tgi_completion),
    "vllm": Form(_vllm_completion),
    "vllm-nulls": Form(_vllm_completion_nulls),
    "vllm-usage": Form(_vllm_completion_usage, closing=lambda tokens: (chunk([], COMPLETION, usage=_usage(tokens)),)),
    "sglang": Form(_sglang_completion),
    "llama-cpp": Form(_llama_completion, closing=lambda tokens: (_llama_completion_chunk("", "length"),)),
}


def raise_error(record: Mapping[str, Any]) -> None:
    """ModelError if *record* is an error record, in any of the spellings that servers have."""
    error = record.get("error")
    if isinstance(error, Mapping):
        codes = (error.get(name) for name in ("code", "http_status_code", "error_code", "type"))
        code = next((code for code in codes if code), None)
        message = error.get("message", error.get("error_msg"))
        raise ModelError(str(message), None if code is None else str(code))
    if error is not None:
        raise ModelError(str(error), None if record.get("code") is None else str(record["code"]))


def read(record: Mapping[str, Any]) -> Reading:
    """What a chunk of any form says, or LMI's record of a token; a finish reason without characters is none."""
    raise_error(record)
    if "token" in record:
        ended = record.get("generated_text") is not None or bool(record.get("details"))
        return Reading(record["token"]["text"], ended)
    text, finished, several = "", False, False
    for choice in record["choices"]:
        delta = choice.get("delta") or {}
        several = several or not delta.keys() <= _OF_TEXT or bool(choice.get("index"))
        if not choice.get("index"):
            text += delta.get("content") or choice.get("text") or ""
            finished = finished or bool(choice.get("finish_reason"))
    return Reading(text, finished, openai_deltas(record) if several or finished else ())


_OF_TEXT = frozenset({"role", "content"})
