"""A whole client as a decoder: it is given the URL of our endpoint and a name, and what it gives is judged.

    def client(url: str, name: str) -> str | Iterable[str]: ...          # or async, or an async generator

Each stream is an answer under a name of its own, in Bedrock's dialects the id of a model; its chunks are HTTP chunks,
and what they raise breaks the connection.
An async client runs in one event loop for all streams, as its pools of connections live in that.
"""

import asyncio
import gc
import inspect
import os
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial, update_wrapper
from itertools import count
from typing import Any, TypeVar

from sliceproof.conformance.decoders.endpoint.answer import Answer, Transport
from sliceproof.conformance.decoders.endpoint.routes import like
from sliceproof.conformance.decoders.endpoint.server import Server, payloads
from sliceproof.conformance.harness.contract import Call, Decoder, Mode, TargetError
from sliceproof.conformance.harness.feeds import Feed
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.stream import Stream

T = TypeVar("T")

Client = Callable[[str, str], Any]

SETTLES = 0.05  # seconds in which the server may write what the client no longer waits for
CLOSES = 2.0  # seconds in which an async client that is left must end

_transport = [Transport()]


@contextmanager
def travelling(transport: Transport) -> Iterator[None]:
    """Let the answers to what is asked meanwhile travel like that."""
    _transport.append(transport)
    try:
        yield
    finally:
        _transport.pop()


class _Here:
    """What there is once a process: the server and the event loop, begun anew in a fork."""

    def __init__(self) -> None:
        self._owner = 0
        self.numbers = count(1)

    def server(self) -> Server:
        """The server."""
        self._begin()
        return self._server

    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop, which runs in a thread of its own."""
        self._begin()
        return self._loop

    def _begin(self) -> None:
        if self._owner != os.getpid():
            self._owner, self._server, self._loop = os.getpid(), Server(), asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="sliceproof-loop", daemon=True).start()


_here = _Here()


answers: deque[Answer] = deque(maxlen=8)
"""The answers of the last streams, the newest last: what became of them on the server's side."""


class Answering:
    """A stream under a name of its own, as long as a client reads it; asked for again, it begins anew."""

    def __init__(self, feed: Feed, dialect: str, server: Server | None = None) -> None:
        self.server = server or _here.server()
        self.name = f"{like(dialect)}-{next(_here.numbers)}"
        self._feed, self._given = feed, False
        self.answer = Answer(self._chunks, _transport[-1], dialect)

    def _chunks(self) -> Iterable[bytes]:
        given, self._given = self._given, True
        return self._feed.anew() if given else self._feed

    def __enter__(self) -> "Answering":
        self.server.answers[self.name] = self.answer
        answers.append(self.answer)
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.over.wait(SETTLES if self.answer.requests else 0)
        self.server.forget(self.name)


def texts(client: Client, feed: Feed, dialect: str) -> Iterator[Any]:
    """What a client gives of the stream that *feed* has."""
    if _failed:  # what an error left behind may close a connection when it is collected, in the middle of another
        _failed.clear()
        _waited(_collected())
    with Answering(feed, dialect) as answering, _noticed():
        given = client(answering.server.url, answering.name)
        if inspect.isawaitable(given):
            given = _waited(_of(given))
        if hasattr(given, "__aiter__"):
            yield from _each(given)
        elif isinstance(given, str):
            yield given
        elif hasattr(given, "__iter__"):
            yield from given
        else:
            raise TargetError(
                f"the client gave {given!r:.80} ({type(given).__name__}); give the text, or what yields it"
            )


_failed: list[bool] = []


@contextmanager
def _noticed() -> Iterator[None]:
    """Notice that a client fails."""
    try:
        yield
    except Exception:
        _failed.append(True)
        raise


async def _collected() -> None:
    """Collect what is left in the loop's own thread: from another, async generators end while the loop closes them."""
    gc.collect(2 if gc.get_freeze_count() else 1)  # all of it takes long where there is much


async def _of(awaitable: Any) -> Any:
    return await awaitable


def _each(items: AsyncIterator[Any]) -> Iterator[Any]:
    """The items of an async iterable, each awaited in our loop."""
    iterator = aiter(items)
    try:
        while True:
            try:
                yield _waited(_of(anext(iterator)))
            except StopAsyncIteration:
                return
    finally:
        if hasattr(iterator, "aclose"):
            with suppress(Exception):
                _waited(_of(iterator.aclose()), CLOSES)


def _waited(work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
    """The result of *work* in our loop; it is cancelled where waiting for it ends otherwise."""
    future = asyncio.run_coroutine_threadsafe(work, _here.loop())
    try:
        while seconds is None:
            with suppress(TimeoutError):  # waits in slices, so that an exception from outside is raised between them
                return future.result(0.2)
            if future.done():  # the client's own
                return future.result()
        return future.result(seconds)
    finally:
        if not future.done():
            future.cancel()


def mode(client_of: Callable[[str, str], Client]) -> Mode:
    """The mode of the client that *client_of* gives for a dialect and a form."""

    def opened(dialect: str, form: str) -> Call:
        asked = client_of(dialect, form)
        call = partial(texts, asked, dialect=dialect)
        return update_wrapper(call, asked, assigned=(), updated=())  # so that it is found where it is defined

    return Mode(opened)


def client(name: str, modes: Mapping[str, Mode], dialects: tuple[str, ...] | None, **more: Any) -> Decoder:
    """A whole client as a decoder: nothing can be thrown into it, and what it costs is mostly its connections."""
    return Decoder(name, modes, dialects, "endpoint", throwable=False, cpu_seconds=None, **more)


def decoder(
    target: Client,
    name: str,
    *,
    dialects: tuple[str, ...] | None = None,
    where: tuple[str, str] | None = None,
    yields: str = "text",
) -> Decoder:
    """The decoder that a client is; TargetError if it cannot be called with a URL and a name.

    *where* is (import statement, expression), for the snippet.
    """
    if not callable(target):
        raise TargetError(f"{name} is a {type(target).__name__}, not a callable; name a function(url, name)")
    with suppress(ValueError):  # a built-in without a signature: the call will tell
        try:
            inspect.signature(target).bind("", "")
        except TypeError as error:
            raise TargetError(
                f"{name}{inspect.signature(target)} cannot be called with a URL and a name alone ({error}); "
                "name a function(url, name) that asks that endpoint and gives the text"
            ) from None

    asynchronous = inspect.iscoroutinefunction(target) or inspect.isasyncgenfunction(target)

    def code(stream: Stream, mode: str) -> str:
        return snippet(*(where or ("", name)), stream, asynchronous)

    return client(
        name,
        {"client": mode(lambda dialect, form: target)},
        dialects,
        yields=yields,
        code=code if where else None,
        builtin=False,
        modules=(target.__module__,) if getattr(target, "__module__", None) in sys.modules else (),
    )


def snippet(statement: str, expression: str, stream: Stream, asynchronous: bool = False, raw: bool = False) -> str:
    """Plain Python that asks a server of the standard library for *stream*'s chunks, or *raw* for its body alone."""
    breaks = stream.fault is not None and stream.fault.kind is FaultKind.SOURCE_ERROR
    code = _SNIPPET
    if raw:
        parts, whole = _body(stream)
        breaks = breaks or not whole
        code = code.replace("application/vnd.amazon.eventstream", "text/event-stream")
        code = code.replace("CHUNKS", "\n".join(["chunks = [", *(f"    {part!r}," for part in parts), "]"]))
    end = "self.close_connection = True  # the connection breaks" if breaks else r'self.wfile.write(b"0\r\n\r\n")'
    code = code.replace("        END\n", f"        {end}\n")
    code = code.replace("IMPORTS", f"import asyncio\n\n{statement}" if asynchronous else statement)
    return code + (_ASYNC if asynchronous else _SYNC).replace("CLIENT", expression)


def _body(stream: Stream) -> tuple[list[bytes], bool]:
    """The parts of a raw body, and whether it is whole; an empty one would be the last HTTP chunk."""
    parts: list[bytes] = []
    try:
        parts.extend(filter(None, payloads(iter(stream.chunks))))
    except ConnectionAbortedError:
        return parts, False
    return parts, True


_SNIPPET = r"""import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

IMPORTS

CHUNKS


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.amazon.eventstream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for chunk in filter(None, chunks):  # one of no bytes would be the last
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        END


server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
"""
_SYNC = """print(list(CLIENT(url, "endpoint")))"""
_ASYNC = """

async def main():
    given = CLIENT(url, "endpoint")
    print([text async for text in given] if hasattr(given, "__aiter__") else await given)


asyncio.run(main())"""
