"""strands-agents: BedrockModel over botocore's client, and what `process_stream`, which its agent reads, makes of it.

A thread of BedrockModel's own reads ahead of its consumer. It has ConverseStream alone.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterable
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.bedrock_runtime import BASE, Session, client, code, model
from sliceproof.conformance.decoders.adapters.strands_agents import CLAIMED, deltas
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import Delta

MODEL = "anthropic.claude-3-haiku-20240307-v1:0"
_IMPORTS = """import asyncio

from strands.event_loop.streaming import process_stream
from strands.models.bedrock import BedrockModel"""
_USE = """

async def main():
    session = SimpleNamespace(region_name="us-east-1", client=lambda *_, **__: client)
    model = BedrockModel(boto_session=session, model_id="MODEL")
    async for event in process_stream(model.stream([{"role": "user", "content": [{"text": "hi"}]}])):
        print(event)


asyncio.run(main())"""


def events() -> Callable[[dict[str, Any]], list[Delta]]:
    """What gives the deltas of each event in turn: a tool call begins in Bedrock's own event, which is passed on."""
    of = deltas()

    def read(event: dict[str, Any]) -> list[Delta]:
        if "stop" in event:
            return [Delta(finish=event["stop"][0])]
        if "contentBlockStart" in event.get("event", {}):
            return of(event["event"])
        if event.get("type") == "tool_use_stream":
            return of({"contentBlockDelta": {"delta": event["delta"]}})
        said = ((event.get("data"), "content"), (event.get("reasoningText"), "reasoning"))
        return [Delta(text, kind) for text, kind in said if text]

    return read


def decoder() -> Decoder:
    """The adapter; ImportError if strands-agents is not installed."""
    from strands.event_loop.streaming import process_stream
    from strands.models.bedrock import BedrockModel

    for module in (process_stream.__module__, BedrockModel.__module__):
        logging.getLogger(module).disabled = True
    client()  # made now, so that no run waits for it
    asked: Any = [{"role": "user", "content": [{"text": "hi"}]}]

    async def read(chunks: Iterable[bytes]) -> AsyncIterator[list[Delta]]:
        of = events()
        made = BedrockModel(boto_session=Session(), model_id=model(chunks, MODEL))
        async for event in process_stream(made.stream(asked)):
            yield of(event)

    return Decoder(
        "strands-agents-bedrock",
        {"async": Mode(lambda dialect, form: read, is_async=True)},
        ("bedrock-converse",),
        yields="deltas",
        channels=CLAIMED,
        version=lambda: version("strands-agents"),
        code=lambda stream, mode: code(_IMPORTS, _USE.replace("MODEL", MODEL)),
        builds_on=(BASE,),
        modules=(BedrockModel.__module__, process_stream.__module__),
    )
