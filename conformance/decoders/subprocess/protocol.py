"""What is said to a decoder in a child process, and what it may answer: JSON lines, protocol version 1.

The child asks for each chunk (`pull`), so it never has one before it wants it, and lateness is
judged exactly. An answer that the protocol does not allow is a ProtocolError, which ends the judging:
it says nothing about a decoder. docs/exec-protocol.md is for those who write the other side.
"""

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sliceproof.conformance.decoders.subprocess.child import printable
from sliceproof.conformance.harness.contract import ACCEPTS, CHANNELS, ENVELOPES, YIELDS, TargetError
from sliceproof.wire.dialects import Delta, dialect
from sliceproof.wire.dialects.delta import deltas_of
from sliceproof.wire.errors import SliceproofError

PROTOCOL = 1
END = b'{"end":true}\n'
SHOWN = 120  # characters of an offending line that are shown

Json = Mapping[str, Any]


class ProtocolError(TargetError):
    """The child said what the protocol does not allow."""

    def __init__(self, what: str, line: bytes) -> None:
        text = line[: 4 * SHOWN].decode("utf-8", "backslashreplace")
        shown = text if len(text) <= SHOWN and len(line) <= 4 * SHOWN else text[:SHOWN] + "…"
        super().__init__(f"{what}: {shown!r}")


@dataclass(frozen=True)
class Hello:
    """How a child introduces itself."""

    version: str = ""
    dialects: tuple[str, ...] | None = None
    accepts: str = "chunks"
    yields: str = "text"
    envelope: str = "sagemaker"
    channels: tuple[str, ...] | None = None


def message(line: bytes) -> Json:
    """The JSON object of a line; ProtocolError if it is none."""
    try:
        data = json.loads(line.decode())
    except (ValueError, RecursionError):
        what = "no JSON (only the protocol may write to stdout, all else to stderr)"
        raise ProtocolError(f"it wrote {what}", line) from None
    if not isinstance(data, dict):
        raise ProtocolError("it wrote JSON that is no object", line)
    return data


# Hello


LONGEST_VERSION = 200  # characters
FED = tuple([accept for accept in ACCEPTS if accept != "endpoint"])
"""What a child may accept: a whole client that is a program is judged as `run:COMMAND`."""


def hello(line: bytes) -> Hello:
    """What a child's first line says; ProtocolError if that is no hello of this protocol."""
    reply = message(line)
    if reply.keys() != {"hello"} or not isinstance(reply["hello"], dict):
        raise ProtocolError('it began with another line than {"hello": {...}}', line)
    said = reply["hello"]
    if type(said.get("protocol")) is not int or said["protocol"] != PROTOCOL:
        raise ProtocolError(f"it speaks protocol {said.get('protocol')!r}, and this is protocol {PROTOCOL}", line)
    fields = {"protocol", *Hello.__dataclass_fields__}
    if unknown := sorted(said.keys() - fields):
        raise ProtocolError(f"its hello has an unknown key {unknown[0]!r}", line)
    for name in ("version", "accepts", "yields", "envelope"):
        if not isinstance(said.get(name, ""), str):
            raise ProtocolError(f"its hello's {name!r} is no string", line)
    version = said.get("version", "")
    if len(version) > LONGEST_VERSION or len(version.splitlines()) > 1:
        raise ProtocolError(f"its hello's 'version' is not one line of {LONGEST_VERSION} characters at most", line)
    for name, allowed in (("accepts", FED), ("yields", YIELDS), ("envelope", ENVELOPES)):
        if said.get(name, next(iter(allowed))) not in allowed:
            raise ProtocolError(f"its hello's {name!r} is none of {', '.join(allowed)}", line)
    given = {name: printable(value) for name, value in said.items() if name not in ("protocol", "dialects", "channels")}
    return Hello(
        dialects=_dialects(said.get("dialects"), line), channels=_channels(said.get("channels"), line), **given
    )


def _channels(said: Any, line: bytes) -> tuple[str, ...] | None:
    if said is None:
        return None
    if not isinstance(said, list) or not all(each in CHANNELS for each in said):
        raise ProtocolError(f"its hello's 'channels' is no list of {', '.join(CHANNELS)}", line)
    return tuple(said)


def _dialects(said: Any, line: bytes) -> tuple[str, ...] | None:
    if said is None:
        return None
    if not isinstance(said, list) or not said or not all(isinstance(id_, str) for id_ in said):
        raise ProtocolError("its hello's 'dialects' is neither null nor a list of their names", line)
    try:
        return tuple(dict.fromkeys(dialect(id_).id for id_ in said))
    except SliceproofError as error:
        raise ProtocolError(f"its hello names an {error}", line) from None


# One stream


def greeting() -> bytes:
    """The first line that a child reads."""
    return _line({"protocol": PROTOCOL})


def opening(number: int, dialect_id: str, form: str) -> bytes:
    """A stream begins."""
    return _line({"stream": number, "dialect": dialect_id, "form": form})


def answer(feed: Iterator[Any], accepts: str) -> bytes:
    """The answer to a pull: a chunk, the end, or the exception that the service sent."""
    try:
        item = next(feed)
    except StopIteration:
        return END
    except Exception as error:
        return _line({"raise": _service_error(error)})
    data = item["PayloadPart"]["Bytes"] if accepts == "events" else item
    return b'{"chunk":"%b"}\n' % b2a_base64(data, newline=False)


def _service_error(error: Exception) -> dict[str, str]:
    """The name and message of an exception as boto3 raises it for an exception message."""
    details = getattr(error, "response", {}).get("Error", {})
    return {"name": str(details.get("Code", type(error).__name__)), "message": str(details.get("Message", error))}


def _line(reply: Json) -> bytes:
    return json.dumps(reply, separators=(",", ":")).encode() + b"\n"


class RaisedError(Exception):
    """An error that the decoder raised, as the child tells it; its class has the name that it has there."""


class Pull:
    """The child wants a chunk."""


class Done:
    """The child has told all of a stream."""


PULL, DONE = Pull(), Done()


def said(line: bytes, number: int, yields: str) -> Any:
    """What a line says within stream *number*: PULL, DONE, or an item that the decoder yielded.

    Raises the decoder's own error if it says one, ProtocolError for anything else.
    """
    reply = message(line)
    if reply.get("stream") != number or len(reply) != 2:
        raise _misplaced(reply, line, number)
    kind = next(key for key in reply if key != "stream")
    reading = _READINGS.get(kind)
    if reading is None:
        raise ProtocolError(f"it wrote an unknown key {kind!r} in a stream", line)
    if kind in _ITEMS and _ITEMS[kind] != yields:
        raise ProtocolError(f"it wrote a {kind}, but its hello says that it yields {yields}", line)
    try:
        item = reading(reply[kind])
    except (ValueError, TypeError):
        raise ProtocolError(f"its {kind!r} is not {_SHAPES[kind]}", line) from None
    if isinstance(item, RaisedError):
        raise item
    return item


def _misplaced(reply: Json, line: bytes, number: int) -> ProtocolError:
    if "stream" not in reply:
        return ProtocolError(f"it wrote a line without a stream's number while stream {number} was under way", line)
    if isinstance(reply["stream"], int) and 0 < reply["stream"] < number:  # streams are told in turn: that one is done
        return ProtocolError("it wrote more after it was done", line)
    if reply["stream"] != number:
        return ProtocolError(f"it wrote of stream {reply['stream']!r} while stream {number} was under way", line)
    keys = ", ".join(sorted(map(repr, reply.keys() - {"stream"}))) or "nothing"
    return ProtocolError(f"a line has 'stream' and one other key; it wrote {keys}", line)


def _true(value: Any) -> None:
    if value is not True:
        raise ValueError


def _pull(value: Any) -> Pull:
    _true(value)
    return PULL


def _done(value: Any) -> Done:
    _true(value)
    return DONE


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _delta(value: Any) -> Delta:
    if not isinstance(value, dict):
        raise TypeError
    return deltas_of(value)[0]


def _bytes(value: Any) -> bytes:
    return a2b_base64(_text(value), strict_mode=True)


def _fields(value: Any, *names: str) -> list[Any]:
    if not isinstance(value, dict) or value.keys() != set(names):
        raise ValueError
    return [value[name] for name in names]


def _message(value: Any) -> tuple[dict[str, Any] | None, bytes]:
    headers, payload = _fields(value, "headers", "payload")
    if not isinstance(headers, dict | None):
        raise TypeError
    return headers, _bytes(payload)


def _error(value: Any) -> RaisedError:
    kind, text = map(_text, _fields(value, "type", "message"))
    return error_class(kind)(printable(text))


_READINGS: dict[str, Callable[[Any], Any]] = {
    "pull": _pull,
    "done": _done,
    "text": _text,
    "delta": _delta,
    "line": _bytes,
    "message": _message,
    "error": _error,
}
_SHAPES = {
    "pull": "true",
    "done": "true",
    "text": "a string",
    "delta": '{"text": string, "kind": string, "choice": number, ...}',
    "line": "base64",
    "message": '{"headers": object or null, "payload": base64}',
    "error": '{"type": string, "message": string}',
}
_ITEMS = {"text": "text", "delta": "deltas", "line": "lines", "message": "messages"}


@lru_cache(maxsize=256)
def error_class(name: str) -> type[RaisedError]:
    """The class of an error that a child's decoder raised, under the name that it has there."""
    return type(printable(name)[:100] or "Error", (RaisedError,), {"__doc__": "Raised by the decoder in the child."})


def schema() -> Any:
    """The JSON Schema of both directions: `$defs/toChild` and `$defs/fromChild`."""
    return json.loads(files(__package__).joinpath("exec-protocol.schema.json").read_text("utf-8"))
