"""Bedrock's ConverseStream, and Amazon Nova's records behind InvokeModelWithResponseStream, which are the same events.

An event is written here as boto3 gives it: an object with the event's name as its key.

Sources: botocore 1.44.8 bedrock-runtime/2023-09-30/service-2.json ConverseStreamOutput; the order of keys, blocks of
text without a start, Nova's block for each delta of text, and its numbers of blocks as in recorded wires
(open-telemetry/opentelemetry-python-contrib
instrumentation/opentelemetry-instrumentation-botocore/tests/cassettes, pydantic/pydantic-ai
tests/models/cassettes/test_bedrock).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from sliceproof.wire.dialects import requested
from sliceproof.wire.dialects.anthropic import metrics
from sliceproof.wire.dialects.delta import CONTENT, REASONING, TOOL_CALL, Delta
from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject, Reading, Said, UnknownDialectError, mark

PROMPT = 3  # tokens
SIGNATURE = "c0ffee"
START: JsonObject = {"messageStart": {"role": "assistant"}}
CONVERSE, NOVA = "converse", "nova"
_KINDS = {CONVERSE: (CONTENT, REASONING, TOOL_CALL), NOVA: (CONTENT, TOOL_CALL)}


def _event(name: str, api: str, block: int, **said: object) -> JsonObject:
    """An event of a block; ConverseStream sorts its keys."""
    told = {**said, "contentBlockIndex": block}
    return {name: dict(sorted(told.items())) if api == CONVERSE else told}


def _said(kind: str, text: str) -> JsonObject:
    """What a delta says."""
    if kind == TOOL_CALL:
        return {"toolUse": {"input": text}}
    return {"reasoningContent": {"text": text}} if kind == REASONING else {"text": text}


def _begin(api: str, block: int, call: Delta) -> JsonObject:
    use = {"name": call.name, "toolUseId": call.id} if api == CONVERSE else {"toolUseId": call.id, "name": call.name}
    return _event("contentBlockStart", api, block, start={"toolUse": use})


def _end(api: str, tokens: int, reason: str) -> tuple[JsonObject, ...]:
    stop: JsonObject = {"messageStop": {"stopReason": reason}}
    usage = {"inputTokens": PROMPT, "outputTokens": tokens}
    if api == CONVERSE:
        total = {**usage, "totalTokens": PROMPT + tokens}
        return stop, {"metadata": {"metrics": {"latencyMs": 605}, "usage": total}}
    cached: JsonObject = {"cacheReadInputTokenCount": 0, "cacheWriteInputTokenCount": 0}
    return stop, {"metadata": {"usage": {**usage, **cached}, "metrics": {}, "trace": {}}, **metrics(tokens, cached)}


def _blocks(api: str, deltas: Sequence[Delta]) -> Iterator[tuple[int, list[Delta]]]:
    """The number of each block, and its deltas; Nova leaves out the number behind a tool call's."""
    number = 0
    for said in _stretches(api, deltas):
        yield number, said
        number += 2 if api == NOVA and said[0].kind == TOOL_CALL else 1


def _stretches(api: str, deltas: Sequence[Delta]) -> Iterator[list[Delta]]:
    """The deltas of each block: a stretch of one channel, and of Nova each delta of text."""
    for channel, stretch in groupby(deltas, key=lambda delta: delta.channel):
        if api == NOVA and channel.kind == CONTENT:
            yield from ([delta] for delta in stretch)
        else:
            yield list(stretch)


def _answer(api: str, deltas: Sequence[Delta], finished: bool) -> Iterator[Said]:
    """Blocks, each told to its end before the next; only a tool call has a start."""
    other = next((each for each in deltas if each.choice or each.kind not in _KINDS[api]), None)
    if other is not None:
        raise UnknownDialectError(f"{api} has no {other.channel} in Bedrock")
    yield Said(START)
    over: list[JsonObject] = []
    for block, said in _blocks(api, deltas):
        yield from map(Said, over)
        kind = said[0].kind
        if kind == TOOL_CALL:
            if not said[0].name:
                raise UnknownDialectError("Bedrock ends a tool call before it begins another block")
            named = not said[0].text
            yield Said(_begin(api, block, said[0]), (said[0],) if named else ())
            said = said[named:]
        for delta in said:
            yield Said(_event("contentBlockDelta", api, block, delta=_said(kind, mark(0))), (delta,))
        signature = {"reasoningContent": {"signature": SIGNATURE}}
        signed = [_event("contentBlockDelta", api, block, delta=signature)] if kind == REASONING else []
        over = [*signed, _event("contentBlockStop", api, block)]
    if finished:
        called = any(delta.kind == TOOL_CALL for delta in deltas)
        yield from map(Said, (*over, *_end(api, len(deltas), "tool_use" if called else "end_turn")))


def _read(record: Mapping[str, Any]) -> Reading:
    """What an event says; one whose name, or whose delta's kind, is not known says nothing, as the SDKs have it."""
    deltas = tuple(_deltas(record))
    text = "".join([delta.text for delta in deltas if delta.kind == CONTENT])
    return Reading(text, "messageStop" in record, deltas)


def _deltas(record: Mapping[str, Any]) -> Iterator[Delta]:
    if stop := record.get("messageStop"):
        yield Delta(finish=stop["stopReason"])
    elif event := record.get("contentBlockStart"):
        if call := event["start"].get("toolUse"):
            yield Delta("", TOOL_CALL, index=event["contentBlockIndex"], id=call["toolUseId"], name=call["name"])
    elif event := record.get("contentBlockDelta"):
        said = event["delta"]
        if call := said.get("toolUse"):
            yield Delta(call["input"], TOOL_CALL, index=event["contentBlockIndex"])
        if text := (said.get("reasoningContent") or {}).get("text"):
            yield Delta(text, REASONING)
        if text := said.get("text"):
            yield Delta(text)


def _dialect(id_: str, api: str, media_type: str, source: str, reasons: tuple[str, ...]) -> Dialect:
    forms = requested.CONVERSE if api == CONVERSE else {}
    return Dialect(
        id=id_,
        media_type=media_type,
        framing=Framing.EVENTS,
        source=source,
        record=lambda index, text, full, form: _event("contentBlockDelta", api, 0, delta={"text": text}),
        read=_read,
        answers=requested.with_more(partial(_answer, api), forms),
        forms=("", *forms),
        requested=frozenset(forms),
        typed=api == CONVERSE,
        numbers_blocks=True,
        reasons=reasons,
    )


BEDROCK_CONVERSE = _dialect(
    "bedrock-converse",
    CONVERSE,
    "application/vnd.amazon.eventstream",
    "botocore bedrock-runtime service-2.json ConverseStreamOutput",
    (
        *("max_tokens", "stop_sequence", "model_context_window_exceeded"),
        *("content_filtered", "guardrail_intervened", "malformed_model_output", "malformed_tool_use"),
    ),
)
BEDROCK_NOVA = _dialect(
    "bedrock-invoke-nova",
    NOVA,
    "application/json",
    "Amazon Nova behind InvokeModelWithResponseStream",
    ("max_tokens", "stop_sequence", "content_filtered"),
)
