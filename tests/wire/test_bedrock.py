"""Bedrock's event stream: the bytes of recorded messages, what botocore makes of ours, and what comes back of them."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EventStreamJSONParser

import sliceproof
from sliceproof.conformance.decoders.reference import EventStreamFault, decode, deltas
from sliceproof.conformance.harness.feeds import boto3_event
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.faults import of_service
from sliceproof.conformance.requirements.rules.f7 import sized
from sliceproof.wire import bedrock
from sliceproof.wire.dialects import BEDROCK, Delta, Style, UnfinishedError, UnknownDialectError, dialect
from sliceproof.wire.faults import Fault
from sliceproof.wire.messages import MessageDecoder, decode_messages
from sliceproof.wire.stream import Stream

EACH = pytest.mark.parametrize("id_", BEDROCK)
CHANNELS = [id_ for id_, known in BEDROCK.items() if known.answers]
TOKENS = ("Hé", "", "你😀", 'x"\\\n', "z")

# Messages as AWS sent them. Chunks: opentelemetry-python-contrib instrumentation/opentelemetry-instrumentation-botocore
# tests/cassettes, test_invoke_model_with_response_stream_no_content_tool_call[anthropic.claude].yaml, message 2. Typed
# events: test_converse_stream_with_content.yaml there, and the one with ° of pydantic-ai
# tests/models/cassettes/test_bedrock/test_bedrock_model_iter_stream.yaml.
RECORDED = [
    "AAABMQAAAEvTMQXiCzpldmVudC10eXBlBwAFY2h1bmsNOmNvbnRlbnQtdHlwZQcAEGFwcGxpY2F0aW9uL2pzb24NOm1lc3NhZ2UtdHlwZQcABWV2"
    "ZW50eyJieXRlcyI6ImV5SjBlWEJsSWpvaVkyOXVkR1Z1ZEY5aWJHOWphMTlrWld4MFlTSXNJbWx1WkdWNElqb3dMQ0prWld4MFlTSTZleUowZVhC"
    "bElqb2lkR1Y0ZEY5a1pXeDBZU0lzSW5SbGVIUWlPaUpEWlhKMFlXbHViSGtoSUVrbmJHd2dkWE5sSUhSb1pTQm5aWFFpZlgwPSIsInAiOiJhYmNk"
    "ZWZnaGlqa2xtbm9wcXJzdHV2d3h5ekFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFkifXRcytk=",
    "AAAAkAAAAFIxQcihCzpldmVudC10eXBlBwAMbWVzc2FnZVN0YXJ0DTpjb250ZW50LXR5cGUHABBhcHBsaWNhdGlvbi9qc29uDTptZXNzYWdlLXR5"
    "cGUHAAVldmVudHsicCI6ImFiY2RlZmdoaWprbG1ub3BxcnMiLCJyb2xlIjoiYXNzaXN0YW50In0Rduqw",
    "AAAA2wAAAFduCFV2CzpldmVudC10eXBlBwARY29udGVudEJsb2NrRGVsdGENOmNvbnRlbnQtdHlwZQcAEGFwcGxpY2F0aW9uL2pzb24NOm1lc3Nh"
    "Z2UtdHlwZQcABWV2ZW50eyJjb250ZW50QmxvY2tJbmRleCI6MCwiZGVsdGEiOnsidGV4dCI6IkkgYW0gaGVyZSBhbmQgcmVhZHkgdG8gYXNzaXN0"
    "In0sInAiOiJhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ekFCQ0RFRkdISUpLIn0uPEHp",
    "AAAAkAAAAFY2LAy4CzpldmVudC10eXBlBwAQY29udGVudEJsb2NrU3RvcA06Y29udGVudC10eXBlBwAQYXBwbGljYXRpb24vanNvbg06bWVzc2Fn"
    "ZS10eXBlBwAFZXZlbnR7ImNvbnRlbnRCbG9ja0luZGV4IjowLCJwIjoiYWJjZGVmZ2hpamtsIn3C2aZe",
    "AAAAjgAAAFF3mLD4CzpldmVudC10eXBlBwALbWVzc2FnZVN0b3ANOmNvbnRlbnQtdHlwZQcAEGFwcGxpY2F0aW9uL2pzb24NOm1lc3NhZ2UtdHlw"
    "ZQcABWV2ZW50eyJwIjoiYWJjZGVmZ2hpamsiLCJzdG9wUmVhc29uIjoibWF4X3Rva2VucyJ9cjPl1A==",
    "AAAAzAAAAE7Yo7YkCzpldmVudC10eXBlBwAIbWV0YWRhdGENOmNvbnRlbnQtdHlwZQcAEGFwcGxpY2F0aW9uL2pzb24NOm1lc3NhZ2UtdHlwZQcA"
    "BWV2ZW50eyJtZXRyaWNzIjp7ImxhdGVuY3lNcyI6NjA1fSwicCI6ImFiY2RlZmdoaWprbG0iLCJ1c2FnZSI6eyJpbnB1dFRva2VucyI6OCwib3V0"
    "cHV0VG9rZW5zIjoxMCwidG90YWxUb2tlbnMiOjE4fX39fnGz",
    "AAAAyAAAAFdJSLgkCzpldmVudC10eXBlBwARY29udGVudEJsb2NrRGVsdGENOmNvbnRlbnQtdHlwZQcAEGFwcGxpY2F0aW9uL2pzb24NOm1lc3Nh"
    "Z2UtdHlwZQcABWV2ZW50eyJjb250ZW50QmxvY2tJbmRleCI6MCwiZGVsdGEiOnsidGV4dCI6IiBpcyAzMMKwQyJ9LCJwIjoiYWJjZGVmZ2hpamts"
    "bW5vcHFyc3R1dnd4eXpBQkNERUZHSElKS0wifQki+ho=",
]
BODIES = Path(__file__).parents[2] / "corpus" / "bodies"
NUMBERS = {bedrock.padding(number): number for number in range(60)}


@pytest.mark.parametrize("recorded", RECORDED)
def test_a_message_is_written_as_aws_sent_it(recorded: str) -> None:
    wire = b64decode(recorded)
    (message,) = decode_messages(wire)
    said = json.loads(message.payload)
    padding = said.pop("p")
    typed = message.headers[":event-type"] != "chunk"
    event = {message.headers[":event-type"]: said}
    record = (
        json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() if typed else b64decode(said["bytes"])
    )
    assert bedrock.event(typed, record, NUMBERS[padding]) == wire


def test_a_recorded_answer_is_the_body_that_is_kept() -> None:
    messages = [decode_messages(b64decode(recorded))[0] for recorded in RECORDED[1:6]]
    said = [(message.headers[":event-type"], json.loads(message.payload)) for message in messages]
    events = [{name: {key: value for key, value in told.items() if key != "p"}} for name, told in said]
    assert (BODIES / "bedrock-converse-recorded.body").read_text("utf-8") == "".join(
        json.dumps(event, separators=(",", ":")) + "\n" for event in events
    )


def test_the_padding_is_of_each_length_that_aws_sends() -> None:
    assert sorted(map(len, NUMBERS)) == list(range(2, 62))


@EACH
def test_each_form_comes_back_however_it_is_cut(id_: str) -> None:
    for form in dialect(id_).forms:
        stream = Stream(id_, TOKENS)
        stream = stream.but(style=stream.style.__class__(form=form))
        for cuts in (None, (), range(1, len(stream.wire), 7)):
            assert "".join(decode(stream.but(chunk_cuts=cuts).chunks, id_)) == "".join(TOKENS)


@pytest.mark.parametrize("id_", CHANNELS)
def test_channels_come_back_too(id_: str) -> None:
    called = Delta("", "tool-call", id="c", name="f"), Delta('{"a": "é"}', "tool-call")
    thought = () if id_ == "bedrock-invoke-nova" else (Delta("hm", "reasoning"),)
    stream = Stream(id_, (*thought, Delta("x"), *called))
    read = list(deltas(stream.chunks, id_))
    assert [delta for delta in read if not delta.finish and (delta.text or delta.id)] == [*thought, Delta("x"), *called]
    assert [delta.finish for delta in read if delta.finish] == ["tool_use"]


def _parsed(id_: str, stream: Stream) -> list[Any]:
    """What botocore makes of a stream's messages by the service's model."""
    service = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
    shape = service.shape_for("ConverseStreamOutput" if dialect(id_).typed else "ResponseStream")
    buffer = EventStreamBuffer()
    buffer.add_data(stream.wire)
    return [EventStreamJSONParser().parse(event.to_response_dict(), shape) for event in buffer]


@EACH
def test_botocore_reads_the_same_events(id_: str) -> None:
    stream = Stream(id_, TOKENS)
    for event, record in zip(_parsed(id_, stream), stream.parts, strict=True):
        if dialect(id_).typed:
            assert event == json.loads(record)
        else:
            assert event == {"chunk": {"bytes": record[:-1]}}


@EACH
def test_each_form_is_of_the_service_s_model(id_: str) -> None:
    """An event, or a delta, that the model does not know is an SDK_UNKNOWN_MEMBER."""
    for form in dialect(id_).forms:
        for reason in ("", *dialect(id_).reasons):
            stream = Stream(id_, TOKENS, Style(form=form, reason=reason))
            parsed = _parsed(id_, stream)
            assert len(parsed) == len(stream.parts)
            assert "SDK_UNKNOWN_MEMBER" not in repr(parsed)
            if dialect(id_).typed:
                fed = [boto3_event(part[:-1], dialect(id_)) for part in stream.parts]
                assert parsed == fed


@pytest.mark.parametrize("id_", ["bedrock-converse", "bedrock-invoke-anthropic"])
def test_what_a_request_adds_is_asked_about(id_: str) -> None:
    known = dialect(id_)
    assert {stream.style.form for stream in REQUIREMENTS["R3"].sweep(known)} >= known.requested
    assert {stream.style.form for stream in REQUIREMENTS["M1"].sweep(known)} == {"", *known.requested}


WRONG: dict[str, tuple[str, str, Callable[[Any], bool]]] = {
    "raises at a citation": ("bedrock-converse", "R3", lambda event: "citation" in repr(event)),
    "raises at what is redacted": ("bedrock-converse", "R3", lambda event: "redactedContent" in repr(event)),
    "raises at a trace": ("bedrock-converse", "R3", lambda event: "trace" in event.get("metadata", {})),
    "raises at a citation of Anthropic's": ("bedrock-invoke-anthropic", "R3", lambda event: "citation" in repr(event)),
    "raises at a block of Anthropic's": ("bedrock-invoke-anthropic", "R3", lambda event: "redacted_" in repr(event)),
    "raises at a guardrail": ("bedrock-invoke-anthropic", "R3", lambda event: "guardrailAction" in repr(event)),
    "raises at what is redacted beside reasoning": ("bedrock-converse", "M1", lambda event: "redacted" in repr(event)),
}


@pytest.mark.parametrize(("id_", "requirement", "unknown"), WRONG.values(), ids=WRONG)
def test_who_knows_no_more_than_text_is_blamed(id_: str, requirement: str, unknown: Callable[[Any], bool]) -> None:
    def decode_(chunks: Iterable[bytes]) -> Iterator[Any]:
        decoder, passed = MessageDecoder(), []
        for chunk in chunks:
            for message in decoder.feed(chunk):
                if unknown(json.loads(bedrock.record_of(message))):
                    raise KeyError(id_)
                passed.append(message.encode())
        yield from deltas(passed, id_)

    wrong = sliceproof.decoder(decode_, name="wrong", yields="deltas", dialects=[id_], envelope="bedrock")
    sound = sliceproof.decoder(
        lambda chunks: deltas(chunks, id_), name="sound", yields="deltas", dialects=[id_], envelope="bedrock"
    )
    streams = [stream for stream in REQUIREMENTS[requirement].sweep(dialect(id_)) if stream.style.form]
    assert any(REQUIREMENTS[requirement].check(wrong, stream) for stream in streams)
    assert not any(REQUIREMENTS[requirement].check(sound, stream) for stream in streams)


def test_what_is_redacted_is_no_reasoning() -> None:
    def shows_it(chunks: Iterable[bytes]) -> Iterator[Any]:
        came = list(chunks)
        if b"redactedContent" in b"".join(came):
            yield Delta("aGlkZGVu", "reasoning")
        yield from deltas(came, "bedrock-converse")

    wrong = sliceproof.decoder(shows_it, name="wrong", yields="deltas", dialects=["bedrock-converse"])
    blamed = [
        stream
        for stream in REQUIREMENTS["M1"].sweep(dialect("bedrock-converse"))
        if REQUIREMENTS["M1"].check(wrong, stream)
    ]
    assert {stream.style.form for stream in blamed} == {"redacted"}


@EACH
def test_each_event_says_of_what_type_its_payload_is_whatever_else_its_headers_are(id_: str) -> None:
    """As each that was recorded; a decoder may read it. A payload part of SageMaker's may be without."""
    variants = {stream.headers: stream for stream in REQUIREMENTS["F5"].sweep(dialect(id_))}
    assert {"reversed", "type-last", "extra-first", "extra-last"} <= variants.keys()
    for stream in variants.values():
        assert all(message.headers[":content-type"] == "application/json" for message in decode_messages(stream.wire))
    assert "no-content-type" in {stream.headers for stream in REQUIREMENTS["F5"].sweep(dialect("tgi-sse"))}


@EACH
def test_each_exception_is_one_of_the_service_s_model(id_: str) -> None:
    for fault in of_service(dialect(id_)):
        stream = Stream(id_, ("x",), fault=fault)
        told = _parsed(id_, stream)[-1]
        assert told["Error"]["Message"] == fault.message
        assert told["Error"]["Code"] == (fault.code if fault.name == "error" else fault.name)
        with pytest.raises(EventStreamFault, match=fault.message):
            list(decode(stream.chunks, id_))


@EACH
def test_an_answer_without_its_end_is_not_whole(id_: str) -> None:
    for fault in (Fault("silence", 1), Fault("broken-off", 60)):
        with pytest.raises(UnfinishedError):
            list(decode(Stream(id_, ("x", "y"), fault=fault).chunks, id_))


@EACH
def test_a_large_message_is_of_the_size_that_is_asked(id_: str) -> None:
    for size in (65_535, 65_536, 65_537):
        assert abs(max(map(len, sized(dialect(id_), size).frames)) - size) < 4


@EACH
def test_no_record_is_cut(id_: str) -> None:
    assert {stream.part_cuts for stream in REQUIREMENTS["N1"].sweep(dialect(id_))} == {None}
    with pytest.raises(UnknownDialectError, match="leave part_cuts out"):
        Stream(id_, ("x",), part_cuts=(1,))
    assert Stream(id_, ("x",)).but(part_cuts=(1,)) == Stream(id_, ("x",))


def test_what_is_in_bytes_is_base64_of_each_remainder() -> None:
    records = [Stream("bedrock-invoke-llama", ("x" * count,)).frames[0] for count in (1, 2, 3)]
    assert len({len(b64encode(part)) % 4 for part in records}) == 1
    ends = {json.loads(decode_messages(frame)[0].payload)["bytes"].count("=") for frame in records}
    assert ends == {0, 1, 2}


@EACH
def test_an_event_of_an_unknown_type_is_json_as_others_are_and_says_nothing(id_: str) -> None:
    for form in dialect(id_).forms:
        stream = Stream(id_, ("x",), Style(form=form)).but(unknown=(0, 1))
        unknown = [message for message in decode_messages(stream.wire) if message.headers[":event-type"] == "heartbeat"]
        known = [message for message in decode_messages(stream.wire) if message not in unknown]
        assert len(unknown) == 2
        assert {frozenset(json.loads(message.payload)) for message in unknown} <= {
            frozenset(json.loads(message.payload)) for message in known
        }
        assert "".join(decode(stream.chunks, id_)) == "x"
