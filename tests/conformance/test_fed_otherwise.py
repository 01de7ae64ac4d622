"""A decoder that is fed what it was not made for is told so, in one line; one that is broken is judged."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer

import sliceproof
from sliceproof.conformance.engine.dialects import as_said, as_said_apart, dialects_read
from sliceproof.conformance.harness.contract import Decoder, TargetError, of_callable


def text_of(event: dict[str, Any]) -> str:
    """The text of one of ConverseStream's events."""
    text: str = event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
    return text


def of_chunks(chunks: Iterable[bytes]) -> Iterator[str]:
    """ConverseStream from the bytes of the response."""
    buffer = EventStreamBuffer()
    for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            yield text_of({message.headers[":event-type"]: json.loads(message.payload)})


def of_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """ConverseStream from boto3's events."""
    for event in events:
        if "throttlingException" in event:
            raise RuntimeError
        yield text_of(event)


def of_body(chunks: Iterable[bytes]) -> Iterator[str]:
    """Plain text without an event stream, which leaves the framing's bytes to nobody."""
    for chunk in chunks:
        yield chunk.decode("ascii")


def loses_all(chunks: Iterable[bytes]) -> Iterator[str]:
    """A decoder that is broken, however it is fed."""
    for _ in chunks:
        yield ""


OTHERWISE = [
    (of_chunks, {}, "fed chunks in the envelope sagemaker", "say --envelope bedrock"),
    (of_events, {}, "fed chunks in the envelope sagemaker", "say --envelope bedrock --accepts events"),
    (of_body, {}, "reads text with --envelope http", "say --envelope http"),
    (of_events, {"dialects": ("bedrock-converse",)}, "chunks in the envelope bedrock", "say --accepts events"),
    (of_chunks, {"dialects": ("bedrock-converse",), "accepts": "events"}, "fed events", "say --accepts chunks"),
]


@pytest.mark.parametrize(("target", "told", "now", "say"), OTHERWISE)
def test_what_it_reads_if_it_is_fed_otherwise_is_said(target: Any, told: dict[str, Any], now: str, say: str) -> None:
    mine = of_callable(target, "mine", **told)
    with pytest.raises(TargetError) as raised:
        as_said(mine, told["dialects"]) if told else dialects_read(mine)

    assert str(raised.value).endswith(say)
    assert now in str(raised.value)


def test_a_decoder_made_in_python_is_told_the_keyword() -> None:
    with pytest.raises(TargetError, match=r'say envelope="bedrock"$'):
        dialects_read(sliceproof.decoder(of_chunks))


CALLS: list[str] = []


def counts_and_leaves(chunks: Iterable[bytes]) -> Iterator[str]:
    """A decoder that keeps something from one call to the next, and ends its process."""
    CALLS.append("called")
    os._exit(3)
    yield ""


def test_a_decoder_is_tried_apart_and_left_as_it_was_loaded() -> None:
    with pytest.raises(TargetError, match=r"say --accepts events$"):
        as_said_apart(of_callable(of_events, "mine", dialects=("bedrock-converse",)), ("bedrock-converse",))

    as_said_apart(of_callable(counts_and_leaves, "mine", dialects=("text",)), ("text",))

    assert CALLS == []


@pytest.mark.parametrize("envelope", ["sagemaker", "bedrock"])
def test_a_decoder_that_reads_nothing_however_it_is_fed_is_judged(envelope: str) -> None:
    read, others = dialects_read(of_callable(loses_all, "mine").within(envelope))

    assert not read
    assert set(others.values()) == {"gave ''"}


def test_a_decoder_that_reads_what_it_is_fed_is_left_alone() -> None:
    of_bedrock: Decoder = replace(of_callable(of_chunks, "mine"), envelope="bedrock")

    assert dialects_read(of_bedrock)[0] == ["bedrock-converse"]
    as_said(of_bedrock, ("bedrock-converse", "bedrock-invoke-nova"))
