"""The fix that LiteLLM's users first asked for (BerriAI/litellm#9165): skip the part that does not decode, and go on.

It is what 1.65.1 released for its async path: "Attempting to combine with next event", where the
half that did not decode is no longer there to be combined. The words that follow are ours; what
it does with each part is as in the thread and the release: strip one `data:`, decode the part by
itself, append it, try the whole as JSON, and at the end parse what is left.
"""

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.stream import Stream

DIALECTS = ("tgi-sse", "openai-sse", "djl-jsonlines", "djl-sse", "lmi-jsonlines")


class Accumulating:
    """One stream: `feed(chunk)` gives the texts it completes, `close()` the last one."""

    def __init__(self) -> None:
        from botocore.eventstream import EventStreamBuffer

        self._buffer = EventStreamBuffer()
        self._accumulated = ""

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The texts of the records that end with a message of *chunk*; ValueError for an exception message."""
        self._buffer.add_data(chunk)
        for message in self._buffer:
            response = message.to_response_dict()
            if response["status_code"] != 200:
                raise ValueError(f"Bad response code, expected 200: {response}")
            try:
                part = message.payload.decode()
            except UnicodeDecodeError:
                continue  # here the bytes of this part are lost; so is the record that they were of
            self._accumulated += part.removeprefix("data:").lstrip().replace("\n\n", "")
            yield from self._tried()

    def close(self) -> Iterator[str]:
        """The text of what is left, if it is a record; if not, nothing is said."""
        yield from self._tried()

    def _tried(self) -> Iterator[str]:
        try:
            record = json.loads(self._accumulated)
        except json.JSONDecodeError:
            return
        self._accumulated = ""
        yield text_of(record)


def text_of(record: dict[str, Any]) -> str:
    """The text of a record of the completion or the messages API."""
    if "choices" in record:
        return "".join((choice.get("delta") or {}).get("content") or "" for choice in record["choices"])
    return (record.get("token") or {}).get("text") or ""


def decode(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of a response body, less what is lost."""
    decoding = Accumulating()
    for chunk in chunks:
        yield from decoding.feed(chunk)
    yield from decoding.close()


async def adecode(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """The same, of chunks that come asynchronously."""
    decoding = Accumulating()
    async for chunk in chunks:
        for text in decoding.feed(chunk):
            yield text
    for text in decoding.close():
        yield text


def code(stream: Stream, mode: str) -> str:
    """How to call it on a stream's chunks."""
    return f"from {__name__} import decode\n\nCHUNKS\n\nprint(list(decode(chunks)))"


def decoder() -> Decoder:
    """The adapter."""
    return Decoder(
        "litellm-proposed-fix",
        {
            "sync": Mode(lambda dialect, form: decode),
            "async": Mode(lambda dialect, form: adecode, is_async=True),
        },
        DIALECTS,
        version=lambda: f"on botocore {version('botocore')}",
        code=code,
        builds_on=("botocore",),
        modules=(__name__, "botocore.eventstream"),
    )
