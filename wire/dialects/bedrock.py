"""What models write behind Bedrock's InvokeModelWithResponseStream: a record in the `bytes` of each chunk.

Sources: recorded wires of Meta's and Mistral's models (newrelic/newrelic-python-agent
tests/external_botocore/_mock_external_bedrock_server_invoke_model.py); for Mistral's chats, of which there is no
recording, AWS's page of the parameters of Mistral Large. Anthropic's are in `anthropic`, Nova's and ConverseStream in
`converse`.
"""

from collections.abc import Mapping
from typing import Any

from sliceproof.wire.dialects.anthropic import BEDROCK_ANTHROPIC, metrics
from sliceproof.wire.dialects.converse import BEDROCK_CONVERSE, BEDROCK_NOVA
from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject, Reading

PROMPT = 3  # tokens


def _llama(index: int, text: str, full: str | None, form: str) -> JsonObject:
    prompt = None if index else PROMPT
    reason = None if full is None else "length"
    record = {"generation": text, "prompt_token_count": prompt, "generation_token_count": index + 1}
    return {**record, "stop_reason": reason, **({} if full is None else metrics(index + 1))}


def _read_llama(record: Mapping[str, Any]) -> Reading:
    return Reading(record["generation"], record.get("stop_reason") is not None)


def _mistral(index: int, text: str, full: str | None, form: str) -> JsonObject:
    reason = None if full is None else "length"
    told = {} if full is None else metrics(index + 1)
    if not form:
        return {"outputs": [{"text": text, "stop_reason": reason}], **told}
    message = {"role": None, "content": text, **dict.fromkeys(("tool_calls", "index", "tool_call_id"))}
    logprobs = dict.fromkeys(("logprobs", "context_logits", "generation_logits"))
    choice = {"index": 0, **logprobs, "message": message, "stop_reason": reason}
    named = {"id": "c-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    return {**named, "choices": [choice], "usage": None, "p": None, **told}


def _read_mistral(record: Mapping[str, Any]) -> Reading:
    said = record["outputs"][0] if "outputs" in record else record["choices"][0]
    text = said["text"] if "outputs" in record else said["message"].get("content") or ""
    return Reading(text, said.get("stop_reason") is not None)


LLAMA = Dialect(
    id="bedrock-invoke-llama",
    media_type="application/json",
    framing=Framing.EVENTS,
    source="Meta's models behind InvokeModelWithResponseStream",
    record=_llama,
    read=_read_llama,
    reasons=("stop",),
)

MISTRAL = Dialect(
    id="bedrock-invoke-mistral",
    media_type="application/json",
    framing=Framing.EVENTS,
    source="Mistral's models behind InvokeModelWithResponseStream",
    record=_mistral,
    read=_read_mistral,
    forms=("", "chat"),
    reasons=("stop",),
)

BEDROCK = (BEDROCK_CONVERSE, BEDROCK_ANTHROPIC, LLAMA, MISTRAL, BEDROCK_NOVA)
"""Those that travel in Bedrock's event stream and in no other."""
