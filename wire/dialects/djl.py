"""DJL Serving: rolling batch and Hugging Face handlers, as JSON lines, one JSON document, or SSE.

Source: deepjavalibrary/djl-serving engines/python/setup/djl_python/output_formatter.py,
outputs.py and streaming_utils; Python's json writes the records, so separators hold spaces.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sliceproof.wire.dialects.chunks import raise_error
from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject, Reading
from sliceproof.wire.dialects.errors import ModelError


def _outputs(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return {"outputs": [text]}


def _read_outputs(record: Mapping[str, Any]) -> Reading:
    """A list holds a text for each input of the request; a string alone is the message of what failed."""
    raise_error(record)
    outputs = record["outputs"]
    if isinstance(outputs, str):
        raise ModelError(outputs)
    if len(outputs) > 1:
        raise ValueError(f"the texts of {len(outputs)} completions in one record, and a body here is one completion")
    return Reading(outputs[0])


def _details(tokens: int) -> JsonObject:
    return {"finish_reason": "length", "generated_tokens": tokens, "inputs": "?"}


def _token(index: int, text: str, full: str | None, form: str) -> JsonObject:
    logprob = "logprob" if form == "tgi" else "log_prob"
    record: dict[str, object] = {"token": {"id": 17, "text": text, logprob: -0.5}}
    if full is None:
        return record
    record["generated_text"] = full
    return record | {"details": _details(index + 1)} if form else record


def _token_error(message: str) -> JsonObject:
    token = {"id": -1, "text": "", "log_prob": -1, "special_token": True, "error_msg": message}
    return {"token": token, "generated_text": "", "details": {"finish_reason": "error"}}


def _read_token(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    token = record["token"]
    if token.get("error_msg") or (record.get("details") or {}).get("finish_reason") == "error":
        raise ModelError(str(token.get("error_msg") or "the generation failed"), "error")
    text = "" if token.get("special_token") or token.get("special") else token["text"]
    return Reading(text, record.get("generated_text") is not None)


def _document(text: str, tokens: tuple[str, ...], form: str) -> object:
    document: dict[str, object] = {"generated_text": text}
    if form == "list":
        return [document]
    if form == "details":
        lines = [{"id": 17, "text": token, "log_prob": -0.5} for token in tokens]
        return document | {"details": {**_details(len(tokens)), "tokens": lines}}
    return document


def _read_document(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    if (record.get("details") or {}).get("finish_reason") == "error":
        raise ModelError("the generation failed", "error")
    return Reading("", True)


def _third_party(index: int, text: str, full: str | None, form: str) -> JsonObject:
    stop_reason = None if full is None else "length"
    if not form:
        body: JsonObject = {"generation": text, "stop_reason": stop_reason}
        return {"body": body, "metering": {"inputTokenCount": 3, "outputTokenCount": index + 1}}
    prompt = 3 if index == 0 else None
    body = {
        "generation": text,
        "prompt_token_count": prompt,
        "generation_token_count": index + 1,
        "stop_reason": stop_reason,
    }
    metering = {"outputTokenCount": index + 1} | ({} if prompt is None else {"inputTokenCount": prompt})
    return {"body": body, "metering": metering, "content_type": "application/jsonlines"}


def _third_party_error(message: str) -> JsonObject:
    body = {"generation": "", "prompt_token_count": 3, "generation_token_count": 1, "stop_reason": "error"}
    return {
        "body": body,
        "metering": {"outputTokenCount": 1, "inputTokenCount": 3},
        "content_type": "application/jsonlines",
        "error": {"error_code": 400, "error_msg": message},
    }


def _read_third_party(record: Mapping[str, Any]) -> Reading:
    raise_error(record)
    body = record["body"]
    return Reading(body["generation"], body.get("stop_reason") is not None)


DJL_OUTPUTS = Dialect(
    id="djl-outputs",
    media_type="application/jsonlines",
    framing=Framing.LINES,
    source="deepjavalibrary/djl-serving up to 0.25: djl_python/rolling_batch, streaming_utils.py",
    record=_outputs,
    read=_read_outputs,
    error=lambda message: {"code": 400, "error": message},
    errors={"huggingface": lambda message: {"outputs": message}},
    compact=False,
    forms=("", "huggingface"),
    escapes=("ascii", "raw"),
    finishes=False,
)

DJL_JSONLINES = Dialect(
    id="djl-jsonlines",
    media_type="application/jsonlines",
    framing=Framing.LINES,
    source="deepjavalibrary/djl-serving djl_python/output_formatter.py, jsonlines",
    record=_token,
    read=_read_token,
    error=_token_error,
    compact=False,
    forms=("", "details", "tgi"),
    repeats=True,
    logprob="log_prob",
    reasons=("eos_token", "stop_sequence"),
)

DJL_SSE = replace(
    DJL_JSONLINES,
    id="djl-sse",
    media_type="text/event-stream",
    framing=Framing.SSE,
    source="deepjavalibrary/djl-serving djl_python/output_formatter.py, sse_response_formatter",
    asides=("empty-data",),
)

DJL_JSON = Dialect(
    id="djl-json",
    media_type="application/json",
    framing=Framing.DOCUMENT,
    source="deepjavalibrary/djl-serving djl_python/output_formatter.py, json",
    record=_outputs,  # never used: a document has no records of its own
    read=_read_document,
    error=lambda message: {"details": {"finish_reason": "error"}},
    document=_document,
    compact=False,
    forms=("", "list", "details"),
)

DJL_3P = Dialect(
    id="djl-3p",
    media_type="application/jsonlines",
    framing=Framing.LINES,
    source="deepjavalibrary/djl-serving djl_python, 3p_stream formatter",
    record=_third_party,
    read=_read_third_party,
    error=lambda message: {"error": message},
    errors={"counts": _third_party_error},
    compact=False,
    forms=("", "counts"),
    reasons=("stop",),
)
