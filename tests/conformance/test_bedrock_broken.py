"""What is asked in Bedrock's dialects can fail there: decoders that are broken on purpose are caught in them too."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

import sliceproof
from sliceproof import Delta, Stream
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.reference import deltas
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire import bedrock
from sliceproof.wire.dialects import BEDROCK, Style, UnfinishedError, dialect
from sliceproof.wire.messages import Message, MessageDecoder, decode_messages

CONVERSE = "bedrock-converse"
CAUGHT = {
    "C1": "renames_what_is_thrown",
    "C2": "takes_interruptions_for_the_end",
    "C3": "keeps_every_source",
    "D2": "drops_repeated_deltas",
    "E1": "swallows_exception_messages",
    "E2": "loses_the_message",
    "F1": "wants_whole_messages",
    "F2": "skips_corrupt_messages",
    "F3": "buffers_whatever_is_declared",
    "F4": "ends_frames_at_line_feeds",
    "F5": "wants_headers_in_order",
    "G1": "holds_back_what_may_be_a_token",
    "H1": "never_ends",
    "J2": "undoes_escapes_twice",
    "J3": "counts_every_brace",
    "J4": "looks_for_compact_json",
    "K1": "reads_every_event",
    "L1": "splits_where_unicode_does",
    "M1": "gives_reasoning_as_content",
    "M2": "wants_whole_arguments",
    "M3": "makes_an_id_for_each_fragment",
    "M4": "has_one_call",
    "M7": "gives_reasoning_last",
    "N2": "takes_a_run_of_nothing_for_a_stuck_stream",
    "O1": "reverses_a_chunk",
    "P1": "strips_character_sets",
    "P4": "drops_blank_deltas",
    "S1": "ends_at_any_done",
    "S1-whole": "takes_text_for_an_end",
    "S4": "finds_a_sentinel_in_pieces",
    "T1": "takes_any_end_for_success",
    "T2": "ignores_half_a_message",
    "T3": "withholds_text",
    "T4": "takes_a_reset_for_the_end",
    "U2": "decodes_latin1",
    "U3": "drops_replacement_characters",
    "U5": "strips_every_byte_order_mark",
    "U6": "normalises",
    "X1-deltas": "shares_its_calls",
}


@pytest.mark.parametrize(("id_", "name"), CAUGHT.items())
def test_it_is_caught(id_: str, name: str) -> None:
    decoder = replace(BROKEN[name].decoder(), dialects=(CONVERSE,))
    requirement = REQUIREMENTS[id_]
    assert id_ in BROKEN[name].breaks
    assert requirement.inapplicable(decoder, dialect(CONVERSE)) == ""
    streams = islice(requirement.sweep(dialect(CONVERSE)), 400)
    assert any(requirement.check(decoder, stream) for stream in streams)


def judged(id_: str, decode: Callable[[Iterable[bytes]], Iterable[Any]], dialect_id: str = CONVERSE) -> list[Stream]:
    """The streams of a requirement that blame a decoder of deltas."""
    decoder = sliceproof.decoder(decode, name="mine", yields="deltas", dialects=[dialect_id], envelope="bedrock")
    requirement = REQUIREMENTS[id_]
    assert requirement.inapplicable(decoder, dialect(dialect_id)) == ""
    return [stream for stream in requirement.sweep(dialect(dialect_id)) if requirement.check(decoder, stream)]


@pytest.mark.parametrize("dialect_id", ["bedrock-converse", "bedrock-invoke-anthropic", "bedrock-invoke-nova"])
def test_an_end_behind_a_block_is_early(dialect_id: str) -> None:
    ends = (b"contentBlockStop", b"content_block_stop")

    def takes_the_end_of_a_block_for_that_of_the_answer(chunks: Iterable[bytes]) -> Iterator[Any]:
        came, wire = [], b""
        for chunk in chunks:
            came.append(chunk)
            wire += chunk
        messages = [bedrock.record_of(message) for message in decode_messages(wire)]
        with suppress(UnfinishedError) if messages and any(end in messages[-1] for end in ends) else nullcontext():
            yield from deltas(came, dialect_id)

    blamed = judged("T1", takes_the_end_of_a_block_for_that_of_the_answer, dialect_id)
    assert blamed
    assert any("tool-call" in {delta.kind for delta in stream.deltas} for stream in blamed)
    assert not judged("T1", lambda chunks: deltas(chunks, dialect_id), dialect_id)


@pytest.mark.parametrize("dialect_id", BEDROCK)
def test_an_exception_of_a_name_that_is_not_known_or_without_a_payload_is_one(dialect_id: str) -> None:
    def known(messages: Iterable[Message]) -> Iterator[bytes]:
        for message in messages:
            kind = str(message.headers.get(":exception-type", "modelStreamErrorException"))
            if kind == "laterException" or (":exception-type" in message.headers and not message.payload):
                return
            yield message.encode()

    def ends_at_what_it_does_not_know(chunks: Iterable[bytes]) -> Iterator[Any]:
        decoder = MessageDecoder()
        with suppress(UnfinishedError):
            yield from deltas(known(message for chunk in chunks for message in decoder.feed(chunk)), dialect_id)

    names = {
        (stream.fault.name, stream.fault.json)
        for stream in judged("E1", ends_at_what_it_does_not_know, dialect_id)
        if stream.fault
    }
    assert names == {("laterException", True), ("modelStreamErrorException", False)}


def test_an_argument_may_have_the_name_of_the_padding() -> None:
    def without(delta: Delta) -> Delta:
        if delta.kind != "tool-call" or not delta.text.startswith("{"):
            return delta
        try:
            said = json.loads(delta.text)
        except ValueError:
            return delta
        return replace(delta, text=json.dumps({name: value for name, value in said.items() if name != "p"}))

    blamed = judged("M2", lambda chunks: map(without, deltas(chunks, CONVERSE)))
    assert blamed
    assert all(b'\\"p\\"' in stream.wire for stream in blamed)


def test_calls_whose_blocks_share_a_last_digit_are_two() -> None:
    def of_one_digit(chunks: Iterable[bytes]) -> Iterator[Any]:
        for delta in deltas(chunks, CONVERSE):
            yield replace(delta, index=(delta.index + 1) % 10) if delta.kind == "tool-call" else delta

    assert judged("M4", of_one_digit)


@pytest.mark.parametrize("dialect_id", ["bedrock-converse", "bedrock-invoke-anthropic", "bedrock-invoke-nova"])
def test_each_reason_of_the_service_s_model_ends_an_answer_and_raising_for_one_is_told(dialect_id: str) -> None:
    for reason in dialect(dialect_id).reasons:

        def raises_for_it(chunks: Iterable[bytes], reason: str = reason) -> Iterator[Any]:
            for delta in deltas(chunks, dialect_id):
                yield delta
                if delta.finish == reason:
                    raise ValueError(reason)

        assert {stream.style.reason for stream in judged("R4-reasons", raises_for_it, dialect_id)} == {reason}
    asked = {"end_turn", "tool_use", *dialect(dialect_id).reasons}
    model = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2")).shape_for("StopReason").enum
    assert dialect_id != CONVERSE or asked == set(model)


def test_the_sequence_that_stopped_an_answer_is_told_beside_the_reason_and_is_no_text() -> None:
    stream = Stream("bedrock-invoke-anthropic", ("x",), Style(reason="stop_sequence"))
    (said,) = [json.loads(record) for record in stream.parts if b"message_delta" in record]
    assert said["delta"] == {"stop_reason": "stop_sequence", "stop_sequence": "</x>"}

    def gives_it(chunks: Iterable[bytes]) -> Iterator[Any]:
        for delta in deltas(chunks, stream.dialect):
            yield delta
            if delta.finish == "stop_sequence":
                yield "</x>"

    assert judged("R4-reasons", gives_it, stream.dialect)
