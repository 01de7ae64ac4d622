"""openai-python's streams of chat and text completions and of responses, sync and async, over a transport of ours."""

from collections.abc import AsyncIterator, Sequence
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.http_transport import async_call, clients, code, library_of, sync_call
from sliceproof.conformance.decoders.adapters.openai_responses import deltas
from sliceproof.conformance.harness.contract import CHANNELS, Call, Decoder, Mode
from sliceproof.wire.dialects.delta import Delta, openai_deltas
from sliceproof.wire.stream import Stream

_CHAT, _TEXT, _RESPONSES = "openai-sse", "openai-text-sse", "responses-sse"

_IMPORTS = "from openai import OpenAI"
_USE = {
    _CHAT: """client = OpenAI(api_key="none", base_url="http://127.0.0.1", http_client=http, max_retries=0)
for chunk in client.chat.completions.create(model="m", messages=[], stream=True):
    print([choice.delta for choice in chunk.choices])""",
    _TEXT: """client = OpenAI(api_key="none", base_url="http://127.0.0.1", http_client=http, max_retries=0)
for chunk in client.completions.create(model="m", prompt="", stream=True):
    print([choice.text for choice in chunk.choices])""",
    _RESPONSES: """client = OpenAI(api_key="none", base_url="http://127.0.0.1", http_client=http, max_retries=0)
for event in client.responses.create(model="m", input="hello", stream=True):
    print(event.type, getattr(event, "delta", None))""",
}


def decoder() -> Decoder:
    """The adapter; ImportError if openai is not installed."""
    from openai import AsyncOpenAI, OpenAI

    library = library_of("openai._base_client")
    http, async_http = clients(library)
    asked: dict[str, Any] = {"api_key": "none", "base_url": "http://127.0.0.1", "max_retries": 0}
    sync, asynchronous = OpenAI(**asked, http_client=http), AsyncOpenAI(**asked, http_client=async_http)

    def create(client: Any, dialect: str, headers: dict[str, str]) -> Any:
        if dialect == _CHAT:
            return client.chat.completions.create(model="m", messages=[], stream=True, extra_headers=headers)
        if dialect == _RESPONSES:
            return client.responses.create(model="m", input="hello", stream=True, extra_headers=headers)
        return client.completions.create(model="m", prompt="", stream=True, extra_headers=headers)

    def opened(dialect: str, form: str) -> Call:
        if dialect == _RESPONSES:
            return sync_call(lambda headers: map(deltas(), create(sync, dialect, headers)))
        return sync_call(lambda headers: create(sync, dialect, headers))

    def opened_async(dialect: str, form: str) -> Call:
        if dialect == _RESPONSES:
            return async_call(lambda headers: responses(create(asynchronous, dialect, headers)))
        return async_call(lambda headers: create(asynchronous, dialect, headers))

    async def responses(asked: Any) -> AsyncIterator[list[Delta]]:
        of = deltas()
        async for event in await asked:
            yield of(event)

    def extracted(item: Any) -> Sequence[Delta]:
        return item if isinstance(item, list) else openai_deltas(item)

    def snippet(stream: Stream, mode: str) -> str:
        return code(library, _IMPORTS, _USE[stream.dialect])

    return Decoder(
        "openai",
        {"sync": Mode(opened), "async": Mode(opened_async, is_async=True)},
        (_CHAT, _TEXT, _RESPONSES),
        yields="deltas",
        envelope="http",
        version=lambda: version("openai"),
        extract=extracted,
        code=snippet,
        modules=("openai._streaming",),
        client="openai-client",
        channels=CHANNELS,
    )
