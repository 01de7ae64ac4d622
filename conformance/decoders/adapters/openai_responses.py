"""The deltas of openai-python's events of the Responses API."""

from collections.abc import Callable
from typing import Any

from sliceproof.wire.dialects import Delta

_TEXTS = {
    "response.output_text.delta": "content",
    "response.reasoning_text.delta": "reasoning",
    "response.refusal.delta": "refusal",
}


def deltas() -> Callable[[Any], list[Delta]]:
    """What gives the deltas of each event in turn: tool calls are numbered as they begin.

    The client gives the event of an error like any other, so it is raised here, as its user has to.
    """
    calls: dict[int, int] = {}

    def of(event: Any) -> list[Delta]:
        kind = event.type
        if kind == "error":
            raise RuntimeError(event.message)
        if kind in _TEXTS:
            return [Delta(event.delta, _TEXTS[kind])]
        if kind == "response.output_item.added" and event.item.type == "function_call":
            number = calls.setdefault(event.output_index, len(calls))
            return [Delta("", "tool-call", index=number, id=event.item.call_id, name=event.item.name)]
        if kind == "response.function_call_arguments.delta":
            return [Delta(event.delta, "tool-call", index=calls[event.output_index])]
        return [Delta(finish=event.response.status)] if kind == "response.completed" else []

    return of
