"""The records of each dialect beside its plainest: forms, asides, the finish and errors, written and read."""

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from sliceproof.wire.dialects import DIALECTS, Delta, ModelError, Style, dialect, encode
from sliceproof.wire.dialects.dialect import Reading

CHUNK = '{"id":"c-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":['
CHOICE = CHUNK + '{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}]}'
USED = '],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
TOKEN = '"token": {"id": 17, "text": "%s", "log_prob": -0.5}'
TGI = '{"index":%s,"token":{"id":17,"text":"%s","logprob":-0.5,"special":false},%s"generated_text":null,"details":null}'
FAILED = '{"id": -1, "text": "", "log_prob": -1, "special_token": true, "error_msg": "é no"}'


def told(id_: str, style: Style = Style(), **choices: Any) -> list[str]:  # noqa: B008 - it is frozen
    """The records of the tokens "a" and "b", without their framing."""
    body = encode(dialect(id_), ("a", "b"), style, **choices)
    before = len("data: ") if dialect(id_).framing == "sse" else 0
    return [body.data[record.start + before : record.content_stop].decode() for record in body.records]


@pytest.mark.parametrize(
    ("id_", "form", "first", "last"),
    [
        (
            "tgi-sse",
            "top-tokens",
            TGI % (1, "a", '"top_tokens":[{"id":17,"text":"?","logprob":-0.5,"special":false}],'),
            (TGI % (2, "b", '"top_tokens":[{"id":17,"text":"?","logprob":-0.5,"special":false}],')).replace(
                '"generated_text":null,"details":null',
                '"generated_text":"ab","details":{"finish_reason":"length","generated_tokens":2,"seed":null}',
            ),
        ),
        (
            "openai-sse",
            "role",
            CHOICE % ('{"role":"assistant","content":"a"}', "null"),
            CHOICE % ('{"role":"assistant","content":"b"}', '"stop"'),
        ),
        (
            "lmi-jsonlines",
            "role",
            CHOICE % ('{"role":"assistant","content":"a"}', "null"),
            CHOICE % ('{"role":"assistant","content":"b"}', '"stop"'),
        ),
        (
            "lmi-jsonlines",
            "token",
            '{"index": 0, "token": {"id": 17, "text": "a", "logprob": -0.5}, "generated_text": null, "details": null}',
            '{"index": 0, "token": {"id": 17, "text": "b", "logprob": -0.5}, "generated_text": "ab", "details": null}',
        ),
        (
            "lmi-jsonlines",
            "token-compact",
            '{"index":0,"token":{"id":17,"text":"a","log_prob":-0.5}}',
            '{"index":0,"token":{"id":17,"text":"b","log_prob":-0.5},"details":{"finish_reason":"length"}}',
        ),
        (
            "djl-jsonlines",
            "details",
            f"{{{TOKEN % 'a'}}}",
            f'{{{TOKEN % "b"}, "generated_text": "ab", '
            '"details": {"finish_reason": "length", "generated_tokens": 2, "inputs": "?"}}',
        ),
    ],
)
def test_each_form_is_written_as_its_server_does(id_: str, form: str, first: str, last: str) -> None:
    assert told(id_, Style(form=form, done=False)) == [first, last]


@pytest.mark.parametrize(
    ("id_", "kind", "record"),
    [
        ("openai-sse", "role", CHOICE % ('{"role":"assistant","content":""}', "null")),
        ("openai-sse", "null-content", CHOICE % ('{"content":null}', "null")),
        ("openai-sse", "no-content", CHOICE % ("{}", "null")),
        ("openai-sse", "usage", CHUNK + USED),
        ("lmi-jsonlines", "role", CHOICE % ('{"role":"assistant","content":""}', "null")),
        ("openai-text-sse", "usage", CHUNK.replace("chat.completion.chunk", "text_completion") + USED),
    ],
)
def test_each_record_without_text_is_written_as_its_server_does(id_: str, kind: str, record: str) -> None:
    assert told(id_, Style(asides=((0, kind),)))[0] == record


@pytest.mark.parametrize(
    ("id_", "form", "counted"),
    [
        ("tgi-sse", "", ('"index":%d', '"generated_tokens":%d')),
        ("djl-jsonlines", "details", ('"generated_tokens": %d',)),
        ("djl-3p", "", ('"outputTokenCount": %d',)),
    ],
)
def test_tokens_are_counted_from_one(id_: str, form: str, counted: tuple[str, ...]) -> None:
    for count in range(1, 6):
        body = encode(dialect(id_), ("a",) * count, Style(form=form))
        last = body.data[body.records[-1].start :].decode()
        assert all(told % count in last for told in counted)


@pytest.mark.parametrize("tail", ["full", "line", "bare"])
def test_a_body_of_nothing_has_no_tail_to_leave_out(tail: str) -> None:
    assert encode(dialect("triton-sse"), ("a",), Style(tail=tail), stop=0).data == b""


def test_a_special_token_is_counted_too() -> None:
    for count in range(1, 6):
        body = encode(dialect("tgi-sse"), ("a",) * count, Style(special=True))
        assert json.loads(body.data[body.records[-1].start + 6 :])["index"] == count + 1


def test_an_aside_stands_once_before_its_record_or_after_the_last() -> None:
    asides = tuple((at, "usage") for at in (0, 1, 2, 9))
    body = encode(dialect("lmi-jsonlines"), ("a", "b"), Style(asides=asides))
    assert [record.kind for record in body.records] == ["usage", "delta", "usage", "delta", "usage", "usage"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("id_", "form", "ends"), [("triton-sse", "", 2), ("openai-sse", "lmi-formatter", 4), ("djl-outputs", "", 1)]
)
def test_the_tail_leaves_out_each_blank_line_or_every_line_end(id_: str, form: str, ends: int, newline: str) -> None:
    style = Style(form=form, newline=newline)
    full, line, bare = (
        encode(dialect(id_), ("a",), replace(style, tail=tail)).data for tail in ("full", "line", "bare")
    )
    assert full == bare + newline.encode() * ends
    assert line == bare + newline.encode()


def test_a_padded_form_is_padded_where_it_fails_too_and_not_where_it_falls_silent() -> None:
    known, style = dialect("openai-sse"), Style(form="lmi-formatter")
    assert encode(known, ("a",), style, stop=0, error="no").data.endswith(b"}}\n\n\ndata: [DONE]\n\n\n\n")
    assert encode(known, ("a", "b"), style, stop=1).data.endswith(b"}]}\n\n\n")


def test_a_special_token_is_the_last_record_and_has_the_full_text() -> None:
    assert told("tgi-sse", Style(special=True)) == [
        TGI % (1, "a", ""),
        TGI % (2, "b", ""),
        '{"index":3,"token":{"id":2,"text":"</s>","logprob":-0.1,"special":true},"generated_text":"ab","details":null}',
    ]


@pytest.mark.parametrize("id_", ["djl-jsonlines", "djl-sse"])
def test_a_log_probability_that_is_no_number_changes_nothing_else(id_: str) -> None:
    assert told(id_, Style(nan=True)) == [record.replace("-0.5", "-Infinity") for record in told(id_)]


@pytest.mark.parametrize(
    ("id_", "records"),
    [
        ("tgi-sse", ['{"error":"é no","error_type":"generation"}']),
        ("openai-sse", ['{"error":{"message":"é no","http_status_code":422,"type":"generation"}}', "[DONE]"]),
        (
            "openai-text-sse",
            [r'{"error":{"message":"\u00e9 no","type":"InternalServerError","code":500}}', "[DONE]"],
        ),
        ("djl-outputs", [r'{"code": 400, "error": "\u00e9 no"}']),
        ("djl-json", ['{"generated_text": "", "details": {"finish_reason": "error"}}']),
        (
            "djl-jsonlines",
            [f'{{"token": {FAILED}, "generated_text": "", "details": {{"finish_reason": "error"}}}}'],
        ),
        ("lmi-jsonlines", ['{"error":{"message":"é no","type":"InternalServerError","code":500}}']),
        ("djl-3p", ['{"error": "é no"}']),
        ("triton-sse", ['{"error":"é no"}']),
        (
            "cohere-sse",
            [r'{"type": "message-end", "delta": {"error": "\u00e9 no", "finish_reason": "ERROR"}}', "[DONE]"],
        ),
        ("text", []),
    ],
)
def test_an_error_is_written_as_its_server_does(id_: str, records: list[str]) -> None:
    assert told(id_, stop=0, error="é no") == records


@pytest.mark.parametrize(
    ("id_", "kind"), [("tgi-sse", "comment"), ("openai-sse", "comment"), ("djl-sse", "empty-data")]
)
def test_the_asides_that_its_server_writes_are_known(id_: str, kind: str) -> None:
    assert dialect(id_).asides == (kind,)


# What only the full text, an end-of-sequence token, or a finish mark can tell a reader of the last record.
CLAIMS = {
    "repeats": {"tgi-sse", "djl-jsonlines", "djl-sse"},
    "repeating": {"lmi-jsonlines"},
    "finishes": set(DIALECTS) - {"djl-outputs", "triton-sse", "text"},
    "done": {"openai-sse", "openai-text-sse", "cohere-sse"},
    "ascii_errors": {"openai-text-sse"},
    "special": {"tgi-sse"},
    "logprob": {"djl-jsonlines", "djl-sse"},
    "compact": {
        "tgi-sse",
        "openai-sse",
        "openai-text-sse",
        "lmi-jsonlines",
        "triton-sse",
        "text",
        "anthropic-sse",
        "llama-cpp-sse",
        "responses-sse",
        "cohere-sse",
    },
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_only_the_dialects_that_have_it_claim(claim: str) -> None:
    assert {dialect.id for dialect in DIALECTS.values() if getattr(dialect, claim)} == CLAIMS[claim]


def test_lmi_repeats_the_full_text_in_its_token_records_and_not_in_chat_chunks() -> None:
    known = dialect("lmi-jsonlines")
    assert {form for form in known.forms if known.repeats_in(form)} == {"token", "token-details", "token-trtllm"}
    for form in known.forms:
        last = told("lmi-jsonlines", Style(form=form))[-1]
        assert ('"generated_text": "ab"' in last) == known.repeats_in(form)


def test_what_a_form_once_wrote_is_no_longer_among_what_servers_write() -> None:
    known = dialect("lmi-jsonlines")
    assert set(known.forms) - set(known.written) == {"token-compact"}
    assert all(other.written == other.forms for other in DIALECTS.values() if other is not known)


@pytest.mark.parametrize("rows", [["Hi", "Bonjour"], ["", ""], []])
def test_a_record_that_holds_another_number_of_texts_than_one_is_no_record_of_one_completion(rows: list[str]) -> None:
    with pytest.raises((ValueError, IndexError)):
        dialect("djl-outputs").read({"outputs": rows})


def test_only_two_servers_leave_out_the_space_after_data() -> None:
    both = {dialect.id for dialect in DIALECTS.values() if dialect.spaces == (True, False)}
    assert both == {"tgi-sse", "openai-sse"}
    assert {dialect.spaces for dialect in DIALECTS.values() if dialect.id not in both} == {(True,)}


def test_a_dialect_is_itself_alone_and_shows_how_to_get_it() -> None:
    assert {repr(known): known for known in DIALECTS.values()} == {
        f"dialect({id_!r})": dialect(id_) for id_ in DIALECTS
    }
    with pytest.raises(FrozenInstanceError):
        dialect("text").id = "other"  # type: ignore[misc]


COHERE = ("cohere-sse",)
OPENAI = ("openai-sse", "openai-text-sse", "lmi-jsonlines")
A, B, STOP, HM = Delta("a"), Delta("b"), Delta(finish="stop"), Delta("hm", "reasoning")
OF_THE_SECOND = (Delta("b", choice=1), Delta(choice=1, finish="stop"))


def said(message: str, kind: str) -> str:
    """An event of Cohere's Chat that says this of the message, in the block or call of index 1."""
    return f'{{"index": 1, "delta": {{"message": {message}}}, "type": "{kind}"}}'


READ: list[tuple[tuple[str, ...], str, Reading]] = [
    (OPENAI, '{"choices": []}', Reading("")),
    (OPENAI, '{"choices": [{"delta": {"content": "a"}}]}', Reading("a")),
    (OPENAI, '{"choices": [{"text": "a", "finish_reason": null}]}', Reading("a")),
    (OPENAI, '{"choices": [{"delta": null, "text": "a", "finish_reason": "stop"}]}', Reading("a", True, (A, STOP))),
    (OPENAI, '{"choices": [{"text": "a", "finish_reason": "stop"}, {"text": "b"}]}', Reading("ab", True, (A, STOP, B))),
    (OPENAI, '{"choices": [{"text": "a"}, {"text": "b", "finish_reason": "stop"}]}', Reading("ab", True, (A, B, STOP))),
    (OPENAI, '{"choices": [{"index": 1, "text": "b", "finish_reason": "stop"}]}', Reading("", False, OF_THE_SECOND)),
    (
        OPENAI,
        '{"choices": [{"index": 0, "text": "a"}, {"index": 1, "text": "b"}]}',
        Reading("a", False, (A, OF_THE_SECOND[0])),
    ),
    (OPENAI, '{"choices": [{"delta": {"content": "a"}}], "error": null}', Reading("a")),
    (OPENAI, '{"token": {"text": "a"}}', Reading("a")),
    (OPENAI, '{"token": {"text": "a"}, "details": null}', Reading("a")),
    (OPENAI, '{"token": {"text": "a"}, "details": {"finish_reason": "length"}}', Reading("a", True)),
    (("tgi-sse",), '{"token": {"text": "a"}, "generated_text": null}', Reading("a")),
    (("tgi-sse",), '{"token": {"text": "a"}}', Reading("a")),
    (("tgi-sse",), '{"token": {"text": "a", "special": false}, "generated_text": ""}', Reading("a", True)),
    (("tgi-sse",), '{"token": {"text": "a", "special": true}, "generated_text": "a"}', Reading("", True)),
    (("djl-jsonlines", "djl-sse"), '{"token": {"text": "a"}}', Reading("a")),
    (("djl-jsonlines", "djl-sse"), '{"token": {"text": "a"}, "generated_text": ""}', Reading("a", True)),
    (("djl-jsonlines", "djl-sse"), '{"token": {"text": "a", "special_token": true}}', Reading("")),
    (("djl-jsonlines", "djl-sse"), '{"token": {"text": "a"}, "details": {"finish_reason": "eos"}}', Reading("a")),
    (("djl-jsonlines", "djl-sse"), '{"token": {"text": "a", "error_msg": ""}, "details": null}', Reading("a")),
    (("djl-json",), '{"details": {"finish_reason": "length"}}', Reading("", True)),
    (("djl-json",), '{"details": null}', Reading("", True)),
    (OPENAI, '{"choices": [{"text": "a", "finish_reason": ""}]}', Reading("a")),
    (
        OPENAI,
        '{"choices": [{"delta": {"content": "a", "tool_calls": []}, "finish_reason": ""}]}',
        Reading("a", False, (A,)),
    ),
    (OPENAI, '{"choices": [{"delta": {"content": null, "reasoning_content": null, "role": null}}]}', Reading("")),
    (OPENAI, '{"choices": [{"delta": {"reasoning": "hm"}, "matched_stop": null}]}', Reading("", False, (HM,))),
    (
        OPENAI,
        '{"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}], "usage": {}}',
        Reading("a", True, (A, STOP)),
    ),
    (OPENAI, '{"token": {"text": "a"}, "generated_text": null, "details": null}', Reading("a")),
    (OPENAI, '{"token": {"text": "a"}, "generated_text": "a", "details": null}', Reading("a", True)),
    (OPENAI, '{"token": {"text": "a"}, "generated_text": "", "details": null}', Reading("a", True)),
    (("djl-outputs",), '{"outputs": ["a"]}', Reading("a")),
    (("djl-jsonlines", "djl-sse"), '{"token": {"text": "a", "special": true}}', Reading("")),
    (("djl-3p",), '{"body": {"generation": "a"}}', Reading("a")),
    (("djl-3p",), '{"body": {"generation": "a", "stop_reason": "length"}}', Reading("a", True)),
    (("triton-sse",), '{"text_output": "a"}', Reading("a")),
    (COHERE, said('{"role": "assistant", "content": []}', "message-start"), Reading("")),
    (COHERE, said('{"content": {"type": "text", "text": ""}}', "content-start"), Reading("")),
    (COHERE, said('{"content": {"type": "text", "text": "a"}}', "content-start"), Reading("a", False, (A,))),
    (COHERE, said('{"content": {"text": "a"}}', "content-delta"), Reading("a", False, (A,))),
    (COHERE, said('{"content": {"thinking": "hm"}}', "content-delta"), Reading("", False, (HM,))),
    (COHERE, said('{"tool_plan": "hm"}', "tool-plan-delta"), Reading("", False, (HM,))),
    (
        COHERE,
        said('{"tool_calls": {"id": "a", "function": {"name": "f", "arguments": "{"}}}', "tool-call-start"),
        Reading("", False, (Delta("{", "tool-call", index=1, id="a", name="f"),)),
    ),
    (
        COHERE,
        said('{"tool_calls": {"function": {"arguments": "}"}}}', "tool-call-delta"),
        Reading("", False, (Delta("}", "tool-call", index=1),)),
    ),
    (COHERE, said('{"citations": {"text": "a"}}', "citation-start"), Reading("")),
    (COHERE, '{"type": "debug", "prompt": "a"}', Reading("")),
    (COHERE, '{"type": "citation-end", "index": 0}', Reading("")),
    (
        COHERE,
        '{"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "error": null}}',
        Reading("", True, (Delta(finish="TOOL_CALL"),)),
    ),
    (COHERE, '{"type": "message-end", "delta": {}}', Reading("", True)),
]

ERRORS: list[tuple[tuple[str, ...], str, str, str | None]] = [
    ((*OPENAI, "djl-outputs", "djl-3p", "triton-sse", "djl-jsonlines"), '{"error": "no"}', "no", None),
    (OPENAI, '{"error": ""}', "", None),
    (OPENAI, '{"error": "no", "code": 424}', "no", "424"),
    (OPENAI, '{"error": "no", "code": 0}', "no", "0"),
    (OPENAI, '{"error": {"message": "no"}}', "no", None),
    (OPENAI, '{"error": {"message": "no", "code": 500, "http_status_code": 1, "type": "x"}}', "no", "500"),
    (OPENAI, '{"error": {"message": "no", "code": null, "http_status_code": 422, "type": "x"}}', "no", "422"),
    (OPENAI, '{"error": {"message": "no", "type": "x"}}', "no", "x"),
    (("tgi-sse",), '{"error": "no", "error_type": "overloaded"}', "no", "overloaded"),
    (("tgi-sse",), '{"error": "no", "error_type": null}', "no", None),
    (("tgi-sse",), '{"error": "no"}', "no", None),
    (("djl-sse",), '{"token": {"text": "", "error_msg": "no"}}', "no", "error"),
    (("djl-sse",), '{"token": {"text": ""}, "details": {"finish_reason": "error"}}', "the generation failed", "error"),
    (("djl-json",), '{"details": {"finish_reason": "error"}}', "the generation failed", "error"),
    (("djl-json",), '{"error": "no", "code": 400, "details": {"finish_reason": "error"}}', "no", "400"),
    (("djl-outputs",), '{"outputs": "CUDA out of memory"}', "CUDA out of memory", None),
    (("djl-outputs",), '{"outputs": ""}', "", None),
    (("djl-3p",), '{"body": {}, "error": {"error_code": 400, "error_msg": "no"}}', "no", "400"),
    (COHERE, '{"type": "message-end", "delta": {"error": "no", "finish_reason": "ERROR"}}', "no", "ERROR"),
    (COHERE, '{"type": "message-end", "delta": {"error": "no"}}', "no", None),
    (COHERE, '{"type": "message-end", "delta": {"finish_reason": "ERROR"}}', "the generation failed", "ERROR"),
]


def each(cases: list[Any]) -> list[Any]:
    """A case for each of its dialects."""
    return [(id_, *rest) for ids, *rest in cases for id_ in ids]


@pytest.mark.parametrize(("id_", "record", "reading"), each(READ))
def test_a_record_is_read_for_its_text_and_whether_it_is_the_last(id_: str, record: str, reading: Reading) -> None:
    assert dialect(id_).read(json.loads(record)) == reading


@pytest.mark.parametrize(("id_", "record", "message", "code"), each(ERRORS))
def test_an_error_is_read_in_every_spelling_that_servers_have(
    id_: str, record: str, message: str, code: str | None
) -> None:
    with pytest.raises(ModelError) as caught:
        dialect(id_).read(json.loads(record))
    assert (caught.value.message, caught.value.code) == (message, code)
    assert str(caught.value) == (message if code is None else f"{code}: {message}")
