"""A recorded wire without what it said: each letter and digit is another, and all lengths and cuts are the same.

Text, names, ids, numbers (a token's number is the token) and the messages of errors go; JSON, keys, punctuation,
white space and the few values that say what a record is stay. A letter becomes one of as many bytes, an escape an
escape.
"""

import json
import re
import unicodedata
from collections.abc import Iterator

from sliceproof.wire.dialects import Dialect, Framing
from sliceproof.wire.headers import Headers
from sliceproof.wire.messages import UNLIMITED, Message, MessageDecoder
from sliceproof.wire.recorded import PRELUDE

KEPT = frozenset({"index", "object", "role", "finish_reason", "stop_reason", "type", "ErrorCode"})
"""Keys whose values say what a record is."""

_STAND_INS = {1: "x", 2: "é", 3: "字", 4: "😀"}
_MARKS = {2: "\u0301", 3: "\u093f", 4: "\U0001f3fd"}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)
_NUMBER = re.compile(r"[0-9]")
_UNIT = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)


def redacted(dialect: Dialect, wire: bytes) -> bytes:
    """*wire* redacted, of the same length, each message where it was; one that is cut off at its end stays cut off."""
    messages = list(MessageDecoder(UNLIMITED).feed(wire))
    parts = [message.payload for message in messages if message.headers.get(":event-type") == "PayloadPart"]
    bodies = _split(_body(dialect, b"".join(parts)), [len(part) for part in parts])
    whole = b"".join([_message(message, bodies) for message in messages])
    return whole + _cut_off(wire[len(whole) :])


def _cut_off(rest: bytes) -> bytes:
    """The beginning of a message: its prelude and headers, and its payload as letters, as nothing checks them."""
    payload = PRELUDE + int.from_bytes(rest[4:8])
    text = rest[payload:].decode("utf-8", "surrogateescape")
    return rest[:payload] + _letters(text).encode("utf-8", "surrogateescape")


def _message(message: Message, bodies: Iterator[bytes]) -> bytes:
    part = message.headers.get(":event-type") == "PayloadPart"
    payload = (
        next(bodies)
        if part
        else _json(message.payload.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    )
    return Message(_headers(message.headers), payload).encode()


def _headers(headers: Headers) -> Headers:
    """The headers of the protocol as they are; the text of others, and of an error, goes."""
    return {
        name: _letters(value) if isinstance(value, str) and (name[:1] != ":" or name == ":error-message") else value
        for name, value in headers.items()
    }


def _split(body: bytes, lengths: list[int]) -> Iterator[bytes]:
    at = 0
    for length in lengths:
        yield body[at : at + length]
        at += length


def _body(dialect: Dialect, body: bytes) -> bytes:
    text = body.decode("utf-8", "surrogateescape")  # what ends inside a character keeps its last bytes
    if dialect.framing is Framing.RAW:
        made = _letters(text)
    elif dialect.framing is Framing.SSE:
        made = re.sub(r"(?m)^(data: ?)?(.*)$", lambda line: (line[1] or "") + _data(line[1], line[2]), text)
    else:
        made = _json(text)
    return made.encode("utf-8", "surrogateescape")


def _data(field: str | None, said: str) -> str:
    """What stands behind `data:`, or a line of another field."""
    if field is None or said.strip() == "[DONE]":
        return said
    return _json(said) if said.lstrip()[:1] in ("{", "[", '"', "}", "]", "") else _letters(said)


def _json(text: str) -> str:
    """JSON, whole or cut off, with its strings and numbers redacted; text that is none, as letters."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "[", '"'):
        return _letters(text)
    made, at, key = [], 0, ""
    for match in _STRING.finditer(text):
        between = text[at : match.start()]
        made.append(between if key in KEPT else _NUMBER.sub("1", between))
        if match[2] is not None:
            key = match[1]
            made.append(match[0])
        else:
            made.append(f'"{match[1] if key in KEPT else _escaped(match[1])}"')
        at = match.end()
    rest = text[at:]
    before, quote, open_ = rest.partition('"')  # a string that is cut off
    made.append(_NUMBER.sub("1", before) + quote + _escaped(open_))
    return "".join(made)


def _escaped(text: str) -> str:
    """The inside of a JSON string."""
    return _UNIT.sub(lambda unit: _unit(unit[0]), text)


def _unit(unit: str) -> str:
    if len(unit) == 1:
        return _letter(unit)
    if unit[1] != "u":
        return unit
    character = json.loads(f'"{unit}"')
    if len(unit) == 12:
        return r"\ud83d\ude00"
    if character.isascii():
        return unit if not character.isalnum() else r"\u0078"
    return r"\u5b57" if character.isalnum() else unit


def _letters(text: str) -> str:
    return "".join(map(_letter, text))


def _letter(character: str) -> str:
    """Another letter of as many bytes; what is neither a letter, a digit, a mark nor a symbol stays."""
    kind = unicodedata.category(character)[0]
    if kind not in "LNMS" or character in "<>|=+$^`~":
        return character
    length = len(character.encode("utf-8", "surrogateescape"))
    if kind == "M":
        return _MARKS.get(length, character)
    return "1" if character.isascii() and character.isdigit() else _STAND_INS[length]


__all__ = ["KEPT", "redacted"]
