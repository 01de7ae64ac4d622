"""From the chunks of the HTTP body to text: messages, lines, records."""

import json

from botocore.eventstream import EventStreamBuffer


class ModelError(Exception):
    """The container or the service reported an error, or the stream broke off."""


class Decoding:
    """One stream: `feed` gives the text that a chunk completes, `close` says whether the stream was whole."""

    def __init__(self):
        self._buffer = EventStreamBuffer()
        self._fed = self._read = 0
        self._rest = b""
        self._finished = False

    def feed(self, chunk):
        self._fed += len(chunk)
        self._buffer.add_data(chunk)
        for message in self._buffer:
            self._read += message.prelude.total_length
            if message.headers[":message-type"] != "event":
                raise ModelError(f"{message.headers}: {message.payload.decode('utf-8', 'replace')}")
            if message.headers[":event-type"] != "PayloadPart":
                continue
            *lines, self._rest = (self._rest + message.payload).split(b"\n")
            for line in lines:
                yield from self._text(line)

    def close(self):
        yield from self._text(self._rest)
        if self._read != self._fed:
            raise ModelError("the stream ended inside a message")
        if not self._finished:
            raise ModelError("the stream ended before the completion did")

    def _text(self, line):
        if not line.startswith(b"data:"):
            return
        record = json.loads(line.removeprefix(b"data:"))
        if "error" in record:
            raise ModelError(record["error"])
        self._finished |= record["generated_text"] is not None
        if not record["token"]["special"]:
            yield record["token"]["text"]


def decode(chunks):
    """The text of a response, delta by delta."""
    decoding = Decoding()
    for chunk in chunks:
        yield from decoding.feed(chunk)
    yield from decoding.close()


async def adecode(chunks):
    """The same, of chunks that come asynchronously."""
    decoding = Decoding()
    async for chunk in chunks:
        for text in decoding.feed(chunk):
            yield text
    for text in decoding.close():
        yield text
