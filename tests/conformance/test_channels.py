"""Answers of several channels: written, read, given by decoders of any shape; and the recipes of docs/channels.md."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import sliceproof
from sliceproof import Delta, Stream
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.reference import adeltas, decode, deltas
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.finding import first_difference
from sliceproof.conformance.engine.search import smallest
from sliceproof.conformance.harness.contract import Decoder, TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.loops import step
from sliceproof.conformance.requirements import FAMILIES, REQUIREMENTS
from sliceproof.conformance.requirements.channels import (
    each_call,
    each_channel,
    each_end,
    each_order,
    each_text,
    first_choice,
)
from sliceproof.corpus import Case
from sliceproof.corpus.layout import text as text_of
from sliceproof.corpus.reading import parsed
from sliceproof.strategies import channels
from sliceproof.wire.dialects import DIALECTS, Style, UnknownDialectError, dialect
from sliceproof.wire.dialects.delta import DeltaError, deltas_of

OPENAI = "openai-sse"
ABOUT = next(ids for family, ids in FAMILIES.items() if family.startswith("Channels"))
ANSWER = (Delta("hm", "reasoning"), "x", *channels.call('{"a"', ": 1}"), Delta("y", choice=1))


def answer(*deltas: Delta | str, form: str = "vllm", **more: Any) -> Stream:
    return Stream(OPENAI, deltas, Style(form=form), **more)  # type: ignore[arg-type]


def given(*deltas: Delta | str, channels: Iterable[str] = ("reasoning", "refusal", "tool-call", "choices")) -> Decoder:
    """A decoder that gives these deltas, whatever it is fed."""

    def call(chunks: Iterable[bytes]) -> Iterator[Any]:
        list(chunks)
        yield list(deltas)

    return sliceproof.decoder(call, name="given", yields="deltas", channels=channels)


class TestStreams:
    def test_a_finish_is_refused_as_the_server_writes_its_own(self) -> None:
        with pytest.raises(DeltaError, match="have no finish: each choice is ended as its server ends it"):
            answer(Delta("x", finish="length"))

    def test_choices_and_calls_are_numbered_from_0(self) -> None:
        for number in ({"choice": -1}, {"index": -2}):
            with pytest.raises(DeltaError, match="numbered from 0; not -"):
                Delta("x", **number)  # type: ignore[arg-type]

    def test_text_alone_stays_what_it_is(self) -> None:
        stream = Stream(OPENAI, ["a", "b"])
        assert (stream.deltas, stream.tokens, stream.text) == ((), ("a", "b"), "ab")
        assert repr(stream) == "Stream('openai-sse', ['a', 'b'])"

    def test_the_text_is_the_content_of_the_first_choice(self) -> None:
        assert answer(*ANSWER).text == "x"
        assert answer(*ANSWER).tokens == ("x",)

    def test_its_repr_makes_it_again(self) -> None:
        stream = answer(*ANSWER, part_cuts=[7], chunk_cuts=())
        assert eval(repr(stream), vars(sliceproof) | {"Stream": Stream, "Delta": Delta, "Style": Style}) == stream
        assert parse(repr(stream)) == stream
        assert repr(answer("x", Delta("y", choice=1), form="")) == "Stream('openai-sse', ['x', Delta('y', choice=1)])"

    def test_other_tokens_put_an_end_to_its_channels(self) -> None:
        stream = answer(*ANSWER)
        assert stream.but(tokens=("z",)).deltas == ()
        assert stream.but(deltas=()).tokens == ()
        assert stream.but(chunk_cuts=()).deltas == stream.deltas

    @pytest.mark.parametrize("form", dialect(OPENAI).answers)
    def test_each_form_is_read_back_to_what_it_says(self, form: str) -> None:
        stream = answer(*ANSWER, form=form)
        read = list(deltas(stream.chunks, OPENAI))
        assert each_text(stream, outcome(read), "text") is None
        assert each_call(stream, outcome(read), "text") is None
        assert each_end(stream, outcome(read), "text") is None
        assert list(decode(stream.chunks, OPENAI)) == ["x"]

    def test_a_form_without_channels_says_which_have_them(self) -> None:
        with pytest.raises(UnknownDialectError, match="has text alone; with channels: '', 'vllm'"):
            answer(*ANSWER, form="tgi").body  # noqa: B018
        with pytest.raises(UnknownDialectError, match="djl-sse in the form '' has text alone; with channels: none"):
            Stream("djl-sse", ANSWER).body  # type: ignore[arg-type]  # noqa: B018
        with pytest.raises(UnknownDialectError, match="has no refusal"):
            answer(Delta("no", "refusal")).body  # noqa: B018

    def test_a_refusal_is_written_and_read(self) -> None:
        stream = answer(Delta("no", "refusal"), form="")
        assert [delta for delta in deltas(stream.chunks, OPENAI) if delta.text] == [Delta("no", "refusal")]
        assert list(decode(stream.chunks, OPENAI)) == []

    @pytest.mark.parametrize(
        ("id_", "form"), [("anthropic-sse", ""), ("anthropic-sse", "sglang"), ("responses-sse", "")]
    )
    def test_calls_in_turns_are_refused_where_one_ends_before_another_begins(self, id_: str, form: str) -> None:
        for told in channels.turns():
            with pytest.raises(UnknownDialectError, match=r"ends a tool call.* before it begins another"):
                Stream(id_, tuple(told), Style(form=form)).body  # type: ignore[arg-type]  # noqa: B018

    def test_a_call_gets_an_id_and_a_name_where_none_is_given(self) -> None:
        first, second = answer(Delta("{", "tool-call"), Delta("}", "tool-call")).said
        assert (first, second) == (Delta("{", "tool-call", id="call-00", name="f0"), Delta("}", "tool-call"))

    def test_what_breaks_off_has_neither_a_finish_reason_nor_the_rest(self) -> None:
        stream = answer(*ANSWER, fault=sliceproof.wire.faults.Fault("silence", 2))
        assert stream.body.count(b'"finish_reason":null') == stream.body.count(b'"finish_reason"')
        assert (stream.text, b'"tool_calls"' in stream.body) == ("x", False)

    def test_a_case_keeps_its_channels(self) -> None:
        case = Case("M1", "channels", answer(*ANSWER))
        again = parsed("case", text_of(case).encode())
        assert (again, again.id) == (case, case.id)
        assert again.stream.deltas == answer(*ANSWER).deltas

    def test_a_recorded_wire_has_its_channels(self) -> None:
        stream = answer(*ANSWER)
        recorded = Stream.of_wire(OPENAI, stream.wire)
        assert [delta for delta in recorded.deltas if delta.text] == [
            delta
            for delta in stream.said
            if delta.text  # type: ignore[union-attr]
        ]
        assert Stream.of_wire(OPENAI, Stream(OPENAI, ["a", "b"]).wire).deltas == ()


class TestReading:
    def test_asynchronously_it_is_the_same(self) -> None:
        stream = answer(*ANSWER)

        async def feed() -> Any:
            for chunk in stream.chunks:
                yield chunk

        async def read() -> list[Delta]:
            return [delta async for delta in adeltas(feed(), OPENAI)]

        assert step(read()) == list(deltas(stream.chunks, OPENAI))

    def test_other_dialects_give_content(self) -> None:
        assert list(deltas(Stream("text", ["a"]).chunks, "text")) == [Delta("a")]
        assert list(deltas(Stream("djl-json", ["a"]).chunks, "djl-json")) == [Delta("a")]

    def test_an_answer_is_whole_when_all_its_choices_are(self) -> None:
        body = answer("x", Delta("y", choice=1), form="sglang").but(style=Style(form="sglang", done=False))
        last = [record for record in body.records if record.kind == "textless"][-1]
        cut = body.body[: last.start]
        assert b'"finish_reason":"stop"' in cut
        with pytest.raises(sliceproof.wire.dialects.UnfinishedError):
            list(deltas(Stream("text", [cut.decode()]).chunks, OPENAI))

    def test_reasoning_that_is_written_twice_is_read_once(self) -> None:
        stream = answer(Delta("hm", "reasoning"), form="vllm-0.13")
        assert stream.body.count(b'"hm"') == 2
        assert [delta.text for delta in deltas(stream.chunks, OPENAI) if delta.text] == ["hm"]


class TestDeltas:
    @pytest.mark.parametrize(
        ("item", "found"),
        [
            ("x", (Delta("x"),)),
            ({"text": "x", "kind": "reasoning"}, (Delta("x", "reasoning"),)),
            ([Delta("x"), ["y"], {"finish": "stop"}], (Delta("x"), Delta("y"), Delta(finish="stop"))),
            ((), ()),
        ],
    )
    def test_are_taken_in_any_of_their_shapes(self, item: Any, found: tuple[Delta, ...]) -> None:
        assert deltas_of(item) == found

    @pytest.mark.parametrize("item", [b"x", None, 5, {"text": "x", "role": "a"}, {"text": 5}, [None]])
    def test_refuse_what_is_none(self, item: Any) -> None:
        with pytest.raises(DeltaError):
            deltas_of(item)

    def test_have_one_of_four_kinds(self) -> None:
        with pytest.raises(DeltaError, match="one of content, reasoning, refusal, tool-call; not 'thinking'"):
            Delta("x", "thinking")

    def test_of_openai_s_chunks_are_those_of_objects_and_mappings(self) -> None:
        class Object:
            def __init__(self, **fields: Any) -> None:
                vars(self).update(fields)

        function = {"name": None, "arguments": "{}"}
        call = {"index": 1, "id": None, "function": function}
        delta = {"content": None, "reasoning": "hm", "tool_calls": [call]}
        chunk = {"choices": [{"index": 1, "delta": delta, "finish_reason": "stop"}]}
        object_ = Object(choices=[Object(index=1, delta=Object(**delta), finish_reason="stop")])
        told = (Delta("hm", "reasoning", 1), Delta("{}", "tool-call", 1, 1), Delta(choice=1, finish="stop"))
        assert sliceproof.openai_deltas(chunk) == sliceproof.openai_deltas(object_) == told
        assert sliceproof.openai_deltas({"choices": []}) == ()

    def test_of_an_object_that_is_a_mapping_too_are_those_of_its_attributes(self) -> None:
        """As huggingface_hub's, whose items hold copies that have the fields of its own API alone."""

        class Both(dict[str, Any]):
            reasoning_content = "hm"

        chunk = {"choices": [{"index": 0, "delta": Both(content=None)}]}
        assert sliceproof.openai_deltas(chunk) == (Delta("hm", "reasoning"),)


def outcome(deltas: Iterable[Delta | str]) -> Any:
    return drive(given(*deltas), "sync", Stream("text", ["x"]))


X, HM = Delta("x"), Delta("hm", "reasoning")
CALL = Delta('{"a": 1}', "tool-call", id="c", name="f")


@pytest.mark.parametrize(
    ("judge", "said", "came", "kind"),
    [
        (each_text, (HM, X), (HM, X), ""),
        (each_text, (HM, X), (X, HM), ""),
        (each_text, (HM, X), (X,), "loses-text"),
        (each_text, (HM, X), (), "loses-everything"),
        (each_text, (HM, X), (Delta("hmx"),), "mixes-channels"),
        (each_text, (X,), (X, Delta("!", "refusal")), "invents-text"),
        (each_text, (X, Delta("y", choice=1)), (Delta("xy"),), "mixes-channels"),
        (each_text, (CALL,), (Delta('{"a":1}', "tool-call"),), ""),
        (each_text, (CALL,), (Delta('{"a":2}', "tool-call"),), "changes-arguments"),
        (each_text, (CALL,), (Delta('{"a": 1.0}', "tool-call"),), ""),
        (each_text, (CALL,), (Delta('{"a": true}', "tool-call"),), "changes-arguments"),
        (each_text, (CALL,), (Delta('{"a": 1, "b": 2}', "tool-call"),), "changes-arguments"),
        (each_text, (Delta("[1]", "tool-call"),), (Delta("[1, 2]", "tool-call"),), "changes-arguments"),
        (each_text, (Delta("", "tool-call"),), (Delta("{}", "tool-call"),), ""),
        (each_text, (Delta("null", "tool-call"),), (Delta("x", "tool-call"),), "alters-text"),
        (each_call, (CALL,), (CALL, replace(CALL, text="")), ""),
        (each_call, (CALL,), (replace(CALL, id=""),), "loses-the-call"),
        (each_call, (CALL,), (CALL, replace(CALL, id="d")), "loses-the-call"),
        (each_call, (X,), (X, CALL), "loses-the-call"),
        (each_end, (X,), (X, Delta(finish="stop")), ""),
        (each_end, (X,), (X,), "loses-the-finish"),
        (each_end, (X,), (X, Delta(finish="stop"), Delta(finish="stop")), "loses-the-finish"),
        (each_order, (HM, X), (HM, X), ""),
        (each_order, (HM, X), (X, HM), "reorders"),
        (each_order, (HM, X), (X,), ""),
        (first_choice, (X, Delta("y", choice=1)), (X,), ""),
        (first_choice, (X, Delta("y", choice=1)), (Delta("xy"),), "mixes-channels"),
    ],
)
def test_the_judges_tell_apart(judge: Any, said: tuple[Delta, ...], came: tuple[Delta, ...], kind: str) -> None:
    breach = judge(answer(*said), outcome(came), "text")
    assert (breach.kind.slug if breach else "") == kind


def numbered(*numbers: int, swapped: bool = False) -> list[Delta]:
    """Two calls behind a text, each of whose deltas has one of the numbers, in turn."""
    said = [*channels.call('{"a": 1}', name="f", id_="c"), *channels.call('{"b": 2}', name="g", id_="d")]
    said = [*said[2:], *said[:2]] if swapped else said
    return [X, *(replace(delta, index=number) for delta, number in zip(said, numbers, strict=True))]


@pytest.mark.parametrize(
    ("dialect_id", "came", "kinds"),
    [
        ("bedrock-converse", numbered(1, 1, 2, 2), ()),
        ("bedrock-invoke-anthropic", numbered(1, 1, 2, 2), ()),
        ("anthropic-sse", numbered(1, 1, 2, 2), ()),
        ("responses-sse", numbered(7, 7, 3, 3), ()),
        ("bedrock-converse", numbered(2, 2, 1, 1, swapped=True), ("reorders",)),
        ("bedrock-converse", numbered(1, 1, 1, 1), ("mixes-channels", "loses-the-call")),
        ("bedrock-converse", numbered(1, 2, 3, 3), ("mixes-channels", "loses-the-call")),
        ("bedrock-converse", numbered(1, 2, 2, 1), ("mixes-channels",)),
        ("openai-sse", numbered(1, 1, 2, 2), ("mixes-channels", "loses-the-call")),
        ("cohere-sse", numbered(1, 1, 2, 2), ("mixes-channels", "loses-the-call")),
    ],
)
def test_calls_have_any_number_where_the_wire_numbers_blocks(
    dialect_id: str, came: list[Delta], kinds: tuple[str, ...]
) -> None:
    stream = Stream(dialect_id, tuple(numbered(0, 0, 1, 1)))  # type: ignore[arg-type]
    found = [judge(stream, outcome(came), "text") for judge in (each_text, each_call, each_order)]
    slugs = [breach.kind.slug for breach in found if breach]
    assert slugs == list(kinds)
    assert bool(each_channel(stream, outcome(came), "text")) == bool(set(kinds) - {"reorders"})


@pytest.mark.parametrize("dialect_id", [id_ for id_, one in DIALECTS.items() if one.numbers_blocks])
@pytest.mark.parametrize("id_", ["M2", "M3", "M4", "M7"])
def test_who_calls_a_call_by_its_block_is_not_blamed_and_who_has_one_call_is(dialect_id: str, id_: str) -> None:
    requirement, known = REQUIREMENTS[id_], dialect(dialect_id)
    by_blocks = replace(SOUND["calls_by_blocks"].decoder(), dialects=(dialect_id,))
    one = replace(BROKEN["has_one_call"].decoder(), dialects=(dialect_id,))
    streams = list(requirement.sweep(known))
    assert streams
    assert not any(requirement.check(by_blocks, stream) for stream in streams)
    if id_ in ("M3", "M4"):
        assert any(requirement.check(one, stream) for stream in streams)


@pytest.mark.parametrize("id_", ABOUT)
def test_each_requirement_has_streams_in_each_form_and_they_are_shown(id_: str) -> None:
    requirement = REQUIREMENTS[id_]
    for known in (dialect(OPENAI), dialect("lmi-jsonlines")):
        streams = list(requirement.sweep(known))
        assert all(stream.deltas and requirement.shown_in(stream) for stream in streams)
        joins = {"vllm", "vllm-0.13", "lmi-formatter"}
        written = joins & set(known.answers) if id_ == "M5" else set(channels.forms(known))
        assert {stream.style.form for stream in streams} >= written
        assert all(stream.parts and stream.chunks for stream in streams)
    assert all(not list(requirement.sweep(other)) for other in DIALECTS.values() if not other.answers)


def test_a_word_is_an_answer_that_a_server_could_write() -> None:
    requirement = REQUIREMENTS["M8"]
    letters = requirement.alphabet(dialect(OPENAI))
    for number in range(0, len(letters) - 6, 5):
        stream = requirement.composed(dialect(OPENAI), letters[number : number + 6])
        choices = {delta.choice for delta in stream.deltas}
        assert choices == set(range(len(choices)))
        for choice in choices:
            own = [delta.kind for delta in stream.deltas if delta.choice == choice]
            assert own == sorted(own, key=["reasoning", "content", "tool-call"].index)
        for channel, text in sliceproof.conformance.requirements.channels.texts(stream.deltas).items():
            if channel.kind == "tool-call":
                assert text.startswith('{"a": "')
                assert text.endswith('"}')


class TestFindings:
    def test_pieces_of_a_call_that_are_not_needed_apart_are_joined(self) -> None:
        requirement = REQUIREMENTS["M2"]
        long = answer(*channels.call(*'{"a": "say hi"}'))
        decoder = BROKEN["strips_arguments"].decoder()
        broken = requirement.check(decoder, long)
        assert broken is not None
        found = smallest(requirement, decoder, broken).stream
        assert "".join(delta.text for delta in found.deltas) == '{"a": "say hi"}'
        assert len(found.deltas) == 2  # one of which begins or ends with white space

    def test_what_differs_in_a_channel_is_told_as_code_points(self) -> None:
        broken = REQUIREMENTS["M1"].check(
            given(Delta("\u00e9", "reasoning"), "x"), answer(Delta("e\u0301", "reasoning"), "x")
        )
        assert broken is not None
        assert first_difference(broken, "deltas").startswith("at character 0 of reasoning: expected U+0065 'e'")

    def test_arguments_that_are_the_same_json_are_none_that_differ(self) -> None:
        came = Delta('{"a":1}', "tool-call"), Delta("y")
        broken = REQUIREMENTS["M2"].check(given(*came), answer(*channels.call('{"a": 1}'), "x"))
        assert broken is not None
        assert first_difference(broken, "deltas").startswith("at character 0 of content: expected U+0078 'x'")

    def test_an_answer_that_is_right_alone_may_be_wrong_behind_another(self) -> None:
        decoder, requirement = BROKEN["shares_its_calls"].decoder(), REQUIREMENTS["X1-deltas"]
        (stream, *_) = requirement.sweep(dialect(OPENAI))
        outcomes = [drive(decoder, "sync", stream) for _ in range(2)]
        assert each_channel(stream, outcomes[1], "text") is None
        broken = requirement.check(decoder, stream)
        assert broken is not None
        assert broken.breach.expected == "tool-call 0 '{\"a\": 1}'"
        assert broken.breach.got == "nothing, behind the same answer with a fault (exception) after its record 2"


class TestWhatIsGiven:
    def test_text_beside_a_finish_is_text(self) -> None:
        found = outcome([Delta("x", finish="stop"), Delta("y", finish="stop"), Delta(finish="stop")])
        assert "".join(found.items) == "xy"

    def test_what_is_no_delta_is_an_error_with_what_it_is(self) -> None:
        with pytest.raises(TargetError, match=r"given yielded .*5 \(int\) is no delta; give sliceproof.Delta"):
            outcome([5])  # type: ignore[list-item]
