"""The Responses API as vLLM writes it: numbered events with a name, an item for each stretch of one channel.

What an item says is told again when it is over: in the event that ends its text, in that of its part, in that of the
item, and in the last event, which has all items.

Source: vLLM 0.32.0 vllm/entrypoints/openai/responses/serving.py `responses_stream_generator`; streaming_events.py
`emit_simple_*`, SimpleStreamingEventProcessor; protocol.py ResponsesResponse. The event that tells of an error is that
of the OpenAI API reference: vLLM's own, `{"error": …}`, is none of the events that it may send, and it breaks off.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, groupby
from typing import Any

from sliceproof.wire.dialects.chunks import CREATED, MODEL
from sliceproof.wire.dialects.delta import CONTENT, REASONING, REFUSAL, TOOL_CALL, Delta
from sliceproof.wire.dialects.dialect import (
    FULL,
    Dialect,
    Framing,
    JsonObject,
    Reading,
    Said,
    UnknownDialectError,
    mark,
)
from sliceproof.wire.dialects.errors import ModelError

DELTA = "response.output_text.delta"
PROMPT = 3  # tokens
_BEFORE = 4  # events before the first text
_KINDS = {
    DELTA: CONTENT,
    "response.reasoning_text.delta": REASONING,
    "response.reasoning_summary_text.delta": REASONING,
    "response.refusal.delta": REFUSAL,
    "response.function_call_arguments.delta": TOOL_CALL,
}
_PREFIXES = {CONTENT: "msg", REASONING: "rs", TOOL_CALL: "fc"}


def _usage(tokens: int) -> JsonObject:
    turns: JsonObject = {"input_tokens_per_turn": [], "cached_tokens_per_turn": []}
    own: JsonObject = {"output_tokens_per_turn": [], "tool_output_tokens_per_turn": []}
    return {
        "input_tokens": PROMPT,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0, **turns},
        "output_tokens": tokens,
        "output_tokens_details": {"reasoning_tokens": 0, "tool_output_tokens": 0, **own},
        "total_tokens": PROMPT + tokens,
    }


def _response(kind: str, number: int, status: str, output: Sequence[object], tokens: int | None = None) -> JsonObject:
    """An event with the whole response as it stands."""
    response = {
        "id": "resp_1",
        "created_at": CREATED,
        **dict.fromkeys(("incomplete_details", "instructions", "metadata")),
        "model": MODEL,
        "object": "response",
        "output": list(output),
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "background": False,
        "max_output_tokens": 9,
        **dict.fromkeys(("max_tool_calls", "previous_response_id", "prompt", "reasoning")),
        "service_tier": "auto",
        "status": status,
        **dict.fromkeys(("text", "top_logprobs")),
        "truncation": "disabled",
        "usage": None if tokens is None else _usage(tokens),
        "user": None,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        **dict.fromkeys(("kv_transfer_params", "ec_transfer_params", "input_messages", "output_messages")),
    }
    return {"response": response, "sequence_number": number, "type": kind}


class _Item:
    """One item of the output: the events that begin it, say a piece of it, and end it."""

    def __init__(self, kind: str, index: int, numbers: Iterator[int], call: Delta | None = None) -> None:
        self.kind, self.index, self.numbers, self.call = kind, index, numbers, call
        self.id = f"{_PREFIXES[kind]}_{index}"
        self.at: JsonObject = {"item_id": self.id, "output_index": index}
        self.part: JsonObject = {"content_index": 0}

    def _event(self, kind: str, before: JsonObject, **behind: object) -> JsonObject:
        return {**before, "sequence_number": next(self.numbers), **behind, "type": f"response.{kind}"}

    def _whole(self, status: str, text: str) -> JsonObject:
        if self.kind == TOOL_CALL:
            assert self.call is not None
            called = {"arguments": text, "call_id": self.call.id, "name": self.call.name, "type": "function_call"}
            return {**called, "id": self.id, **dict.fromkeys(("async", "caller", "namespace")), "status": status}
        over = [self._part(text)] if status == "completed" else []
        if self.kind == REASONING:
            named = {"id": self.id, "summary": [], "type": "reasoning", "content": over or None}
            return {**named, "encrypted_content": None, "status": status}
        said = {"id": self.id, "content": over if text else [], "role": "assistant"}
        return {**said, "status": status, "type": "message", "phase": None}

    def _part(self, text: str, logprobs: object = None) -> JsonObject:
        if self.kind == REASONING:
            return {"text": text, "type": "reasoning_text"}
        return {"annotations": [], "text": text, "type": "output_text", "logprobs": logprobs}

    def begin(self) -> Iterator[JsonObject]:
        yield self._event("output_item.added", {"item": self._whole("in_progress", ""), "output_index": self.index})
        if self.kind != TOOL_CALL:
            part = self._part("", [])
            yield self._event("content_part.added", {**self.part, **self.at, "part": part})

    def say(self, text: str) -> JsonObject:
        if self.kind == TOOL_CALL:
            return self._event("function_call_arguments.delta", {"delta": text, **self.at})
        if self.kind == REASONING:
            return self._event("reasoning_text.delta", {**self.part, "delta": text, **self.at})
        said = {"delta": text, "item_id": self.id, "logprobs": [], "output_index": self.index}
        return self._event("output_text.delta", {**self.part, **said})

    def end(self, text: str) -> tuple[list[JsonObject], JsonObject]:
        """The events that end it, and the item as the last event of all has it."""
        if self.kind == TOOL_CALL:
            assert self.call is not None
            ended = self._event("function_call_arguments.done", {"arguments": text, **self.at})
            events: list[JsonObject] = [{**ended, "name": self.call.name}]
        else:
            logprobs: JsonObject = {} if self.kind == REASONING else {"logprobs": []}
            name = "reasoning_text.done" if self.kind == REASONING else "output_text.done"
            said = {"item_id": self.id, **logprobs, "output_index": self.index}
            events = [
                self._event(name, {**self.part, **said}, text=text),
                self._event("content_part.done", {**self.part, **self.at, "part": self._part(text)}),
            ]
        whole = self._whole("completed", text)
        events.append(self._event("output_item.done", {"item": whole, "output_index": self.index}))
        return events, whole


def _start(numbers: Iterator[int]) -> Iterator[JsonObject]:
    for kind in ("response.created", "response.in_progress"):
        yield _response(kind, next(numbers), "in_progress", [])


def _opening(tokens: int, form: str) -> tuple[JsonObject, ...]:
    numbers = count()
    return (*_start(numbers), *_Item(CONTENT, 0, numbers).begin())


def _text(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return _Item(CONTENT, 0, count(_BEFORE + index)).say(text)


def _closing(tokens: int, form: str) -> tuple[JsonObject, ...]:
    numbers = count(_BEFORE + tokens)
    events, whole = _Item(CONTENT, 0, numbers).end(FULL)
    return (*events, _response("response.completed", next(numbers), "completed", [whole], tokens))


def _answer(deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """An item for each stretch of one channel; the event that begins a tool call has its id and name alone."""
    other = next((delta for delta in deltas if delta.choice or delta.kind not in _PREFIXES), None)
    if other is not None:
        raise UnknownDialectError(f"the Responses API of vLLM has no {other.channel}")
    numbers = count()
    yield from map(Said, _start(numbers))
    output: list[JsonObject] = []
    over: list[JsonObject] = []
    for index, (channel, stretch) in enumerate(groupby(deltas, key=lambda delta: delta.channel)):
        yield from map(Said, over)
        said = list(stretch)
        if channel.kind == TOOL_CALL and not said[0].name:
            raise UnknownDialectError("the Responses API of vLLM ends a tool call before it begins another item")
        item = _Item(channel.kind, index, numbers, said[0])
        named = bool(said[0].name) and not said[0].text
        begun, *others = item.begin()
        yield Said(begun, (said[0],) if named else ())
        yield from map(Said, others)
        for delta in said[named:]:
            yield Said(item.say(mark(0)), (delta,))
        over, whole = item.end("".join([delta.text for delta in said]))
        output.append(whole)
    if finished:
        yield from map(Said, over)
        yield Said(_response("response.completed", next(numbers), "completed", output, len(deltas)))


def _read(record: Mapping[str, Any]) -> Reading:
    """What an event says; one of a type that is not known says nothing, as the API's description wants it."""
    kind = record["type"]
    if kind in ("error", "response.failed"):
        told = record if kind == "error" else record["response"]["error"]
        raise ModelError(str(told["message"]), told.get("code"))
    deltas = tuple(_deltas(record, kind))
    text = "".join([delta.text for delta in deltas if delta.kind == CONTENT])
    return Reading(text, kind in ("response.completed", "response.incomplete"), deltas)


def _deltas(record: Mapping[str, Any], kind: str) -> Iterator[Delta]:
    if kind in _KINDS:
        number = record["output_index"] if _KINDS[kind] == TOOL_CALL else 0
        yield Delta(record["delta"], _KINDS[kind], index=number)
    elif kind == "response.output_item.added" and record["item"]["type"] == "function_call":
        item = record["item"]
        text = item.get("arguments") or ""
        yield Delta(text, TOOL_CALL, index=record["output_index"], id=item["call_id"], name=item["name"])
    elif kind in ("response.completed", "response.incomplete"):
        yield Delta(finish=record["response"]["status"])


def _error(message: str) -> JsonObject:
    return {"type": "error", "code": "server_error", "message": message, "param": None, "sequence_number": _BEFORE}


RESPONSES_SSE = Dialect(
    id="responses-sse",
    media_type="text/event-stream; charset=utf-8",
    framing=Framing.SSE,
    source="vLLM vllm/entrypoints/openai/responses; OpenAI API reference, streaming events of responses",
    record=_text,
    read=_read,
    error=_error,
    opening=_opening,
    closing=_closing,
    answers={"": _answer},
    numbers_blocks=True,
    named=DELTA,
)
