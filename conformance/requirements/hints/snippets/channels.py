"""All that a record says, as (choice, kind, what): each choice, each channel, beside each other."""

from collections.abc import Iterator
from typing import Any


def said_by(record: dict[str, Any]) -> Iterator[tuple[int, str, Any]]:
    for choice in record.get("choices") or []:
        number, delta = choice.get("index", 0), choice.get("delta") or {}
        if thought := delta.get("reasoning") or delta.get("reasoning_content"):  # by release
            yield number, "reasoning", thought
        if text := delta.get("content"):  # no `else`, no `strip()`: white space is text
            yield number, "content", text
        for call in delta.get("tool_calls") or []:
            yield number, "tool-call", call
        if reason := choice.get("finish_reason"):
            yield number, "finish", reason  # of this choice; others go on
