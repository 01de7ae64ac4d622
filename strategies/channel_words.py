"""Words of deltas, for searching: their letters, and the order in which a server could write them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sliceproof.strategies.channels import forms, thought, written
from sliceproof.wire.dialects import Delta, Dialect
from sliceproof.wire.dialects.delta import CONTENT, REASONING, REFUSAL, TOOL_CALL, Channel, deltas_of

OPENS, CLOSES = '{"a": "', '"}'
"""What stands around the text of a call's deltas in a word, so that its arguments are JSON."""

_ORDER = {REASONING: 0, CONTENT: 1, REFUSAL: 1, TOOL_CALL: 2}


def as_served(tokens: Sequence[str | Delta]) -> tuple[list[Delta], list[int]]:
    """The deltas in an order in which a server writes them, and where each of *tokens* now stands.

    Choices are told in the turns that they have, but in each reasoning comes before content and content before calls,
    one after the other; choices and calls are numbered from 0; the text of a call stands in JSON.
    """
    given = deltas_of(list(tokens))
    choices = {choice: number for number, choice in enumerate(sorted({delta.choice for delta in given}))}
    order: list[int] = [0] * len(given)
    for choice in choices:
        places = [at for at, delta in enumerate(given) if delta.choice == choice]
        for place, at in zip(
            places, sorted(places, key=lambda at: (_ORDER[given[at].kind], given[at].index)), strict=True
        ):
            order[place] = at
    calls: dict[Channel, int] = {}
    for at in order:
        if given[at].kind == TOOL_CALL and given[at].channel not in calls:
            calls[given[at].channel] = sum(call.choice == given[at].choice for call in calls)
    last = {given[at].channel: at for at in order}
    served: list[Delta] = []
    stands = [0] * len(given)
    for at in order:
        delta = given[at]
        delta = replace(delta, choice=choices[delta.choice], index=calls.get(delta.channel, 0))
        if delta.kind == TOOL_CALL:
            if not any(other.channel == delta.channel for other in served):
                delta = replace(delta, text=OPENS + delta.text)
            if last[given[at].channel] == at:
                delta = replace(delta, text=delta.text + CLOSES)
        stands[at] = len(served)
        served.append(delta)
    return served, stands


DELTAS: tuple[str | Delta, ...] = (
    thought("h"),
    Delta("y", choice=1),
    Delta("p", TOOL_CALL),
    thought("k", 1),
    Delta("q", TOOL_CALL, index=1),
    Delta("r", TOOL_CALL, choice=1),
    "é",
    thought("你"),
    Delta("😀", TOOL_CALL),
)
MARKS = (("head", 8), ("text", 0), ("text", 1), ("tail", 2), ("join", 0), ("wire", 40), ("wire-join", 0))


def letters_of(dialect: Dialect) -> Iterator[tuple[str | Delta, tuple[tuple[str, int], ...], str]]:
    """What a word of several channels is made of: a delta that the dialect can have, where it is cut, and the form."""
    deltas = [delta for delta in DELTAS if any(written(dialect, [delta]))]
    for form in forms(dialect):
        for delta in deltas:
            yield delta, (), form
        if form == "vllm":
            for delta in deltas_of(deltas):
                yield replace(delta, joined=True), (), form
        for delta in deltas:
            for mark in MARKS:
                yield delta, (mark,), form
