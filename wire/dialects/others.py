"""Triton's generate_stream, llama.cpp's /completion, and a container that writes its text and nothing around it.

Source: triton-inference-server/server src/http_server.cc; ggml-org/llama.cpp tools/server/server-task.cpp.
"""

from collections.abc import Mapping
from typing import Any

from sliceproof.wire.dialects.chunks import raise_error
from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject, Reading


def _triton(index: int, text: str, full: str | None, form: str) -> JsonObject:
    """Outputs come in the order of their names; TensorRT-LLM's ensemble has more of them than the text."""
    if not form:
        return {"model_name": "m", "model_version": "1", "text_output": text}
    before = {"context_logits": 0.0, "cum_log_probs": 0.0, "generation_logits": 0.0}
    sequence = {"sequence_end": False, "sequence_id": 0, "sequence_start": False}
    names = {"model_name": "m", "model_version": "1", "output_log_probs": [0.0, 0.0]}
    return {**before, **names, **sequence, "text_output": text}


def _read_triton(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    return Reading(record["text_output"])


def _nothing(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return {}


def _llama(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return {
        "index": 0,
        "content": text,
        "tokens": [17],
        "stop": False,
        "id_slot": 0,
        "tokens_predicted": index + 1,
        "tokens_evaluated": 3,
    }


def _llama_end(tokens: int, form: str) -> tuple[JsonObject, ...]:
    """Those fields of the last record for which `response_fields` of a request may ask, but the settings and times."""
    counted = {"tokens_predicted": tokens, "tokens_evaluated": 3}
    said = {"index": 0, "content": "", "tokens": [], "id_slot": 0, "stop": True, "model": "m", **counted}
    return ({**said, "has_new_line": False, "truncated": False, "stop_type": "limit", "stopping_word": ""},)


def _read_llama(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    return Reading(record["content"], bool(record["stop"]))


TRITON_SSE = Dialect(
    id="triton-sse",
    media_type="text/event-stream; charset=utf-8",
    framing=Framing.SSE,
    source="triton-inference-server/server src/http_server.cc, generate_stream",
    record=_triton,
    read=_read_triton,
    error=lambda message: {"error": message},
    forms=("", "tensorrt-llm"),
    finishes=False,
)

LLAMA_CPP_SSE = Dialect(
    id="llama-cpp-sse",
    media_type="text/event-stream",
    framing=Framing.SSE,
    source="ggml-org/llama.cpp tools/server/server-task.cpp, /completion",
    record=_llama,
    read=_read_llama,
    error=lambda message: {"error": {"code": 500, "message": message, "type": "server_error"}},
    closing=_llama_end,
    asides=("comment-text",),
)

TEXT = Dialect(
    id="text",
    media_type="text/plain",
    framing=Framing.RAW,
    source="any container that answers text/plain",
    record=_nothing,
    read=lambda record: Reading(""),
    finishes=False,
)
