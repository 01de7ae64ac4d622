"""Whole clients of different build: the sound ones are blamed for nothing, the others for what they do wrong."""

import asyncio
import codecs
import http.client
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from sliceproof import check, decode
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken.clients import RefusedError, asked, connected
from sliceproof.conformance.decoders.endpoint.client import decoder, snippet, texts
from sliceproof.conformance.decoders.endpoint.environment import environment
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder, TargetError
from sliceproof.conformance.harness.feeds import Feed
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

PLAN = Plan(list(REQUIREMENTS.values()), PROFILES["quick"])


def by_http_client(url: str, name: str) -> Iterator[str]:
    with closing(connected(url)) as connection:
        response = asked(connection, name)
        yield from decode(iter(lambda: response.read1(1 << 16), b""), "tgi-sse")


def whole(url: str, name: str) -> str:
    return "".join(by_http_client(url, name))


_kept: dict[str, http.client.HTTPConnection] = {}


def by_one_connection(url: str, name: str) -> Iterator[str]:
    """Kept for the next answer as long as this one was read to its end."""
    connection = _kept.pop(url, None) or connected(url)
    try:
        response = asked(connection, name)
        yield from decode(iter(lambda: response.read1(1 << 16), b""), "tgi-sse")
        response.read()
    except BaseException:
        connection.close()
        raise
    _kept[url] = connection


def by_parts(url: str, name: str) -> Iterator[str]:
    """As who decodes on the raw route of OpenAI's API: the body, without the framing."""
    with closing(connected(url)) as connection:
        connection.request("POST", f"/endpoints/{name}/openai/v1/chat/completions", body=b"{}")
        response = connection.getresponse()
        assert response.status == 200
        for line in response:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])["token"]["text"]


async def by_streams(url: str, name: str) -> AsyncIterator[str]:
    """asyncio's own streams, and HTTP read by hand."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    try:
        path = f"/endpoints/{name}/invocations-response-stream"
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(head)

        async def chunks() -> AsyncIterator[bytes]:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                yield await reader.readexactly(size)
                await reader.readexactly(2)

        from sliceproof import adecode

        async for text in adecode(chunks(), "tgi-sse"):
            yield text
    finally:
        writer.close()


async def whole_async(url: str, name: str) -> str:
    return "".join([text async for text in by_streams(url, name)])


def all_before_any(url: str, name: str) -> Iterator[str]:
    """Reads the whole answer before it gives the first of it: nobody can leave it in the middle."""
    yield from list(by_http_client(url, name))


def resumes(url: str, name: str) -> Iterator[str]:
    """Asks again where an answer breaks off, and goes on behind what it has told."""
    told = 0
    for tries in (2, 1, 0):
        skipped = told
        try:
            for text in by_http_client(url, name):
                new, skipped = text[skipped:], max(0, skipped - len(text))
                told += len(new)
                if new:
                    yield new
            return
        except (OSError, http.client.HTTPException, RefusedError):
            if not tries:
                raise


SOUND: dict[str, Callable[[str, str], Any]] = {
    one.__name__: one
    for one in (by_http_client, whole, by_one_connection, by_streams, whole_async, all_before_any, resumes)
}


# Faults that stand above the decoder


def resumes_in_bytes(url: str, name: str) -> Iterator[str]:
    """Counts what it has told in bytes, and skips as many characters."""
    told = 0
    for tries in (1, 0):
        skipped = told
        try:
            for text in by_http_client(url, name):
                new, skipped = text[skipped:], max(0, skipped - len(text))
                told += len(new.encode())
                yield new
            return
        except (OSError, http.client.HTTPException):
            if not tries:
                raise


def one_behind(url: str, name: str) -> Iterator[str]:
    """Holds each delta back until the next one, and loses it when an error comes instead."""
    held = ""
    for text in by_http_client(url, name):
        if held:
            yield held
        held = text
    yield held


_shared: list[str] = []


def one_buffer_for_all(url: str, name: str) -> Iterator[str]:
    """Holds the deltas of all answers in one place."""
    for text in by_http_client(url, name):
        _shared.append(text)
        if len(_shared) == 2:
            yield "".join(_shared)
            _shared.clear()
    yield "".join(_shared)
    _shared.clear()


def asks_for_ever(url: str, name: str) -> Iterator[str]:
    """Asks again as long as there is an error."""
    while True:
        try:
            yield from by_http_client(url, name)
            return
        except RefusedError:
            pass


BROKEN = {
    resumes_in_bytes: "A2",
    one_behind: "T3",
    one_buffer_for_all: "X3",
    asks_for_ever: "A1",
}


@pytest.mark.parametrize("client", BROKEN, ids=lambda client: client.__name__)
def test_what_stands_above_a_decoder_is_blamed_for_what_it_does(client: Callable[[str, str], Any]) -> None:
    asked = [REQUIREMENTS[id_] for id_ in ("PLAIN", "U2", BROKEN[client])]
    found = {
        one.requirement.id: one.finding
        for one in run(decoder(client, client.__name__), Plan(asked, PROFILES["quick"]), ["tgi-sse"])
        if one.finding
    }
    assert found.keys() == {BROKEN[client]}


def raises_when_left(url: str, name: str) -> Iterator[str]:
    """Raises as it is closed, and lets go all the same."""
    with closing(connected(url)) as connection:
        response = asked(connection, name)
        try:
            yield from decode(iter(lambda: response.read1(1 << 16), b""), "tgi-sse")
        except GeneratorExit:
            raise RuntimeError("left") from None


def test_one_that_raises_as_it_is_left_is_no_error_of_ours() -> None:
    (result,) = run(decoder(raises_when_left, "c"), Plan([REQUIREMENTS["A4"]], PROFILES["quick"]), ["tgi-sse"])
    assert (result.verdict, result.reason) == ("pass", "")


def test_what_more_than_one_answer_shows_has_no_snippet_that_shows_less() -> None:
    (result,) = run(decoder(asks_for_ever, "c"), Plan([REQUIREMENTS["A1"]], PROFILES["quick"]), ["tgi-sse"])
    assert result.finding is not None
    assert result.finding.broken.breach.got == "'', and never the end, after 424 ModelError"
    assert result.finding.snippet == ""


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_client_is_blamed_for_nothing(name: str) -> None:
    results = list(run(decoder(SOUND[name], name), PLAN, ["tgi-sse"]))
    assert [
        (result.requirement.id, result.reason or str(result.finding))
        for result in results
        if result.verdict not in ("pass", "n/a")
    ] == []
    passed = {result.requirement.id for result in results if result.verdict == "pass"}
    assert passed >= {"G1", "A1", "A2", "A3", "A4", "U1", "F1", "T2", "T3", "T4", "E1", "X1", "X3", "MIX"}


@pytest.mark.parametrize(("dialect", "expected"), [("openai-sse", set()), ("text", {"T2", "F2-malformed"})])
def test_botocore_s_client_breaks_what_its_framing_does_where_no_finish_mark_tells(
    dialect: str, expected: set[str]
) -> None:
    client = DECODERS["botocore-client"].load()
    results = list(run(client, PLAN, [dialect], [DECODERS["botocore"].load()]))
    found = [result for result in results if result.verdict not in ("pass", "n/a")]
    assert {one.requirement.id for one in found} == expected
    assert all(one.finding and one.finding.inherited.startswith("botocore ") for one in found)


def test_a_client_of_the_raw_route_is_judged_too() -> None:
    asked = ["PLAIN", "U2", "R1", "G1", "A1", "K1", "F5"]
    found = check(by_parts, "tgi-sse", accepts="endpoint", requirements=asked)
    assert found.broken == ()
    assert str(found) == "none of 7 requirements asked is broken"


def test_who_is_not_told_what_an_exception_says_need_not_say_it() -> None:
    def raw(url: str, name: str) -> Iterator[str]:
        with closing(connected(url)) as connection:
            connection.request("POST", f"/endpoints/{name}/openai/v1/chat/completions", body=b"{}")
            response, text = connection.getresponse(), codecs.getincrementaldecoder("utf-8")()
            while more := response.read1(1 << 16):
                yield text.decode(more)

    assert check(raw, "text", accepts="endpoint", requirements=["E1", "E2", "T2"]).broken == ()


async def in_its_loop(url: str, name: str) -> AsyncIterator[str]:
    """Blocks the event loop in which another stream waits for its turn."""
    for text in by_http_client(url, name):
        yield text


def test_two_streams_that_block_one_loop_are_late_and_not_lost() -> None:
    assert check(in_its_loop, "tgi-sse", accepts="endpoint", requirements=["X3"]).broken == ()


def test_who_makes_an_error_of_an_answer_without_text_loses_none() -> None:
    def refuses(url: str, name: str) -> Iterator[str]:
        text = whole(url, name)
        if not text:
            raise ValueError("there is no text")
        yield text

    found = check(refuses, "tgi-sse", accepts="endpoint", requirements=["P4"])
    assert found.broken == ()


def test_what_asks_for_time_or_leaves_by_other_ways_is_not_asked() -> None:
    results = run(decoder(whole, "whole"), PLAN, ["tgi-sse"])
    reasons = {result.requirement.id: result.reason for result in results if result.verdict == "n/a"}
    assert reasons.keys() >= {"W1", "F3", "C1", "C2", "C3", "C4", "C5", "Q1", "Q2", "X2"}


class TestATarget:
    def test_takes_a_url_and_a_name(self) -> None:
        with pytest.raises(TargetError, match="cannot be called with a URL and a name alone"):
            decoder(lambda url: "", "mine")
        with pytest.raises(TargetError, match="not a callable"):
            decoder("x", "mine")  # type: ignore[arg-type]

    @pytest.mark.parametrize("given", [None, 7])
    def test_gives_text(self, given: object) -> None:
        with pytest.raises(TargetError, match="give the text, or what yields it"):
            list(texts(lambda url, name: given, Feed([]), "text"))

    def test_may_ask_twice_and_is_answered_from_the_beginning(self) -> None:
        def twice(url: str, name: str) -> list[str]:
            return [*by_http_client(url, name), *by_http_client(url, name)]

        assert list(texts(twice, Feed(Stream("tgi-sse", ("x", "y")).chunks), "tgi-sse")) == ["x", "y", "x", "y"]

    def test_that_never_asks_gives_what_it_gives(self) -> None:
        assert list(texts(lambda url, name: "y", Feed(Stream("text", ("x",)).chunks), "text")) == ["y"]

    def test_that_hangs_is_a_finding_soon(self) -> None:
        def hangs(url: str, name: str) -> str:
            asyncio.run(asyncio.sleep(600))
            return ""

        (result,) = run(decoder(hangs, "hangs"), Plan([REQUIREMENTS["PLAIN"]], PROFILES["quick"]), ["tgi-sse"])
        assert result.finding is not None
        assert result.finding.broken.outcome.ended == "hang"


def test_the_snippet_shows_the_same_by_the_standard_library_alone(tmp_path: Any) -> None:
    import subprocess
    import sys

    client: Decoder = DECODERS["botocore-client"].load()
    assert client.code is not None
    from sliceproof.conformance.engine.finding import snippet

    told = snippet(client, Stream("text", ("你好",), part_cuts=(2,)), "sync")
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.strip() == str(["你好".encode()[:2], "你好".encode()[2:]]), ran.stderr


def test_the_snippet_of_a_raw_route_has_the_body_and_breaks_off_as_the_route_does() -> None:
    stream = Stream("openai-sse", ("x", "y"), unknown=(1,), fault=Fault("exception", 1))
    given = snippet("import openai", "client", stream, raw=True)
    assert f"chunks = [\n    {stream.parts[0]!r},\n]" in given
    assert "self.close_connection = True" in given
    assert "text/event-stream" in given


def test_the_environment_is_as_before_behind_a_client_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with environment("http://127.0.0.1:1"):
        assert os.environ["AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME"] == "http://127.0.0.1:1"
        assert (os.environ["AWS_REGION"], os.environ["AWS_ACCESS_KEY_ID"]) == ("us-east-1", "none")
    assert os.environ["AWS_REGION"] == "eu-west-1"
    assert "AWS_ACCESS_KEY_ID" not in os.environ
