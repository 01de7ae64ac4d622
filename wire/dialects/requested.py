"""What stands beside the text of an answer of Bedrock's where a request, or the model, makes it so.

Citations, what is redacted, what a guardrail or a tier of the service did.
Each is a form of a dialect: the same answer with more records, or with more fields in those it has. Nobody recorded
them; sources: botocore 1.44.8 bedrock-runtime/2023-09-30/service-2.json CitationsDelta, ReasoningContentBlockDelta,
MessageStopEvent, ConverseStreamMetadataEvent; Anthropic's API reference, streaming messages, citations and extended
thinking (`citations_delta`, `redacted_thinking`); AWS, Amazon Bedrock User Guide, InvokeModel with a guardrail. A
citation stands in the block of its text, as Anthropic says and as strands-agents reads ConverseStream; vercel/ai#15501
shows one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sliceproof.wire.dialects.delta import Delta
from sliceproof.wire.dialects.dialect import JsonObject, Said

Answer = Callable[[Sequence[Delta], bool], Iterator[Said]]
More = Callable[[Iterable[Said]], Iterator[Said]]

CITATION: JsonObject = {
    "location": {"documentChar": {"documentIndex": 0, "end": 20, "start": 0}},
    "sourceContent": [{"text": "what it is taken from"}],
    "title": "a document",
}
CITED: JsonObject = {
    "type": "char_location",
    "cited_text": "what it is taken from",
    "document_index": 0,
    "document_title": "a document",
    "start_char_index": 0,
    "end_char_index": 20,
}
REDACTED = "aGlkZGVu"  # base64, of what is encrypted
ASSESSED: JsonObject = {"guardrail": {"modelOutput": ["what was said"], "actionReason": "No action."}}
GUARDED: JsonObject = {"amazon-bedrock-guardrailAction": "NONE"}


def _event(record: JsonObject) -> tuple[str, Mapping[str, Any]]:
    """The name of an event as boto3 gives it, and what it says."""
    ((name, said),) = record.items()
    return name, said  # type: ignore[return-value]


def _cites(answer: Iterable[Said]) -> Iterator[Said]:
    """A citation at the end of each block of text."""
    text = None
    for each in answer:
        name, said = _event(each.record)
        if name == "contentBlockStop" and said["contentBlockIndex"] == text:
            yield Said({"contentBlockDelta": {"contentBlockIndex": text, "delta": {"citation": CITATION}}})
        if name == "contentBlockDelta" and "text" in said["delta"]:
            text = said["contentBlockIndex"]
        yield each


def _redacts(answer: Iterable[Said]) -> Iterator[Said]:
    """A first block of reasoning that nobody can read."""
    for each in answer:
        name, said = _event(each.record)
        if name == "messageStart":
            yield each
            delta = {"reasoningContent": {"redactedContent": REDACTED}}
            yield Said({"contentBlockDelta": {"contentBlockIndex": 0, "delta": delta}})
            yield Said({"contentBlockStop": {"contentBlockIndex": 0}})
        elif "contentBlockIndex" in said:
            yield Said({name: {**said, "contentBlockIndex": said["contentBlockIndex"] + 1}}, each.deltas)
        else:
            yield each


def _traces(answer: Iterable[Said]) -> Iterator[Said]:
    """All that the last two events may have beside the reason, the usage and the latency."""
    for each in answer:
        name, said = _event(each.record)
        if name == "messageStop":
            said = {"additionalModelResponseFields": {"stop_sequence": None}, **said}
        elif name == "metadata":
            more = {"performanceConfig": {"latency": "standard"}, "serviceTier": {"type": "default"}, "trace": ASSESSED}
            usage = {"cacheReadInputTokens": 0, "cacheWriteInputTokens": 0, **said["usage"]}
            said = {"metrics": said["metrics"], **more, "usage": usage}
        yield Said({name: said}, each.deltas)


def _cites_in_messages(answer: Iterable[Said]) -> Iterator[Said]:
    """A citation at the end of each block of text, of Anthropic's."""
    text = None
    for each in answer:
        said: Mapping[str, Any] = each.record
        if said["type"] == "content_block_start" and said["content_block"]["type"] == "text":
            text = said["index"]
        if said["type"] == "content_block_stop" and said["index"] == text:
            delta = {"type": "citations_delta", "citation": CITED}
            yield Said({"type": "content_block_delta", "index": text, "delta": delta})
        yield each


def _redacts_in_messages(answer: Iterable[Said]) -> Iterator[Said]:
    """A first block of thinking that nobody can read, of Anthropic's; it has no delta."""
    for each in answer:
        said: Mapping[str, Any] = each.record
        if said["type"] == "message_start":
            yield each
            block = {"type": "redacted_thinking", "data": REDACTED}
            yield Said({"type": "content_block_start", "index": 0, "content_block": block})
            yield Said({"type": "content_block_stop", "index": 0})
        elif "index" in said:
            yield Said({**said, "index": said["index"] + 1}, each.deltas)
        else:
            yield each


def _guards(answer: Iterable[Said]) -> Iterator[Said]:
    """What a guardrail did, in each record."""
    return (Said({**each.record, **GUARDED}, each.deltas) for each in answer)


CONVERSE: Mapping[str, More] = {"citations": _cites, "redacted": _redacts, "traces": _traces}
ANTHROPIC: Mapping[str, More] = {
    "citations": _cites_in_messages,
    "redacted": _redacts_in_messages,
    "guardrail": _guards,
}


def with_more(answer: Answer, forms: Mapping[str, More]) -> dict[str, Answer]:
    """The answer in the form "", and in each of the *forms* with what that adds."""

    def adding(more: More) -> Answer:
        return lambda deltas, finished: more(answer(deltas, finished))

    return {"": answer, **{form: adding(more) for form, more in forms.items()}}
