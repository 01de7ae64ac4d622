"""A wire as it came, taken apart and made a stream again."""

import json
from pathlib import Path
from typing import Any

import pytest

from sliceproof.corpus import Case, CaseError, load, save, shipped
from sliceproof.corpus.redacting import redacted
from sliceproof.wire.dialects import DIALECTS, BodyError, Delta, Style, dialect
from sliceproof.wire.errors import MessageError, SliceproofError
from sliceproof.wire.events import exception, unknown_event
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.messages import Message, decode_messages
from sliceproof.wire.recorded import dialect_of
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

SAID = ("Hello", " ", "你好", "😀", "e\u0301", "\n", ".")


def sound(id_: str) -> Stream:
    whole = Stream(id_, SAID)
    cut = whole.but(part_cuts=every(5, len(whole.body)))
    return cut.but(chunk_cuts=every(13, len(cut.wire)))


@pytest.mark.parametrize("id_", DIALECTS)
class TestRecorded:
    def test_is_what_it_was_composed_of(self, id_: str) -> None:
        stream = sound(id_)
        found = Stream.of_wire(id_, stream.wire, stream.chunk_cuts)
        assert (found.text, found.body, found.parts, found.frames, found.chunks, found.fault) == (
            *(stream.text, stream.body, stream.parts, stream.frames, stream.chunks),
            None,
        )
        assert found.frame_stops == stream.frame_stops
        assert [record.text for record in found.records if record.kind == "delta"] == list(found.tokens)

    def test_is_composed_anew_where_it_is_changed(self, id_: str) -> None:
        found = Stream.of_wire(id_, sound(id_).wire)
        changed = found.but(tokens=("x",))
        assert (changed.recorded, changed.wire) == (None, Stream(id_, ("x",)).wire)
        assert found.but(chunk_cuts=(3,)).recorded == found.recorded

    def test_keeps_length_and_cuts_where_it_is_redacted(self, id_: str) -> None:
        stream = sound(id_)
        found = Stream.of_wire(id_, redacted(dialect(id_), stream.wire), stream.chunk_cuts)
        assert list(map(len, found.parts)) == list(map(len, stream.parts))
        assert list(map(len, found.chunks)) == list(map(len, stream.chunks))
        assert [len(token.encode()) for token in found.tokens] == [
            len(token.encode()) for token in Stream.of_wire(id_, stream.wire).tokens
        ]
        assert "Hello" not in found.text
        assert "你" not in found.text
        assert b"Hello" not in found.wire
        assert "你".encode() not in found.wire


@pytest.mark.parametrize("case", shipped(), ids=lambda case: case.name)
def test_each_case_that_can_be_read_is_recorded_and_redacted_and_loaded_again(case: Case, tmp_path: Path) -> None:
    stream = case.stream
    try:
        found = Stream.of_wire(stream.dialect, stream.wire, stream.chunk_cuts)
    except SliceproofError:
        assert stream.fault is not None
        assert stream.fault.kind in ("malformed", "corrupt", "unreadable-record")
        return
    again = Stream.of_wire(stream.dialect, redacted(stream.format, stream.wire), stream.chunk_cuts)
    assert (found.fault is None) == (again.fault is None)
    for recorded in (found, again):
        kept = Case("MIX", "recorded", recorded)
        assert load(save(kept, tmp_path)) == kept


class TestFault:
    @pytest.mark.parametrize(
        ("wire", "fault"),
        [
            (
                exception("ModelStreamError", "out of time", "Late").encode(),
                ("ModelStreamError", "out of time", "Late"),
            ),
            (exception("InternalStreamFailure", "oh").encode(), ("InternalStreamFailure", "oh", None)),
            (exception("error", "oh", "Bad").encode(), ("error", "oh", "Bad")),
        ],
    )
    def test_of_an_exception_is_read_from_it(self, wire: bytes, fault: tuple[str, str, str | None]) -> None:
        found = Stream.of_wire("tgi-sse", Stream("tgi-sse", ("x",), fault=Fault("silence", 1)).wire + wire)
        assert found.fault is not None
        assert (found.fault.kind, found.fault.at) == (FaultKind.EXCEPTION, 1)
        assert (found.fault.name, found.fault.message, found.fault.code) == fault

    def test_of_a_wire_that_ends_inside_a_message_is_that(self) -> None:
        wire = sound("tgi-sse").wire[:-5]
        found = Stream.of_wire("tgi-sse", wire)
        assert found.fault == Fault("truncated", len(wire))
        assert b"".join(found.chunks) == wire

    def test_of_a_body_that_ends_early_is_silence(self) -> None:
        found = Stream.of_wire("openai-sse", Stream("openai-sse", ("x", "y"), fault=Fault("silence", 1)).wire)
        assert found.fault == Fault("silence", 1)

    def test_of_a_connection_that_broke_is_the_source_s(self) -> None:
        wire = sound("tgi-sse").wire
        found = Stream.of_wire("tgi-sse", wire, broken=True)
        assert found.fault is not None
        assert (found.fault.kind, found.fault.at) == (FaultKind.SOURCE_ERROR, len(wire))

    def test_in_the_framing_is_no_stream(self) -> None:
        wire = bytearray(sound("tgi-sse").wire)
        wire[60] ^= 1
        with pytest.raises(MessageError):
            Stream.of_wire("tgi-sse", bytes(wire))

    def test_in_the_records_is_no_stream(self) -> None:
        with pytest.raises(BodyError):
            Stream.of_wire("djl-outputs", sound("openai-sse").wire)


def test_events_of_another_type_stay_where_they_stand() -> None:
    stream = Stream("tgi-sse", ("x", "y"), unknown=(1,))
    other = stream.frames[0] + unknown_event(b"{}").encode() + b"".join(stream.frames[2:])
    found = Stream.of_wire("tgi-sse", other)
    assert (found.unknown, found.text, found.wire) == ((1,), "xy", other)


@pytest.mark.parametrize("id_", DIALECTS)
def test_the_dialect_is_found_by_reading(id_: str) -> None:
    wire = sound(id_).wire
    found = dialect_of(wire)
    assert Stream.of_wire(found.id, wire).text == "".join(SAID)


def test_what_is_said_in_other_channels_is_kept() -> None:
    said = (Delta("hm", "reasoning"), "x", Delta("{}", "tool-call", id="a", name="f"), Delta("y", choice=1))
    stream = Stream("openai-sse", said, Style(form="sglang"))  # type: ignore[arg-type]
    found = Stream.of_wire("openai-sse", stream.wire)
    assert (found.deltas, found.text) == (stream.deltas, "x")
    again = Stream.of_wire("openai-sse", redacted(dialect("openai-sse"), stream.wire))
    assert [(delta.channel, len(delta.text)) for delta in again.deltas] == [
        (delta.channel, len(delta.text)) for delta in found.deltas
    ]


class TestRedacting:
    def test_leaves_keys_structure_and_what_a_record_is(self) -> None:
        record = r'{"index":0,"id":"abc-7","finish_reason":"stop","n":12,"text":"a\u00e9\ud83d\ude00\né"}'
        stream = Stream("text", (f"data: {record}\n\n",))
        wire = redacted(dialect("openai-sse"), stream.wire)
        assert Stream.of_wire("text", wire).text == (
            'data: {"index":0,"id":"xxx-1","finish_reason":"stop","n":11,"text":"x\\u00e9\\ud83d\\ude00\\né"}\n\n'
        )

    def test_takes_the_message_of_an_exception_and_leaves_its_code(self) -> None:
        wire = exception("ModelStreamError", "at 10.0.0.7", "StreamBroken").encode()
        found = Stream.of_wire("tgi-sse", redacted(dialect("tgi-sse"), wire))
        assert found.fault is not None
        assert (found.fault.name, found.fault.message, found.fault.code) == (
            *("ModelStreamError", "xx 11.1.1.1", "StreamBroken"),
        )

    @pytest.mark.parametrize(
        "line",
        [
            ": ping Kowalski 4711",
            "event: Kowalski-4711",
            "id: Kowalski4711",
            "retry: 4711",
            "kowalski: 4711",
            'data: {"role":"Kowalski","object":"Kowalski","type":"Kowalski","finish_reason":"Kowalski","index":4711}',
            'data: {"stop_reason":"Kowalski","ErrorCode":"Kowalski","index": 4711,"t":"\\u004bowalski"}',
            "data: Kowalski 4711",
            'data: {"cut off":"Kowalski 4711',
            'data: {"t":"\U000e004b\ue000Ⓚ①٤"}',
        ],
    )
    def test_leaves_no_letter_and_no_digit(self, line: str) -> None:
        body = f"{line}\n\n"
        wire = redacted(dialect("openai-sse"), Stream("text", (body,)).wire)
        text = Stream.of_wire("text", wire).text
        assert len(text.encode()) == len(body.encode())
        for said in ("owalski", "4711", "\U000e004b", "\ue000", "Ⓚ", "①", "٤", "\\u004b"):
            assert said.lower() not in text.lower()

    @pytest.mark.parametrize("cut", range(1, 60, 3))
    def test_takes_them_of_a_message_that_is_cut_off_too(self, cut: int) -> None:
        headers = {":event-type": "PayloadPart", ":message-type": "event", "trace": "kowalski"}
        last = Message(headers, b"data: Kowalski 4711").encode()
        whole = Stream("text", ("x",)).wire
        wire = redacted(dialect("openai-sse"), whole + last[: len(last) - cut])
        assert len(wire) == len(whole) + len(last) - cut
        assert wire.startswith(whole[:-5])
        assert all(said not in wire for said in (b"owalski", b"owals", b"4711"))

    def test_takes_the_values_of_headers_that_the_protocol_does_not_have(self) -> None:
        headers = {":exception-type": "Kowalski", ":content-type": "text/kowalski", ":message-type": "exception"}
        wire = redacted(dialect("tgi-sse"), Message({**headers, "trace": "kowalski"}, b"no JSON").encode())
        (message,) = decode_messages(wire)
        assert dict(message.headers) == {
            ":exception-type": "xxxxxxxx",
            ":content-type": "xxxx/xxxxxxxx",
            ":message-type": "exception",
            "trace": "xxxxxxxx",
        }


class TestACaseFile:
    @pytest.fixture
    def fields(self, tmp_path: Path) -> dict[str, Any]:
        stream = Stream.of_wire("tgi-sse", sound("tgi-sse").wire)
        fields: dict[str, Any] = json.loads(save(Case("MIX", "recorded", stream), tmp_path).read_text("utf-8"))
        return fields

    @pytest.mark.parametrize(
        ("name", "value", "what"),
        [
            ("tokens", ["Hello"], "tokens: it is not what the recorded wire holds"),
            ("unknown", [0], "unknown: it is not what the recorded wire holds"),
            ("fault", {"kind": "silence", "at": 1}, "fault: it is not what the recorded wire holds"),
            ("wire", "AAAAEAAAAAAAAAAA", "wire: it cannot be read as tgi-sse: message"),
            ("dialect", "djl-outputs", "wire: it cannot be read as djl-outputs: body"),
        ],
    )
    def test_that_says_otherwise_than_its_wire_is_refused(
        self, tmp_path: Path, fields: dict[str, Any], name: str, value: object, what: str
    ) -> None:
        file = tmp_path / "changed.json"
        file.write_text(json.dumps({**fields, name: value, "chunk_cuts": []}), "utf-8")
        with pytest.raises(CaseError, match=what):
            load(file)
