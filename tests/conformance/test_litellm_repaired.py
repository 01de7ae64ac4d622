"""The fix first proposed for LiteLLM loses bytes; the override that docs/litellm.md shows does not, in any release."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS, requirements
from sliceproof.wire.dialects import Style
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "litellm.md").read_text("utf-8")
CUT_CHARACTER = Stream("tgi-sse", ["é"], part_cuts=[43])
PIECE_BEFORE = Stream("tgi-sse", ["é", "x", "y"], part_cuts=[20, 43, 117, 233])
OF_CALLS = ("M2", "M4", "M5", "M8", "I1")  # whose beginning is as vLLM writes it
INSTALLED = """
for name in ("iter_bytes", "aiter_bytes", "_messages", "_lines", "_parsed"):
    setattr(AWSEventStreamDecoder, name, vars(LosslessDecoder)[name])
"""


def broken_musts(name: str, dialect: str) -> set[str]:
    plan = Plan([requirement for requirement in REQUIREMENTS.values() if requirement.level == "must"], PROFILES["ci"])
    results = list(run(load(name), plan, [dialect], [load("botocore")]))
    assert {result.reason for result in results if result.verdict == "error"} == set()
    return {result.requirement.id for result in results if result.verdict == "fail"}


class TestTheProposedFix:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_loses_a_character_that_is_cut_and_says_nothing(self, mode: str) -> None:
        outcome = drive(load("litellm-proposed-fix"), mode, CUT_CHARACTER)
        assert ("".join(outcome.items), outcome.ended) == ("", "end")

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_loses_all_records_after_it_where_a_piece_of_one_is_left_behind(self, mode: str) -> None:
        outcome = drive(load("litellm-proposed-fix"), mode, PIECE_BEFORE)
        assert ("".join(outcome.items), outcome.ended) == ("", "end")

    def test_breaks_what_is_cut_and_what_is_joined(self) -> None:
        plan = Plan(requirements(["U1", "R1", "R2", "P2"]), PROFILES["ci"])
        results = run(load("litellm-proposed-fix"), plan, ["tgi-sse"])
        assert {result.requirement.id for result in results if result.verdict == "fail"} == {"U1", "R1", "R2", "P2"}

    def test_gives_back_a_plain_stream(self) -> None:
        outcome = drive(load("litellm-proposed-fix"), "sync", Stream("tgi-sse", ("x", "é", " y")))
        assert "".join(outcome.items) == "xé y"


class TestTheOverride:
    @pytest.fixture(autouse=True)
    def _needs_litellm(self) -> None:
        pytest.importorskip("litellm")

    @pytest.mark.parametrize("dialect", ["tgi-sse", "openai-sse", "lmi-jsonlines"])
    def test_breaks_nothing_but_what_botocore_breaks(self, dialect: str) -> None:
        """And but for what the release's own classes refuse: a chunk without `model`, a call without `arguments`."""
        broken = broken_musts("litellm-repaired", dialect)
        if dialect != "tgi-sse" and refuses_djls_chunks(dialect):
            assert broken - {"MIX"} == {"T2", "R3", *OF_CALLS}
        else:
            assert broken == {"T2"}

    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_gives_back_a_character_that_is_cut(self, mode: str) -> None:
        outcome = drive(load("litellm-repaired"), mode, CUT_CHARACTER)
        assert ("".join(outcome.items), outcome.ended) == ("é", "end")

    def test_raises_what_the_service_and_the_container_said(self) -> None:
        for fault in (Fault("exception", 1), Fault("error-record", 1)):
            outcome = drive(load("litellm-repaired"), "async", Stream("tgi-sse", ("x",), fault=fault))
            assert "".join(outcome.items) == "x"
            assert fault.message in str(outcome.error)

    def test_mends_completion_when_its_methods_take_the_place_of_litellms(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("boto3")  # LiteLLM signs with it, and the older releases do not ask for it
        if tuple(map(int, version("litellm").split(".")[:3])) < (1, 65, 0):
            pytest.skip("its own request is refused by httpx: BerriAI/litellm#8534")
        import litellm
        from litellm.llms.sagemaker.common_utils import AWSEventStreamDecoder

        from sliceproof.conformance.decoders.adapters.litellm_lossless import LosslessDecoder

        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "none")
        monkeypatch.setenv("AWS_REGION_NAME", "us-east-1")
        for name in ("iter_bytes", "aiter_bytes", "_messages", "_lines", "_parsed"):
            monkeypatch.setattr(AWSEventStreamDecoder, name, None, raising=False)  # to be undone after the test
        exec(INSTALLED, {"AWSEventStreamDecoder": AWSEventStreamDecoder, "LosslessDecoder": LosslessDecoder})
        asked: dict[str, Any] = {"messages": [{"role": "user", "content": "?"}], "stream": True}

        async def told(url: str) -> str:
            items = await litellm.acompletion("sagemaker/endpoint", sagemaker_base_url=url, **asked)
            return "".join([item.choices[0].delta.content or "" async for item in items])

        with answering(CUT_CHARACTER.wire) as url:
            items = litellm.completion("sagemaker/endpoint", sagemaker_base_url=url, **asked)
            assert "".join(item.choices[0].delta.content or "" for item in items) == "é"
            assert asyncio.run(told(url)) == "é"


def refuses_djls_chunks(dialect: str) -> bool:
    """Whether the release's own decoder raises at a chat chunk without `model`, whole and alone in its part."""
    outcome = drive(load("litellm"), "sync", Stream(dialect, ("x",), Style(form="djl")))
    assert (outcome.ended == "error") == (tuple(map(int, version("litellm").split(".")[:2])) < (1, 66))
    return outcome.ended == "error"


@contextmanager
def answering(wire: bytes) -> Iterator[str]:
    """An endpoint on the loopback that answers every request with *wire*."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.amazon.eventstream")
            self.send_header("Content-Length", str(len(wire)))
            self.end_headers()
            self.wfile.write(wire)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/endpoints/endpoint/invocations-response-stream"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class TestThePage:
    def test_shows_the_override_as_it_is_tested(self) -> None:
        module = ROOT / "conformance" / "decoders" / "adapters" / "litellm_lossless.py"
        assert f"```python\n{module.read_text('utf-8')}```\n" in PAGE

    def test_shows_how_to_put_it_in_the_place_of_litellms(self) -> None:
        assert INSTALLED in PAGE

    def test_shows_the_streams_that_the_proposed_fix_loses(self) -> None:
        assert repr(CUT_CHARACTER) in PAGE
        assert repr(PIECE_BEFORE) in PAGE
        assert "litellm-proposed-fix" in PAGE
