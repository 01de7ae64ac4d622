"""botocore's EventStreamBuffer and EventStream: they give messages and leave reading them to others."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.invocation import event_stream
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.stream import Stream

EXTRACTED = tuple[dict[str, Any] | None, bytes]


def _buffer(dialect: str, form: str) -> Any:
    from botocore.eventstream import EventStreamBuffer

    def messages(chunks: Iterable[bytes]) -> Iterator[EXTRACTED]:
        buffer = EventStreamBuffer()
        for chunk in chunks:
            buffer.add_data(chunk)
            for message in buffer:
                yield message.headers, message.payload

    return messages


def _event_stream(dialect: str, form: str) -> Any:
    def payloads(chunks: Iterable[bytes]) -> Iterator[EXTRACTED]:
        return map(_payload, event_stream(chunks))

    return payloads


def _payload(event: dict[str, Any]) -> EXTRACTED:
    return None, event["PayloadPart"]["Bytes"]


_BUFFER = """from botocore.eventstream import EventStreamBuffer

CHUNKS

buffer = EventStreamBuffer()
for chunk in chunks:
    buffer.add_data(chunk)
    for message in buffer:
        print(message.headers, message.payload)"""


def decoder() -> Decoder:
    """The adapter."""

    def code(stream: Stream, mode: str) -> str:
        return _BUFFER

    return Decoder(
        "botocore",
        {"buffer": Mode(_buffer), "event stream": Mode(_event_stream)},
        yields="messages",
        version=lambda: version("botocore"),
        code=code,
        client="botocore-client",
        notes={"T2": "EventStreamBuffer keeps what is left of a message at the end of the stream and says nothing"},
        modules=("botocore.eventstream",),
    )
