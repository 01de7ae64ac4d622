"""Each dialect: what it writes to the byte, and that all it can write is read back."""

import json
from itertools import chain, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bodies import GOLDEN
from sliceproof.wire.dialects import (
    DIALECTS,
    PLAIN,
    Delta,
    Dialect,
    ModelError,
    Style,
    UnfinishedError,
    UnknownDialectError,
    dialect,
    encode,
    read_back,
    reader,
)
from sliceproof.wire.errors import SliceproofError

TOKENS = ("H", "é你", "😀", ' "\\', "\n", "", "data: ", "[DONE]", "\u2028\x85", "a\ufeff", "\x00\x1f\x7f")
CHAT = '{"id":"c-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,'
COMPLETION = CHAT.replace("chat.completion.chunk", "text_completion")

# What each writes of the tokens "Hé" and "\n", as the table of container formats says: media type and bytes.
WRITTEN: dict[str, tuple[str, str]] = {
    "tgi-sse": (
        "text/event-stream",
        'data: {"index":1,"token":{"id":17,"text":"Hé","logprob":-0.5,"special":false},'
        '"generated_text":null,"details":null}\n\n'
        'data: {"index":2,"token":{"id":17,"text":"\\n","logprob":-0.5,"special":false},'
        '"generated_text":"Hé\\n",'
        '"details":{"finish_reason":"length","generated_tokens":2,"seed":null}}\n\n',
    ),
    "openai-sse": (
        "text/event-stream",
        f'data: {CHAT}"delta":{{"content":"Hé"}},"logprobs":null,"finish_reason":null}}]}}\n\n'
        f'data: {CHAT}"delta":{{"content":"\\n"}},"logprobs":null,"finish_reason":"stop"}}]}}\n\n'
        "data: [DONE]\n\n",
    ),
    "openai-text-sse": (
        "text/event-stream; charset=utf-8",
        f'data: {COMPLETION}"text":"Hé","logprobs":null,"finish_reason":null,"stop_reason":null}}]}}\n\n'
        f'data: {COMPLETION}"text":"\\n","logprobs":null,"finish_reason":"stop","stop_reason":null}}]}}\n\n'
        "data: [DONE]\n\n",
    ),
    "djl-outputs": ("application/jsonlines", '{"outputs": ["H\\u00e9"]}\n{"outputs": ["\\n"]}\n'),
    "djl-json": ("application/json", '{"generated_text": "Hé\\n"}'),
    "djl-jsonlines": (
        "application/jsonlines",
        '{"token": {"id": 17, "text": "Hé", "log_prob": -0.5}}\n'
        '{"token": {"id": 17, "text": "\\n", "log_prob": -0.5}, "generated_text": "Hé\\n"}\n',
    ),
    "djl-sse": (
        "text/event-stream",
        'data: {"token": {"id": 17, "text": "Hé", "log_prob": -0.5}}\n\n'
        'data: {"token": {"id": 17, "text": "\\n", "log_prob": -0.5}, "generated_text": "Hé\\n"}\n\n',
    ),
    "lmi-jsonlines": (
        "application/jsonlines",
        f'{CHAT}"delta":{{"content":"Hé"}},"logprobs":null,"finish_reason":null}}]}}\n'
        f'{CHAT}"delta":{{"content":"\\n"}},"logprobs":null,"finish_reason":"stop"}}]}}\n',
    ),
    "djl-3p": (
        "application/jsonlines",
        '{"body": {"generation": "Hé", "stop_reason": null}, '
        '"metering": {"inputTokenCount": 3, "outputTokenCount": 1}}\n'
        '{"body": {"generation": "\\n", "stop_reason": "length"}, '
        '"metering": {"inputTokenCount": 3, "outputTokenCount": 2}}\n',
    ),
    "triton-sse": (
        "text/event-stream; charset=utf-8",
        'data: {"model_name":"m","model_version":"1","text_output":"Hé"}\n\n'
        'data: {"model_name":"m","model_version":"1","text_output":"\\n"}\n\n',
    ),
    "text": ("text/plain", "Hé\n"),
    "anthropic-sse": (
        "text/event-stream; charset=utf-8",
        'event: message_start\ndata: {"type":"message_start","message":{"id":"c-1","type":"message","role":"assistant",'
        '"content":[],"model":"m","stop_reason":null,"stop_sequence":null,'
        '"usage":{"input_tokens":3,"output_tokens":0}}}\n\n'
        'event: content_block_start\ndata: {"type":"content_block_start","content_block":{"type":"text","text":""},'
        '"index":0}\n\n'
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hé"},"index":0}\n\n'
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\\n"},"index":0}\n\n'
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},'
        '"usage":{"input_tokens":3,"output_tokens":2}}\n\n'
        'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ),
    "llama-cpp-sse": (
        "text/event-stream",
        'data: {"index":0,"content":"Hé","tokens":[17],"stop":false,"id_slot":0,"tokens_predicted":1,'
        '"tokens_evaluated":3}\n\n'
        'data: {"index":0,"content":"\\n","tokens":[17],"stop":false,"id_slot":0,"tokens_predicted":2,'
        '"tokens_evaluated":3}\n\n'
        'data: {"index":0,"content":"","tokens":[],"id_slot":0,"stop":true,"model":"m","tokens_predicted":2,'
        '"tokens_evaluated":3,"has_new_line":false,"truncated":false,"stop_type":"limit","stopping_word":""}\n\n',
    ),
    "responses-sse": ("text/event-stream; charset=utf-8", GOLDEN["responses-sse"].data.decode()),
    "cohere-sse": (
        "text/event-stream; charset=utf-8",
        'data: {"id":"c-1","delta":{"message":{"role":"assistant"}},"type":"message-start"}\n\n'
        'data: {"index":0,"delta":{"message":{"content":{"text":"","type":"text"}}},"type":"content-start"}\n\n'
        'data: {"index":0,"delta":{"message":{"content":{"text":"Hé"}}},"type":"content-delta"}\n\n'
        'data: {"index":0,"delta":{"message":{"content":{"text":"\\n"}}},"type":"content-delta"}\n\n'
        'data: {"index":0,"type":"content-end"}\n\n'
        'data: {"id":"c-1","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":'
        '{"input_tokens":3.0,"output_tokens":2.0},"tokens":{"input_tokens":3.0,"output_tokens":2.0}}},'
        '"type":"message-end"}\n\n'
        "data: [DONE]\n\n",
    ),
}

# What each reports of a failed generation: the message and the code that reach the reader.
REPORTED: dict[str, tuple[str, str | None]] = {
    "tgi-sse": ("é: no", "generation"),
    "openai-sse": ("é: no", "422"),
    "openai-text-sse": ("é: no", "500"),
    "djl-outputs": ("é: no", "400"),
    "djl-json": ("the generation failed", "error"),
    "djl-jsonlines": ("é: no", "error"),
    "djl-sse": ("é: no", "error"),
    "lmi-jsonlines": ("é: no", "500"),
    "djl-3p": ("é: no", None),
    "triton-sse": ("é: no", None),
    "anthropic-sse": ("é: no", "internal_error"),
    "llama-cpp-sse": ("é: no", "500"),
    "responses-sse": ("é: no", "server_error"),
    "cohere-sse": ("é: no", "ERROR"),
}

SSE_ASIDES = ("comment", "comment-text", "comment-line", "blank", "empty-data", "empty-event")


def options(dialect: Dialect) -> dict[str, list[Any]]:
    """For each choice of Style, what the dialect has to choose from besides the default."""
    sse, lines = dialect.framing == "sse", dialect.framing == "lines"
    asides = (*dialect.textless, *(SSE_ASIDES if sse else ("blank",) if lines else ()))
    return {
        "space": [False] if sse else [],
        "ascii": [] if dialect.framing == "raw" else [True, False],
        "newline": ["\r\n", "\r"] if sse else ["\r\n"] if lines else [],
        "tail": ["line", "bare"] if sse else ["bare"] if lines else [],
        "form": list(dialect.forms[1:]),
        "done": [False] if dialect.done else [],
        "special": [True] if dialect.special else [],
        "asides": [((at, kind),) for kind in asides for at in (0, 3, 99)],
        "nan": [True] if dialect.logprob else [],
        "multiline": [True] if sse else [],
        "fields": [True] if sse else [],
        "bom": [] if dialect.framing == "raw" else [True],
    }


STYLES = [
    (dialect.id, style)
    for dialect in DIALECTS.values()
    for style in (
        PLAIN,
        *(Style(**{name: value}) for name, values in options(dialect).items() for value in values),
    )
]
OTHERS: dict[str, Any] = {"space": False, "done": False, "newline": "\r\n", "tail": "bare"}
LACKING = [
    (dialect.id, Style(**{name: value}))
    for dialect in DIALECTS.values()
    for name, value in (OTHERS | dict.fromkeys(("ascii", "special", "nan", "multiline", "fields"), True)).items()
    if not options(dialect)[name]
]


@st.composite
def drawn_styles(draw: st.DrawFn, known: Dialect) -> Style:
    """Every choice at once."""
    drawn = {
        name: draw(st.sampled_from([getattr(PLAIN, name), *values]))
        for name, values in options(known).items()
        if name != "asides"
    }
    asides = [aside for (aside,) in options(known)["asides"]]
    some = draw(st.lists(st.sampled_from(asides), max_size=3)) if asides else []
    return Style(**drawn, asides=tuple(some))


class TestEncode:
    @pytest.mark.parametrize("id_", DIALECTS)
    def test_one_completion_is_written_byte_for_byte_as_the_container_does(self, id_: str) -> None:
        known = dialect(id_)
        assert (known.media_type, encode(known, ("Hé", "\n")).data.decode()) == WRITTEN[id_]

    @pytest.mark.parametrize(("id_", "style"), STYLES, ids=repr)
    def test_every_choice_is_read_back(self, id_: str, style: Style) -> None:
        known = dialect(id_)
        assert "".join(read_back(known, encode(known, TOKENS, style).data)) == "".join(TOKENS)

    @pytest.mark.parametrize("id_", DIALECTS)
    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_all_choices_together_are_read_back_token_by_token(self, id_: str, data: st.DataObject) -> None:
        known = dialect(id_)
        tokens = tuple(data.draw(st.lists(st.sampled_from(TOKENS), max_size=4)))
        read = read_back(known, encode(known, tokens, data.draw(drawn_styles(known))).data)
        if known.framing in ("sse", "lines"):
            assert read == [token for token in tokens if token]
        assert "".join(read) == "".join(tokens)

    @pytest.mark.parametrize(("id_", "style"), STYLES, ids=repr)
    def test_every_choice_that_a_dialect_has_changes_its_bytes(self, id_: str, style: Style) -> None:
        known = dialect(id_)
        own_way = style.ascii is not None and known.writes_ascii(style.ascii) == known.writes_ascii(None)
        answers = [TOKENS, (Delta("hm", "reasoning"),)] if {"", style.form} <= known.answers.keys() else [TOKENS]
        changed = any(
            encode(known, told, style, **cut).data != encode(known, told, **cut).data
            for told in answers
            for cut in ({}, {"stop": 1, "error": "no"})
        )
        assert changed == (style != PLAIN and not own_way)

    @pytest.mark.parametrize(("id_", "style"), LACKING, ids=repr)
    def test_a_choice_that_a_dialect_lacks_changes_nothing(self, id_: str, style: Style) -> None:
        assert encode(dialect(id_), TOKENS, style) == encode(dialect(id_), TOKENS)

    def test_the_space_after_data_is_chosen_with_other_fields_too(self) -> None:
        assert b"\ndata:{" in encode(dialect("tgi-sse"), ("a",), Style(space=False, fields=True)).data

    @pytest.mark.parametrize("known", DIALECTS.values(), ids=str)
    def test_no_tokens_are_one_empty_token(self, known: Dialect) -> None:
        assert encode(known, ()) == encode(known, ("",))


class TestRecords:
    @pytest.mark.parametrize(("id_", "style"), STYLES, ids=repr)
    def test_the_offsets_point_at_the_escaped_text(self, id_: str, style: Style) -> None:
        known = dialect(id_)
        body = encode(known, TOKENS, style)
        deltas = [record for record in body.records if record.kind == "delta"]
        assert tuple(record.text for record in deltas) == TOKENS
        for record in deltas:
            spelt = body.data[record.text_start : record.text_stop].decode()
            assert (spelt if known.framing == "raw" else json.loads(f'"{spelt}"')) == record.text
            assert spelt.isascii() or not known.writes_ascii(style.ascii)

    @pytest.mark.parametrize(("id_", "style"), STYLES, ids=repr)
    def test_they_tile_the_body(self, id_: str, style: Style) -> None:
        body = encode(dialect(id_), TOKENS, style)
        assert body.records[0].start == 3 * style.bom
        assert body.records[-1].stop == len(body.data)
        assert all(before.stop == after.start for before, after in pairwise(body.records))

    @pytest.mark.parametrize("tail", ["full", "line", "bare"])
    @pytest.mark.parametrize("aside", SSE_ASIDES)
    def test_their_offsets_ascend_even_when_an_aside_is_cut_short(self, aside: str, tail: str) -> None:
        body = encode(dialect("triton-sse"), ("a",), Style(tail=tail, asides=((1, aside),)))
        for record in body.records:
            assert list(record[:5]) == sorted(record[:5])
        assert body.records[-1].stop == len(body.data)

    @pytest.mark.parametrize("id_", [id_ for id_ in DIALECTS if dialect(id_).framing in ("sse", "lines")])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_the_terminator_stands_after_the_content(self, id_: str, newline: str) -> None:
        body = encode(dialect(id_), TOKENS, Style(newline=newline))
        ends = {body.data[record.content_stop : record.stop].decode() for record in body.records}
        assert ends == {newline * (2 if dialect(id_).framing == "sse" else 1)}


class TestFaults:
    @pytest.mark.parametrize("id_", REPORTED)
    @pytest.mark.parametrize("stop", [0, 2, 9])
    def test_an_error_record_is_read_after_the_text_before_it(self, id_: str, stop: int) -> None:
        reading, read = reader(dialect(id_)), []
        body = encode(dialect(id_), ("H", "é", "x"), stop=stop, error="é: no").data
        with pytest.raises(ModelError) as caught:  # noqa: PT012 - which of the two raises is the dialect's
            for text in chain(reading.feed(body), reading.close()):
                read.append(text)
        assert "".join(read) == "Héx"[:stop]
        assert (caught.value.message, caught.value.code) == REPORTED[id_]

    @pytest.mark.parametrize(("id_", "form"), [(id_, form) for id_ in DIALECTS for form in dialect(id_).errors])
    @pytest.mark.parametrize("stop", [0, 2])
    def test_a_form_with_an_error_of_its_own_is_read_to_the_same_message(self, id_: str, form: str, stop: int) -> None:
        reading, read = reader(dialect(id_)), []
        body = encode(dialect(id_), ("H", "é", "x"), Style(form=form), stop=stop, error="é: no").data
        with pytest.raises(ModelError, match="é: no"):  # noqa: PT012 - which of the two raises is the dialect's
            for text in chain(reading.feed(body), reading.close()):
                read.append(text)
        assert "".join(read) == "Héx"[:stop]
        assert form not in dialect(id_).json_errors or b"\\u00e9: no" in body

    @pytest.mark.parametrize(
        ("id_", "style"),
        [
            *((id_, PLAIN) for id_ in ("openai-text-sse", "djl-outputs", "cohere-sse")),
            *((id_, Style(ascii=True)) for id_ in REPORTED),
        ],
        ids=repr,
    )
    def test_an_error_record_is_ascii_where_the_server_writes_ascii(self, id_: str, style: Style) -> None:
        assert encode(dialect(id_), (), style, stop=0, error="é: no").data.isascii()

    def test_plain_text_has_no_way_to_say_that_it_failed(self) -> None:
        assert encode(dialect("text"), ("a", "b"), stop=1, error="no").data == b"a"

    @pytest.mark.parametrize("id_", DIALECTS)
    @pytest.mark.parametrize("stop", [0, 1, 2, 9])
    def test_silence_leaves_the_finish_mark_out(self, id_: str, stop: int) -> None:
        known = dialect(id_)
        body = encode(known, ("a", "b"), Style(special=True), stop=stop).data
        reading = reader(known)
        assert "".join(reading.feed(body)) == "ab"[:stop]
        if known.finishes:
            with pytest.raises(UnfinishedError):
                list(reading.close())
        else:
            assert list(reading.close()) == []


class TestRegistry:
    def test_a_dialect_is_found_by_its_id(self) -> None:
        assert [dialect(id_).id for id_ in DIALECTS] == list(WRITTEN)

    @pytest.mark.parametrize(("id_", "told"), [("tgi_sse", "did you mean tgi-sse"), ("???", ", ".join(WRITTEN))])
    def test_an_unknown_id_is_answered_with_the_choices(self, id_: str, told: str) -> None:
        with pytest.raises(UnknownDialectError, match=told):
            dialect(id_)

    @pytest.mark.parametrize(
        ("id_", "style", "told"),
        [
            ("lmi-jsonlines", Style(form="tokens"), r"no form 'tokens'.*'role', 'token'"),
            ("openai-sse", Style(asides=((0, "roles"),)), r"no aside 'roles'.*role, .*usage, comment"),
            ("lmi-jsonlines", Style(asides=((0, "comment"),)), r"no aside 'comment'.*usage, blank"),
            ("djl-json", Style(asides=((0, "blank"),)), r"no aside 'blank'; it has: none"),
        ],
        ids=repr,
    )
    def test_an_unknown_form_or_aside_is_answered_so_too(self, id_: str, style: Style, told: str) -> None:
        with pytest.raises(UnknownDialectError, match=told) as caught:
            encode(dialect(id_), ("a",), style)
        assert isinstance(caught.value, SliceproofError)
        assert isinstance(caught.value, ValueError)
