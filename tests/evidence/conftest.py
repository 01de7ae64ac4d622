"""What was found, shown by each package's own API alone: ten lines, and no word of sliceproof.

A test here asserts the wrong behaviour of the versions that were judged, and is skipped for others.
"""

import select
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version

import pytest

Judged = Callable[..., None]


@pytest.fixture
def judged() -> Judged:
    """`judged("package", "1.2", "1.3")` skips the test unless one of these versions is installed."""

    def or_skip(package: str, *versions: str) -> None:
        try:
            found = version(package)
        except PackageNotFoundError:
            pytest.skip(f"{package} is not installed")
        if found not in versions:
            pytest.skip(f"{package} {found} is not what was judged: {', '.join(versions)}")

    return or_skip


Serving = Callable[..., str]


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """`serving(b"...", b"...")` is the URL of a server that answers everything with these chunks of HTTP.

    With `breaks=True` it closes the connection in the middle of the body. With `left=[]` it waits two seconds behind
    the last chunk, and adds whether the client closed the connection. AWS's variables say the same URL.
    """
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    servers: list[ThreadingHTTPServer] = []

    def served(*chunks: bytes, breaks: bool = False, left: list[bool] | None = None) -> str:
        class Endpoint(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(200)
                self.send_header("Content-Type", "application/vnd.amazon.eventstream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for chunk in chunks:
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
                if left is not None:
                    left.append(bool(select.select([self.connection], [], [], 2)[0]))
                if breaks:
                    self.close_connection = True
                else:
                    self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: object) -> None:
                """Nothing is said of a request."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client may leave
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)
        return url

    yield served
    for server in servers:
        server.shutdown()
        server.server_close()
