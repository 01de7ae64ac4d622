"""Judging: pure functions of a stream and an outcome, tried on outcomes made by hand."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from sliceproof.conformance.decoders.reference import EventStreamFault
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.harness.watchdog import Hang
from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.judge import exactly, lossless
from sliceproof.wire.dialects import Style
from sliceproof.wire.errors import IncompleteMessageError
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

STREAM = Stream("tgi-sse", ["Hé", "llo"])
SPECIAL = STREAM.but(style=Style(special=True))
PART = {":event-type": "PayloadPart", ":message-type": "event"}
EXCEPTION = {":exception-type": "ModelStreamError", ":message-type": "exception"}


def gave(
    *items: Any, after: tuple[int, ...] | None = None, error: BaseException | None = None, ended: str = ""
) -> Outcome:
    """An outcome that gives item i after chunk i + 1."""
    stamps = tuple(range(1, len(items) + 1)) if after is None else after
    return Outcome(items, stamps, ended or ("error" if error else "end"), error, 9, True, "chunks")


def unicode_error() -> UnicodeError:
    try:
        b"\xc3".decode()
    except UnicodeError as error:
        return error
    raise AssertionError


def json_error() -> json.JSONDecodeError:
    return json.JSONDecodeError("Expecting value", "", 0)


class TestLossless:
    def test_asks_for_all_text_however_it_is_divided(self) -> None:
        assert lossless(STREAM, gave("Hé", "llo"), "text") is None
        assert lossless(STREAM, gave("H", "", "éllo"), "text") is None

    @pytest.mark.parametrize(
        ("items", "what", "layer"),
        [
            ((), "loses everything", ""),
            (("Hé",), "loses text", ""),
            (("H", "llo"), "loses text", ""),
            (("llo", "Hé"), "reorders", "order"),
            (("Hé", "llo", "!"), "invents text", ""),
            (("Hé", "Hé", "llo"), "invents text", ""),
            (("H\ufffd\ufffd", "llo"), "replaces bytes by U+FFFD", "UTF-8"),
            (("HÃ©", "llo"), "alters text", ""),
            (("He\u0301", "llo"), "alters text", ""),
        ],
    )
    def test_says_what_became_of_the_text(self, items: tuple[str, ...], what: str, layer: str) -> None:
        breach = lossless(STREAM, gave(*items), "text")
        kind = BreachKind.of(what)
        assert kind is not None
        assert breach == Breach(kind, "'Héllo'", repr("".join(items)), layer)

    @pytest.mark.parametrize(
        ("error", "layer"),
        [
            (unicode_error(), "UTF-8"),
            (json_error(), "JSON"),
            (IncompleteMessageError("ends inside", 3), "message"),
            (EventStreamError({"Error": {}}, "Invoke"), "message"),
            (LookupError("choices"), ""),
        ],
        ids=lambda value: value if isinstance(value, str) else type(value).__name__,
    )
    def test_blames_an_error_on_the_layer_that_raised_it(self, error: BaseException, layer: str) -> None:
        breach = lossless(STREAM, gave("Hé", error=error), "text")
        assert breach is not None
        assert (breach.what, breach.layer) == ("raises on a sound stream", layer)
        assert breach.got.startswith(f"'Hé', then {type(error).__name__}")

    def test_counts_an_error_after_all_text_too(self) -> None:
        assert lossless(STREAM, gave("Héllo", error=ValueError("late")), "text") is not None

    def test_blames_a_hang_on_the_end(self) -> None:
        breach = lossless(STREAM, gave("Héllo", ended="hang"), "text")
        assert breach == Breach(BreachKind.NEVER_ENDS, "'Héllo'", "'Héllo', and never the end", "end")

    def test_compares_lines_without_their_terminators_and_blanks(self) -> None:
        lines = STREAM.body.splitlines(keepends=True)
        assert lossless(STREAM, gave(*lines), "lines") is None
        assert lossless(STREAM, gave(*[line for line in lines if line.strip()]), "lines") is None
        assert lossless(STREAM, gave(*lines[:-2]), "lines") is not None

    def test_compares_the_parts_of_messages_and_skips_other_events(self) -> None:
        parts = [(PART, part) for part in STREAM.parts]
        assert lossless(STREAM, gave(*parts), "messages") is None
        assert lossless(STREAM, gave(({":event-type": "Metrics"}, b"?"), *parts), "messages") is None
        assert lossless(STREAM, gave(*[(None, part) for part in STREAM.parts]), "messages") is None
        assert lossless(STREAM, gave(*reversed(parts)), "messages") is not None


class TestTheClientsChoice:
    @pytest.mark.parametrize("judged", [lossless, exactly])
    def test_is_whether_a_special_token_is_text(self, judged: judge.Judge) -> None:
        assert judged(SPECIAL, gave("Hé", "llo"), "text") is None
        assert judged(SPECIAL, gave("Hé", "llo", "</s>"), "text") is None

    @pytest.mark.parametrize("judged", [lossless, exactly])
    def test_is_not_to_invent_one(self, judged: judge.Judge) -> None:
        assert judged(STREAM, gave("Hé", "llo", "</s>"), "text") is not None
        assert judged(SPECIAL, gave("</s>", "Hé", "llo"), "text") is not None
        assert judged(SPECIAL, gave("Hé", "llo", "</s>", "!"), "text") is not None

    def test_of_the_repeated_full_text_is_the_business_of_one_requirement_alone(self) -> None:
        assert lossless(STREAM, gave("Hé", "llo", "Héllo"), "text") is None
        assert exactly(STREAM, gave("Hé", "llo", "Héllo"), "text") is not None
        assert lossless(SPECIAL, gave("Hé", "llo", "</s>", "Héllo"), "text") is None

    def test_of_the_repeated_full_text_is_none_where_the_dialect_repeats_nothing(self) -> None:
        stream = Stream("openai-sse", STREAM.tokens)
        assert lossless(stream, gave("Hé", "llo", "Héllo"), "text") is not None


FAILING = STREAM.but(fault=Fault("exception", 1))


class TestFaults:
    def test_must_come_out_as_an_error_of_some_kind(self) -> None:
        assert judge.raises(FAILING, gave("Hé", error=ValueError()), "text") is None
        assert judge.raises(STREAM, gave("Hé"), "text") is None

    @pytest.mark.parametrize(("ended", "told"), [("end", "then a normal end"), ("hang", "and never the end")])
    def test_are_hidden_by_any_other_end(self, ended: str, told: str) -> None:
        breach = judge.raises(FAILING, gave("Hé", ended=ended), "text")
        assert breach == Breach(BreachKind.HIDES_THE_FAULT, "'Hé', then an error", f"'Hé', {told}")

    @pytest.mark.parametrize("headers", [EXCEPTION, {":message-type": "error"}])
    def test_are_told_by_a_message_to_who_gives_messages(self, headers: dict[str, str]) -> None:
        assert judge.raises(FAILING, gave((PART, b"x"), (headers, b"{}")), "messages") is None
        assert judge.raises(FAILING, gave((PART, b"x")), "messages") is not None

    def test_are_asked_of_a_wire_that_ends_inside_a_message_and_of_no_other(self) -> None:
        stops = (0, *STREAM.frame_stops)
        for at in range(len(STREAM.wire)):
            cut = STREAM.but(fault=Fault("truncated", at))
            hidden = judge.raises_inside(cut, gave("H"), "text")
            assert (hidden is None) == (at in stops)
        assert judge.raises_inside(FAILING, gave("Hé"), "text") is not None

    def test_say_what_the_service_said(self) -> None:
        fault = FAILING.fault
        assert fault is not None
        assert judge.tells(FAILING, gave(error=EventStreamFault(fault.name, fault.message, None)), "text") is None
        assert judge.tells(FAILING, gave(error=ValueError(fault.message)), "text") is not None
        breach = judge.tells(FAILING, gave(error=ValueError("bad response")), "text")
        assert breach is not None
        assert breach.got == "ValueError: bad response"

    def test_say_it_also_through_a_cause_or_a_context_but_not_one_that_is_suppressed(self) -> None:
        fault = FAILING.fault
        assert fault is not None
        cause = EventStreamFault(fault.name, fault.message, None)
        for raised in (_raised(from_=cause), _raised(while_=cause)):
            assert judge.tells(FAILING, gave(error=raised), "text") is None
        assert judge.tells(FAILING, gave(error=_raised(while_=cause, from_none=True)), "text") is not None

    def test_say_it_also_from_inside_a_group_as_a_task_group_raises_it(self) -> None:
        fault = FAILING.fault
        assert fault is not None
        said = EventStreamFault(fault.name, fault.message, None)
        for one in (said, _raised(from_=said), ExceptionGroup("inner", [LookupError(), said])):
            group = ExceptionGroup("unhandled errors in a TaskGroup", [ValueError(), one])
            assert judge.tells(FAILING, gave(error=group), "text") is None
        assert judge.tells(FAILING, gave(error=ExceptionGroup("group", [ValueError()])), "text") is not None

    @pytest.mark.parametrize(
        ("dialect", "fault", "error"),
        [
            ("tgi-sse", Fault("error-record", 1), ValueError("the model ran out of time")),
            ("tgi-sse", Fault("exception", 1, "error"), ValueError("the model ran out of time")),
            ("djl-json", Fault("error-record", 1), ValueError("failed")),
        ],
    )
    def test_ask_for_no_more_than_the_service_said(self, dialect: str, fault: Fault, error: BaseException) -> None:
        assert judge.tells(Stream(dialect, ["a"], fault=fault), gave(error=error), "text") is None

    def test_that_are_their_own_cause_are_read_once(self) -> None:
        error = ValueError("bad response")
        error.__cause__ = LookupError("bad request")
        error.__cause__.__cause__ = error
        breach = judge.tells(FAILING, gave(error=error), "text")
        assert breach is not None
        assert breach.expected == "an error that says 'the model ran out of time' and 'ModelStreamError'"

    def test_that_are_hidden_are_the_business_of_another_requirement(self) -> None:
        assert judge.tells(FAILING, gave("Hé"), "text") is None

    def test_come_after_the_text_that_was_complete_before_them(self) -> None:
        assert judge.prompt(FAILING, gave("Hé", error=ValueError()), "text") is None
        breach = judge.prompt(FAILING, gave("H", error=ValueError("x")), "text")
        assert breach == Breach(BreachKind.WITHHOLDS_TEXT, "'Hé' before the fault", "'H', then ValueError: x", "order")

    def test_ask_for_text_only_of_who_gives_text_and_only_where_there_is_a_fault(self) -> None:
        assert judge.prompt(FAILING, gave(b"", error=ValueError()), "lines") is None
        assert judge.prompt(STREAM, gave(error=ValueError()), "text") is None

    @pytest.mark.parametrize(("ended", "how"), [("end", "an end"), ("hang", "Hang")])
    def test_that_are_hidden_withhold_no_less(self, ended: str, how: str) -> None:
        breach = judge.prompt(FAILING, gave("H", ended=ended, error=None if ended == "end" else Hang()), "text")
        assert breach is not None
        assert breach.got == f"'H', then {how}"

    def test_ask_for_no_text_that_was_not_complete(self) -> None:
        stream = STREAM.but(fault=Fault("truncated", len(STREAM.frames[0]) + 5))
        assert judge.prompt(stream, gave("Hé", error=ValueError()), "text") is None
        assert judge.prompt(stream, gave(error=ValueError()), "text") is not None

    def test_of_length_are_refused_before_the_rest_is_read(self) -> None:
        stream = STREAM.but(fault=Fault("oversized", 0))
        early = Outcome((), (), "error", ValueError(), 1, False, "chunks")
        late = Outcome((), (), "error", ValueError(), 66, True, "chunks")
        assert judge.early_refusal(stream, early, "text") is None
        assert judge.early_refusal(STREAM, gave("Hé"), "text") is None
        lines = [judge.early_refusal(stream, other, "text") for other in (late, gave(), gave(ended="hang"))]
        assert [breach and breach.got for breach in lines] == [
            "an error only at the end of the stream",
            "an end",
            "no end",
        ]

    def test_of_an_absurd_length_may_come_late_where_all_text_does(self) -> None:
        """Whoever gives nothing before the end is late (W1); who gave text in time could have refused in time."""
        stream = STREAM.but(fault=Fault("oversized", 2))
        last = len(stream.chunks)
        assert judge.early_refusal(stream, gave("Hé", "llo", after=(last, last), error=ValueError()), "text") is None
        soon = gave("Hé", "llo", after=(1, last), error=ValueError())
        ended, hung = (gave("Hé", "llo", after=(last, last), ended=how) for how in ("end", "hang"))
        lines = [judge.early_refusal(stream, other, "text") for other in (soon, ended, hung)]
        assert [breach and breach.got for breach in lines] == [
            "an error only at the end of the stream",
            "an end",
            "no end",
        ]


def _raised(
    *, from_: BaseException | None = None, while_: BaseException | None = None, from_none: bool = False
) -> BaseException:
    error = ValueError("bad response")
    error.__cause__, error.__context__ = from_, while_
    error.__suppress_context__ = from_none
    return error


class TestTime:
    def test_is_a_delta_before_more_is_asked_for(self) -> None:
        assert judge.timely(STREAM, gave("Hé", "llo"), "text") is None
        assert judge.timely(STREAM, gave("Héllo", after=(1,)), "text") is None

    def test_is_lost_by_one_chunk(self) -> None:
        breach = judge.timely(STREAM, gave("Hé", "llo", after=(2, 2)), "text")
        assert breach == Breach(BreachKind.IS_LATE, "'Hé' after chunk 1", "'' by then", "order")

    def test_is_counted_in_what_the_decoder_is_fed(self) -> None:
        stream = STREAM.but(chunk_cuts=(len(STREAM.frames[0]) - 1,))
        assert judge.timely(stream, gave("", "Héllo", after=(0, 2)), "text") is None
        breach = judge.timely(stream, replace(gave("Héllo", after=(2,)), fed="parts"), "text")
        assert breach == Breach(BreachKind.IS_LATE, "'Hé' after part 1", "'' by then", "order")

    def test_is_no_matter_of_what_is_no_text(self) -> None:
        assert judge.timely(STREAM, gave(b"x", after=(9,)), "lines") is None

    def test_is_no_matter_when_the_decoder_fails_otherwise(self) -> None:
        assert judge.timely(STREAM, gave(error=ValueError()), "text") is None

    def test_never_ends_in_a_hang(self) -> None:
        assert judge.ends(STREAM, gave("Hé"), "text") is None
        assert judge.ends(STREAM, gave(error=ValueError()), "text") is None
        breach = judge.ends(STREAM, gave("Hé", ended="hang"), "text")
        assert breach == Breach(BreachKind.NEVER_ENDS, "an end or an error", "9 pulls and 1 items", "end")


@pytest.mark.parametrize(
    "judged",
    [
        lossless,
        exactly,
        judge.raises,
        judge.raises_inside,
        judge.tells,
        judge.prompt,
        judge.ends,
        judge.timely,
        judge.early_refusal,
    ],
    ids=lambda judged: judged.__name__,
)
def test_the_same_stream_and_outcome_get_the_same_verdict(judged: Callable[..., Breach | None]) -> None:
    for stream in (STREAM, SPECIAL, FAILING):
        for outcome in (gave("H"), gave("Héllo"), gave("H", ended="hang"), gave(error=ValueError("x"))):
            before = (repr(stream), repr(outcome))
            assert judged(stream, outcome, "text") == judged(Stream(**vars_of(stream)), outcome, "text")
            assert (repr(stream), repr(outcome)) == before


def vars_of(stream: Stream) -> dict[str, Any]:
    return {name: getattr(stream, name) for name in stream.__dataclass_fields__}


class TestKinds:
    def test_have_a_slug_and_words_of_their_own_and_are_found_by_either(self) -> None:
        for kind in BreachKind:
            assert BreachKind.of(kind.slug) is BreachKind.of(kind.words) is kind
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug)
        assert len({kind.slug for kind in BreachKind}) == len({kind.words for kind in BreachKind}) == len(BreachKind)
        assert BreachKind.of("eats text") is None
