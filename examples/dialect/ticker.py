"""A dialect of one's own, a decoder of it, and how the one is judged in the other.

    sliceproof check ticker.py:decode --dialect ticker.py:TICKER
    sliceproof check reference --dialect ticker.py:TICKER         # that the definition is sound

The container writes JSON lines; each has a piece of text in base64, and the last one says why it ended.
"""

import base64
import json

from sliceproof import Dialect, Framing, ModelError, Reading


def record(index, text, full, form):
    """The object of the index-th piece; `full` is the whole text in the last one, and None before it."""
    return {"seq": index, "b64": text, "end": None if full is None else "stop"}


def read(found):
    """What an object says: its text, and whether it is the last."""
    if "fault" in found:
        raise ModelError(found["fault"])
    return Reading(base64.b64decode(found["b64"]).decode(), found["end"] is not None)


TICKER = Dialect(
    id="ticker",
    media_type="application/jsonlines",
    framing=Framing.LINES,
    source="our own container, version 4",
    record=record,
    read=read,
    encode=lambda text: base64.b64encode(text.encode()).decode(),
    error=lambda message: {"fault": message},
)


def decode(chunks):
    """The text of a response: botocore's event stream, then lines, then base64."""
    from botocore.eventstream import EventStreamBuffer

    frames, rest, ended = EventStreamBuffer(), b"", False
    for chunk in chunks:
        frames.add_data(chunk)
        for event in frames:
            if event.headers.get(":message-type") != "event":
                raise RuntimeError(event.payload.decode())
            if event.headers[":event-type"] != "PayloadPart":
                continue
            *lines, rest = (rest + event.payload).split(b"\n")
            for line in filter(None, lines):
                found = json.loads(line)
                if "fault" in found:
                    raise RuntimeError(found["fault"])
                ended = found["end"] is not None
                yield base64.b64decode(found["b64"]).decode()
    if not ended:
        raise RuntimeError("the answer ended early")
