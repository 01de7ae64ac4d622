"""Readers of server-sent events, of any server: httpx-sse and sseclient-py. What is in an event is read by ours.

Each event is written again as our reader takes it, so a failure is the library's: which events it finds, and what
data they have.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.http_transport import async_call, clients, code, library_of, sync_call
from sliceproof.conformance.harness.contract import Call, Decoder, Mode
from sliceproof.wire.dialects import DIALECTS, Framing, reader

SSE = tuple(id_ for id_, dialect in DIALECTS.items() if dialect.framing is Framing.SSE)

_HTTPX_USE = """from httpx_sse import EventSource

with http.stream("GET", "http://127.0.0.1") as response:
    for event in EventSource(response).iter_sse():
        print(repr(event.data))"""
_CLIENT_CODE = """from sseclient import SSEClient

CHUNKS

for event in SSEClient(iter(chunks)).events():
    print(repr(event.data))"""


def _written(event: Any) -> bytes:
    return ("".join(f"data: {line}\n" for line in event.data.split("\n")) + "\n").encode()


def _texts(events: Iterable[Any], dialect: str) -> Iterator[str]:
    text = reader(DIALECTS[dialect])
    for event in events:
        yield from text.feed(_written(event))
    yield from text.close()


async def _async_texts(events: AsyncIterable[Any], dialect: str) -> AsyncIterator[str]:
    text = reader(DIALECTS[dialect])
    async for event in events:
        for delta in text.feed(_written(event)):
            yield delta
    for delta in text.close():
        yield delta


def httpx_sse() -> Decoder:
    """httpx-sse's EventSource, sync and async; ImportError if it is not installed."""
    from httpx_sse import EventSource

    library = library_of("httpx_sse._api")
    http, async_http = clients(library)

    def opened(dialect: str, form: str) -> Call:
        def ask(headers: dict[str, str]) -> Iterator[str]:
            with http.stream("GET", "http://127.0.0.1", headers=headers) as response:
                yield from _texts(EventSource(response).iter_sse(), dialect)

        return sync_call(ask)

    def opened_async(dialect: str, form: str) -> Call:
        async def ask(headers: dict[str, str]) -> AsyncIterator[str]:
            async with async_http.stream("GET", "http://127.0.0.1", headers=headers) as response:
                async for delta in _async_texts(EventSource(response).aiter_sse(), dialect):
                    yield delta

        return async_call(ask)

    return Decoder(
        "httpx-sse",
        {"sync": Mode(opened), "async": Mode(opened_async, is_async=True)},
        SSE,
        envelope="http",
        version=lambda: version("httpx-sse"),
        code=lambda stream, mode: code(library, "", _HTTPX_USE).lstrip(),
        modules=("httpx_sse._decoders",),
    )


def sseclient() -> Decoder:
    """sseclient-py's SSEClient; ImportError if it is not installed."""
    from sseclient import SSEClient

    read: Callable[[Any], Any] = lambda chunks: SSEClient(chunks).events()  # noqa: E731

    return Decoder(
        "sseclient-py",
        {"sync": Mode(lambda dialect, form: lambda chunks: _texts(read(chunks), dialect))},
        SSE,
        envelope="http",
        version=lambda: version("sseclient-py"),
        code=lambda stream, mode: _CLIENT_CODE,
        modules=("sseclient",),
    )
