"""`sliceproof_endpoint` in pytest, `check --accepts endpoint`, `sliceproof serve`."""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sliceproof.conformance.cli.serving import SAID, Serving
from sliceproof.conformance.decoders.endpoint.routes import path_of
from sliceproof.corpus import shipped
from sliceproof.wire.dialects import BEDROCK, DIALECTS, read_back

pytest_plugins = ["pytester"]

CLIENTS = """
from sliceproof.conformance.decoders.broken.clients import asked, connected
from sliceproof import decode

def sound(url, name):
    response = asked(connected(url), name)
    yield from decode(iter(lambda: response.read1(65536), b""), "text")

def begins_late(url, name):
    text = "".join(sound(url, name))
    return "" if text in "<|user|>" else text

async def sound_async(url, name):
    return "".join(sound(url, name))
"""
TEST = """
import pytest
import clients

@pytest.mark.sliceproof(dialects=["text"], requirements=["G1", "U2", "A1"])
@pytest.mark.parametrize("client", [clients.sound, clients.sound_async, clients.begins_late])
def test_client(client, sliceproof_endpoint):
    sliceproof_endpoint.check(client)
"""
Sliceproof = Callable[..., tuple[int, str, str]]


def test_a_test_asks_a_client_through_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(clients=CLIENTS, test_clients=TEST)
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=8, failed=1)
    result.stdout.fnmatch_lines(["*G1 an answer that begins like a template's token: clients:begins_late in text*"])
    result.stdout.fnmatch_lines(["*--accepts endpoint*"])


def test_the_command_judges_a_client(sliceproof: Sliceproof, tmp_path: Path) -> None:
    (tmp_path / "clients.py").write_text(CLIENTS)
    asked = ("--accepts", "endpoint", "--dialect", "text", "--requirement", "G1", "--requirement", "U2")
    assert sliceproof("check", "clients.py:sound", *asked)[0] == 0
    code, out, _ = sliceproof("check", "clients.py:begins_late", *asked)
    assert (code, "Stream('text', ['<'])" in out) == (1, True)
    replay = (
        "replay",
        "Stream('text', ['<'])",
        "clients.py:begins_late",
        "--requirement",
        "G1",
        "--accepts",
        "endpoint",
    )
    code, out, _ = sliceproof(*replay)
    assert (code, "ThreadingHTTPServer" in out) == (1, True)


def test_a_decoder_names_the_client_around_it(sliceproof: Sliceproof) -> None:
    _, out, _ = sliceproof("check", "botocore", "--dialect", "text", "--requirement", "F4", "--json", "out.json")
    assert "this is the decoder alone; `sliceproof check botocore-client` judges the client around it" in out
    assert json.loads(Path("out.json").read_text())["results"][0]["client"] == "botocore-client"


@pytest.mark.parametrize(
    ("given", "told"), [("def c(chunks): ...", "a URL and a name alone"), ("c = 7", "not a callable")]
)
def test_a_client_that_is_none_is_one_clear_error(
    sliceproof: Sliceproof, tmp_path: Path, given: str, told: str
) -> None:
    (tmp_path / "none.py").write_text(f"{given}\n")
    code, _, err = sliceproof("check", "none.py:c", "--accepts", "endpoint", "--dialect", "text")
    assert (code, told in err, err.count("\n")) == (2, True, 1)


class TestServing:
    @pytest.fixture
    def serving(self) -> Iterator[Serving]:
        started = Serving(shipped(), "127.0.0.1", 0)
        yield started
        started.server.close()

    def asked(self, serving: Serving, method: str, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", serving.server.port, timeout=10)
        connection.request(method, path)
        response = connection.getresponse()
        try:
            return response.status, response.read()
        finally:
            connection.close()

    @pytest.mark.parametrize("dialect", DIALECTS)
    def test_gives_an_answer_in_each_dialect(self, serving: Serving, dialect: str) -> None:
        status, body = self.asked(serving, "POST", f"/endpoints/{dialect}/invocations")
        assert status == 200
        assert "".join(read_back(DIALECTS[dialect], body)) == "".join(SAID)

    def test_lists_them_for_people_and_programs(self, serving: Serving) -> None:
        status, page = self.asked(serving, "GET", "/")
        assert (status, page.count(b"<tr>")) == (200, 1 + len(DIALECTS) + len(BEDROCK) + len(shipped()))
        plan = json.loads(self.asked(serving, "GET", "/plan")[1])
        assert [one["name"] for one in plan] == [*DIALECTS, *BEDROCK, *(case.name for case in shipped())]

    def test_gives_each_case_to_its_last_byte(self, serving: Serving) -> None:
        for case in shipped()[:40]:
            if case.stream.fault is None:
                _, body = self.asked(serving, "POST", path_of(case.stream.dialect, case.name))
                assert body == case.stream.wire, case.name

    def test_lets_an_answer_travel_as_its_query_says(self, serving: Serving) -> None:
        path = "/endpoints/tgi-sse/invocations-response-stream"
        asked = [self.asked(serving, "POST", f"{path}?status=503&failures=2")[0] for _ in range(3)]
        assert asked == [503, 503, 200]
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            self.asked(serving, "POST", f"{path}?breaks_at=2")
        assert self.asked(serving, "POST", f"{path}?joined=1")[1] == self.asked(serving, "POST", path)[1]

    @pytest.mark.parametrize(
        ("query", "told"),
        [
            ("status=404", "none of 200, 424, 429, 500, 503"),
            ("stall=x", "stall"),
            ("stall=-1", "from 0 to 600"),
            ("pause=1e9", "from 0 to 600"),
            ("pause=nan", "from 0 to 600"),
            ("stal=1", "unknown 'stal'"),
        ],
    )
    def test_refuses_a_query_that_is_none(self, serving: Serving, query: str, told: str) -> None:
        status, body = self.asked(serving, "POST", f"/endpoints/tgi-sse/invocations-response-stream?{query}")
        assert (status, told in json.loads(body)["Message"]) == (400, True), body

    def test_says_where_it_listens_and_that_it_cannot(self) -> None:
        taken = Serving([], "127.0.0.1", 0)
        asked = [sys.executable, "-P", "-m", "sliceproof", "serve", "--port", str(taken.server.port)]
        ran = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60)
        taken.server.close()
        assert (ran.returncode, "Address already in use; --port 0 takes any" in ran.stderr) == (2, True)
