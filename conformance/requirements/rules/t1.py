"""T1: end without the finish mark."""

import json
from collections.abc import Iterator

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies import channels
from sliceproof.strategies.crossing import at_each_place
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream


def _no_finish(dialect: Dialect) -> list[Letter]:
    if not dialect.finishes:
        return []
    cut = [Letter("x", fault=Fault(FaultKind.BROKEN_OFF, 0), fault_mark=k) for k in (10, 20, 40)]
    return [Letter("x", fault=Fault(FaultKind.SILENCE, 0)), Letter(fault=Fault(FaultKind.SILENCE, 0)), *cut]


def _finish_missing(dialect: Dialect) -> Iterator[Stream]:
    """No finish mark: on a wire of no bytes, with part of a record held, late, in one chunk."""
    if not dialect.finishes:
        return
    for stream in at_each_place(dialect, Fault(FaultKind.SILENCE, 0)):
        yield stream
        if stream.wire:
            yield stream.but(chunk_cuts=())
    if dialect.framing.by_message:
        answers: tuple[channels.Answer, ...] = (["x", *channels.call('{"a": 1}'), "y"], [channels.thought("hm"), "x"])
        for said in answers:
            for whole in channels.written(dialect, said):
                yield from _behind_each_event(whole)
        yield from _behind_each_event(Stream(dialect.id, ("x", "y")))


def _behind_each_event(whole: Stream) -> Iterator[Stream]:
    """An end behind each event that comes before the one that says why the answer is over; blocks end there too."""
    for record in whole.records:
        said = whole.format.read(json.loads(whole.body[record.start : record.content_stop]))
        if said.finished or any(delta.finish for delta in said.deltas):
            return
        yield whole.but(fault=Fault(FaultKind.BROKEN_OFF, record.stop))


REQUIREMENT = Requirement(
    id="T1",
    title="end without the finish mark",
    rule="A body that ends before its finish mark is an error, not a whole answer.",
    source="the dialect's finish mark: generated_text, finish_reason, stop_reason, the closing quote",
    level=SHOULD,
    why="no text that came is lost, but the answer passes for whole",
    seen=(
        "BerriAI/litellm#32159",
        "zeroclaw-labs/zeroclaw#8663",
        "strands-agents/harness-sdk#4334",
        "langchain-ai/langchain-aws#1286",
        "NousResearch/hermes-agent#109988",
    ),
    letters=_no_finish,
    more=_finish_missing,
    judge=judge.raises,
    blames="end",
)
