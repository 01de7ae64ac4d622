"""Whether a decoder of deltas gives what a stream says: each channel's text, its tool calls, its ends and its order.

Each judge looks at one of these alone, so that a failure is a diagnosis. A stream without channels is none of theirs.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.judge import described, difference, shortened
from sliceproof.wire.dialects.delta import CONTENT, REASONING, TOOL_CALL, Channel, Delta, identified
from sliceproof.wire.stream import Stream

EMPTY = ("", "{}")
"""What the arguments of a call without any may come out as."""


def texts(deltas: Iterable[Delta]) -> dict[Channel, str]:
    """The text of each channel, in the order in which they begin."""
    found: dict[Channel, list[str]] = {}
    for delta in deltas:
        if delta.text:
            found.setdefault(delta.channel, []).append(delta.text)
    return {channel: "".join(pieces) for channel, pieces in found.items()}


def calls(deltas: Iterable[Delta]) -> dict[Channel, tuple[str, str]]:
    """The id and the name of each tool call; those of a call that is told several are joined."""
    ids: dict[Channel, dict[str, None]] = {}
    names: dict[Channel, dict[str, None]] = {}
    for delta in deltas:
        if delta.kind == TOOL_CALL:
            ids.setdefault(delta.channel, {}).update({delta.id: None} if delta.id else {})
            names.setdefault(delta.channel, {}).update({delta.name: None} if delta.name else {})
    return {channel: (" and ".join(ids[channel]), " and ".join(names[channel])) for channel in ids}


def ends(deltas: Iterable[Delta]) -> dict[int, int]:
    """How often the end of each choice is told."""
    found: dict[int, int] = {}
    for delta in deltas:
        found[delta.choice] = found.get(delta.choice, 0) + bool(delta.finish)
    return found


def numberings(stream: Stream, came: Sequence[Delta]) -> Iterator[Sequence[Delta]]:
    """The deltas as they came; where the wire numbers blocks and not calls, also with their calls numbered from 0.

    There any number that tells the calls apart will do, such as the block's. The calls are numbered in the order of
    these numbers, and in that of their first deltas: two calls in one, or one in two, are wrong in each.
    """
    yield came
    if stream.format.numbers_blocks:
        told = list(dict.fromkeys((delta.choice, delta.index) for delta in came if delta.kind == TOOL_CALL))
        for order in (sorted(told), told):
            number: dict[tuple[int, int], int] = {}
            for choice, index in order:
                number[choice, index] = sum(other == choice for other, _ in number)
            yield [
                replace(delta, index=number[delta.choice, delta.index]) if delta.kind == TOOL_CALL else delta
                for delta in came
            ]


def _numbered(stream: Stream, outcome: Outcome, judge: Callable[[Sequence[Delta]], Breach | None]) -> Breach | None:
    """What is wrong however the calls may be numbered; of several breaches the one of the last numbering."""
    breaches = [judge(deltas) for deltas in numberings(stream, outcome.deltas)]
    return None if None in breaches else breaches[-1]


def each_text(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """Every channel's text comes out in it, unchanged, and nothing else; arguments may come as the same JSON."""
    return _numbered(stream, outcome, lambda came: _wrong_text(stream, outcome, came))


def _wrong_text(stream: Stream, outcome: Outcome, came: Sequence[Delta]) -> Breach | None:
    if not stream.deltas:
        return None
    due, got = texts(stream.deltas), texts(came)
    if outcome.ended != "end":
        return _unended(in_words(due), in_words(got), outcome)
    wrong = [channel for channel in {**due, **got} if not same(channel, due.get(channel, ""), got.get(channel, ""))]
    if not wrong:
        return None
    whole, other = ("".join(sorted("".join(each.values()))) for each in (due, got))
    if whole == other and len(wrong) > 1:
        return Breach(BreachKind.MIXES_CHANNELS, in_words(due), in_words(got), "channel")
    kind, _ = difference(due.get(wrong[0], ""), got.get(wrong[0], ""))
    kind = BreachKind.LOSES_TEXT if kind is BreachKind.LOSES_EVERYTHING and got else kind
    if wrong[0].kind == TOOL_CALL and _json(got.get(wrong[0], "")) is not None:
        kind = BreachKind.CHANGES_ARGUMENTS
    return Breach(kind, in_words(due), in_words(got), "channel")


def _unended(due: str, got: str, outcome: Outcome) -> Breach:
    """An error, or no end at all, where an answer is sound."""
    how = "and never the end" if outcome.ended == "hang" else f"then {described(outcome.error)}"
    kind = BreachKind.NEVER_ENDS if outcome.ended == "hang" else BreachKind.RAISES
    return Breach(kind, due, f"{got}, {how}", "channel")


def same(channel: Channel, due: str, got: str) -> bool:
    """Whether a channel's text is what is due; of a tool call, whether it is the same JSON."""
    if due == got or channel.kind != TOOL_CALL:
        return due == got
    return (due in EMPTY and got in EMPTY) or (_json(got) is not None and _alike(_json(due), _json(got)))


def _alike(due: Any, got: Any) -> bool:
    """Whether two values of JSON are the same; 1 is 1.0, and no true, which Python takes for equal."""
    if isinstance(due, dict) and isinstance(got, dict):
        return due.keys() == got.keys() and all(_alike(value, got[name]) for name, value in due.items())
    if isinstance(due, list) and isinstance(got, list):
        return len(due) == len(got) and all(map(_alike, due, got))
    return isinstance(due, bool) == isinstance(got, bool) and bool(due == got)


def _json(text: str) -> Any:
    """The value of a JSON text; None if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def in_words(found: Mapping[Channel, str]) -> str:
    """The text of each channel, in a line."""
    return ", ".join(f"{channel} {shortened(text)}" for channel, text in found.items()) or "nothing"


def each_channel(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """Every channel's text comes out in it, and every tool call with its own id and name."""
    return _numbered(
        stream, outcome, lambda came: _wrong_text(stream, outcome, came) or _wrong_call(stream, outcome, came)
    )


def first_choice(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """The content of the first choice alone comes out, or an error."""
    got = "".join(outcome.items)
    if outcome.ended == "error" or got == stream.text:
        return None
    return Breach(BreachKind.MIXES_CHANNELS, f"{shortened(stream.text)}, or an error", shortened(got), "channel")


def content_alone(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """The content comes out, and nothing of other channels; reasoning may stand in its place, as text that is shown."""
    got, shown = "".join(outcome.items), [delta.text for delta in stream.deltas if delta.kind in (CONTENT, REASONING)]
    if outcome.ended != "end":
        return _unended(shortened(stream.text), shortened(got), outcome)
    if got in (stream.text, "".join(shown)):
        return None
    kind, _ = difference(stream.text, got)
    kind = BreachKind.MIXES_CHANNELS if kind is BreachKind.INVENTS_TEXT else kind
    return Breach(kind, shortened(stream.text), shortened(got), "channel")


def each_call(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """Every tool call comes out with its own id and name, and none besides."""
    return _numbered(stream, outcome, lambda came: _wrong_call(stream, outcome, came))


def _wrong_call(stream: Stream, outcome: Outcome, came: Sequence[Delta]) -> Breach | None:
    if not stream.deltas or outcome.ended != "end":
        return None  # what raises is another's business
    due, got = calls(identified(stream.deltas)), calls(came)
    if due == got:
        return None
    return Breach(BreachKind.LOSES_THE_CALL, _named(due), _named(got), "channel")


def _named(found: Mapping[Channel, tuple[str, str]]) -> str:
    rows = [f"{channel} {name or 'without name'} ({id_ or 'without id'})" for channel, (id_, name) in found.items()]
    return ", ".join(rows) or "no tool call"


def each_end(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """The end of each choice is told once."""
    if not stream.deltas or outcome.ended != "end":
        return None
    due, got = ends(stream.deltas), ends(outcome.deltas)
    wrong = [choice for choice in due if got.get(choice, 0) != 1]
    if not wrong:
        return None
    told = ", ".join(f"that of choice {choice} {_times(got.get(choice, 0))}" for choice in wrong)
    which = "the choice" if len(due) == 1 else f"each of the {len(due)} choices"
    return Breach(BreachKind.LOSES_THE_FINISH, f"the end of {which}, once", told, "channel")


def _times(number: int) -> str:
    return f"{number} times" if number else "never"


def each_order(stream: Stream, outcome: Outcome, yields: str) -> Breach | None:
    """The channels of each choice begin in the order in which the stream begins them."""
    if not stream.deltas or outcome.ended != "end":
        return None
    right = (came for came in numberings(stream, outcome.deltas) if not _wrong_text(stream, outcome, came))
    due, got = list(texts(stream.deltas)), list(texts(next(right, outcome.deltas)))
    for choice in dict.fromkeys(channel.choice for channel in due):
        first, second = ([str(each) for each in found if each.choice == choice] for found in (due, got))
        if first != second and sorted(first) == sorted(second):
            return Breach(BreachKind.REORDERS, ", then ".join(first), ", then ".join(second), "channel")
    return None
