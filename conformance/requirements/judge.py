"""Whether an outcome is what a stream demands. Pure: the same stream and outcome, the same verdict.

A judge is a function of (stream, outcome, yields) that gives a `Breach`, or None when all is well.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.wire.bedrock import TYPES, record_of
from sliceproof.wire.dialects import Framing, reader
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.messages import UNLIMITED, Message, decode_messages
from sliceproof.wire.stream import Stream

Judge: TypeAlias = Callable[[Stream, Outcome, str], Breach | None]


def described(error: BaseException | None) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def lossless(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """All text, unchanged and in order, and no error.

    Two liberties: whether a special token counts as text is the client's choice, and the full
    text that some containers repeat in their last record is the business of D1 alone.
    """
    return _sound(stream, outcome, yields, repeated=True)


def exactly(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """The same, and the container's repetition of the full text is not to come out a second time."""
    return _sound(stream, outcome, yields, repeated=False)


def _sound(stream: Stream, outcome: Outcome, yields: str, *, repeated: bool) -> Breach | None:
    expected = expected_items(stream, yields)
    if outcome.ended == "hang":
        return Breach(
            BreachKind.NEVER_ENDS,
            shortened(expected),
            f"{shortened(joined(outcome, yields))}, and never the end",
            "end",
        )
    got = joined(outcome, yields)
    if outcome.ended == "error":
        error = outcome.error
        return Breach(
            BreachKind.RAISES,
            shortened(expected),
            f"{shortened(got)}, then {described(error)}",
            _error_layer(error),
        )
    if got == expected or (yields == "text" and _allowed(stream, expected, got, repeated)):
        return None
    kind, layer = difference(expected, got)
    return Breach(kind, shortened(expected), shortened(got), layer)


def _allowed(stream: Stream, expected: str, got: str, repeated: bool) -> bool:
    with_special = expected + "</s>"
    if stream.style.special and stream.format.special and got == with_special:
        return True
    return repeated and stream.format.repeats_in(stream.style.form) and got in (expected * 2, with_special + expected)


def joined(outcome: Outcome, yields: str) -> Any:
    """What came out, in the form in which it is compared: text, lines, or the payloads of the parts."""
    if yields == "text":
        return "".join(outcome.items)
    if yields == "lines":
        return canonical_lines(b"\n".join(item.rstrip(b"\r\n") for item in outcome.items))
    return tuple([payload for headers, payload in outcome.items if _is_part(headers)])


def expected_items(stream: Stream, yields: str) -> Any:
    """What a sound decoder gives of *stream*, in the same form."""
    if yields == "text":
        return stream.text
    if yields == "lines":
        return canonical_lines(stream.body)
    return stream.parts


def canonical_lines(body: bytes) -> tuple[bytes, ...]:
    """The lines of a body without terminators and without blank ones, which line iterators treat variously."""
    lines = [line.rstrip(b"\r") for line in body.split(b"\n")]
    return tuple([line for line in lines if line])


def _is_part(headers: Any) -> bool:
    """Whether a message is a PayloadPart; one whose headers were not told is."""
    return headers is None or headers.get(":event-type") == "PayloadPart"


def shortened(value: Any) -> str:
    """What came out or was expected, short enough for a line."""
    if isinstance(value, str):
        return repr(value) if len(value) <= 120 else f"{value[:60]!r}…{value[-50:]!r} ({len(value)} characters)"
    if isinstance(value, tuple):
        shown = ", ".join(repr(item if len(item) <= 60 else item[:57] + b"...") for item in value[:6])
        return f"[{shown}{', …' if len(value) > 6 else ''}]"
    return repr(value)


def difference(expected: Sequence[Any], got: Sequence[Any]) -> tuple[BreachKind, str]:
    """What happened to the text, and the layer that this points to ("" if it points to none)."""
    if isinstance(got, str) and got.count("\ufffd") > expected.count("\ufffd"):
        return BreachKind.REPLACES_BYTES, "UTF-8"
    if len(expected) == len(got) and _counted(expected) == _counted(got):
        return BreachKind.REORDERS, "order"
    if _within(got, expected):
        return (BreachKind.LOSES_EVERYTHING if not got else BreachKind.LOSES_TEXT), ""
    if _within(expected, got):
        return BreachKind.INVENTS_TEXT, ""
    return BreachKind.ALTERS_TEXT, ""


def _counted(items: Sequence[Any]) -> Counter[Any]:
    return Counter(items if isinstance(items, str | bytes) else map(repr, items))


def _within(part: Sequence[Any], whole: Sequence[Any]) -> bool:
    """Whether *part* is *whole* with something left out."""
    if len(part) > len(whole):
        return False
    if isinstance(part, str) and isinstance(whole, str):
        at = 0
        for character in part:
            at = whole.find(character, at) + 1
            if not at:
                return False
        return True
    rest = iter(whole)
    return all(any(item == other for other in rest) for item in part)


def _error_layer(error: BaseException | None) -> str:
    if isinstance(error, UnicodeError):
        return "UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return "JSON"
    module = type(error).__module__
    if module.startswith("botocore") or "essage" in type(error).__name__:
        return "message"
    return ""


# Faults


def raises(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """An error of some kind comes out, or a message that says so; asks nothing of a sound stream.

    Nor of a fault behind the finish mark, where a decoder that has given all the text may have left.
    """
    if stream.fault is None:
        return None
    if outcome.ended == "error" or (yields == "messages" and _tells_exception(outcome)):
        return None
    if outcome.ended == "end" and yields == "text" and whole_before_fault(stream, joined(outcome, yields)):
        return None
    got = shortened(joined(outcome, yields)) + (
        ", and never the end" if outcome.ended == "hang" else ", then a normal end"
    )
    return Breach(BreachKind.HIDES_THE_FAULT, f"{shortened(_due(stream, yields))}, then an error", got)


_BEHIND = ("truncated", "corrupt", "malformed", "unreadable-record", "source-error")
"""Faults that may come behind a whole answer; of an error that was sent, the service says that it is none."""


def whole_before_fault(stream: Stream, text: str) -> bool:
    """Whether *text* is the whole answer, and its finish mark came before the fault: then nothing more was promised."""
    assert stream.fault is not None
    if stream.fault.kind not in _BEHIND or not stream.format.finishes or text != "".join(stream.tokens):
        return False
    reading = reader(stream.format)
    try:
        for payload in _records_before_fault(stream):
            list(reading.feed(payload))
        list(reading.close())
    except SliceproofError:
        return False
    return True


def _records_before_fault(stream: Stream) -> Iterable[bytes]:
    """What of the body came whole before the fault."""
    if not stream.format.framing.by_message:
        return _payloads_before_fault(stream)
    messages = _messages_before_fault(stream)
    return [record_of(message) for message in messages if message.headers[":event-type"] in (*TYPES, "chunk")]


def _messages_before_fault(stream: Stream) -> list[Message]:
    """The events that came whole before the fault."""
    sound = bisect_right(stream.frame_stops, stream.fault_offset)
    messages = decode_messages(b"".join(stream.frames[:sound]), UNLIMITED)
    return [message for message in messages if message.headers.get(":message-type") == "event"]


def _payloads_before_fault(stream: Stream) -> list[bytes]:
    """What came whole before the fault; of a record that cannot be read also what its own message holds before it."""
    unreadable = next((record for record in stream.records if record.kind == "unreadable"), None)
    if unreadable is not None:
        return [stream.body[: unreadable.start]]
    return [message.payload for message in _messages_before_fault(stream)]


def _due(stream: Stream, yields: str) -> Any:
    """What a sound decoder gives before the fault: nothing of a message or record that is not whole."""
    unreadable = next((record.start for record in stream.records if record.kind == "unreadable"), None)
    if yields == "text" and unreadable is not None:
        return "".join(record.text for record in stream.records if record.kind == "delta" and record.stop <= unreadable)
    if yields == "text":
        return "".join(stream.tokens)[: stream.complete(stream.fault_offset)]
    whole = tuple(_payloads_before_fault(stream))
    return whole if yields == "messages" else canonical_lines(b"".join(whole))


def raises_inside(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """The same, but asks nothing of a wire cut between two messages: nothing on it says that more was to come."""
    fault = stream.fault
    if fault is not None and fault.kind is FaultKind.TRUNCATED and fault.at in (0, *stream.frame_stops):
        return None
    return raises(stream, outcome, yields)


def _tells_exception(outcome: Outcome) -> bool:
    kinds = [headers.get(":message-type") for headers, _ in outcome.items if headers is not None]
    return "exception" in kinds or "error" in kinds


def tells(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """The error that comes out says what the service said: its name or code, and its message.

    A name may have another case: the member `modelStreamErrorException` is of the shape `ModelStreamErrorException`.
    """
    fault = stream.fault
    if outcome.ended != "error" or fault is None:
        return None  # a hidden error is E1's business
    said = _all_said(outcome.error).casefold()
    missing = [
        word
        for word in (fault.message, fault.name if fault.kind is FaultKind.EXCEPTION and fault.name != "error" else "")
        if word.casefold() not in said
    ]
    if stream.dialect == "djl-json" or not missing:
        return None
    wanted = " and ".join(map(repr, missing))
    return Breach(BreachKind.LOSES_THE_MESSAGE, f"an error that says {wanted}", described(outcome.error))


def _all_said(error: BaseException | None) -> str:
    """What a traceback would show: of the error, of what it was raised from, and of what is in groups."""
    shown = [error] if error is not None else []
    for each in shown:
        behind = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        more = (behind, *getattr(each, "exceptions", ()))
        shown += [other for other in more if other is not None and other not in shown]
    return "\n".join(words for each in shown for words in (type(each).__name__, str(each), repr(vars(each))))


def prompt(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """Text that was complete before the fault came out before the error.

    A reader of a document that gives it at once has nothing to give before it is whole, and is not blamed.
    """
    if yields != "text" or stream.fault is None:
        return None
    got = "".join(outcome.items)
    if outcome.fed == "endpoint" and (not got or stream.fault.kind is FaultKind.SOURCE_ERROR):
        return None  # it gives the answer whole; or what a reset leaves unread in sockets is not the client's to say
    due = "".join(stream.tokens)[: stream.complete(stream.fault_offset)]
    if got.startswith(due) or (not got and stream.format.framing is Framing.DOCUMENT):
        return None
    how = "an end" if outcome.ended == "end" else described(outcome.error)
    return Breach(
        BreachKind.WITHHOLDS_TEXT, f"{shortened(due)} before the fault", f"{shortened(got)}, then {how}", "order"
    )


def ends(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """It ends, somehow."""
    if outcome.ended != "hang":
        return None
    return Breach(
        BreachKind.NEVER_ENDS, "an end or an error", f"{outcome.pulls} pulls and {len(outcome.items)} items", "end"
    )


def timely(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """A delta whose bytes are all there comes out before the next chunk is asked for."""
    if outcome.ended != "end" or yields != "text":
        return None
    got, offset, item = 0, 0, 0
    fed = stream.chunks if outcome.fed == "chunks" else stream.frames
    for number, chunk in enumerate(fed, 1):
        offset += len(chunk)
        while item < len(outcome.items) and outcome.after[item] <= number:
            got += len(outcome.items[item])
            item += 1
        due = stream.complete(offset)
        if got < due:
            text, last = stream.text, f"{'chunk' if outcome.fed == 'body' else outcome.fed.removesuffix('s')} {number}"
            return Breach(BreachKind.IS_LATE, f"{text[:due]!r} after {last}", f"{text[:got]!r} by then", "order")
    return None


def early_refusal(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """An absurd declared length is refused when it is read, before the rest is buffered.

    One that reads everything before it gives anything is late (W1) whatever is declared.
    """
    if stream.fault is None or (outcome.ended == "error" and not outcome.exhausted):
        return None
    if outcome.ended == "error" and outcome.items and min(outcome.after) >= len(stream.chunks):
        return None
    how = {"end": "an end", "error": "an error only at the end of the stream", "hang": "no end"}[outcome.ended]
    return Breach(BreachKind.BUFFERS_WITHOUT_LIMIT, "an error at the declared length of 2 GiB", how, "message")
