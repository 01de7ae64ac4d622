"""What decoders are fed: chunks, parts or events, and what is raised after them; the pulls are counted."""

import json
from base64 import b64decode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.source import Source
from sliceproof.conformance.harness.watchdog import Hang
from sliceproof.wire.bedrock import EXCEPTIONS
from sliceproof.wire.dialects import Dialect, dialect
from sliceproof.wire.faults import FaultKind

if TYPE_CHECKING:
    from botocore.exceptions import EventStreamError

OPERATION = "InvokeModelWithResponseStream"
PAST_END = 100  # pulls after the end of the stream that are still no hang


class Came(Protocol):
    """What counts how many characters or bytes came out."""

    size: int


class Feed:
    """An iterator, sync and async, over what is fed; it counts the pulls and stops one that never ends."""

    __slots__ = ("final", "items", "pulls", "size")

    def __init__(self, items: Sequence[Any], final: BaseException | None = None) -> None:
        self.items, self.final = items, final
        self.pulls, self.size = 0, len(items)

    def __iter__(self) -> "Feed":
        return self

    def __next__(self) -> Any:
        at = self.pulls
        self.pulls = at + 1
        if at < self.size:
            return self.items[at]
        if at > self.size + PAST_END:
            raise Hang
        if self.final is not None:
            raise self.final
        raise StopIteration

    def __aiter__(self) -> "Feed":
        return self

    async def __anext__(self) -> Any:
        try:
            return Feed.__next__(self)
        except StopIteration:
            raise StopAsyncIteration from None

    @property
    def steps(self) -> int:
        """How often more was asked for."""
        return self.pulls

    def anew(self) -> "Feed":
        """One like it, from the beginning."""
        return Feed(self.items, self.final)

    def begun(self, came: "Came", library: str) -> None:
        """A consumer begins to read, in an event loop of *library* or in none; *came* counts what it gets."""

    def over(self) -> None:
        """The consumer reads no more."""


def feed_of(decoder: Decoder, stream: Source) -> Feed:
    """What *decoder* accepts, of *stream*."""
    fault, parts = stream.fault, stream.parts
    final: BaseException | None = None
    if fault is not None and fault.kind is FaultKind.SOURCE_ERROR:
        final = fault.raised
        parts = stream.whole_parts
    if decoder.accepts == "endpoint" or decoder.reads_wire:
        return Feed(stream.chunks, final)
    known = dialect(stream.dialect)
    if fault is not None and fault.kind is FaultKind.EXCEPTION:
        final = boto3_error(fault.name, fault.message, known)
    if known.framing.by_message:
        parts = tuple([part[:-1] for part in parts])
    if decoder.accepts == "parts" or decoder.envelope == "http":
        return Feed(parts, final)
    return Feed([boto3_event(part, known) for part in parts], final)


def boto3_event(part: bytes, of: Dialect) -> dict[str, Any]:
    """An event as boto3 gives it."""
    if of.typed:
        event: dict[str, Any] = json.loads(part)
        for said in event.values():
            said.pop("p", None)  # the padding of one that was recorded: the service's model does not have it
            thought = said.get("delta", {}).get("reasoningContent", {})
            if "redactedContent" in thought:  # a blob of the model
                thought["redactedContent"] = b64decode(thought["redactedContent"])
        return event
    return {"chunk": {"bytes": part}} if of.framing.by_message else {"PayloadPart": {"Bytes": part}}


def boto3_error(name: str, message: str, of: Dialect) -> "EventStreamError":
    """The exception that boto3's EventStream raises for an exception message."""
    from botocore.exceptions import EventStreamError

    operation = "InvokeEndpointWithResponseStream"
    if of.framing.by_message:
        name, operation = EXCEPTIONS.get(name, name), "ConverseStream" if of.typed else OPERATION
    return EventStreamError({"Error": {"Code": name, "Message": message}}, operation)
