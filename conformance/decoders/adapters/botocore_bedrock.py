"""botocore's EventStream of Bedrock Runtime, by the service's own model, with our reader of what is in its events.

What boto3 gives is a typed event of ConverseStream, or the record of a model in the bytes of a chunk. Who sends that to
our own reader loses nothing there, so a failure is of the event stream or of its parser.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.bedrock_runtime import BASE, CONVERSE, MEMBERS, event_stream, operation
from sliceproof.conformance.decoders.adapters.bedrock_runtime import output_shape as shape
from sliceproof.conformance.harness.contract import Call, Decoder, Mode
from sliceproof.wire.dialects import BEDROCK, Delta, delta_reader
from sliceproof.wire.stream import Stream

_CODE = """from types import SimpleNamespace

from botocore.eventstream import EventStream
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EventStreamJSONParser

CHUNKS

model = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
shape = model.operation_model("OPERATION").get_event_stream_output()
raw = SimpleNamespace(stream=lambda: iter(chunks))
for event in EventStream(raw, shape, EventStreamJSONParser(), "OPERATION"):
    print(event)"""


def record_of(event: dict[str, Any], of: str) -> bytes:
    """What our reader reads of an event; b"" for a chunk without bytes."""
    if of == CONVERSE:
        return json.dumps(event, default=lambda blob: b64encode(blob).decode()).encode() + b"\n"
    record: bytes = event.get("chunk", {}).get("bytes", b"")
    return record and record + b"\n"


def _open(dialect: str, form: str) -> Call:
    return _reading(dialect, ends=True)


def _open_to_any_end(dialect: str, form: str) -> Call:
    return _reading(dialect, ends=False)


def _reading(dialect: str, ends: bool) -> Call:
    """What reads a stream; where it *ends* as its events say, an end before that is an error."""
    of = operation(dialect)

    def read(chunks: Iterable[bytes]) -> Iterator[Delta]:
        reader = delta_reader(BEDROCK[dialect])
        for event in event_stream(chunks, of):
            yield from reader.feed(record_of(event, of))
        if ends:
            yield from reader.close()

    return read


EVENTS = Decoder(
    "botocore",
    {"event stream": Mode(_open_to_any_end)},
    tuple(BEDROCK),
    yields="deltas",
    channels=("reasoning", "tool-call"),
    version=lambda: version("botocore"),
    by_design={"T1": "it leaves to its reader what the events say, and so their end"},
)
"""What botocore itself does, and those inherit that are built on it: our reader believes whatever end it makes."""


def decoder() -> Decoder:
    """The adapter."""
    for of in MEMBERS:
        shape(of)  # loaded now, so that no run waits for it

    def code(stream: Stream, mode: str) -> str:
        return _CODE.replace("OPERATION", operation(stream.dialect))

    return Decoder(
        "botocore-bedrock",
        {"sync": Mode(_open)},
        tuple(BEDROCK),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("botocore"),
        code=code,
        modules=("botocore.eventstream", "botocore.parsers"),
        builds_on=(BASE,),
    )
