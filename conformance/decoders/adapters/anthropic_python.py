"""anthropic's stream of messages, sync and async, over a transport of ours."""

from collections.abc import AsyncIterator, Callable, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.http_transport import async_call, clients, code, library_of, sync_call
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import Delta

_USE = """client = Anthropic(api_key="none", base_url="http://127.0.0.1", http_client=http, max_retries=0)
messages = [{"role": "user", "content": "hello"}]
for event in client.messages.create(model="m", max_tokens=9, messages=messages, stream=True):
    print(event)"""
ASKED: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "hello"}],
    "stream": True,
}


def deltas() -> Callable[[Any], list[Delta]]:
    """What gives the deltas of each event in turn: tool calls are numbered as they begin."""
    begun = -1

    def of(event: Any) -> list[Delta]:
        nonlocal begun
        if event.type == "message_delta":
            return [Delta(finish=event.delta.stop_reason or "")]
        if event.type == "content_block_start" and event.content_block.type == "tool_use":
            begun += 1
            return [Delta("", "tool-call", index=begun, id=event.content_block.id, name=event.content_block.name)]
        if event.type == "content_block_start":
            return [_of(event.content_block, 0)]
        return [_of(event.delta, begun)] if event.type == "content_block_delta" else []

    return of


def _of(said: Any, call: int) -> Delta:
    """The delta of a block, or of a piece of it; one without text where it has none."""
    if said.type == "input_json_delta":
        return Delta(said.partial_json, "tool-call", index=call)
    if said.type in ("thinking", "thinking_delta"):
        return Delta(said.thinking, "reasoning")
    return Delta(getattr(said, "text", ""))


def modes(client: Any, async_client: Any) -> dict[str, Mode]:
    """The ways of asking a client of the package, and its async one, for a stream."""

    def ask(headers: dict[str, str]) -> Iterator[list[Delta]]:
        yield from map(deltas(), client.messages.create(**ASKED, extra_headers=headers))

    async def ask_async(headers: dict[str, str]) -> AsyncIterator[list[Delta]]:
        of = deltas()
        async for event in await async_client.messages.create(**ASKED, extra_headers=headers):
            yield of(event)

    return {
        "sync": Mode(lambda dialect, form: sync_call(ask)),
        "async": Mode(lambda dialect, form: async_call(ask_async), is_async=True),
    }


def decoder() -> Decoder:
    """The adapter; ImportError if anthropic is not installed."""
    from anthropic import Anthropic, AsyncAnthropic

    library = library_of("anthropic._base_client")
    http, async_http = clients(library)
    asked: dict[str, Any] = {"api_key": "none", "base_url": "http://127.0.0.1", "max_retries": 0}
    return Decoder(
        "anthropic",
        modes(Anthropic(**asked, http_client=http), AsyncAnthropic(**asked, http_client=async_http)),
        ("anthropic-sse",),
        yields="deltas",
        envelope="http",
        channels=("reasoning", "tool-call"),
        version=lambda: version("anthropic"),
        code=lambda stream, mode: code(library, "from anthropic import Anthropic", _USE),
        modules=("anthropic._streaming",),
    )
