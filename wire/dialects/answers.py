"""Answers of several channels as OpenAI-compatible servers write them: reasoning, tool calls, several choices.

What a form does here it does as `chunks` does with plain text: the same server, the same fields. Sources:

- vLLM 0.32.0 vllm/entrypoints/openai/chat_completion/serving.py; vllm/parser/engine/parser_engine.py `_events_to_delta`
  (a record may hold reasoning, content and several tool calls); vllm/tool_parsers/hermes_tool_parser.py;
  vllm/entrypoints/generate/base/protocol.py DeltaMessage, which was in openai/protocol.py in 0.13.0
- SGLang 0.5.23 python/sglang/srt/entrypoints/openai/serving_chat.py `_process_tool_call_stream`, sse_utils.py (a record
  has one channel, all finish reasons come last)
- OpenAI API reference, chat completion chunk (the form "")
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sliceproof.wire.dialects.chunks import choice, chunk
from sliceproof.wire.dialects.delta import REASONING, REFUSAL, TOOL_CALL, Delta
from sliceproof.wire.dialects.dialect import JsonObject, Said, UnknownDialectError, mark

Answer = Callable[[Sequence[Delta], bool], Iterator[Said]]


def records_of(deltas: Sequence[Delta], twice: bool = False) -> list[tuple[Delta, ...]]:
    """The deltas of each record: one, and those that are joined to it, of the same choice and of other channels.

    With *twice*, two pieces of one tool call may stand in a record.
    """
    groups: list[tuple[Delta, ...]] = []
    for delta in deltas:
        last = groups[-1] if groups else ()
        alike = any(delta.channel == other.channel for other in last) and not (twice and delta.kind == TOOL_CALL)
        if delta.joined and last and not alike and delta.choice == last[0].choice:
            groups[-1] = (*last, delta)
        else:
            groups.append((delta,))
    return groups


def _choices(deltas: Sequence[Delta]) -> list[int]:
    return sorted({delta.choice for delta in deltas})


def _reason(deltas: Sequence[Delta], number: int) -> str:
    """Why a choice ended."""
    called = any(delta.kind == TOOL_CALL for delta in deltas if delta.choice == number)
    return "tool_calls" if called else "stop"


def _last_of(groups: Sequence[tuple[Delta, ...]]) -> dict[int, int]:
    """For each choice the number of its last record."""
    return {group[0].choice: number for number, group in enumerate(groups)}


def _texts(group: Sequence[Delta], names: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The fields of a delta that hold plain text, in the order of *names*: (field, kind)."""
    found: dict[str, object] = {}
    for field, kind in names:
        for number, delta in enumerate(group):
            if delta.kind == kind:
                found[field] = mark(number)
    return found


def _only(deltas: Sequence[Delta], kinds: frozenset[str], form: str) -> None:
    """Refuse what the server has no field for."""
    other = next((delta for delta in deltas if delta.kind not in kinds), None)
    if other is not None:
        raise UnknownDialectError(f"the form {form!r} has no {other.kind}; its server does not write it")


def _vllm_call(delta: Delta, number: int) -> JsonObject:
    """id, type and name in the first alone; what a delta leaves out is not written."""
    text = {"arguments": mark(number)} if delta.text or not delta.name else {}
    if not delta.name:
        return {"index": delta.index, "function": text}
    return {"id": delta.id, "type": "function", "index": delta.index, "function": {"name": delta.name, **text}}


def vllm(deltas: Sequence[Delta], finished: bool, former: bool = False, hermes: bool = False) -> Iterator[Said]:
    """The finish reason of a choice stands in its last record, beside the text.

    The *former* way is that of 0.13.0, whose every delta has `reasoning_content` too. The parser for *hermes* sets the
    content of a record of calls to null, and may write a call's name and its arguments as two entries of one record.
    """
    _only(deltas, frozenset({"content", REASONING, TOOL_CALL}), "vllm")
    nothing = {"reasoning_content": None} if former else {}
    prompt: dict[str, Any] = {"prompt_token_ids": None} if former else {"prompt_token_ids": None, "prompt_text": None}
    for number in _choices(deltas):
        role = choice({"role": "assistant", "content": "", **nothing}, index=number)
        yield Said(chunk([role], **prompt))
    groups = records_of(deltas, twice=hermes)
    last = _last_of(groups)
    for at, group in enumerate(groups):
        delta = _texts(group, [("content", "content"), ("reasoning", REASONING)])
        delta |= {**nothing, **_texts(group, [("reasoning_content", REASONING)])} if former else {}
        calls = [_vllm_call(each, number) for number, each in enumerate(group) if each.kind == TOOL_CALL]
        if calls:
            delta = {**({"content": None} if hermes else {}), **delta, "tool_calls": calls}
        number = group[0].choice
        finish = _reason(deltas, number) if finished and last[number] == at else None
        more: dict[str, Any] = {"stop_reason": None, "token_ids": None} if finish else {"token_ids": None}
        yield Said(chunk([choice(delta, finish, index=number, **more)]), group)


def _sglang_call(delta: Delta, number: int) -> JsonObject:
    function = {"name": delta.name or None, "arguments": mark(number)}
    return {"id": delta.id or None, "index": delta.index, "type": "function", "function": function}


_NULLS: JsonObject = {"role": None, "content": None, "reasoning_content": None, "tool_calls": None}


def _all_fields(delta: JsonObject, number: int, finish: str | None = None) -> JsonObject:
    """A record as pydantic writes it, each field that is not set as null."""
    matched = 2 if finish else None
    return chunk([choice({**_NULLS, **delta}, finish, index=number, matched_stop=matched)], usage=None)


def _set_fields(delta: JsonObject, number: int, finish: str | None = None) -> JsonObject:
    """A record as sse_utils.py writes it: null reasoning, and no other field that is not set."""
    matched = 2 if finish else None
    return chunk([choice({"reasoning_content": None, **delta}, finish, index=number, matched_stop=matched)])


def sglang(deltas: Sequence[Delta], finished: bool, write: Callable[..., JsonObject] = _set_fields) -> Iterator[Said]:
    """A choice's role before its first record; a delta a record; the finish reasons of all choices at the end."""
    _only(deltas, frozenset({"content", REASONING, TOOL_CALL}), "sglang")
    begun: set[int] = set()
    for delta in deltas:
        number = delta.choice
        if number not in begun:
            begun.add(number)
            yield Said(write({"role": "assistant", "content": ""}, number))
        if delta.kind == TOOL_CALL:
            yield Said(_all_fields({"tool_calls": [_sglang_call(delta, 0)]}, number), (delta,))
        else:
            field = "reasoning_content" if delta.kind == REASONING else "content"
            yield Said(write({field: mark(0)}, number), (delta,))
    for number in _choices(deltas) if finished else ():
        yield Said(write({}, number, _reason(deltas, number)))


def sglang_nulls(deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """SGLang up to 0.5.2, whose every record is written by pydantic."""
    return sglang(deltas, finished, _all_fields)


def plain(deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """As OpenAI describes its chunks, and reasoning in the field that most servers have for it."""
    groups = records_of(deltas)
    last = _last_of(groups)
    for at, group in enumerate(groups):
        delta = _texts(group, [("reasoning_content", REASONING), ("content", "content"), ("refusal", REFUSAL)])
        calls = []
        for number, each in enumerate(group):
            if each.kind == TOOL_CALL:
                first = {"id": each.id, "type": "function"} if each.name else {}
                function = {"name": each.name, "arguments": mark(number)} if each.name else {"arguments": mark(number)}
                calls.append({"index": each.index, **first, "function": function})
        delta |= {"tool_calls": calls} if calls else {}
        number = group[0].choice
        finish = _reason(deltas, number) if finished and last[number] == at else None
        yield Said(chunk([choice(delta, finish, index=number)]), group)


def vllm_0_13(deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """vLLM 0.13.0."""
    return vllm(deltas, finished, former=True)


def vllm_hermes(deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """vLLM 0.32.0 with tool_parsers/hermes_tool_parser.py."""
    return vllm(deltas, finished, hermes=True)


ANSWERS: dict[str, Answer] = {
    "": plain,
    "vllm": vllm,
    "vllm-hermes": vllm_hermes,
    "vllm-0.13": vllm_0_13,
    "lmi-formatter": vllm,
    "sglang": sglang,
    "sglang-nulls": sglang_nulls,
}
