"""Wires of any bytes, read by a framing decoder and by ours: what one takes and the format forbids, or the reverse.

Ours is asked without limits, so only what the format itself says counts: a message that its bytes refuse
(F2: a decoder must say so), and a message that they allow (F5: it must be given, with all its headers). Where
the wire ends inside a message nothing is judged here; T2 asks that.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sliceproof.conformance.decoder import YIELDS, Decoder, Mode, TargetError
from sliceproof.conformance.drive import PAST_END, Feed, Suspended, step
from sliceproof.conformance.watchdog import Hang, watching
from sliceproof.wire.errors import IncompleteMessageError, MessageError
from sliceproof.wire.headers import Timestamp
from sliceproof.wire.messages import UNLIMITED, Message, MessageDecoder

PATIENCE = 5.0  # seconds for one small wire


class Told(NamedTuple):
    """What ours makes of a wire: the messages, and the error after them."""

    messages: tuple[Message, ...]
    error: MessageError | None


class Difference(NamedTuple):
    """A wire that a decoder reads otherwise than the format says: for which requirement, and in which way."""

    requirement: str
    mode: str
    what: str
    number: int  # of the message that is read otherwise


def told(wire: bytes) -> Told:
    """What the format says of a wire."""
    decoder, messages = MessageDecoder(UNLIMITED), []
    try:
        for message in decoder.feed(wire):
            messages.append(message)
        decoder.close()
    except MessageError as error:
        return Told(tuple(messages), error)
    return Told(tuple(messages), None)


def difference(decoder: Decoder, wire: bytes, sound: Told) -> Difference | None:
    """The first difference between what *decoder* makes of a wire in one chunk and what the format says of it."""
    if isinstance(sound.error, IncompleteMessageError):
        return None
    for name, mode in decoder.modes.items():
        items, error = read(decoder, mode, (wire,))
        if sound.error is not None:
            if error is None or isinstance(error, Hang):
                return Difference("F2", name, _kind(sound.error), len(sound.messages))
        elif decoder.yields == "messages" and all(map(is_part, sound.messages)):
            found = _otherwise(sound.messages, items, error)
            if found:
                return Difference("F5", name, *found)
    return None


def _kind(error: MessageError) -> str:
    """The kind of fault, without what is different each time: names, lengths, offsets."""
    for word in ("checksum", "twice", "UTF-8", "empty", "past the header block", "left in the message", "at least"):
        if word in error.reason:
            return word
    return "type" if "types are" in error.reason else type(error).__name__


def _otherwise(
    messages: Sequence[Message], items: Sequence[Any], error: BaseException | None
) -> tuple[str, int] | None:
    """What is otherwise, and in which message, where all of these are parts and so must come out.

    Of other messages clients may give what they like; and a decoder that reads what is in the parts,
    which may be anything, may well raise at that.
    """
    for number, (one, (headers, payload)) in enumerate(zip(messages, items, strict=False)):
        if one.payload != payload:
            return "payload", number
        if headers is not None and not _alike(one.headers, headers):
            return "headers", number
    if error is None and len(items) == len(messages):
        return None
    return "count" if error is None else type(error).__name__, max(0, min(len(items), len(messages) - 1))


def is_part(message: Message) -> bool:
    """Whether it is a PayloadPart event."""
    return message.headers.get(":event-type") == "PayloadPart" and message.headers.get(":message-type") == "event"


def _alike(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """The same names, and the same values where theirs are of plain types."""
    if set(ours) != set(theirs):
        return False
    return all(_same(one, theirs[name]) for name, one in ours.items())


def _same(ours: Any, theirs: Any) -> bool:
    if type(theirs) not in (bool, int, str, bytes):
        return True  # a type of its own; what it holds is for tests that know it
    if isinstance(ours, UUID):
        return bool(theirs in (ours.bytes, str(ours)))
    if isinstance(ours, Timestamp) or type(theirs) is int:
        return bool(int(ours) == theirs)
    return bool(ours == theirs)


def read(decoder: Decoder, mode: Mode, chunks: Sequence[bytes]) -> tuple[list[Any], BaseException | None]:
    """What a decoder gives for chunks, as its adapter extracts it, and the error it ends with (Hang: it does not)."""
    feed, items = Feed(chunks), []
    try:
        with watching(PATIENCE, feed):
            for item in _items(mode.open("text", "")(feed)):
                told = decoder.extract(item)
                if decoder.yields == "messages" and not (isinstance(told, tuple) and len(told) == 2):
                    raise TargetError(f"{decoder.name} yielded {told!r:.80}, not {YIELDS['messages']}")
                items.append(told)
                if len(items) > 1000 + PAST_END * len(chunks):
                    raise Hang
    except (KeyboardInterrupt, TargetError):
        raise
    except Suspended:
        raise TargetError("the decoder waits for an event loop; only what does not can be fuzzed here") from None
    except BaseException as error:
        return items, error
    return items, None


def _items(given: Any) -> Iterator[Any]:
    if not hasattr(given, "__aiter__"):
        yield from given
        return
    iterator = given.__aiter__()
    while True:
        try:
            yield step(iterator.__anext__())
        except StopAsyncIteration:
            return
