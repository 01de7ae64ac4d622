"""mistralai's chat stream, sync and async, over a transport of ours."""

from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.http_transport import async_call, clients, code, library_of, sync_call
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects.delta import Delta, openai_deltas

_USE = """client = Mistral(api_key="none", server_url="http://127.0.0.1", client=http)
with client.chat.stream(model="m", messages=[{"role": "user", "content": "hello"}]) as events:
    for event in events:
        print([choice.delta for choice in event.data.choices])"""
_ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def deltas_of(event: Any) -> tuple[Delta, ...]:
    """The deltas of an event; content that is no text is that of Mistral's own service."""
    found = openai_deltas(event.data)
    return tuple([delta for delta in found if isinstance(delta.text, str)])


def decoder() -> Decoder:
    """The adapter; ImportError if mistralai is not installed."""
    try:
        from mistralai.client import Mistral
    except ImportError:  # before version 2
        from mistralai import Mistral

    module = "mistralai.client" if Mistral.__module__.startswith("mistralai.client") else "mistralai"
    library = library_of(f"{module}.utils.eventstreaming")
    http, async_http = clients(library)
    client = Mistral(api_key="none", server_url="http://127.0.0.1", client=http, async_client=async_http)

    def ask(headers: dict[str, str]) -> Iterator[Any]:
        with client.chat.stream(**_ASKED, http_headers=headers) as events:
            yield from events

    async def ask_async(headers: dict[str, str]) -> AsyncIterator[Any]:
        async with await client.chat.stream_async(**_ASKED, http_headers=headers) as events:
            async for event in events:
                yield event

    return Decoder(
        "mistralai",
        {
            "sync": Mode(lambda dialect, form: sync_call(ask)),
            "async": Mode(lambda dialect, form: async_call(ask_async), is_async=True),
        },
        ("openai-sse",),
        yields="deltas",
        channels=("tool-call", "choices"),
        envelope="http",
        version=lambda: version("mistralai"),
        extract=deltas_of,
        code=lambda stream, mode: code(library, f"from {module} import Mistral", _USE),
        modules=(f"{module}.utils.eventstreaming",),
    )
