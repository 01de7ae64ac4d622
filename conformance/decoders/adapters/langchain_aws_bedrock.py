"""langchain-aws: ChatBedrockConverse of ConverseStream, ChatBedrock of the models behind InvokeModelWithResponseStream.

Both call botocore's client, so events and exceptions are those that their users get. Who wants tool calls and what a
model of Anthropic's thinks asks for them, and ChatBedrock gives other content then; so it is asked with both.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.bedrock_runtime import BASE, client, code, model
from sliceproof.conformance.harness.contract import Call, Decoder, Mode
from sliceproof.wire.dialects import Delta
from sliceproof.wire.stream import Stream

_CLAUDE = "anthropic.claude-3-7-sonnet-20250219-v1:0"
MODELS = {
    "bedrock-converse": _CLAUDE,
    "bedrock-invoke-anthropic": _CLAUDE,
    "bedrock-invoke-llama": "meta.llama3-8b-instruct-v1:0",
    "bedrock-invoke-mistral": "mistral.mistral-7b-instruct-v0:2",
}
"""A model of each dialect; Nova's is asked by ConverseStream alone."""
PROMPTED = (
    "it asks Mistral's models with a prompt, which they answer in `outputs`; only messages are answered in `choices`"
)
_TOOL = {"name": "f", "description": "a tool", "input_schema": {"type": "object", "properties": {}}}
_THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 2048}

_CONVERSE = """model = ChatBedrockConverse(
    model="MODEL", client=client, bedrock_client=SimpleNamespace(), region_name="us-east-1"
)
for chunk in model.stream("hi"):
    print(chunk.content, chunk.tool_call_chunks, chunk.response_metadata)"""
_INVOKE = """model = ChatBedrock(
    model="MODEL",
    client=client,
    bedrock_client=SimpleNamespace(),
    region_name="us-east-1",
    beta_use_converse_api=False,
    model_kwargs=KWARGS,
)
for chunk in model.stream("hi"ASKED):
    print(chunk.content, chunk.tool_call_chunks, chunk.response_metadata)"""


def deltas() -> Callable[[Any], list[Delta]]:
    """What gives the deltas of each AIMessageChunk in turn: tool calls are numbered as they begin."""
    numbers: dict[Any, int] = {}

    def of(chunk: Any) -> list[Delta]:
        blocks = [{"type": "text", "text": chunk.content}] if isinstance(chunk.content, str) else chunk.content
        found = [delta for block in blocks for delta in _of_block(block)]
        for call in chunk.tool_call_chunks:
            number = numbers.setdefault(call["index"], len(numbers))
            said = {"text": call["args"], "id": call["id"], "name": call["name"]}
            found.append(Delta(kind="tool-call", index=number, **{key: value for key, value in said.items() if value}))
        told = chunk.response_metadata
        if finish := told.get("stopReason") or told.get("stop_reason"):
            found.append(Delta(finish=finish))
        return found

    return of


def _of_block(block: dict[str, Any]) -> Iterator[Delta]:
    """The text or the reasoning of a block of content; tool calls stand beside, and not in it."""
    if block["type"] == "text":
        yield Delta(block["text"])
    elif text := block.get("thinking") or block.get("reasoning_content", {}).get("text"):
        yield Delta(text, "reasoning")


def options(dialect: str) -> dict[str, Any]:
    """What a model of a dialect is made with, beside its id and its client."""
    if dialect == "bedrock-converse":
        return {}
    return {"beta_use_converse_api": False, "model_kwargs": _THINKING if MODELS[dialect] == _CLAUDE else {}}


def usage(dialect: str) -> dict[str, Any]:
    """What its `stream` is called with, beside the prompt."""
    return {"tools": [_TOOL]} if dialect != "bedrock-converse" and MODELS[dialect] == _CLAUDE else {}


def model_of(dialect: str, id_: str, **more: Any) -> Any:
    """The model of that id, which is asked in that dialect."""
    from langchain_aws import ChatBedrock, ChatBedrockConverse

    kind: Any = ChatBedrockConverse if dialect == "bedrock-converse" else ChatBedrock
    return kind(model=id_, **options(dialect), **more)


def decoder() -> Decoder:
    """The adapter; ImportError if langchain-aws is not installed."""
    from langchain_aws import ChatBedrock, ChatBedrockConverse

    for name in (ChatBedrock.__module__, ChatBedrockConverse.__module__):
        logging.getLogger(name).disabled = True

    client()  # made now, so that no run waits for it
    known: dict[str, Any] = {"client": client(), "bedrock_client": object(), "region_name": "us-east-1"}

    def opened(dialect: str, form: str) -> Call:
        def read(chunks: Iterable[bytes]) -> Iterator[list[Delta]]:
            made = model_of(dialect, model(chunks, MODELS[dialect]), **known)
            yield from map(deltas(), made.stream("hi", **usage(dialect)))

        return read

    def snippet(stream: Stream, mode: str) -> str:
        like, converse = MODELS[stream.dialect], stream.dialect == "bedrock-converse"
        claude = like == _CLAUDE
        use = (_CONVERSE if converse else _INVOKE).replace("MODEL", like)
        use = use.replace("KWARGS", repr(_THINKING) if claude else "{}")
        use = use.replace("ASKED", f", tools=[{_TOOL}]" if claude else "")
        return code(f"from langchain_aws import {'ChatBedrockConverse' if converse else 'ChatBedrock'}", use)

    return Decoder(
        "langchain-aws-bedrock",
        {"sync": Mode(opened)},
        tuple(MODELS),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("langchain-aws"),
        code=snippet,
        builds_on=(BASE,),
        by_design={"R3 bedrock-invoke-mistral": PROMPTED},
        modules=("langchain_aws.llms.bedrock", "langchain_aws.chat_models.bedrock_converse"),
    )
