"""The server on the wire: chunk boundaries and ends exactly as asked, and no request that harms it."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sliceproof.conformance.decoders.endpoint.answer import ERRORS, Answer, Transport
from sliceproof.conformance.decoders.endpoint.server import Page, Server
from sliceproof.wire.faults import Fault
from sliceproof.wire.messages import decode_messages
from sliceproof.wire.stream import Stream

PLAIN = Transport()
STREAM = Stream("text", ("你好", "😀", "x"), chunk_cuts=(3, 100, 150))
LAST = b"\r\n0\r\n\r\n"
ASKS = b"POST /endpoints/%b/invocations-response-stream HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server(pages=lambda request: Page(200, b"here") if request.path == "/" else None)
    yield started
    started.close()


def connected(server: Server) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def answer(transport: Transport = PLAIN, stream: Stream = STREAM) -> Answer:
    def chunks() -> Iterator[bytes]:
        yield from stream.chunks
        if stream.fault is not None and stream.fault.kind == "source-error":
            raise stream.fault.raised

    return Answer(chunks, transport)


def until(connection: socket.socket, mark: bytes) -> bytes:
    data = b""
    while not data.endswith(mark):
        more = connection.recv(1 << 16)
        assert more, data
        data += more
    return data


def body(data: bytes) -> list[bytes]:
    """The HTTP chunks of a response."""
    rest, found = data.partition(b"\r\n\r\n")[2], []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        found.append(rest[:length])
        rest = rest[length + 2 :]
    return found


class TestAnAnswer:
    def test_has_the_chunks_of_the_stream_and_an_end(self, server: Server) -> None:
        server.answers["e"] = answer()
        with connected(server) as connection:
            connection.sendall(ASKS % b"e")
            told = until(connection, LAST)
        assert body(told) == [*STREAM.chunks, b""]
        assert b"Content-Type: application/vnd.amazon.eventstream\r\n" in told

    def test_leaves_the_connection_to_be_asked_again(self, server: Server) -> None:
        server.answers["e"] = answer()
        with connected(server) as connection:
            for _ in range(3):
                connection.sendall(ASKS % b"e")
                assert body(until(connection, LAST))[:-1] == list(STREAM.chunks)
        assert server.answers["e"].requests == 3

    def test_of_a_source_that_fails_is_reset_or_closed_without_its_end(self, server: Server) -> None:
        for name, code in (("ConnectionResetError", True), ("TimeoutError", False)):
            stream = STREAM.but(chunk_cuts=None, fault=Fault("source-error", STREAM.frame_stops[1], name, "gone"))
            server.answers["e"] = answer(stream=stream)
            with connected(server) as connection:
                connection.sendall(ASKS % b"e")
                data, reset = b"", False
                try:
                    while more := connection.recv(1 << 16):
                        data += more
                except ConnectionResetError:
                    reset = True
            assert reset is code
            assert not data.endswith(b"0\r\n\r\n")
            assert b"".join(body(data)) == b"".join(stream.chunks)

    @pytest.mark.parametrize("status", ERRORS)
    def test_of_an_error_is_told_as_aws_services_do(self, server: Server, status: int) -> None:
        server.answers["e"] = answer(Transport(status=status, failures=1))
        with connected(server) as connection:
            connection.sendall(ASKS % b"e")
            told = until(connection, b"}")
            assert told.startswith(b"HTTP/1.1 %d " % status)
            assert json.loads(told.partition(b"\r\n\r\n")[2])["__type"] == ERRORS[status][0]
            connection.sendall(ASKS % b"e")
            assert body(until(connection, LAST))[:-1] == list(STREAM.chunks)

    def test_that_stalls_sees_who_leaves(self, server: Server) -> None:
        server.answers["e"] = answer(Transport(stall_at=1, stall=20))
        with connected(server) as connection:
            connection.sendall(ASKS % b"e")
            connection.recv(1 << 16)
        assert server.answers["e"].over.wait(5)
        assert server.answers["e"].left

    def test_that_stalls_goes_on_for_who_stays(self, server: Server) -> None:
        server.answers["e"] = answer(Transport(stall_at=1, stall=0.2))
        with connected(server) as connection:
            connection.sendall(ASKS % b"e")
            assert body(until(connection, LAST))[:-1] == list(STREAM.chunks)
        assert not server.answers["e"].left

    def test_may_be_joined_and_paced(self, server: Server) -> None:
        server.answers["joined"] = answer(Transport(joined=True))
        server.answers["slow"] = answer(Transport(pause=0.05))
        with connected(server) as connection:
            connection.sendall(ASKS % b"joined")
            assert body(until(connection, LAST)) == [STREAM.wire, b""]
            begun = time.monotonic()
            connection.sendall(ASKS % b"slow")
            until(connection, LAST)
            assert time.monotonic() - begun >= 0.05 * (len(STREAM.chunks) - 1)

    def test_over_the_raw_routes_is_the_container_s_body(self, server: Server) -> None:
        server.answers["e"] = answer()
        payloads = [message.payload for message in decode_messages(STREAM.wire)]
        with connected(server) as connection:
            connection.sendall((ASKS % b"e").replace(b"invocations-response-stream", b"openai/v1/chat/completions"))
            assert body(until(connection, LAST)) == [*payloads, b""]
            connection.sendall((ASKS % b"e").replace(b"invocations-response-stream", b"invocations"))
            assert until(connection, payloads[-1]).partition(b"\r\n\r\n")[2] == b"".join(payloads)

    def test_over_a_raw_route_has_no_event_of_unknown_type(self, server: Server) -> None:
        server.answers["e"] = answer(stream=STREAM.but(chunk_cuts=None, unknown=(0, 1)))
        with connected(server) as connection:
            connection.sendall((ASKS % b"e").replace(b"invocations-response-stream", b"openai/v1/chat/completions"))
            assert body(until(connection, LAST)) == [*STREAM.parts, b""]

    @pytest.mark.parametrize(
        "fault",
        [
            Fault("exception", 1),
            Fault("truncated", STREAM.frame_stops[0] + 20),
            Fault("corrupt", STREAM.frame_stops[0] + 9),
            Fault("malformed", 1),
            Fault("oversized", 1),
        ],
    )
    def test_over_a_raw_route_breaks_off_where_only_the_framing_tells(self, server: Server, fault: Fault) -> None:
        server.answers["e"] = answer(stream=STREAM.but(chunk_cuts=None, fault=fault))
        with connected(server) as connection:
            connection.sendall((ASKS % b"e").replace(b"invocations-response-stream", b"openai/v1/chat/completions"))
            data = b""
            while more := connection.recv(1 << 16):
                data += more
        assert body(data) == [STREAM.parts[0]]
        assert not data.endswith(b"0\r\n\r\n")

    def test_goes_to_a_gateway_that_has_a_name_of_its_own_in_its_configuration(self, server: Server) -> None:
        server.answers["e"] = answer()
        with connected(server) as connection:
            connection.sendall(ASKS % b"configured")
            assert body(until(connection, LAST))[:-1] == list(STREAM.chunks)

    def test_that_is_over_is_not_another_s(self, server: Server) -> None:
        """Who asks again late is told so, and does not take the next answer."""
        server.answers["first"], server.answers["second"] = answer(), answer()
        server.forget("first")
        with connected(server) as connection:
            connection.sendall(ASKS % b"first")
            assert b"ValidationError" in until(connection, b"}")
        assert server.answers["second"].requests == 0


class TestARequest:
    def test_for_no_endpoint_is_an_error_of_the_service(self, server: Server) -> None:
        with connected(server) as connection:
            connection.sendall(ASKS % b"none")
            assert b"ValidationError" in until(connection, b"}")

    def test_for_another_page_is_answered_by_whoever_has_it(self, server: Server) -> None:
        with connected(server) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert until(connection, b"here").startswith(b"HTTP/1.1 200 OK")
            connection.sendall(b"GET /no HTTP/1.1\r\n\r\n")
            assert until(connection, b"}").startswith(b"HTTP/1.1 404 ")

    def test_may_be_chunked_and_wait_to_be_told_to_go_on(self, server: Server) -> None:
        server.answers["e"] = answer()
        head = ASKS % b"e"
        with connected(server) as connection:
            head = head.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked\r\nExpect: 100-continue")[:-2]
            connection.sendall(head)
            assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b"2\r\n{}\r\n0\r\n\r\n")
            assert body(until(connection, LAST))[:-1] == list(STREAM.chunks)

    @pytest.mark.parametrize("length", [b"-1", b"8388609", b"99999999999"])
    def test_that_is_too_long_is_refused(self, server: Server, length: bytes) -> None:
        with connected(server) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: " + length + b"\r\n\r\n")
            assert until(connection, b"}").startswith(b"HTTP/1.1 413 ")

    def test_for_a_whole_body_whose_model_fails_is_an_error_of_the_model(self, server: Server) -> None:
        for fault in (Fault("exception", 1), Fault("source-error", 150), Fault("truncated", 150)):
            server.answers["e"] = answer(stream=Stream("tgi-sse", ["x", "y"], fault=fault))
            with connected(server) as connection:
                connection.sendall((ASKS % b"e").replace(b"invocations-response-stream", b"invocations"))
                assert until(connection, b"}").startswith(b"HTTP/1.1 424 ")
            assert not server.answers["e"].left

    @pytest.mark.parametrize(
        "junk",
        [
            b"\x00" * 100 + b"\r\n\r\n",
            b"GET\r\n\r\n",
            b"POST / HTTP/2\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST / HTTP/1.1",
            b"",
        ],
    )
    def test_that_is_none_ends_its_own_connection_alone(self, server: Server, junk: bytes) -> None:
        server.answers["e"] = answer()
        with connected(server) as connection:
            connection.sendall(junk)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1 << 16) == b""
        with connected(server) as connection:
            connection.sendall(ASKS % b"e")
            assert until(connection, LAST)

    def test_of_a_thousand_that_leave_at_once_leaves_nothing_behind(self, server: Server) -> None:
        server.answers["e"] = answer()
        for _ in range(1000):
            with connected(server) as connection:
                connection.sendall((ASKS % b"e")[:40])
        with connected(server) as connection:
            connection.sendall(ASKS % b"e")
            assert until(connection, LAST)
        ours = [one for one in threading.enumerate() if one.name == "sliceproof-endpoint"]
        for _ in range(100):
            ours = [one for one in threading.enumerate() if one.name == "sliceproof-endpoint"]
            if len(ours) < 10:
                break
            time.sleep(0.05)
        assert len(ours) < 10
