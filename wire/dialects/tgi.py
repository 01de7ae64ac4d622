"""Text Generation Inference, its own API (`/generate_stream`, `/invocations`).

Source: huggingface/text-generation-inference, router/src/server.rs and infer/mod.rs; keep-alive
comments and the space after `data:` are axum's (response/sse.rs).
"""

from collections.abc import Mapping
from typing import Any

from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject, Reading
from sliceproof.wire.dialects.errors import ModelError


def _record(index: int, text: str, full: str | None, form: str) -> JsonObject:
    token = {"id": 17, "text": text, "logprob": -0.5, "special": False}
    record: dict[str, object] = {"index": index + 1, "token": token}
    if form == "top-tokens":
        record["top_tokens"] = [{"id": 17, "text": "?", "logprob": -0.5, "special": False}]
    details: dict[str, object] = {"finish_reason": "length", "generated_tokens": index + 1, "seed": None}
    if form == "input-length":
        details["input_length"] = 3
    asked = full is not None and form != "no-details"
    return record | {"generated_text": full, "details": details if asked else None}


def _read(record: Mapping[str, Any]) -> Reading:
    if "error" in record:
        raise ModelError(str(record["error"]), str(record.get("error_type") or "") or None)
    token = record["token"]
    text = "" if token.get("special") else token["text"]
    return Reading(text, record.get("generated_text") is not None)


def error_record(message: str) -> JsonObject:
    """What its own API says of an error, and the Messages API before 2.4.1."""
    return {"error": message, "error_type": "generation"}


TGI_SSE = Dialect(
    id="tgi-sse",
    media_type="text/event-stream",
    framing=Framing.SSE,
    source="huggingface/text-generation-inference router/src/server.rs",
    record=_record,
    read=_read,
    error=error_record,
    forms=("", "top-tokens", "no-details", "input-length"),
    spaces=(True, False),
    asides=("comment",),
    repeats=True,
    reasons=("stop_sequence", "eos_token"),
    special={
        "index": 1,
        "token": {"id": 2, "text": "</s>", "logprob": -0.1, "special": True},
        "generated_text": "",
        "details": None,
    },
)
