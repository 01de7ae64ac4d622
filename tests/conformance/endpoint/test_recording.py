"""The reverse proxy that keeps what an endpoint sends, and the cases that are made of it."""

import http.client
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from sliceproof.conformance.cli.recording import Recording
from sliceproof.conformance.decoders.adapters.bedrock_runtime import MEMBERS, asked, operation
from sliceproof.conformance.decoders.adapters.botocore_bedrock_client import runtime
from sliceproof.conformance.decoders.endpoint.answer import Answer, Transport
from sliceproof.conformance.decoders.endpoint.recording import Proxy, Taken, Upstream, UpstreamError
from sliceproof.conformance.decoders.endpoint.server import Server
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.corpus import Case, load, load_folder
from sliceproof.wire.dialects import Delta
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

PATH = "/endpoints/mine/invocations-response-stream"
MODEL = "anthropic.claude-3-7-sonnet-20250219-v1:0"
STREAM = Stream("tgi-sse", ("Hello", " 你好", "😀"))
CUT = STREAM.but(chunk_cuts=every(50, len(STREAM.wire)))


class Endpoint:
    """An endpoint of ours behind a proxy, and what the proxy took."""

    def __init__(self, **options: Any) -> None:
        self.server, self.taken = Server(), list[Taken]()
        self.proxy = Proxy(("127.0.0.1", 0), Upstream(self.server.url, **options), self.taken.append)
        threading.Thread(target=self.proxy.serve_forever, args=(0.01,), daemon=True).start()

    def answers(self, stream: Stream, transport: Transport = Transport()) -> None:  # noqa: B008 - it is frozen
        self.server.answers["mine"] = Answer(lambda: iter(stream.chunks), transport)

    def asked(self, path: str = PATH, method: str = "POST", **headers: str) -> tuple[int, list[bytes]]:
        """The status, and the chunks as they come through."""
        connection = http.client.HTTPConnection(self.proxy.url.removeprefix("http://"), timeout=10)
        connection.request(method, path, b"{}", headers)
        response = connection.getresponse()
        chunks: list[bytes] = []
        file: Any = response.fp
        if not response.chunked:
            return response.status, [response.read()]
        while size := int(file.readline(), 16):
            chunks.append(file.read(size))
            file.readline()
        return response.status, chunks

    def close(self) -> None:
        self.proxy.shutdown()
        self.proxy.server_close()
        self.server.close()

    def took(self) -> Taken:
        """The one stream that was taken, which may be a moment after the client has it."""
        wait_for(lambda: bool(self.taken))
        (taken,) = self.taken
        return taken


def wait_for(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.close()


class TestProxy:
    def test_hands_each_chunk_on_as_it_is_and_keeps_it(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT)
        assert endpoint.asked() == (200, list(CUT.chunks))
        assert endpoint.took() == Taken(PATH, CUT.chunks, False)

    def test_gives_a_client_what_the_endpoint_gives(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT)
        runtime = botocore.session.Session().create_client(
            "sagemaker-runtime",
            "us-east-1",
            endpoint_url=endpoint.proxy.url,
            aws_access_key_id="none",
            aws_secret_access_key="none",
        )
        body = runtime.invoke_endpoint_with_response_stream(EndpointName="mine", Body=b"{}")["Body"]
        assert b"".join(event["PayloadPart"]["Bytes"] for event in body) == CUT.body

    @pytest.mark.parametrize("id_", ["bedrock-converse", "bedrock-invoke-anthropic"])
    def test_keeps_what_bedrock_gives_a_client(self, endpoint: Endpoint, id_: str, tmp_path: Path) -> None:
        stream = Stream(id_, ("Hello", " 你好"))
        stream = stream.but(chunk_cuts=every(50, len(stream.wire)))
        endpoint.server.answers[MODEL] = Answer(lambda: iter(stream.chunks), dialect=id_)
        answer = asked(runtime(endpoint.proxy.url), of := operation(id_), MODEL)
        assert len(list(answer[MEMBERS[of]])) == len(stream.parts)
        taken = endpoint.took()
        assert taken.path.startswith("/model/anthropic.claude-3-7-sonnet-20250219-v1%3A0/")
        case = Recording("host", tmp_path, None, True, Terminal()).case_of(taken)
        assert (case.requirement, case.stream.dialect, case.stream.text) == ("MIX", id_, "xxxxx 字字")
        assert list(map(len, case.stream.chunks)) == list(map(len, stream.chunks))

    def test_hands_on_in_time(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT, Transport(stall_at=1, stall=30.0))
        connection = socket.create_connection(endpoint.proxy.server_address[:2], timeout=10)
        connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        data = b""
        while CUT.chunks[0] not in data:
            data += connection.recv(65536)
        connection.close()

    def test_breaks_where_the_endpoint_does_and_says_so(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT, Transport(breaks_at=3))
        with pytest.raises((OSError, ValueError)):
            endpoint.asked()
        assert endpoint.took() == Taken(PATH, CUT.chunks[:3], True)

    @pytest.mark.parametrize("status", [429, 503])
    def test_hands_errors_on_and_keeps_none(self, endpoint: Endpoint, status: int) -> None:
        endpoint.answers(CUT, Transport(status=status))
        assert endpoint.asked()[0] == status
        assert endpoint.taken == []

    def test_hands_other_answers_on_and_keeps_none(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT)
        assert endpoint.asked("/endpoints/mine/invocations") == (200, [CUT.body])
        assert endpoint.asked("/endpoints/mine/openai/v1/chat/completions")[0] == 200
        assert endpoint.asked("/nowhere")[0] == 404
        assert endpoint.taken == []

    def test_answers_one_request_after_the_other_on_a_connection(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT)
        connection = http.client.HTTPConnection(endpoint.proxy.url.removeprefix("http://"), timeout=10)
        for _ in range(3):
            connection.request("POST", PATH, iter([b"{", b"}"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
            assert connection.getresponse().read() == CUT.wire
        wait_for(lambda: len(endpoint.taken) == 3)

    def test_tells_an_old_client_where_the_body_ends_by_closing(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT)
        with socket.create_connection(endpoint.proxy.server_address[:2], timeout=10) as connection:
            connection.sendall(f"POST {PATH} HTTP/1.0\r\nContent-Length: 2\r\n\r\n{{}}".encode())
            data = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = data.partition(b"\r\n\r\n")
        assert b"chunked" not in head
        assert body == CUT.wire

    def test_says_what_is_lost_when_the_client_leaves(self, endpoint: Endpoint) -> None:
        endpoint.answers(CUT.but(tokens=("x" * 1000,) * 300), Transport(pause=0.01))
        connection = socket.create_connection(endpoint.proxy.server_address[:2], timeout=10)
        connection.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        connection.recv(1000)
        connection.close()
        assert endpoint.took().lost == "the client left before its end"

    def test_says_that_nobody_is_there(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            proxy = Proxy(("127.0.0.1", 0), Upstream(f"http://127.0.0.1:{unused.getsockname()[1]}"), print)
            threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
            connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=10)
            connection.request("POST", PATH, b"{}")
            response = connection.getresponse()
            assert (response.status, b"127.0.0.1 cannot be asked" in response.read()) == (502, True)
            proxy.shutdown()
            proxy.server_close()

    @pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://"])
    def test_needs_a_url(self, url: str) -> None:
        with pytest.raises(UpstreamError, match="is no URL of an endpoint"):
            Upstream(url)


class TestSigning:
    def test_is_for_aws_unless_told(self) -> None:
        assert Upstream("https://runtime.sagemaker.eu-west-1.amazonaws.com").signs
        assert not Upstream("http://127.0.0.1:8080").signs
        assert Upstream("http://127.0.0.1:8080", sign=True).signs

    def test_is_for_the_host_that_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        upstream = Upstream("https://runtime.sagemaker.eu-west-1.amazonaws.com")
        given = {"Authorization": "AWS4-HMAC-SHA256 old", "X-Amz-Date": "old", "Content-Type": "application/json"}
        signed = upstream._signed("POST", PATH, {**given, "Host": upstream.host}, b"{}")
        assert re.search(r"AKIDEXAMPLE/\d{8}/eu-west-1/sagemaker/aws4_request", signed["Authorization"])
        assert "host" in signed["Authorization"]
        assert "old" not in (signed["Authorization"], signed["X-Amz-Date"])

    @pytest.mark.parametrize(
        ("host", "path", "service"),
        [
            ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/m/converse-stream", "bedrock"),
            ("127.0.0.1:8080", "/model/m/invoke-with-response-stream", "bedrock"),
            ("runtime.sagemaker.eu-west-1.amazonaws.com", PATH, "sagemaker"),
        ],
    )
    def test_is_for_the_service_that_is_asked(
        self, monkeypatch: pytest.MonkeyPatch, host: str, path: str, service: str
    ) -> None:
        for name, value in (("ACCESS_KEY_ID", "AKIDEXAMPLE"), ("SECRET_ACCESS_KEY", "s"), ("DEFAULT_REGION", "x")):
            monkeypatch.setenv(f"AWS_{name}", value)
        signed = Upstream(f"https://{host}", sign=True)._signed("POST", path, {"Host": host}, b"{}")
        assert f"/{service}/aws4_request" in signed["Authorization"]

    @pytest.mark.parametrize(
        ("host", "region"),
        [
            ("runtime.sagemaker.us-east-1.amazonaws.com", "us-east-1"),
            ("runtime-fips.sagemaker.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            ("runtime.sagemaker.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("vpce-0a1b-2c3d.runtime.sagemaker.eu-west-2.vpce.amazonaws.com", "eu-west-2"),
            ("127.0.0.1:8080", "ap-south-1"),
        ],
    )
    def test_is_for_the_region_of_the_host_or_else_one_s_own(
        self, monkeypatch: pytest.MonkeyPatch, host: str, region: str
    ) -> None:
        for name, value in (
            ("ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("SECRET_ACCESS_KEY", "s"),
            ("DEFAULT_REGION", "ap-south-1"),
        ):
            monkeypatch.setenv(f"AWS_{name}", value)
        signed = Upstream(f"https://{host}", sign=True)._signed("POST", PATH, {"Host": host}, b"{}")
        assert f"/{region}/sagemaker/aws4_request" in signed["Authorization"]

    def test_needs_a_region(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name, value in (("ACCESS_KEY_ID", "AKIDEXAMPLE"), ("SECRET_ACCESS_KEY", "s")):
            monkeypatch.setenv(f"AWS_{name}", value)
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
        with pytest.raises(UpstreamError, match="names no AWS region"):
            Upstream("http://127.0.0.1:8080", sign=True)._signed("POST", PATH, {}, b"{}")

    def test_needs_credentials(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("HOME", str(tmp_path))
        with pytest.raises(UpstreamError, match="no AWS credentials"):
            Upstream("https://runtime.sagemaker.eu-west-1.amazonaws.com")._signed("POST", PATH, {}, b"")


class TestCase:
    def made(self, taken: Taken, folder: Path, redact: bool = False, dialect: str | None = None) -> Case:
        return Recording("host", folder, dialect, redact, Terminal()).case_of(taken)

    def test_has_the_bytes_and_chunks_as_they_came(self, tmp_path: Path) -> None:
        stream = self.made(Taken(PATH, CUT.chunks, False), tmp_path).stream
        assert (stream.chunks, stream.text, stream.dialect, stream.fault) == (CUT.chunks, CUT.text, "tgi-sse", None)

    def test_is_for_what_its_fault_is_about(self, tmp_path: Path) -> None:
        whole, half = Taken(PATH, CUT.chunks, False), Taken(PATH, CUT.chunks[:3], True)
        cut = Taken(PATH, CUT.chunks[:3], False)
        assert [self.made(taken, tmp_path).requirement for taken in (whole, half, cut)] == ["MIX", "T4", "T2"]

    def test_can_be_redacted(self, tmp_path: Path) -> None:
        case = self.made(Taken(PATH, CUT.chunks, False), tmp_path, redact=True)
        assert (case.stream.text, case.title[:21]) == ("xxxxx 字字😀", "recorded and redacted")
        assert list(map(len, case.stream.chunks)) == list(map(len, CUT.chunks))

    def test_is_saved_and_told(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Recording("host", tmp_path, None, False, Terminal()).take(Taken(PATH, CUT.chunks, False))
        (case,) = load_folder(tmp_path)
        assert case.stream.wire == CUT.wire
        assert f"{case.name}.json: tgi-sse, 3 parts, " in " ".join(capsys.readouterr().out.split())

    def test_is_for_deltas_where_there_is_more_than_text(self, tmp_path: Path) -> None:
        body = 'data: {"choices":[{"index":0,"delta":{"reasoning":"x"}}]}\n\ndata: [DONE]\n\n'
        case = self.made(Taken(PATH, Stream("text", (body,)).chunks, False), tmp_path)
        assert (case.requirement, case.stream.deltas) == ("M8", (Delta("x", "reasoning"),))

    @pytest.mark.parametrize("lost", ["the client left before its end", "it has no bytes"])
    def test_is_none_of_what_is_lost(self, tmp_path: Path, capsys: pytest.CaptureFixture[str], lost: str) -> None:
        Recording("host", tmp_path, None, False, Terminal()).take(Taken(PATH, (), False, lost))
        assert list(tmp_path.iterdir()) == []
        assert f"no case of {PATH}: {lost}" in " ".join(capsys.readouterr().out.split())

    def test_that_cannot_be_made_keeps_the_bytes(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        wire = STREAM.wire[:-1] + b"?"
        Recording("host", tmp_path, None, False, Terminal()).take(Taken(PATH, (wire,), False))
        (file,) = tmp_path.iterdir()
        assert (file.suffix, file.read_bytes()) == (".wire", wire)
        assert "its bytes are in" in " ".join(capsys.readouterr().out.split())

    def test_that_cannot_be_redacted_keeps_nothing(self, tmp_path: Path) -> None:
        Recording("host", tmp_path, None, True, Terminal()).take(Taken(PATH, (STREAM.wire[:-1] + b"?",), False))
        assert list(tmp_path.iterdir()) == []


def test_the_command_records_what_a_client_gets_and_check_replays_it(tmp_path: Path, endpoint: Endpoint) -> None:
    stream = STREAM.but(part_cuts=every(5, len(STREAM.body)))
    endpoint.answers(stream)
    command = [sys.executable, "-m", "sliceproof", "record", endpoint.server.url, "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = re.match(r"http://(\S+)", process.stdout.readline())
        assert url is not None
        connection = http.client.HTTPConnection(url[1], timeout=10)
        connection.request("POST", PATH, b"{}")
        assert connection.getresponse().read() == stream.wire
        while not (line := process.stdout.readline()).startswith("recorded"):
            assert line
        process.terminate()
    (file,) = (tmp_path / "recorded").iterdir()
    assert load(file).stream.text == CUT.text
    for target, code in (("reference", 0), ("broken:decodes_parts_alone", 1)):
        again = [sys.executable, "-m", "sliceproof", "replay", "recorded", target]
        assert subprocess.run(again, cwd=tmp_path, capture_output=True).returncode == code, target


def test_a_dialect_that_there_is_not_is_told_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sliceproof", "record", "http://127.0.0.1:1", "--dialect", "tgi"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, "did you mean tgi-sse?" in ended.stderr) == (2, True)
