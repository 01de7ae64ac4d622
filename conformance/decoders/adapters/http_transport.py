"""Transports for httpx, or for httpx2, which packages took in its place: the answer to a request is our own chunks.

The client, its response and what it does with connections are the library's; only the bytes are put in, by the hook
that it has for that. An answer is found by a header of the request.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from itertools import count
from typing import Any

HEADER = "x-sliceproof"

_bodies: dict[str, Any] = {}
_numbers = count(1)


class Answer:
    """Chunks under a number of their own while a client asks for them: `headers` are what it is to send."""

    def __init__(self, chunks: Any) -> None:
        self._number = str(next(_numbers))
        self.headers = {HEADER: self._number}
        _bodies[self._number] = chunks

    def over(self) -> None:
        """Forget the chunks."""
        _bodies.pop(self._number, None)


def library_of(module: str) -> Any:
    """The library, httpx or httpx2, whose names the package's *module* holds."""
    found = import_module(module)
    names = {str(value.__name__).partition(".")[0] for value in vars(found).values() if hasattr(value, "__path__")}
    return import_module("httpx2" if "httpx2" in names else "httpx")


def clients(library: Any) -> tuple[Any, Any]:
    """A sync and an async client of *library* whose answers are those that are asked for."""
    sync, asynchronous = transports(library)
    return library.Client(transport=sync(), trust_env=False), library.AsyncClient(
        transport=asynchronous(), trust_env=False
    )


@cache
def transports(library: Any) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """What makes a sync, and an async, transport of *library* that answers so."""

    class Body(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, chunks: Any) -> None:
            self._chunks = chunks

        def __iter__(self) -> Iterator[bytes]:
            return iter(self._chunks)

        def __aiter__(self) -> AsyncIterator[bytes]:
            return aiter(self._chunks)

    def answered(request: Any) -> Any:
        body = Body(_bodies[request.headers[HEADER]])
        return library.Response(200, headers={"content-type": "text/event-stream"}, stream=body, request=request)

    class Sync(library.BaseTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            return answered(request)

    class Async(library.AsyncBaseTransport):  # type: ignore[misc]
        async def handle_async_request(self, request: Any) -> Any:
            return answered(request)

    return Sync, Async


def sync_call(ask: Callable[[dict[str, str]], Iterable[Any]]) -> Callable[[Iterable[bytes]], Iterator[Any]]:
    """A call of a decoder that asks with headers, and gives what comes of its chunks."""

    def call(chunks: Iterable[bytes]) -> Iterator[Any]:
        answer = Answer(chunks)
        try:
            yield from ask(answer.headers)
        finally:
            answer.over()

    return call


def async_call(ask: Callable[[dict[str, str]], Any]) -> Callable[[Any], AsyncIterator[Any]]:
    """The same of an async client: *ask* gives an awaitable of an async iterable, or that itself."""

    async def call(chunks: Any) -> AsyncIterator[Any]:
        answer = Answer(chunks)
        try:
            found = ask(answer.headers)
            async for item in found if hasattr(found, "__aiter__") else await found:
                yield item
        finally:
            answer.over()

    return call


CODE = """import LIBRARY

CHUNKS


class Body(LIBRARY.SyncByteStream):
    def __iter__(self):
        return iter(chunks)


class Transport(LIBRARY.BaseTransport):
    def handle_request(self, request):
        return LIBRARY.Response(200, headers={"content-type": "text/event-stream"}, stream=Body())


http = LIBRARY.Client(transport=Transport())
"""
"""The beginning of a snippet: a client of the library that is answered with *chunks*."""


def code(library: Any, imports: str, use: str) -> str:
    """Plain Python: a client of *library* over the chunks, and what a package makes of it."""
    return f"{imports}\n{CODE.replace('LIBRARY', library.__name__)}\n{use}"
