"""Streams a second of the endpoint with botocore's client, against a bare server: `python benchmarks/endpoints.py`.

The bare server reads until a request's end and writes the same response as one string of bytes; it knows nothing of
names, routes or chunks. Both answer one client over one connection that is kept; they take turns.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from sliceproof.conformance.decoders.endpoint.answer import Answer
from sliceproof.conformance.decoders.endpoint.server import Server
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

STREAMS, TURNS = 500, 5
GOAL = 0.5

HELD = Stream("tgi-sse", tuple([f"w{number}" for number in range(10)]))
HELD = HELD.but(chunk_cuts=every(512, len(HELD.wire)))


class Row(NamedTuple):
    """Streams a second of the endpoint and of the bare server, and CPU time a stream of both sides in µs."""

    name: str
    ours: float
    bare: float
    cpu: float
    bare_cpu: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def measure() -> Row:
    """The best of several turns; some ten seconds."""
    server = Server()
    server.answers["e"] = Answer(lambda: HELD.chunks)
    with _bare() as url:
        clients = [_client(server.url), _client(url)]
        taken = [[_streams(client) for client in clients] for _ in range(TURNS)]
    server.close()
    walls, cpus = ([min(turn[side][which] for turn in taken) for side in (0, 1)] for which in (0, 1))
    name = f"streams of {len(HELD.chunks)} chunks, {len(HELD.wire):,} bytes, with botocore's client"
    each = [seconds / STREAMS * 1e6 for seconds in cpus]
    return Row(name, STREAMS / walls[0], STREAMS / walls[1], each[0], each[1])


def _client(url: str) -> Any:
    import botocore.session

    return botocore.session.Session().create_client(
        "sagemaker-runtime", "us-east-1", endpoint_url=url, aws_access_key_id="none", aws_secret_access_key="none"
    )


def _streams(client: Any) -> tuple[float, float]:
    """Seconds on the wall's clock, and of the processor, for STREAMS streams."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(STREAMS):
        events = client.invoke_endpoint_with_response_stream(EndpointName="e", Body=b"{}")["Body"]
        assert sum(len(event["PayloadPart"]["Bytes"]) for event in events) == len(HELD.body)
    return time.perf_counter() - wall, time.process_time() - cpu


class _bare:  # noqa: N801 - read as a function
    """A server of one thread a connection that answers every request with the same bytes."""

    def __init__(self) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\n"
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        chunks = b"".join([b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in HELD.chunks])
        self._response = head + chunks + b"0\r\n\r\n"
        self._listening = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> str:
        threading.Thread(target=self._accept, daemon=True).start()
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        for _ in self._requests(connection):
            connection.sendall(self._response)

    def _requests(self, connection: socket.socket) -> Iterator[None]:
        rest = b""
        while data := connection.recv(1 << 16):
            rest += data
            if rest.endswith(b"{}"):
                rest = b""
                yield


if __name__ == "__main__":
    row = measure()
    print(f"{row.name}: {row.ours:,.0f} a second, bare {row.bare:,.0f}: {row.ratio:.2f}")
    print(f"CPU time a stream: {row.cpu:.0f} µs, bare {row.bare_cpu:.0f} µs")
