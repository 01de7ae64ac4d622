"""Wires of any bytes, read by a framing decoder and by ours: what one takes and the format forbids, or the reverse.

Ours is asked without limits, so only what the format itself says counts: a message that its bytes refuse
(F2: a decoder must say so), and a message that they allow (F5: it must be given, with all its headers). Where
the wire ends inside a message nothing is judged here; T2 asks that. Nor is a wire over the limits that clients
have, unless it is malformed too.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from sliceproof.conformance.harness.contract import YIELDS, Decoder, Mode, TargetError
from sliceproof.conformance.harness.drive import Feed, Suspended, step
from sliceproof.conformance.harness.watchdog import Hang, watching
from sliceproof.wire.errors import IncompleteMessageError, MessageError
from sliceproof.wire.headers import MAX_VALUE, Limits, Timestamp
from sliceproof.wire.messages import UNLIMITED, Message, MessageDecoder, decode_messages

PATIENCE = 5.0  # seconds for one small wire
LEAST = Limits(payload=16 * 1024 * 1024)
"""The smallest limits that clients have: Smithy's, and smithy-python's of a payload."""


class Expected(NamedTuple):
    """What ours makes of a wire: the messages, the error after them, and how many bytes come before that."""

    messages: tuple[Message, ...]
    error: MessageError | None
    read: int


class Difference(NamedTuple):
    """A wire that a decoder reads otherwise than the format says: for which requirement, and in which way."""

    requirement: str
    mode: str
    what: str
    number: int  # of the message that is read otherwise


def expected(wire: bytes) -> Expected:
    """What the format says of a wire."""
    decoder, messages = MessageDecoder(UNLIMITED), []
    try:
        for message in decoder.feed(wire):
            messages.append(message)
        decoder.close()
    except MessageError as error:
        return Expected(tuple(messages), error, _length(wire, len(messages)))
    return Expected(tuple(messages), None, len(wire))


def _length(wire: bytes, messages: int) -> int:
    """Bytes of the first messages, as they declare it."""
    at = 0
    for _ in range(messages):
        at += int.from_bytes(wire[at : at + 4])
    return at


def difference(decoder: Decoder, wire: bytes, sound: Expected) -> Difference | None:
    """The first difference between what *decoder* makes of a wire in one chunk and what the format says of it."""
    if isinstance(sound.error, IncompleteMessageError):
        return None
    for name, mode in decoder.modes.items():
        if sound.error is not None:
            if _hides(decoder, mode, wire, sound):
                return Difference("F2", name, _kind(sound.error), len(sound.messages))
        elif decoder.yields == "messages" and all(map(is_part, sound.messages)) and not _over_limits(wire):
            found = _otherwise(sound.messages, *read(decoder, mode, (wire,)))
            if found:
                return Difference("F5", name, *found)
    return None


def _hides(decoder: Decoder, mode: Mode, wire: bytes, sound: Expected) -> bool:
    """Whether no error comes of a malformed message; alone, where what is before it may be the end to a decoder."""
    alone = not counts_before(decoder, sound) and sound.read > 0
    for tried in (wire, wire[sound.read :]) if alone else (wire,):
        _, error = read(decoder, mode, (tried,))
        if error is not None and not isinstance(error, Hang):
            return False
    return True


def counts_before(decoder: Decoder, sound: Expected) -> bool:
    """Whether *decoder* has to read on past these messages: after an exception, or a finish mark, it need not."""
    return decoder.yields == "messages" and all(map(is_part, sound.messages))


def _over_limits(wire: bytes) -> bool:
    if len(wire) > MAX_VALUE:
        try:
            decode_messages(wire, LEAST)
        except MessageError:
            return True
    return False


KINDS = (
    "prelude checksum",
    "message checksum",
    "twice",
    "UTF-8",
    "empty",
    "past the header block",
    "left in the message",
    "at least",
)


def _kind(error: MessageError) -> str:
    """The kind of fault, without what is different each time: names, lengths, offsets."""
    for word in KINDS:
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
    for number, (message, (headers, payload)) in enumerate(zip(messages, items, strict=False)):
        if message.payload != payload:
            return "payload", number
        if headers is not None and not _alike(message.headers, headers):
            return "headers", number
    if error is None and len(items) == len(messages):
        return None
    return "count" if error is None else type(error).__name__, max(0, min(len(items), len(messages) - 1))


def is_part(message: Message) -> bool:
    """Whether it is a PayloadPart event."""
    return message.headers.get(":event-type") == "PayloadPart" and message.headers.get(":message-type") == "event"


def _alike(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """The same names, whatever their case, or none that the API does not know; the same values where of plain types."""
    names = {name.casefold(): name for name in ours}
    given = {name.casefold(): value for name, value in theirs.items()}
    if len(names) < len(ours):
        return True  # who ignores case may give either
    reserved = {name for name in names if name.startswith(":")}
    if set(given) != set(names) and not set(given) <= reserved:
        return False
    return all(_same(ours[names[name]], value) for name, value in given.items())


def _same(ours: Any, theirs: Any) -> bool:
    if type(theirs) not in (bool, int, str, bytes):
        return True  # a type of its own; what it holds is for tests that know it
    if isinstance(ours, UUID):
        return bool(theirs == ours.bytes or str(theirs).replace("-", "").lower() == ours.hex)
    if isinstance(ours, Timestamp):
        return type(theirs) is str or bool(int(ours) == theirs)
    return bool(ours == theirs)


Ended = tuple[list[Any], BaseException | None]

_needs_loop: set[Mode] = set()


def read(decoder: Decoder, mode: Mode, chunks: Sequence[bytes]) -> Ended:
    """What a decoder gives for chunks, as its adapter extracts it, and the error it ends with (Hang: it does not).

    One that fails, or waits, for want of an event loop gets one.
    """
    if mode not in _needs_loop:
        with suppress(Suspended):
            items, error = _read(decoder, mode, chunks, _stepped)
            if error is None or not mode.is_async:
                return items, error
    items, error = _read(decoder, mode, chunks, _looped)
    if error is None:
        _needs_loop.add(mode)
    return items, error


Take = Callable[[Any], None]


def _read(decoder: Decoder, mode: Mode, chunks: Sequence[bytes], through: Callable[[Any, Take], None]) -> Ended:
    feed, most = Feed(chunks), 1000 + 8 * sum(map(len, chunks))
    items: list[Any] = []

    def take(item: Any) -> None:
        text = decoder.extract(item)
        if decoder.yields == "messages" and not (isinstance(text, tuple) and len(text) == 2):
            raise TargetError(f"{decoder.name} yielded {text!r:.80}, not {YIELDS['messages']}")
        items.append(text)
        if len(items) > most:
            raise Hang

    try:
        with watching(PATIENCE, feed):
            through(mode.open("text", "")(feed), take)
    except (KeyboardInterrupt, TargetError, Suspended):
        raise
    except BaseException as error:
        return items, error
    return items, None


def _stepped(given: Any, take: Take) -> None:
    if not hasattr(given, "__aiter__"):
        for item in given:
            take(item)
        return
    iterator = given.__aiter__()
    with suppress(StopAsyncIteration):
        while True:
            take(step(iterator.__anext__()))


def _looped(given: Any, take: Take) -> None:
    async def gathered() -> None:
        async for item in given:
            take(item)

    asyncio.run(gathered())
