"""The OpenAI-compatible dialects of TGI's Messages API, vLLM and SGLang, and LMI's async handlers.

Source: vLLM `vllm/entrypoints`, SGLang `python/sglang/srt/entrypoints`, TGI `router/src/sagemaker.rs`;
djl-serving `djl_python/lmi_vllm/request_response_utils.py`. `chunks` has the forms one by one.
"""

from sliceproof.wire.dialects import chunks
from sliceproof.wire.dialects.answers import ANSWERS
from sliceproof.wire.dialects.chunks import CHAT_FORMS, COMPLETION, COMPLETION_FORMS, USAGE, choice, chunk
from sliceproof.wire.dialects.dialect import Dialect, Framing, JsonObject
from sliceproof.wire.dialects.tgi import error_record as tgi_error


def _chat(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return CHAT_FORMS[form].write(index, text, full is not None)


def _completion(index: int, text: str, full: str | None, form: str) -> JsonObject:
    return COMPLETION_FORMS[form].write(index, text, full is not None)


def _chat_opening(tokens: int, form: str) -> tuple[JsonObject, ...]:
    return CHAT_FORMS.get(form, CHAT_FORMS[""]).opening(tokens)


def _chat_closing(tokens: int, form: str) -> tuple[JsonObject, ...]:
    return CHAT_FORMS.get(form, CHAT_FORMS[""]).closing(tokens)


def _lmi(index: int, text: str, full: str | None, form: str) -> JsonObject:
    """What the request's schema is, so is the record: chat chunks as vLLM's, or TGI's tokens in LMI's own way."""
    if form in CHAT_FORMS:
        return _chat(index, text, full, form)
    if form == "token-compact":
        record: JsonObject = {"index": 0, "token": {"id": 17, "text": text, "log_prob": -0.5}}
        return record if full is None else {**record, "details": {"finish_reason": "length"}}
    named = form != "token-trtllm"
    token = {"id": 17 if named else None, "text": text, "logprob": -0.5 if named else None}
    details = {"finish_reason": "length", "seed": None, "generated_tokens": index + 2, "input_length": 3}
    asked = form == "token-details" and full is not None
    return {"index": 0, "token": token, "generated_text": full, "details": details if asked else None}


def _tgi_error(message: str) -> JsonObject:
    return {"error": {"message": message, "http_status_code": 422}}


def _vllm_error(message: str) -> JsonObject:
    return {"error": {"message": message, "type": "InternalServerError", "param": None, "code": 500}}


def _sglang_error(message: str) -> JsonObject:
    error = {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400}
    return {"error": error}


CHAT_EXTRAS = {
    "role": chunk([choice({"role": "assistant", "content": ""})]),
    "null-content": chunk([choice({"content": None})]),
    "no-content": chunk([choice({})]),
    "usage": {**chunk([]), "usage": USAGE},
}
SGLANG_EXTRAS = {"ids": {**chunk([]), "usage": None, "sglext": {"output_ids": [[17]]}}}
CHAT_ALLOWED = {
    "no-choices": chunk([]),
    "usage-first": {**chunk([]), "usage": USAGE},
}
CHAT_UNASKED = {"reasoning": chunk([choice({"reasoning": "hm"})])}
PYTHON_ERRORS = {"vllm": _vllm_error, "sglang": _sglang_error}
FORMATTER = "lmi-formatter"
COMPLETION_USAGE = {**chunk([], COMPLETION), "usage": USAGE}

OPENAI_SSE = Dialect(
    id="openai-sse",
    media_type="text/event-stream",
    framing=Framing.SSE,
    source="huggingface/text-generation-inference router/src/sagemaker.rs; vLLM and SGLang /invocations",
    record=_chat,
    read=chunks.read,
    error=lambda message: {"error": {"message": message, "http_status_code": 422, "type": "generation"}},
    errors={"tgi": _tgi_error, "tgi-2.1": tgi_error, **PYTHON_ERRORS, FORMATTER: _vllm_error},
    json_errors=frozenset({*PYTHON_ERRORS, FORMATTER}),
    opening=_chat_opening,
    closing=_chat_closing,
    forms=tuple(CHAT_FORMS),
    answers=ANSWERS,
    generic=frozenset({"", "role"}),
    spaced=frozenset({"djl", "llama-cpp"}),
    spaces=(True, False),
    asides=("comment",),
    extras=SGLANG_EXTRAS | CHAT_EXTRAS,
    events={"ids": "sglext_ids"},
    allowed=CHAT_ALLOWED,
    unasked=CHAT_UNASKED,
    done=True,
    undone=frozenset({"tgi-2.1"}),
    padded=frozenset({FORMATTER}),
    reasons=("length",),
)

OPENAI_TEXT_SSE = Dialect(
    id="openai-text-sse",
    media_type="text/event-stream; charset=utf-8",
    framing=Framing.SSE,
    source="vllm-project/vllm vllm/entrypoints, completions",
    record=_completion,
    read=chunks.read,
    error=lambda message: {"error": {"message": message, "type": "InternalServerError", "code": 500}},
    errors={"tgi": _tgi_error, **PYTHON_ERRORS},
    json_errors=frozenset(PYTHON_ERRORS),
    opening=lambda tokens, form: COMPLETION_FORMS[form].opening(tokens),
    closing=lambda tokens, form: COMPLETION_FORMS[form].closing(tokens),
    forms=tuple(COMPLETION_FORMS),
    spaced=frozenset({"llama-cpp"}),
    extras={"usage": COMPLETION_USAGE},
    allowed={"usage-first": COMPLETION_USAGE},
    ascii_errors=True,
    done=True,
    reasons=("length",),
)

LMI_TOKENS = ("token", "token-details", "token-trtllm")

LMI_JSONLINES = Dialect(
    id="lmi-jsonlines",
    media_type="application/jsonlines",
    framing=Framing.LINES,
    source="deepjavalibrary/djl-serving djl_python/lmi_vllm/request_response_utils.py",
    record=_lmi,
    read=chunks.read,
    error=lambda message: {"error": {"message": message, "type": "InternalServerError", "code": 500}},
    errors=dict.fromkeys(("vllm", *LMI_TOKENS), _vllm_error),
    json_errors=frozenset({"vllm"}),
    opening=_chat_opening,
    closing=_chat_closing,
    answers={form: ANSWERS[form] for form in ("", "vllm")},
    generic=frozenset({"", "role"}),
    forms=("", "role", *LMI_TOKENS, "vllm", "djl", "token-compact"),
    former={"token": "token-compact"},
    spaced=frozenset({"djl", *LMI_TOKENS}),
    asides=("blank",),
    extras=CHAT_EXTRAS,
    allowed=CHAT_ALLOWED,
    unasked=CHAT_UNASKED,
    apart=frozenset({*LMI_TOKENS, "token-compact"}),
    repeating=frozenset(LMI_TOKENS),
    reasons=("length", "eos_token"),
)
