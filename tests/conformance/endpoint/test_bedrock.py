"""Bedrock's routes: what they answer, whom they refuse, and botocore's own client behind them."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError, EventStreamError
from urllib3.exceptions import ProtocolError

from sliceproof import decode
from sliceproof.conformance.cli.serving import SAID, Serving
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.adapters.bedrock_runtime import CONVERSE, INVOKE, MEMBERS, asked, operation
from sliceproof.conformance.decoders.adapters.botocore_bedrock_client import runtime
from sliceproof.conformance.decoders.endpoint.answer import BEDROCK_ERRORS, Answer, Transport
from sliceproof.conformance.decoders.endpoint.client import decoder
from sliceproof.conformance.decoders.endpoint.routes import MODELS, Route, path_of, route
from sliceproof.conformance.decoders.endpoint.server import Server
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import BEDROCK
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

ID = "anthropic.claude-3-7-sonnet-20250219-v1:0"
ARN = f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{ID}"


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.close()


def answer(stream: Stream, transport: Transport = Transport()) -> Answer:  # noqa: B008 - it is frozen
    return Answer(lambda: iter(stream.chunks), transport, stream.dialect)


def post(url: str, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("POST", path, b"{}")
    response = connection.getresponse()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def events(server: Server, stream: Stream, transport: Transport = Transport()) -> list[dict[str, Any]]:  # noqa: B008
    """What botocore's client gives of a stream."""
    server.answers[ID] = answer(stream, transport)
    of = operation(stream.dialect)
    return list(asked(runtime(server.url), of, ID)[MEMBERS[of]])


class TestARoute:
    @pytest.mark.parametrize("name", [ID, ARN, "a b/ü%41"])
    @pytest.mark.parametrize("of", ["converse-stream", "invoke-with-response-stream", "converse", "invoke"])
    def test_takes_any_id_encoded_or_not(self, name: str, of: str) -> None:
        assert route(f"/model/{quote(name, safe='')}/{of}?x=1") == Route(name, of, "x=1", True)

    def test_takes_an_arn_as_it_is(self) -> None:
        assert route(f"/model/{ARN}/converse-stream") == Route(ARN, "converse-stream", "", True)

    @pytest.mark.parametrize("path", ["/model//invoke", "/model/x", "/model/x/converse-streams", "/x/invoke", "/"])
    def test_takes_nothing_else(self, path: str) -> None:
        assert route(path) is None


class TestAnAnswer:
    @pytest.mark.parametrize("id_", BEDROCK)
    def test_has_the_bytes_and_headers_of_bedrock(self, server: Server, id_: str) -> None:
        stream = Stream(id_, ("你好", "x"), chunk_cuts=(3, 100))
        server.answers[MODELS[id_]] = answer(stream)
        status, headers, body = post(server.url, path_of(id_, MODELS[id_]))
        assert (status, headers["content-type"], body) == (200, "application/vnd.amazon.eventstream", stream.wire)
        assert headers["x-amzn-requestid"]
        of_invoke = None if id_ == "bedrock-converse" else "application/json"
        assert headers.get("x-amzn-bedrock-content-type") == of_invoke

    @pytest.mark.parametrize("name", [ARN, quote(ARN, safe="")])
    def test_is_found_by_an_arn_that_ends_in_its_name(self, server: Server, name: str) -> None:
        server.answers[f"us.{ID}"] = answer(Stream("bedrock-converse", ("x",)))
        server.answers["other"] = answer(Stream("bedrock-converse", ("y",)))
        wire = post(server.url, f"/model/{name}/converse-stream")[2]
        assert "".join(decode([wire], "bedrock-converse")) == "x"

    @pytest.mark.parametrize(
        ("dialect", "path", "kind", "there"),
        [
            ("tgi-sse", "/model/m/converse-stream", "ValidationException", "/endpoints/m/invocations-response-stream"),
            ("tgi-sse", "/model/m/invoke", "ValidationException", "/endpoints/m/invocations-response-stream"),
            (
                "bedrock-converse",
                "/endpoints/m/invocations-response-stream",
                "ValidationError",
                "/model/m/converse-stream",
            ),
            ("bedrock-converse", "/endpoints/m/invocations", "ValidationError", "/model/m/converse-stream"),
            (
                "bedrock-converse",
                "/model/m/invoke-with-response-stream",
                "ValidationException",
                "/model/m/converse-stream",
            ),
            (
                "bedrock-invoke-llama",
                "/model/m/converse-stream",
                "ValidationException",
                "/model/m/invoke-with-response-stream",
            ),
            ("bedrock-converse", "/model/m/converse", "ValidationException", "/model/m/converse-stream"),
            ("bedrock-invoke-nova", "/model/m/invoke", "ValidationException", "/model/m/invoke-with-response-stream"),
        ],
    )
    def test_is_refused_where_the_stream_does_not_travel(
        self, server: Server, dialect: str, path: str, kind: str, there: str
    ) -> None:
        server.answers["m"] = answer(Stream(dialect, ("x",)))
        status, headers, body = post(server.url, path)
        told = json.loads(body)
        assert (status, told["__type"], headers["x-amzn-errortype"]) == (400, kind, kind)
        assert told["message"].endswith(f"; ask POST {there}")
        assert server.answers["m"].requests == 0

    def test_that_there_is_not_is_an_error_of_the_service(self, server: Server) -> None:
        with pytest.raises(ClientError, match=r"ValidationException.*model identifier is invalid: anthropic"):
            asked(runtime(server.url), CONVERSE, ID)


class TestBotocore:
    def test_gives_typed_events_and_records(self, server: Server) -> None:
        typed = events(server, Stream("bedrock-converse", ("你好",)))
        assert {"contentBlockDelta": {"delta": {"text": "你好"}, "contentBlockIndex": 0}} in typed
        (first, *_) = events(server, Stream("bedrock-invoke-llama", ("你好",)))
        assert json.loads(first["chunk"]["bytes"])["generation"] == "你好"

    @pytest.mark.parametrize("of", [CONVERSE, INVOKE])
    @pytest.mark.parametrize("status", BEDROCK_ERRORS)
    def test_raises_an_error_before_the_stream_by_its_name(self, server: Server, of: str, status: int) -> None:
        dialect = "bedrock-converse" if of == CONVERSE else "bedrock-invoke-nova"
        server.answers[ID] = answer(Stream(dialect, ("x",)), Transport(status=status))
        with pytest.raises(ClientError) as raised:
            asked(runtime(server.url), of, ID)
        name, message = BEDROCK_ERRORS[status]
        assert type(raised.value).__name__ == name  # it is one of the service's model
        assert raised.value.response["Error"] == {"Code": name, "Message": message}

    @pytest.mark.parametrize("dialect", ["bedrock-converse", "bedrock-invoke-anthropic"])
    def test_raises_where_the_answer_breaks_off_in_the_middle(self, server: Server, dialect: str) -> None:
        with pytest.raises(ProtocolError, match="Connection broken"):
            events(server, Stream(dialect, ("x", "y", "z")), Transport(breaks_at=3))

    @pytest.mark.parametrize("dialect", ["bedrock-converse", "bedrock-invoke-anthropic"])
    def test_raises_an_exception_of_the_stream(self, server: Server, dialect: str) -> None:
        fault = Fault("exception", 1, "ThrottlingException", "too many")
        with pytest.raises(EventStreamError, match=r"throttlingException.*too many"):
            events(server, Stream(dialect, ("x", "y"), fault=fault))

    @pytest.mark.parametrize("dialect", BEDROCK)
    def test_is_blamed_for_nothing_behind_our_reader(self, dialect: str) -> None:
        ids = ("PLAIN", "G1", "A1", "A2", "A3", "A4", "T2", "T3", "T4", "E1", "X1", "X3")
        plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["quick"])
        verdicts = {one.requirement.id: one for one in run(DECODERS["botocore-bedrock-client"].load(), plan, [dialect])}
        assert {one.requirement.id: one.reason or str(one.finding) for one in verdicts.values() if one.finding} == {}
        assert [id_ for id_ in ids if verdicts[id_].verdict != "pass"] == []


def swallows(url: str, name: str) -> str:
    """Takes an error before the stream, and one in it, for the end."""
    said = ""
    with suppress(Exception):
        for event in asked(runtime(url), CONVERSE, name)["stream"]:
            said += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    return said


def test_who_swallows_errors_is_blamed_by_the_names_that_bedrock_has() -> None:
    plan = Plan([REQUIREMENTS[id_] for id_ in ("PLAIN", "A1", "E1", "T4")], PROFILES["quick"])
    found = {one.requirement.id: one.finding for one in run(decoder(swallows, "c"), plan, ["bedrock-converse"])}
    assert {id_ for id_, finding in found.items() if finding} == {"A1", "E1", "T4"}
    assert found["A1"] is not None
    assert found["A1"].broken.breach.got == "'', then a normal end, after 424 ModelErrorException"


CLIENTS = {
    "litellm-bedrock-client": (*BEDROCK,),
    "anthropic-bedrock-client": ("bedrock-invoke-anthropic",),
    "langchain-aws-bedrock-client": tuple(id_ for id_ in BEDROCK if id_ != "bedrock-invoke-nova"),
    "strands-agents-bedrock-client": ("bedrock-converse",),
}


@pytest.mark.parametrize(("name", "dialect"), [(name, id_) for name, ids in CLIENTS.items() for id_ in ids])
class TestAPackage:
    """The packages' own clients, where they are installed."""

    def _each(self, name: str, stream: Stream) -> Iterator[tuple[str, Any]]:
        try:
            client = DECODERS[name].load()
        except ImportError as error:
            pytest.skip(f"{name} is not installed: {error}")
        for mode in client.modes:
            outcome = drive(client, mode, stream)
            yield "".join(map(client.given, outcome.items)), outcome

    def test_gives_the_text(self, name: str, dialect: str) -> None:
        stream = Stream(dialect, ("Hello", " 你好", "😀"))
        for text, outcome in self._each(name, stream.but(chunk_cuts=tuple(range(50, len(stream.wire), 50)))):
            assert (text, outcome.ended) == ("Hello 你好😀", "end")

    def test_raises_an_exception_behind_the_text(self, name: str, dialect: str) -> None:
        for text, outcome in self._each(name, Stream(dialect, ("Hello", "x"), fault=Fault("exception", 1))):
            assert (text, outcome.ended) == ("Hello", "error")

    def test_raises_where_the_connection_breaks(self, name: str, dialect: str) -> None:
        whole = Stream(dialect, ("Hello", "x", "y"))
        at = whole.frame_stops[0] + 20
        for _, outcome in self._each(name, whole.but(fault=Fault("source-error", at, "ConnectionResetError"))):
            assert outcome.ended == "error"


class TestServing:
    @pytest.fixture
    def url(self) -> Iterator[str]:
        serving = Serving((), "127.0.0.1", 0)
        yield serving.server.url
        serving.server.close()

    @pytest.mark.parametrize("id_", BEDROCK)
    @pytest.mark.parametrize("named", [lambda id_: id_, MODELS.__getitem__], ids=["dialect", "model"])
    def test_answers_by_dialect_and_by_the_id_of_a_model(self, url: str, id_: str, named: Callable[[str], str]) -> None:
        wire = post(url, path_of(id_, named(id_)))[2]
        assert "".join(decode([wire], id_)) == "".join(SAID)

    def test_knows_no_model_that_nobody_makes(self, url: str) -> None:
        for path in ("/model/nothing/converse-stream", "/model/cohere.command-r-v1:0/invoke-with-response-stream"):
            assert (post(url, path)[0], "model identifier" in post(url, path)[2].decode()) == (400, True)

    def test_lists_them_with_where_they_are(self, url: str) -> None:
        connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/plan")
        plan = {entry["name"]: entry["invoke_url"] for entry in json.loads(connection.getresponse().read())}
        assert plan["bedrock-converse"] == f"{url}/model/bedrock-converse/converse-stream"
        assert plan["tgi-sse"] == f"{url}/endpoints/tgi-sse/invocations-response-stream"

    def test_lets_an_answer_travel_as_its_query_says(self, url: str) -> None:
        status, headers, _ = post(url, "/model/bedrock-converse/converse-stream?status=429")
        assert (status, headers["x-amzn-errortype"]) == (429, "ThrottlingException")


PROGRAM = """
import json, os, urllib.request
from urllib.parse import quote

import botocore.session

url = os.environ["SLICEPROOF_URL"]
runtime = botocore.session.Session().create_client("bedrock-runtime")  # it finds the endpoint by its own variable
while True:
    with urllib.request.urlopen(f"{url}/next") as response:
        if response.status == 204:
            continue
        case = json.load(response)
    told = {"text": ""}
    assert "/converse-stream" in case["invoke_url"]
    try:
        messages = [{"role": "user", "content": [{"text": "hello"}]}]
        for event in runtime.converse_stream(modelId=case["name"], messages=messages)["stream"]:
            told["text"] += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    except Exception as error:
        told["error"] = repr(error)
    report = f"{url}/report/{quote(case['name'], safe='')}"
    urllib.request.urlopen(urllib.request.Request(report, json.dumps(told).encode())).read()
"""


def test_a_program_is_judged(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    command = ["run", "--envelope", "bedrock", "--dialect", "bedrock-converse", "--requirement", "U2"]
    command += ["--requirement", "E1", "--", sys.executable, "program.py"]
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "sliceproof", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (ran.returncode, ": no MUST of " in ran.stdout) == (0, True), ran.stdout[-2000:] + ran.stderr[-2000:]


def test_a_program_that_is_told_no_dialect_is_asked_all_of_its_envelope() -> None:
    from sliceproof.conformance.decoders.loading import load

    assert load("run:x").within("bedrock").dialects == tuple(BEDROCK)
    assert load("run:x", dialects=("bedrock-converse",)).within("bedrock").dialects == ("bedrock-converse",)
    with pytest.raises(TargetError, match="tgi-sse does not travel in the envelope bedrock"):
        load("run:x", dialects=("tgi-sse",)).within("bedrock")
