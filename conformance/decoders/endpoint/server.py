"""A server of HTTP/1.1 on the loopback that writes its own bytes: chunk boundaries and ends exactly as asked.

uvicorn can neither reset a connection nor cut inside an HTTP chunk, and takes twice the time a stream; so this is a
thread a connection over plain sockets. It answers as SageMaker Runtime does (botocore sagemaker-runtime/2017-05-13):

    POST /endpoints/NAME/invocations-response-stream          the event stream
    POST /global-inference-gateway/NAME/invocations-response-stream
    POST /endpoints/NAME/invocations                          the container's body, whole
    POST /endpoints/NAME/openai/v1/chat/completions           the container's body, part by part
    POST /model/ID/invoke-with-response-stream                Bedrock's event stream: a record in each chunk
    POST /model/ID/converse-stream                            the same: typed events

Signatures are accepted and not checked. Requests are bounded in size, connections in number and in idle time.
"""

import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus

from sliceproof.conformance.decoders.endpoint.answer import EVENT_STREAM, Answer, Page, refused
from sliceproof.conformance.decoders.endpoint.request import BODY, Reader, Request, TooLongError
from sliceproof.conformance.decoders.endpoint.routes import WHOLE, Route, misrouted, missing, route
from sliceproof.wire.errors import MessageError
from sliceproof.wire.messages import MessageDecoder

IDLE = 60.0  # seconds in which a connection must ask for something
MOST = 256  # connections at once
PAST = 1000  # names of answers that are over, which are known
LINGER = 0.01  # seconds in which what was sent is read before a connection is reset

Pages = Callable[[Request], Page | None]


class Server:
    """Listens from the beginning, on *host* and *port* (0: any that is free), until it is closed.

    `answers` are given by name; where a name never was one of them and there is but one, that one is: a gateway has the
    name of its endpoint in its configuration. *pages* answer what is no endpoint, and *made* gives the answer to a
    route whose name is not among them, or the page that says why there is none. A request has *most* bytes.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        pages: Pages = lambda request: None,
        made: Callable[[Route], Answer | Page | None] = lambda asked: None,
        most: int = BODY,
    ) -> None:
        self._listening = socket.create_server((host, port), backlog=128)
        self.port: int = self._listening.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        self.answers: dict[str, Answer] = {}
        self._past: deque[str] = deque(maxlen=PAST)
        self._pages, self._made, self._most = pages, made, most
        self._open: set[socket.socket] = set()
        self._closed = False
        threading.Thread(target=self._accept, name="sliceproof-endpoint", daemon=True).start()

    def forget(self, name: str) -> None:
        """Give this answer no more, also not to who asks again for it late."""
        self._past.append(name)
        self.answers.pop(name, None)

    def close(self) -> None:
        """Listen no more, and let go of all connections."""
        self._closed = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            if len(self._open) >= MOST:
                connection.close()
                continue
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="sliceproof-endpoint", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(IDLE)
        try:
            reader = Reader(connection, self._most)
            while (request := reader.request()) is not None and self._answered(connection, request) and request.keeps:
                pass
        except TooLongError:
            reason = f"a request has {self._most:,} bytes at most"
            with suppress(OSError):
                connection.sendall(_whole(refused(413, "RequestTooLarge", reason)))
        except (OSError, ValueError):  # it is gone, or speaks no HTTP
            pass
        finally:
            self._open.discard(connection)
            with suppress(OSError):
                connection.close()

    def _answered(self, connection: socket.socket, request: Request) -> bool:
        """Whether the connection can be asked again after the answer."""
        asked = route(request.path)
        if asked is None:
            connection.sendall(_whole(self._pages(request) or refused(404, "UnknownOperationException", request.path)))
            return True
        if request.method != "POST":
            connection.sendall(_whole(refused(405, "MethodNotAllowed", f"{request.method} is none of POST")))
            return True
        answer = self._answer(asked)
        if isinstance(answer, Answer):
            refusal = misrouted(asked, answer.dialect)
            if refusal is None:
                return _Answering(connection, answer, asked).done()
            answer = refusal
        connection.sendall(_whole(answer or missing(asked)))
        return True

    def _answer(self, asked: Route) -> Answer | Page | None:
        for name in asked.names:
            if (answer := self.answers.get(name)) is not None:
                return answer
        if (made := self._made(asked)) is not None:
            return made
        others = [] if any(name in self._past for name in asked.names) else list(self.answers.values())
        return others[0] if len(others) == 1 else None


class _Answering:
    """One answer being written to one connection."""

    def __init__(self, connection: socket.socket, answer: Answer, asked: Route) -> None:
        self._connection, self._answer, self._asked = connection, answer, asked

    def done(self) -> bool:
        """Write it; whether the connection can be asked again."""
        answer = self._answer
        fails = answer.fails()
        if fails and answer.transport.status != 200:
            name, message = self._asked.errors.get(answer.transport.status, ("InternalFailure", "failed as asked"))
            self._connection.sendall(_whole(refused(answer.transport.status, name, message)))
            answer.over.set()
            return True
        try:
            return self._written(answer.transport.breaks_at if fails else None)
        except OSError:
            answer.left = True
            raise
        finally:
            answer.over.set()

    def _written(self, breaks_at: int | None) -> bool:
        stream = self._asked.streams
        self._answer.raw = not stream
        if self._asked.operation == WHOLE:
            self._connection.sendall(_whole(self._body()))
            return True
        chunks = iter(self._answer.chunks())
        chunks = chunks if stream else payloads(chunks)
        self._connection.sendall(_head(200, EVENT_STREAM if stream else "text/event-stream", more=self._asked.headers))
        try:
            for number, chunk in enumerate(self._paced(chunks)):
                if number == breaks_at:
                    raise ConnectionResetError
                if chunk:  # an HTTP chunk of no bytes would be the last one
                    self._connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                self._answer.sent += 1
        except OSError as error:
            if error.errno is not None:  # of the socket; what the source raises has no number
                raise
            self._broken(error)
            return False
        except Exception as error:
            self._broken(error)
            return False
        self._connection.sendall(b"0\r\n\r\n")
        return True

    def _body(self) -> Page:
        """The container's whole answer, or the error of a service that could not have it."""
        try:
            return Page(200, b"".join(payloads(iter(self._answer.chunks()))), "application/octet-stream")
        except Exception:
            return refused(424, *self._asked.errors[424])

    def _paced(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        transport = self._answer.transport
        if transport.joined:
            chunks = iter([b"".join(chunks)])
        for number, chunk in enumerate(chunks):
            if number and transport.pause:
                time.sleep(transport.pause)
            if number == transport.stall_at and self._leaves(transport.stall):
                self._answer.left = True
                raise ConnectionAbortedError("the client left")
            yield chunk

    def _leaves(self, seconds: float) -> bool:
        """Whether the client closes the connection within so many seconds."""
        if not select.select([self._connection], [], [], seconds)[0]:
            return False
        return not self._connection.recv(1, socket.MSG_PEEK)

    def _broken(self, error: Exception) -> None:
        """Break the connection in the middle of the body, as *error* says: reset it, or close it."""
        if isinstance(error, ConnectionResetError):
            time.sleep(LINGER)
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def payloads(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The payload of each part, as a raw body has it: without a framing, all that is no part is left out.

    An exception has no place there, nor has a message that is corrupt or whose end is missing: each breaks the
    connection.
    """
    decoder = MessageDecoder()
    try:
        for chunk in chunks:
            for message in decoder.feed(chunk):
                if message.headers.get(":message-type") != "event":
                    raise ConnectionAbortedError("an exception")
                if message.headers.get(":event-type") == "PayloadPart":
                    yield message.payload
        decoder.close()
    except MessageError as error:
        raise ConnectionAbortedError(str(error)) from None


_REASONS = {status.value: status.phrase for status in HTTPStatus}


def _head(status: int, content_type: str, length: int | None = None, more: str = "") -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    lines = f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\nContent-Type: {content_type}\r\n{size}\r\n{more}"
    return f"{lines}x-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\n\r\n".encode("latin-1")


def _whole(page: Page) -> bytes:
    error = f"x-amzn-ErrorType: {page.error}\r\n" if page.error else ""
    return _head(page.status, page.content_type, len(page.body), error) + page.body


__all__ = ["Page", "Pages", "Request", "Server", "payloads", "refused"]
