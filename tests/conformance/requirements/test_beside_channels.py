"""What is asked of who gives text: the content, whatever reasoning and tool calls stand beside it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest

import sliceproof
from sliceproof import Delta
from sliceproof.conformance.decoders.reference import deltas
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS, Dialect

M9 = REQUIREMENTS["M9"]
CHATS = [id_ for id_, known in DIALECTS.items() if known.answers]
TEXTS = [name for name, one in SOUND.items() if one.yields == "text" and set(CHATS) <= {*one.dialects, *one.of_bedrock}]
EACH = pytest.mark.parametrize("id_", CHATS)


def shows(id_: str, shown: Callable[[Delta], str]) -> Decoder:
    """A decoder of text that gives of each delta what is *shown* of it."""

    def decode(chunks: Iterable[bytes]) -> Iterator[str]:
        yield from filter(None, map(shown, deltas(chunks, id_)))

    envelope: Any = "bedrock" if DIALECTS[id_].framing.by_message else "sagemaker"
    return sliceproof.decoder(decode, name="mine", dialects=[id_], envelope=envelope)


def asked(known: Dialect, decoder: Decoder) -> Sequence[bool]:
    """Whether each of its streams blames the decoder."""
    assert M9.inapplicable(decoder, known) == ""
    return [M9.check(decoder, stream) is not None for stream in M9.sweep(known)]


def indexed(delta: Delta) -> str:
    """The line that many clients have: `event["contentBlockDelta"]["delta"]["text"]`."""
    return {"content": delta.text}[delta.kind]


@EACH
def test_every_dialect_with_channels_has_streams_of_content_beside_calls(id_: str) -> None:
    streams = list(M9.sweep(DIALECTS[id_]))
    assert {delta.kind for stream in streams for delta in stream.deltas} >= {"content", "tool-call"}
    assert all(M9.shown_in(stream) for stream in streams)
    assert {stream.text for stream in streams} >= {"", "x", "xy"}


@EACH
def test_content_alone_is_right_and_so_is_reasoning_in_its_place(id_: str) -> None:
    for kinds in (("content",), ("content", "reasoning")):
        decoder = shows(id_, lambda delta, kinds=kinds: delta.text if delta.kind in kinds else "")  # type: ignore[misc]
        assert not any(asked(DIALECTS[id_], decoder))


@EACH
@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(lambda delta: delta.text, id="arguments as text"),
        pytest.param(indexed, id="an error where a delta has no text"),
        pytest.param(lambda delta: delta.name or (delta.text if delta.kind == "content" else ""), id="names as text"),
    ],
)
def test_arguments_as_text_and_an_error_are_wrong(id_: str, shown: Callable[[Delta], str]) -> None:
    assert any(asked(DIALECTS[id_], shows(id_, shown)))


@EACH
def test_content_that_is_lost_behind_a_call_is_wrong(id_: str) -> None:
    def decode(chunks: Iterable[bytes]) -> Iterator[str]:
        called = False
        for delta in deltas(chunks, id_):
            called = called or delta.kind == "tool-call"
            if delta.kind == "content" and not called:
                yield delta.text

    envelope: Any = "bedrock" if DIALECTS[id_].framing.by_message else "sagemaker"
    assert any(asked(DIALECTS[id_], sliceproof.decoder(decode, name="mine", dialects=[id_], envelope=envelope)))


@pytest.mark.parametrize("name", TEXTS)
def test_sound_decoders_of_text_are_not_blamed(name: str) -> None:
    decoder = SOUND[name].decoder()
    for id_ in CHATS:
        streams = list(M9.sweep(DIALECTS[id_]))[:: 7 if decoder.modes.get("async") else 3]
        assert [stream for stream in streams if M9.check(decoder, stream)] == []


def test_who_claims_all_channels_is_asked_for_them_and_who_claims_some_is_asked_beside_the_others() -> None:
    every, calls = (
        sliceproof.decoder(lambda chunks: deltas(chunks, "openai-sse"), name="mine", yields="deltas", channels=channels)
        for channels in (("reasoning", "tool-call", "refusal", "choices"), ("tool-call",))
    )
    assert "asked for them" in M9.inapplicable(every, DIALECTS["openai-sse"])
    assert not any(asked(DIALECTS["openai-sse"], calls))
