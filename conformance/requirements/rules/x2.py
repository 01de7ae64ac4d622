"""X2: sync and async agree."""

from collections.abc import Iterator
from typing import Any

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.calling import plain_streams_of
from sliceproof.conformance.requirements.judge import joined
from sliceproof.conformance.requirements.requirement import MUST, Broken, Requirement
from sliceproof.strategies.hazards import ALLOWED_ONLY, HAZARDS, hazard
from sliceproof.strategies.letters import Letter, compose
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream


def _one_mode(decoder: Decoder) -> str:
    return "" if {"sync", "async"} <= set(decoder.modes) else "the decoder has one way of being called"


def _everything(dialect: Dialect) -> Iterator[Stream]:
    """Every kind of fault, and the first letters of each MUST hazard."""
    kinds = ("exception",) if dialect.error is None else ("exception", "error-record")
    for kind in kinds:
        for tokens in ((), ("x",)):
            yield Stream(dialect.id, tokens, fault=Fault(kind, len(tokens)))
    yield from plain_streams_of(dialect)
    for id_ in HAZARDS:
        if id_ not in ALLOWED_ONLY:
            for letter in hazard(id_, dialect)[:4]:
                yield compose(dialect.id, (letter,))
                yield compose(dialect.id, (letter, Letter("y")))


def _differing(decoder: Decoder, stream: Stream) -> Broken | None:
    sync, other = drive(decoder, "sync", stream), drive(decoder, "async", stream)
    if (sync.ended, joined(sync, decoder.compared)) == (other.ended, joined(other, decoder.compared)):
        return None
    first, two = _given(sync, decoder.compared), _given(other, decoder.compared)
    return Broken(stream, "async", Breach(BreachKind.SYNC_AND_ASYNC_DIFFER, f"{first} (sync)", f"{two} (async)"), other)


def _given(outcome: Outcome, yields: str) -> Any:
    end = {"end": "", "error": f", then {type(outcome.error).__name__}", "hang": ", and never the end"}[outcome.ended]
    return f"{joined(outcome, yields)!r}{end}"


REQUIREMENT = Requirement(
    id="X2",
    title="sync and async agree",
    rule="The same stream gives the same text and the same end, called sync or async; an error is one of any type.",
    source="both are the same decoder to its users",
    level=MUST,
    why="one of the two is wrong",
    seen=("run-llama/llama_index#22224", "BerriAI/litellm 1.65.1 to 1.108.11"),
    letters=lambda dialect: [],
    more=_everything,
    compare=_differing,
    decoders=_one_mode,
    layer="messages",
    searched=False,
)
