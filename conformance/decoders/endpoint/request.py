"""Requests of HTTP/1.1 as they come in on a connection, bounded in size."""

import socket
from dataclasses import dataclass

HEAD = 64 << 10  # bytes of a request's head
BODY = 8 << 20  # bytes of a request's body; SageMaker takes 6 MiB


class TooLongError(ValueError):
    """A request that is longer than it may be."""


@dataclass(frozen=True)
class Request:
    """A request: its method, path, headers with small names, and body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def keeps(self) -> bool:
        """Whether the connection is to be kept."""
        return self.headers.get("connection", "").lower() != "close"


class Reader:
    """Reads requests of *most* bytes from a connection; ValueError for what is no HTTP/1.1, or is longer."""

    def __init__(self, connection: socket.socket, most: int = BODY) -> None:
        self._connection, self._most, self._rest = connection, most, b""

    def request(self) -> Request | None:
        """The next one, or None at the end."""
        head = self._until(b"\r\n\r\n", HEAD)
        if head is None:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, version = first.split(" ")
        if not version.startswith("HTTP/1."):
            raise ValueError(version)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("expect", "").lower() == "100-continue":
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in headers.get("transfer-encoding", "").lower():
            body = self._chunked()
        else:
            body = self._exactly(int(headers.get("content-length", "0")))
        return Request(method, path, headers, body)

    def _chunked(self) -> bytes:
        body = b""
        while True:
            line = self._until(b"\r\n", HEAD)
            size = int((line or b"").partition(b";")[0], 16)
            if not size:
                while self._until(b"\r\n", HEAD):  # trailers
                    pass
                return body
            body += self._exactly(size)
            if len(body) > self._most:
                raise TooLongError
            self._exactly(2)

    def _until(self, mark: bytes, most: int) -> bytes | None:
        while mark not in self._rest:
            data = self._connection.recv(1 << 16)
            if not data:
                if self._rest:
                    raise ValueError("half a request")
                return None
            self._rest += data
            if len(self._rest) > most + self._most:
                raise TooLongError
        before, _, self._rest = self._rest.partition(mark)
        return before

    def _exactly(self, size: int) -> bytes:
        if not 0 <= size <= self._most:
            raise TooLongError
        while len(self._rest) < size:
            data = self._connection.recv(1 << 16)
            if not data:
                raise ValueError("half a request")
            self._rest += data
        body, self._rest = self._rest[:size], self._rest[size:]
        return body
