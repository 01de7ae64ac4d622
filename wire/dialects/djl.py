"""DJL Serving: rolling batch and Hugging Face handlers, as JSON lines, one JSON document, or SSE.

Source: deepjavalibrary/djl-serving engines/python/setup/djl_python/output_formatter.py,
outputs.py and streaming_utils; Python's json writes the records, so separators hold spaces.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sliceproof.wire.dialects.dialect import Dialect, JsonObject, Reading
from sliceproof.wire.dialects.openai import raise_error
from sliceproof.wire.dialects.reader import ModelError


def _outputs(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return {"outputs": [text]}


def _read_outputs(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    return Reading(record["outputs"][0])


def _token(index: int, text: str, full: str | None, form: str) -> JsonObject:
    record: dict[str, object] = {"token": {"id": 17, "text": text, "log_prob": -0.5}}
    if full is None:
        return record
    record["generated_text"] = full
    if form == "details":
        record["details"] = {"finish_reason": "length", "generated_tokens": index + 1, "inputs": "?"}
    return record


def _token_error(message: str) -> JsonObject:
    token = {"id": -1, "text": "", "log_prob": -1, "special_token": True, "error_msg": message}
    return {"token": token, "generated_text": "", "details": {"finish_reason": "error"}}


def _read_token(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    token = record["token"]
    if token.get("error_msg") or (record.get("details") or {}).get("finish_reason") == "error":
        raise ModelError(str(token.get("error_msg") or "the generation failed"), "error")
    text = "" if token.get("special_token") else token["text"]
    return Reading(text, record.get("generated_text") is not None)


def _read_document(record: Mapping[str, Any]) -> Reading:
    if (record.get("details") or {}).get("finish_reason") == "error":
        raise ModelError("the generation failed", "error")
    return Reading("", True)


def _third_party(index: int, text: str, full: str | None, form: str) -> JsonObject:
    body = {"generation": text, "stop_reason": None if full is None else "length"}
    return {"body": body, "metering": {"inputTokenCount": 3, "outputTokenCount": index + 1}}


def _read_third_party(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    body = record["body"]
    return Reading(body["generation"], body.get("stop_reason") is not None)


DJL_OUTPUTS = Dialect(
    id="djl-outputs",
    media_type="application/jsonlines",
    framing="lines",
    source="deepjavalibrary/djl-serving up to 0.25: djl_python/rolling_batch, streaming_utils.py",
    record=_outputs,
    read=_read_outputs,
    error=lambda message: {"code": 400, "error": message},
    compact=False,
    escapes=("ascii", "raw"),
    finishes=False,
)

DJL_JSONLINES = Dialect(
    id="djl-jsonlines",
    media_type="application/jsonlines",
    framing="lines",
    source="deepjavalibrary/djl-serving djl_python/output_formatter.py, jsonlines",
    record=_token,
    read=_read_token,
    error=_token_error,
    compact=False,
    forms=("", "details"),
    repeats=True,
    logprob="log_prob",
)

DJL_SSE = replace(
    DJL_JSONLINES,
    id="djl-sse",
    media_type="text/event-stream",
    framing="sse",
    source="deepjavalibrary/djl-serving djl_python/output_formatter.py, sse_response_formatter",
    asides=("empty-data",),
)

DJL_JSON = Dialect(
    id="djl-json",
    media_type="application/json",
    framing="document",
    source="deepjavalibrary/djl-serving djl_python/output_formatter.py, json",
    record=_outputs,  # never used: a document has no records of its own
    read=_read_document,
    error=lambda message: {"details": {"finish_reason": "error"}},
    compact=False,
)

DJL_3P = Dialect(
    id="djl-3p",
    media_type="application/jsonlines",
    framing="lines",
    source="deepjavalibrary/djl-serving djl_python, 3p_stream formatter",
    record=_third_party,
    read=_read_third_party,
    error=lambda message: {"error": message},
    compact=False,
)
