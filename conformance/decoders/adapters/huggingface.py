"""huggingface_hub's InferenceClient: chat completions and text generation, sync and async, over a transport of ours."""

from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.http_transport import async_call, clients, code, library_of, sync_call
from sliceproof.conformance.harness.contract import Call, Decoder, Mode
from sliceproof.wire.dialects.delta import openai_deltas
from sliceproof.wire.stream import Stream

_CHAT, _GENERATE = "openai-sse", "tgi-sse"
_URL = "http://127.0.0.1"
_MESSAGES = [{"role": "user", "content": "hello"}]

_IMPORTS = "from huggingface_hub import InferenceClient, set_client_factory"
_USE = {
    _CHAT: """set_client_factory(lambda: http)
messages = [{"role": "user", "content": "hello"}]
client = InferenceClient("http://127.0.0.1")
for chunk in client.chat_completion(messages, stream=True):
    print([choice.delta for choice in chunk.choices])""",
    _GENERATE: """set_client_factory(lambda: http)
client = InferenceClient("http://127.0.0.1")
for output in client.text_generation("hello", stream=True, details=True):
    print(None if output.token.special else output.token.text)""",
}


def deltas_of(item: Any) -> Any:
    """The deltas of a chunk, or the text of a token that is none of the special ones."""
    if hasattr(item, "token"):
        return "" if item.token.special else item.token.text or ""
    return openai_deltas(item)


def decoder() -> Decoder:
    """The adapter; ImportError if huggingface_hub is not installed, or is older than 1."""
    from huggingface_hub import AsyncInferenceClient, InferenceClient, set_async_client_factory, set_client_factory

    library = library_of("huggingface_hub.inference._client")
    set_client_factory(lambda: clients(library)[0])  # it closes each
    set_async_client_factory(lambda: clients(library)[1])

    def asked(client: Any, dialect: str) -> Any:
        if dialect == _CHAT:
            return client.chat_completion(_MESSAGES, stream=True)
        return client.text_generation("hello", stream=True, details=True)

    def opened(dialect: str, form: str) -> Call:
        def ask(headers: dict[str, str]) -> Iterator[Any]:
            client = InferenceClient(_URL, headers=headers)  # held, as what it asked for ends with it
            yield from asked(client, dialect)

        return sync_call(ask)

    def opened_async(dialect: str, form: str) -> Call:
        async def ask(headers: dict[str, str]) -> AsyncIterator[Any]:
            client = AsyncInferenceClient(_URL, headers=headers)
            async for item in await asked(client, dialect):
                yield item

        return async_call(ask)

    def snippet(stream: Stream, mode: str) -> str:
        return code(library, _IMPORTS, _USE[stream.dialect])

    return Decoder(
        "huggingface-hub",
        {"sync": Mode(opened), "async": Mode(opened_async, is_async=True)},
        (_CHAT, _GENERATE),
        yields="deltas",
        envelope="http",
        version=lambda: version("huggingface_hub"),
        extract=deltas_of,
        code=snippet,
        modules=("huggingface_hub.inference._common",),
    )
