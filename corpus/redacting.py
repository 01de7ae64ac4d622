"""A recorded wire without what it said: each letter and digit is another, and all lengths and cuts are the same.

Text, names, ids, numbers (a token's number is the token), comments and the messages of errors go. JSON, its keys, the
names of headers, punctuation and white space stay, and of values only those of a list that say what a record is. A
letter becomes one of as many bytes, an escape an escape. Of Bedrock's events the record in base64 is redacted as it
would be in a body, and the padding as a text.
"""

import json
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator

from sliceproof.wire import bedrock
from sliceproof.wire.dialects import Dialect, Framing
from sliceproof.wire.headers import Headers, decode_headers, encode_headers
from sliceproof.wire.messages import UNLIMITED, Message, MessageDecoder
from sliceproof.wire.recorded import PRELUDE

RESPONSE_EVENTS = frozenset(
    {
        *("response.created", "response.in_progress", "response.completed", "response.incomplete", "response.failed"),
        *("response.output_item.added", "response.output_item.done"),
        *("response.content_part.added", "response.content_part.done"),
        *("response.output_text.delta", "response.output_text.done"),
        *("response.reasoning_text.delta", "response.reasoning_text.done"),
        *("response.reasoning_summary_text.delta", "response.reasoning_summary_text.done"),
        *("response.refusal.delta", "response.refusal.done"),
        *("response.function_call_arguments.delta", "response.function_call_arguments.done"),
    }
)
"""The types of those events of the Responses API that say what an answer is."""

KEPT: dict[str, frozenset[str]] = {
    "object": frozenset({"chat.completion.chunk", "chat.completion", "text_completion"}),
    "role": frozenset({"assistant", "system", "tool", "user"}),
    "finish_reason": frozenset(
        {
            *("content_filter", "eos_token", "error", "length", "stop", "stop_sequence", "tool_calls"),
            *("COMPLETE", "ERROR", "MAX_TOKENS", "STOP_SEQUENCE", "TIMEOUT", "TOOL_CALL"),
        }
    ),
    "stop_reason": frozenset({"end_turn", "length", "max_tokens", "stop", "stop_sequence", "tool_use"}),
    "stopReason": frozenset(
        {
            *("content_filtered", "end_turn", "guardrail_intervened", "max_tokens"),
            *("model_context_window_exceeded", "stop_sequence", "tool_use"),
        }
    ),
    "type": frozenset(
        {
            *("error", "function", "message", "text", "BadRequestError", "InternalServerError"),
            *("message_start", "message_delta", "message_stop", "ping", "thinking", "tool_use"),
            *("content_block_start", "content_block_delta", "content_block_stop"),
            *("text_delta", "thinking_delta", "input_json_delta", "signature_delta"),
            *("function_call", "output_text", "reasoning", "reasoning_text"),
            *RESPONSE_EVENTS,
            *("message-start", "message-end", "content-start", "content-delta", "content-end", "tool-plan-delta"),
            *("tool-call-start", "tool-call-delta", "tool-call-end", "citation-start", "citation-end", "debug"),
        }
    ),
    "status": frozenset({"completed", "in_progress", "incomplete"}),
    "ErrorCode": frozenset({"ModelInvocationTimeExceeded", "StreamBroken"}),
}
"""Of these keys, the values that say what a record is; any other goes."""

HEADERS: dict[str, frozenset[str]] = {
    ":message-type": frozenset({"event", "exception", "error"}),
    ":event-type": frozenset({"PayloadPart", "chunk", *bedrock.TYPES}),
    ":content-type": frozenset({"application/octet-stream", "application/json", "text/plain"}),
    ":exception-type": frozenset(
        {
            *("ModelStreamError", "InternalStreamFailure", "InternalServerException", "ThrottlingException"),
            *("internalServerException", "modelStreamErrorException", "modelTimeoutException"),
            *("serviceUnavailableException", "throttlingException", "validationException"),
        }
    ),
    ":error-code": frozenset({"InternalError", "InternalFailure"}),
}
"""The same of headers."""

EVENTS = frozenset({"done", "error", "message", "ping"}) | {
    *("message_start", "message_delta", "message_stop"),
    *("content_block_start", "content_block_delta", "content_block_stop"),
    *RESPONSE_EVENTS,
}
"""Names of SSE events that stay."""

_STAND_INS = {1: "x", 2: "é", 3: "字", 4: "😀"}
_MARKS = {2: "\u0301", 3: "\u093f", 4: "\U0001f3fd"}
_FORMATS = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
"""Characters that are not seen and say nothing."""
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)
_NUMBER = re.compile(r"[0-9]+")
_RECORD = re.compile(rb'^\s*\{(?:.*,)?\s*"bytes"\s*:\s*"([^"]*)"', re.DOTALL)
"""The record of a model in Bedrock's event, in base64."""
_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)


def redacted(dialect: Dialect, wire: bytes) -> bytes:
    """*wire* redacted, of the same length, each message where it was; one that is cut off at its end stays cut off."""
    messages = list(MessageDecoder(UNLIMITED).feed(wire))
    if dialect.framing.by_message:
        whole = b"".join([Message(_headers(each.headers), _event(each.payload)).encode() for each in messages])
        return whole + _cut_off(wire[len(whole) :], _encoded)
    parts = [message.payload for message in messages if message.headers.get(":event-type") == "PayloadPart"]
    bodies = _split(_body(dialect, b"".join(parts)), [len(part) for part in parts])
    whole = b"".join([_message(message, bodies) for message in messages])
    return whole + _cut_off(wire[len(whole) :], _letters)


def _event(payload: bytes) -> bytes:
    """The payload of an event of Bedrock's: JSON, in which there may be a record in base64."""
    found = _RECORD.match(payload)
    if found is None:
        return _bytes(payload, _json)
    start, stop = found.span(1)
    rest = _bytes(payload[:start] + payload[stop:], _json)
    try:
        record = b64encode(_bytes(b64decode(found[1], validate=True), _json))
    except ValueError:
        record = b""
    return rest[:start] + (record if len(record) == stop - start else _bytes(found[1], _encoded)) + rest[start:]


def _encoded(text: str) -> str:
    """Base64 that is cut off, or is none, as letters; of its two signs each would tell what a character is."""
    return _letters(text).replace("+", "x").replace("/", "x")


def _cut_off(rest: bytes, redact: Callable[[str], str]) -> bytes:
    """The beginning of a message: its prelude, its headers, and its payload as letters, as nothing checks them.

    Headers that are cut off too are letters, names and all.
    """
    payload = PRELUDE + int.from_bytes(rest[4:8])
    block = rest[PRELUDE:payload]
    whole = len(rest) >= payload
    headers = encode_headers(_headers(decode_headers(block, limit=None))) if whole else _bytes(block, _letters)
    return rest[:PRELUDE] + headers + _bytes(rest[payload:], redact)


def _bytes(data: bytes, redact: Callable[[str], str]) -> bytes:
    """Bytes redacted as text; what is no UTF-8, as half a character is none, stays."""
    return redact(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _message(message: Message, bodies: Iterator[bytes]) -> bytes:
    part = message.headers.get(":event-type") == "PayloadPart"
    payload = next(bodies) if part else _bytes(message.payload, _json)
    return Message(_headers(message.headers), payload).encode()


def _headers(headers: Headers) -> Headers:
    """The names of headers, and of the values those that the protocol has."""
    return {
        name: value if not isinstance(value, str) or value in HEADERS.get(name, ()) else _letters(value)
        for name, value in headers.items()
    }


def _split(body: bytes, lengths: list[int]) -> Iterator[bytes]:
    at = 0
    for length in lengths:
        yield body[at : at + length]
        at += length


def _body(dialect: Dialect, body: bytes) -> bytes:
    if dialect.framing is Framing.RAW:
        return _bytes(body, _letters)
    if dialect.framing is Framing.SSE:
        return b"".join([_bytes(line, _line) for line in body.splitlines(keepends=True)])
    return _bytes(body, _json)


def _line(line: str) -> str:
    """A line of an SSE stream: its field's name, and what is in it redacted."""
    start = len(line) - len(line.lstrip("\ufeff"))
    name, colon, said = line[start:].partition(":")
    if name == "data" and said.strip() != "[DONE]":
        said = _json(said) if said.lstrip()[:1] in ("{", "[", '"', "}", "]", "") else _letters(said)
    elif name == "event":
        said = said if said.strip() in EVENTS else _letters(said)
    elif name in ("id", "retry", ""):
        said = _letters(said)
    elif name != "data":
        name, said = _letters(name), _letters(said)
    return line[:start] + name + colon + said


def _json(text: str) -> str:
    """JSON, whole or cut off, with its strings and numbers redacted; text that is none, as letters."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "[", '"', "}", "]", ""):
        return _letters(text)
    made, at, key = [], 0, ""
    for match in _STRING.finditer(text):
        made.append(_between(text[at : match.start()], key))
        if match[2] is not None:
            key = match[1]
            made.append(match[0])
        else:
            made.append(f'"{match[1] if match[1] in KEPT.get(key, ()) else _escaped(match[1])}"')
        at = match.end()
    before, quote, open_ = text[at:].partition('"')  # a string that is cut off
    made.append(_between(before, key) + quote + _escaped(open_))
    return "".join(made)


def _between(text: str, key: str) -> str:
    """What stands between strings: numbers, but for an index of one digit, and the words of JSON."""

    def number(digits: re.Match[str]) -> str:
        kept = key in ("index", "contentBlockIndex") and len(digits[0]) == 1
        return digits[0] if kept else "1" * len(digits[0])

    return _NUMBER.sub(number, text)


def _escaped(text: str) -> str:
    """The inside of a JSON string."""
    return _UNIT.sub(lambda unit: _unit(unit[0]), text)


def _unit(unit: str) -> str:
    if len(unit) == 1:
        return _letter(unit)
    if unit[1] != "u":
        return unit
    if len(unit) == 12:
        return r"\ud83d\ude00"
    character = json.loads(f'"{unit}"')
    stand_in = _letter(character)
    if stand_in == character or unicodedata.category(character) == "Cs":
        return unit
    return f"\\u{ord(stand_in):04x}" if len(stand_in.encode("utf-16-le")) == 2 else r"\u5b57"


def _letters(text: str) -> str:
    return "".join(map(_letter, text))


def _letter(character: str) -> str:
    """Another character of as many bytes; punctuation, white space, controls and what says nothing stay."""
    kind = unicodedata.category(character)
    if kind[0] in "PZ" or kind in ("Cc", "Cs") or character in "<>|=+$^`~" or character in _FORMATS:
        return character
    length = len(character.encode("utf-8", "surrogateescape"))
    if kind[0] == "M":
        return _MARKS.get(length, character)
    return "1" if character.isascii() and character.isdigit() else _STAND_INS[length]


__all__ = ["EVENTS", "HEADERS", "KEPT", "redacted"]
