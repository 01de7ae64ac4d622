"""Cohere's Chat v2 stream as vLLM writes it: events without a name, whose `type` is the last of their keys.

Source: vLLM 0.32.0 vllm/entrypoints/cohere/serving.py `_chat_completion_stream_to_v2`, protocol.py; the models of the
`cohere` SDK, on which it builds.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sliceproof.wire.dialects.chunks import ID
from sliceproof.wire.dialects.delta import CONTENT, REASONING, TOOL_CALL, Channel, Delta, content
from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject, Reading, Said, UnknownDialectError, mark
from sliceproof.wire.dialects.errors import ModelError

PROMPT = 3.0  # tokens, which the SDK counts in floating point
PLAN, CITATIONS, NO_USAGE = "plan", "citations", "no-usage"
FORMS = ("", PLAN, CITATIONS, NO_USAGE)


def _event(kind: str, index: int | None = None, **said: object) -> JsonObject:
    """An event that says this of the message; without anything said, the end of a block."""
    numbered = {} if index is None else {"index": index}
    return {**numbered, **({"delta": {"message": said}} if said else {}), "type": kind}


def _start() -> JsonObject:
    return {"id": ID, **_event("message-start", role="assistant")}


def _end(tokens: int, form: str, reason: str = "COMPLETE") -> JsonObject:
    counted = {"input_tokens": PROMPT, "output_tokens": float(tokens)}
    usage = {} if form == NO_USAGE else {"usage": {"billed_units": counted, "tokens": counted}}
    return {"id": ID, "delta": {"finish_reason": reason, **usage}, "type": "message-end"}


def _begin(field: str, index: int) -> JsonObject:
    return _event("content-start", index, content={field: "", "type": field})


def _text(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return _event("content-delta", 0, content={"text": text})


def _cited() -> tuple[JsonObject, ...]:
    """The source of a piece of the text, as vLLM tells it behind that piece."""
    source = {"type": "document", "document": {"text": "v"}}
    citation = {"start": 0, "end": 1, "text": "v", "sources": [source], "type": "TEXT_CONTENT"}
    return _event("citation-start", 0, citations=citation), _event("citation-end", 0)


def _closing(tokens: int, form: str) -> tuple[JsonObject, ...]:
    return (*(_cited() if form == CITATIONS else ()), _event("content-end", 0), _end(tokens, form))


_FIELDS = {CONTENT: "text", REASONING: "thinking"}


def _call(delta: Delta, first: bool) -> JsonObject:
    if not first:
        return _event("tool-call-delta", delta.index, tool_calls={"function": {"arguments": mark(0)}})
    function = {"name": delta.name, "arguments": mark(0)}
    return _event("tool-call-start", delta.index, tool_calls={"id": delta.id, "type": "function", "function": function})


def _answer(form: str, deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """A block for each stretch of text or reasoning, and one for each call; plans have none.

    The arguments of a call go on under its index wherever another block has begun meanwhile, which they do not end.
    """
    other = next((delta for delta in deltas if delta.choice or delta.kind not in (*_FIELDS, TOOL_CALL)), None)
    if other is not None:
        raise UnknownDialectError(f"Cohere's Chat v2 has no {other.channel}; its server does not write it")
    yield Said(_start())
    open_: Channel | None = None
    ends: JsonObject | None = None  # what ends the block of that channel
    block, calls = -1, set[Channel]()
    for delta in deltas:
        planned = form == PLAN and delta.kind == REASONING
        begun = planned or (delta.channel != open_ and delta.channel not in calls)
        if begun:
            if ends is not None:
                yield Said(ends)
            open_, ends = delta.channel, None
        if planned:
            yield Said(_event("tool-plan-delta", tool_plan=mark(0)), (delta,))
        elif delta.kind == TOOL_CALL:
            if begun:
                calls.add(delta.channel)
                ends = _event("tool-call-end", delta.index)
            yield Said(_call(delta, begun), (delta,))
        else:
            field = _FIELDS[delta.kind]
            if begun:
                block += 1
                ends = _event("content-end", block)
                yield Said(_begin(field, block))
            yield Said(_event("content-delta", block, content={field: mark(0)}), (delta,))
    if finished:
        if ends is not None:
            yield Said(ends)
        yield Said(_end(len(deltas), form, "TOOL_CALL" if calls else "COMPLETE"))


def _failed(message: str) -> JsonObject:
    return {"type": "message-end", "delta": {"error": message, "finish_reason": "ERROR"}}


def _read(record: Mapping[str, Any]) -> Reading:
    """What an event says; one of another type, as of a citation, says nothing."""
    kind = record["type"]
    if kind == "message-end":
        reason, error = record["delta"].get("finish_reason") or "", record["delta"].get("error")
        if error is not None or reason == "ERROR":
            raise ModelError("the generation failed" if error is None else str(error), reason or None)
        return Reading("", True, (Delta(finish=reason),) if reason else ())
    deltas = tuple(_READ[kind](record)) if kind in _READ else ()
    return Reading(content(deltas), False, deltas)


def _read_content(record: Mapping[str, Any]) -> Iterator[Delta]:
    said = record["delta"]["message"]["content"]
    if text := said.get("thinking"):
        yield Delta(text, REASONING)
    if text := said.get("text"):
        yield Delta(text)


def _read_plan(record: Mapping[str, Any]) -> Iterator[Delta]:
    yield Delta(record["delta"]["message"]["tool_plan"], REASONING)


def _read_call(record: Mapping[str, Any]) -> Iterator[Delta]:
    call = record["delta"]["message"]["tool_calls"]
    function = call["function"]
    told = {"id": call.get("id"), "name": function.get("name"), "text": function.get("arguments")}
    yield Delta(kind=TOOL_CALL, index=record["index"], **{key: value for key, value in told.items() if value})


_READ: dict[str, Callable[[Mapping[str, Any]], Iterator[Delta]]] = {
    "content-start": _read_content,
    "content-delta": _read_content,
    "tool-plan-delta": _read_plan,
    "tool-call-start": _read_call,
    "tool-call-delta": _read_call,
}

COHERE_SSE = Dialect(
    id="cohere-sse",
    media_type="text/event-stream; charset=utf-8",
    framing=Framing.SSE,
    source="vLLM vllm/entrypoints/cohere",
    record=_text,
    read=_read,
    error=_failed,
    opening=lambda tokens, form: (_start(), _begin("text", 0)),
    closing=_closing,
    answers={form: partial(_answer, form) for form in ("", PLAN)},
    forms=FORMS,
    allowed={"debug": {"prompt": "v", "type": "debug"}},
    json_errors=frozenset(FORMS),
    done=True,
    reasons=("MAX_TOKENS", "STOP_SEQUENCE"),
)
