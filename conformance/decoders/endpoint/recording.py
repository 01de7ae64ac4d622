"""A reverse proxy between a client and a real endpoint that keeps each event stream as it came, byte for byte.

Each chunk of the answer is handed on at once, cut where it was. A request to AWS is signed anew, as its signature
holds the host that it was sent to; anything else goes on as it came. What is no event stream is not kept.
"""

import http.client
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sliceproof.conformance.decoders.endpoint.answer import EVENT_STREAM
from sliceproof.wire.errors import SliceproofError

PATIENCE = 120.0  # seconds in which the endpoint must say something
LARGEST = 3 << 20  # bytes of a wire that is kept; a case file has 4 MiB in base64
BODY = 32 << 20  # bytes of a request

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-[0-9])\.")  # also of VPC endpoints, FIPS and China
_SIGNATURE = frozenset(
    {"amz-sdk-request", "authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"}
)


class UpstreamError(SliceproofError):
    """The endpoint cannot be had, or breaks off."""


class Taken(NamedTuple):
    """An event stream as it came: its chunks, and whether the connection broke behind them.

    What is `lost` is no case, and why; then there may be chunks or none.
    """

    path: str
    chunks: tuple[bytes, ...]
    broken: bool
    lost: str = ""


class Upstream:
    """The endpoint behind *url*, asked once for each request."""

    def __init__(self, url: str, sign: bool | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UpstreamError(f"{url!r} is no URL of an endpoint; give http://HOST or https://HOST")
        self.host, self._base = parts.hostname, parts.path.rstrip("/")
        self._netloc, self._scheme = parts.netloc.rpartition("@")[2], parts.scheme
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connect: Callable[[], http.client.HTTPConnection] = lambda: kind(self._netloc, timeout=PATIENCE)
        self.service = "bedrock" if "bedrock-runtime" in self.host else "sagemaker"
        self.signs = self.host.endswith((".amazonaws.com", ".amazonaws.com.cn")) if sign is None else sign

    def asked(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> http.client.HTTPResponse:
        """The response to a request, its body unread; UpstreamError if there is none."""
        kept = {name: value for name, value in headers.items() if name.lower() not in {*_HOP_BY_HOP, "host"}}
        kept |= {"Host": self._netloc, "Accept-Encoding": "identity"}
        if self.signs:
            kept = self._signed(method, path, kept, body)
        kept["Connection"] = "close"  # one is opened for each request, and ends with its response
        connection = self._connect()
        try:
            connection.request(method, self._base + path, body, kept)
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise UpstreamError(f"{self.host} cannot be asked: {error or type(error).__name__}") from error

    def _signed(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        import botocore.session
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        session = botocore.session.Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise UpstreamError("there are no AWS credentials to sign with; set AWS_PROFILE or AWS_ACCESS_KEY_ID")
        named = _REGION.search(self.host)
        region = named[1] if named else session.get_config_variable("region")
        if not region:
            raise UpstreamError(f"{self.host} names no AWS region to sign for; set AWS_DEFAULT_REGION")
        kept = {name: value for name, value in headers.items() if name.lower() not in {*_SIGNATURE, "accept-encoding"}}
        request = AWSRequest(method, f"{self._scheme}://{self._netloc}{self._base}{path}", dict(kept), body)
        service = "bedrock" if path.startswith("/model/") else self.service
        SigV4Auth(credentials.get_frozen_credentials(), service, region).add_auth(request)
        return {**dict(request.headers.items()), "Accept-Encoding": "identity"}


def chunks_of(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body as it comes, each HTTP chunk by itself; UpstreamError if the connection breaks first."""
    try:
        yield from _chunks(response) if response.chunked else _pieces(response)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UpstreamError(f"the endpoint broke off: {error or type(error).__name__}") from error


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    file: Any = response.fp
    while True:
        line = file.readline(1024)
        size = int(line.partition(b";")[0].strip() or b"-", 16)  # an end here is no number
        if not size:
            while file.readline(1 << 16).strip():  # trailers
                pass
            return
        data = file.read(size)
        if data:
            yield data
        if len(data) < size or not file.readline(16).endswith(b"\n"):
            raise ValueError("in the middle of a chunk")


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while data := response.read1(1 << 16):
        yield data
    if response.length:
        raise ValueError(f"{response.length} bytes early")


class Proxy(ThreadingHTTPServer):
    """Listens from the beginning; *taken* is called with each event stream, in the thread of its connection."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], upstream: Upstream, taken: Callable[[Taken], None]) -> None:
        self.upstream, self.taken = upstream, taken
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Where clients ask."""
        host, port = str(self.server_address[0]), self.server_address[1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def handle_error(self, *_: object) -> None:
        """A client that goes away is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_one_request(self) -> None:
        """Any method, and one connection after the other."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self._hand_on()

    def _hand_on(self) -> None:
        try:
            response = self.server.upstream.asked(self.command, self.path, dict(self.headers.items()), self._body())
        except (SliceproofError, ValueError) as error:
            self._refuse(str(error))
            return
        with response:
            stream = response.status == 200 and (response.getheader("Content-Type") or "").startswith(EVENT_STREAM)
            packed = response.getheader("Content-Encoding") or "identity"
            taken = Taken(self.path, (), False, "the client left before its end")
            try:
                self._head(response)
                taken = self._pass_on(response)
            finally:
                if packed != "identity":
                    taken = taken._replace(lost=f"its body is compressed ({packed})")
                if stream:
                    self.server.taken(taken)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return b"".join(self._chunked())
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= BODY:
            raise ValueError(f"a request may have {BODY:,} bytes")
        return self.rfile.read(length)

    def _chunked(self) -> Iterator[bytes]:
        total = 0
        while size := int(self.rfile.readline(1024).partition(b";")[0], 16):
            total += size
            if total > BODY:
                raise ValueError(f"a request may have {BODY:,} bytes")
            yield self.rfile.read(size)
            self.rfile.readline(16)
        while self.rfile.readline(1 << 16).strip():
            pass

    def _refuse(self, why: str) -> None:
        body = why.encode()
        self.send_response(502)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _head(self, response: http.client.HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        open_ended = response.length is None and self.command != "HEAD" and response.status not in (204, 304)
        self._chunking = open_ended and self.request_version != "HTTP/1.0"
        if self._chunking:
            self.send_header("Transfer-Encoding", "chunked")
        elif open_ended:  # it ends with the connection
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()

    def _pass_on(self, response: http.client.HTTPResponse) -> Taken:
        """Hand on the body, and give its chunks, and whether the endpoint broke off."""
        kept: list[bytes] = []
        length = 0
        try:
            for chunk in chunks_of(response):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._chunking else chunk)
                length += len(chunk)
                if length <= LARGEST:
                    kept.append(chunk)
        except UpstreamError:
            self.close_connection = True
            return Taken(self.path, tuple(kept), True, _lost(length))
        if self._chunking:
            self.wfile.write(b"0\r\n\r\n")
        return Taken(self.path, tuple(kept), False, _lost(length))

    def log_message(self, *_: object) -> None:
        """Nothing: what was kept is told by who takes it."""

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()


def _lost(length: int) -> str:
    """Why a body of so many bytes is no case, or ""."""
    if length > LARGEST:
        return f"it has {length:,} bytes; a case has {LARGEST:,} at most"
    return "" if length else "it has no bytes"
