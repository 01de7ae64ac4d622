"""amazon-transcribe's EventStreamBuffer: the same framing, in a codec of its own."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.harness.contract import Decoder, Mode

_CODE = """from amazon_transcribe.eventstream import EventStreamBuffer

CHUNKS

buffer = EventStreamBuffer()
for chunk in chunks:
    buffer.add_data(chunk)
    for message in buffer:
        print(message.headers, message.payload)"""


def decoder() -> Decoder:
    """The adapter; ImportError if amazon-transcribe is not installed."""
    from amazon_transcribe.eventstream import EventStreamBuffer

    def messages(chunks: Iterable[bytes]) -> Iterator[Any]:
        buffer = EventStreamBuffer()
        for chunk in chunks:
            buffer.add_data(chunk)
            yield from buffer

    return Decoder(
        "amazon-transcribe",
        {"sync": Mode(lambda dialect, form: messages)},
        yields="messages",
        version=lambda: version("amazon-transcribe"),
        extract=lambda message: (message.headers, message.payload),
        code=lambda stream, mode: _CODE,
        modules=("amazon_transcribe.eventstream",),
    )
