"""The Messages API as vLLM, SGLang and Bedrock write it: typed events, a block for each stretch of one channel.

Source: vLLM 0.32.0 vllm/entrypoints/anthropic/serving.py `message_stream_converter`, protocol.py (the form ""); SGLang
0.5.23 python/sglang/srt/entrypoints/anthropic/serving.py `_generate_anthropic_stream`, protocol.py; Anthropic's own in
Bedrock, recorded (open-telemetry/opentelemetry-python-contrib instrumentation/opentelemetry-instrumentation-botocore
tests/cassettes test_invoke_model_with_response_stream_*_tool_call[anthropic.claude].yaml).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sliceproof.wire.dialects.chunks import ID, MODEL
from sliceproof.wire.dialects.delta import CONTENT, REASONING, TOOL_CALL, Channel, Delta
from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject, Reading, Said, UnknownDialectError, mark
from sliceproof.wire.dialects.errors import ModelError
from sliceproof.wire.dialects.requested import ANTHROPIC, with_more

DELTA = "content_block_delta"
SGLANG, BEDROCK = "sglang", "bedrock"  # the forms other than vLLM's; Bedrock's is one of a dialect of its own
PROMPT = 3  # tokens
SIGNATURE = "c0ffee"


def _ordered(event: dict[str, object], form: str) -> JsonObject:
    """Only vLLM writes the block's number behind what is said of it."""
    index = event.pop("index")
    kind = event.pop("type")
    return {"type": kind, "index": index, **event} if form else {"type": kind, **event, "index": index}


def _delta(said: Mapping[str, object], index: int, form: str) -> JsonObject:
    return _ordered({"type": DELTA, "delta": said, "index": index}, form)


def _text(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return _delta({"type": "text_delta", "text": text}, 0, form)


def _start(form: str) -> JsonObject:
    ends = {} if form == SGLANG else {"stop_reason": None, "stop_sequence": None}
    usage = {"input_tokens": PROMPT, "output_tokens": 0}
    if form == BEDROCK:
        named = {"id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": MODEL, "content": []}
        return {"type": "message_start", "message": {**named, **ends, "usage": usage | {"output_tokens": 1}}}
    message: JsonObject = {
        "id": ID,
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": MODEL,
        **ends,
        "usage": usage,
    }
    return {"type": "message_start", "message": message}


def _begin(block: Mapping[str, object], index: int, form: str) -> JsonObject:
    return _ordered({"type": "content_block_start", "content_block": block, "index": index}, form)


def _stop(index: int) -> JsonObject:
    return {"type": "content_block_stop", "index": index}


def _end(tokens: int, form: str, reason: str = "end_turn") -> tuple[JsonObject, ...]:
    delta = {"stop_reason": reason} if form == SGLANG else {"stop_reason": reason, "stop_sequence": None}
    usage = {"output_tokens": tokens} if form else {"input_tokens": PROMPT, "output_tokens": tokens}
    told = metrics(tokens) if form == BEDROCK else {}
    return {"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop", **told}


def metrics(tokens: int, cached: Mapping[str, Any] | None = None) -> JsonObject:
    """What Bedrock adds to the last record of a model, of whatever family; *cached* where it tells of its cache."""
    told = {"inputTokenCount": PROMPT, "outputTokenCount": tokens, "invocationLatency": 605, "firstByteLatency": 366}
    return {"amazon-bedrock-invocationMetrics": {**told, **(cached or {})}}


_TEXT_BLOCK = {"type": "text", "text": ""}
_FIELDS: dict[str, tuple[str, str]] = {
    CONTENT: ("text_delta", "text"),
    REASONING: ("thinking_delta", "thinking"),
    TOOL_CALL: ("input_json_delta", "partial_json"),
}


def _block(delta: Delta) -> JsonObject:
    if delta.kind == TOOL_CALL:
        return {"type": "tool_use", "id": delta.id, "name": delta.name, "input": {}}
    return {"type": "thinking", "thinking": ""} if delta.kind == REASONING else _TEXT_BLOCK


def _closed(channel: Channel, index: int, form: str) -> Iterator[Said]:
    """The end of a block; SGLang does not sign what was thought."""
    if channel.kind == REASONING and form != SGLANG:
        yield Said(_delta({"type": "signature_delta", "signature": SIGNATURE}, index, form))
    yield Said(_stop(index))


def _answer(form: str, deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """A block for each stretch of one channel; the event that begins a tool call has its id and name alone."""
    other = next((delta for delta in deltas if delta.choice or delta.kind not in _FIELDS), None)
    if other is not None:
        raise UnknownDialectError(f"the Messages API has no {other.channel}; its servers do not write it")
    yield Said(_start(form))
    open_, index = None, -1
    for delta in deltas:
        begun = delta.channel != open_
        if begun:
            if delta.kind == TOOL_CALL and not delta.name:
                raise UnknownDialectError("the Messages API ends a tool call's block before it begins another")
            if open_ is not None:
                yield from _closed(open_, index, form)
            open_, index = delta.channel, index + 1
            named = bool(delta.name) and not delta.text
            yield Said(_begin(_block(delta), index, form), (delta,) if named else ())
            if form == BEDROCK and delta.kind == TOOL_CALL:
                yield Said(_delta({"type": "input_json_delta", "partial_json": ""}, index, form))
            if named:
                continue
        kind, field = _FIELDS[delta.kind]
        yield Said(_delta({"type": kind, field: mark(0)}, index, form), (delta,))
    if finished and open_ is not None:
        yield from _closed(open_, index, form)
        called = any(delta.kind == TOOL_CALL for delta in deltas)
        yield from map(Said, _end(len(deltas), form, "tool_use" if called else "end_turn"))


def _read(record: Mapping[str, Any]) -> Reading:
    """What an event says; one of a type that is not known says nothing, as the API's description wants it."""
    kind = record["type"]
    if kind == "error":
        error = record["error"]
        raise ModelError(str(error.get("message")), error.get("type"))
    deltas = tuple(_deltas(record, kind))
    text = "".join([delta.text for delta in deltas if delta.kind == CONTENT])
    return Reading(text, kind == "message_stop", deltas)


def _deltas(record: Mapping[str, Any], kind: str) -> Iterator[Delta]:
    if kind == "message_delta":
        if reason := record["delta"].get("stop_reason"):
            yield Delta(finish=reason)
        return
    if kind not in ("content_block_start", DELTA):
        return
    said, index = record["content_block" if kind == "content_block_start" else "delta"], record["index"]
    if said["type"] == "tool_use":
        yield Delta("", TOOL_CALL, index=index, id=said["id"], name=said["name"])
    elif said["type"] == "input_json_delta":
        yield Delta(said["partial_json"], TOOL_CALL, index=index)
    elif text := said.get("thinking"):
        yield Delta(text, REASONING)
    elif text := said.get("text"):
        yield Delta(text)


_ANSWERS: dict[str, Callable[[Sequence[Delta], bool], Iterator[Said]]] = {
    form: partial(_answer, form) for form in ("", SGLANG)
}

ANTHROPIC_SSE = Dialect(
    id="anthropic-sse",
    media_type="text/event-stream; charset=utf-8",
    framing=Framing.SSE,
    source="vLLM vllm/entrypoints/anthropic; SGLang python/sglang/srt/entrypoints/anthropic",
    record=_text,
    read=_read,
    error=lambda message: {"type": "error", "error": {"type": "internal_error", "message": message}},
    opening=lambda tokens, form: (_start(form), _begin(_TEXT_BLOCK, 0, form)),
    closing=lambda tokens, form: (_stop(0), *_end(tokens, form)),
    answers=_ANSWERS,
    numbers_blocks=True,
    forms=("", SGLANG),
    allowed={"ping": {"type": "ping"}},
    named=DELTA,
    reasons=("max_tokens",),
)

BEDROCK_ANTHROPIC = Dialect(
    id="bedrock-invoke-anthropic",
    media_type="application/json",
    framing=Framing.EVENTS,
    source="Anthropic's models behind InvokeModelWithResponseStream",
    record=lambda index, text, full, form: _text(index, text, full, BEDROCK),
    read=_read,
    answers=with_more(partial(_answer, BEDROCK), ANTHROPIC),
    forms=("", *ANTHROPIC),
    requested=frozenset(ANTHROPIC),
    numbers_blocks=True,
    reasons=("max_tokens", "stop_sequence", "model_context_window_exceeded", "refusal", "pause_turn"),
)
