"""Bedrock's wires as they came: taken apart, made streams again, redacted and kept as cases."""

import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from sliceproof import decode
from sliceproof.conformance.harness.contract import of_callable
from sliceproof.conformance.harness.feeds import feed_of
from sliceproof.corpus import Case, load, save
from sliceproof.corpus.redacting import redacted
from sliceproof.wire.bedrock import exception, headers
from sliceproof.wire.dialects import BEDROCK, BodyError, Delta, dialect
from sliceproof.wire.faults import Fault
from sliceproof.wire.messages import Message, decode_messages
from sliceproof.wire.recorded import dialect_of
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

SAID = ("Hello", " ", "你好", "😀", "e\u0301", "\n", ".")
CHANNELS = (
    Delta("Hello", "reasoning"),
    Delta("你好"),
    Delta("", "tool-call", id="call7", name="weather"),
    Delta('{"a":"Hello"}', "tool-call"),
)
THINKS = ("bedrock-converse", "bedrock-invoke-anthropic")


def cut(stream: Stream) -> Stream:
    return stream.but(chunk_cuts=every(13, len(stream.wire)))


def again(stream: Stream) -> Stream:
    return Stream.of_wire(stream.dialect, stream.wire, stream.chunk_cuts)


def unread(stream: Stream) -> Stream:
    """The same, redacted."""
    return Stream.of_wire(stream.dialect, redacted(dialect(stream.dialect), stream.wire), stream.chunk_cuts)


@pytest.mark.parametrize("id_", BEDROCK)
class TestRecorded:
    def test_is_what_it_was_composed_of(self, id_: str) -> None:
        stream = cut(Stream(id_, SAID, unknown=(1, 3)))
        found = again(stream)
        assert (found.text, found.chunks, found.frames, found.frame_stops, found.unknown, found.fault) == (
            *(stream.text, stream.chunks, stream.frames, stream.frame_stops, stream.unknown),
            None,
        )
        assert (found.tokens, found.arrivals) == (stream.tokens, stream.arrivals)

    def test_has_the_fault_that_it_was_composed_with(self, id_: str) -> None:
        raised = Fault("exception", 2, "throttlingException", "too many", None)
        assert again(Stream(id_, SAID, fault=raised)).fault == raised
        assert again(Stream(id_, SAID, fault=Fault("silence", 3))).fault == Fault("silence", 3)
        whole = Stream(id_, SAID)
        wire = whole.wire[: whole.frame_stops[2] + 20]
        assert Stream.of_wire(id_, wire).fault == Fault("truncated", len(wire))

    def test_is_of_the_dialect_that_reads_it(self, id_: str) -> None:
        assert dialect_of(Stream(id_, SAID).wire).id == id_
        assert dialect_of(Stream(id_, SAID, fault=Fault("silence", 3)).wire).id == id_

    def test_keeps_lengths_and_cuts_and_no_word_where_it_is_redacted(self, id_: str) -> None:
        stream = cut(Stream(id_, SAID, unknown=(2,)))
        found = unread(stream)
        assert list(map(len, found.chunks)) == list(map(len, stream.chunks))
        assert list(map(len, found.frames)) == list(map(len, stream.frames))
        assert (found.text, found.fault) == ("xxxxx 字字😀x\u0301\n.", None)
        said = b"".join([message.payload for message in decode_messages(found.wire)])
        said += b"".join(map(b64decode, re.findall(rb'"bytes":"([^"]*)"', said)))
        assert not any(word in said for word in (b"Hello", "你".encode(), b'"p":"ab'))

    def test_is_a_case_that_is_read_again(self, id_: str, tmp_path: Path) -> None:
        case = Case("MIX", "recorded", unread(cut(Stream(id_, SAID))))
        assert load(save(case, tmp_path)).stream == case.stream
        assert "".join(decode(case.stream.chunks, id_)) == case.stream.text


@pytest.mark.parametrize("id_", THINKS)
def test_all_channels_are_kept_and_redacted(id_: str) -> None:
    found = unread(Stream(id_, CHANNELS))
    texts = {(delta.kind, delta.text) for delta in found.deltas if delta.text}
    assert texts == {("reasoning", "xxxxx"), ("content", "字字"), ("tool-call", '{"x":"xxxxx"}')}
    assert {(delta.id, delta.name) for delta in found.deltas if delta.id} == {("xxxx1", "xxxxxxx")}
    assert found.fault is None  # it has its finish mark


def test_an_exception_alone_is_of_bedrock_by_its_name() -> None:
    wire = exception("throttlingException", "too many", None).encode()
    assert dialect_of(wire).id == "bedrock-converse"
    (message,) = decode_messages(redacted(BEDROCK["bedrock-converse"], wire))
    assert message.headers[":exception-type"] == "throttlingException"
    assert json.loads(message.payload) == {"message": "xxx xxxx"}


@pytest.mark.parametrize("payload", [b"[]", b"no JSON", b'{"bytes":7}', b'{"bytes":"a"}'])
def test_a_chunk_that_cannot_be_read_is_no_stream_and_still_redacted(payload: bytes) -> None:
    wire = Message(headers("chunk"), payload).encode()
    with pytest.raises(BodyError, match="cannot be read"):
        Stream.of_wire("bedrock-invoke-llama", wire)
    assert len(redacted(BEDROCK["bedrock-invoke-llama"], wire)) == len(wire)


@pytest.mark.parametrize("id_", BEDROCK)
def test_a_message_that_is_cut_off_tells_nothing_either(id_: str) -> None:
    whole = Stream(id_, ("x", "~~~???Hello"))
    number = next(number for number, part in enumerate(whole.parts) if b"~~~" in part)
    start, stop = whole.frame_stops[number - 1 : number + 1]
    for at in range(start + 100, stop, 7):
        rest = redacted(dialect(id_), whole.wire[:at])[start + 100 :]
        assert len(rest) == at - start - 100
        assert not re.search(rb"[a-wyzA-Z02-9+/]", rest)


def test_a_typed_event_is_given_without_its_padding_as_boto3_does() -> None:
    def events(given: Any) -> Any:
        yield from given

    decoder = of_callable(events, "events", accepts="events", dialects=("bedrock-converse",))
    stream = Stream("bedrock-converse", SAID)
    assert list(feed_of(decoder, again(stream))) == list(feed_of(decoder, stream))
