"""What Bedrock's `converse_stream` and `invoke_model_with_response_stream` give, over our own chunks.

As `invocation` has it for SageMaker: the event stream, its parser and the client are botocore's, and only the HTTP
response is ours.
"""

from collections.abc import Iterable
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import unquote, urlsplit

from sliceproof.conformance.decoders.adapters.invocation import Body, Events

SERVICE = "bedrock-runtime"
CONVERSE, INVOKE = "ConverseStream", "InvokeModelWithResponseStream"
MEMBERS = {CONVERSE: "stream", INVOKE: "body"}
"""The member of an operation's response that is its event stream."""
BASE = "sliceproof.conformance.decoders.adapters.botocore_bedrock:EVENTS"
"""What decoders are built on that take botocore's event stream of Bedrock."""
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    CONVERSE: ("converse_stream", {"messages": [{"role": "user", "content": [{"text": "hello"}]}]}),
    INVOKE: ("invoke_model_with_response_stream", {"body": b"{}"}),
}
"""The method of an operation, and its arguments beside the model's id."""

_bodies: dict[str, Iterable[bytes]] = {}
_numbers = count(1)


def operation(dialect: str) -> str:
    """The operation that is answered in a dialect."""
    return CONVERSE if dialect == "bedrock-converse" else INVOKE


def asked(runtime: Any, of: str, id_: str) -> Any:
    """What a client of botocore's answers when it is asked for an operation of a model; aiobotocore's is awaited."""
    method, arguments = CALLS[of]
    return getattr(runtime, method)(modelId=id_, **arguments)


@cache
def output_shape(of: str) -> Any:
    """The shape of the event stream of an operation in botocore's service model."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model(SERVICE, "service-2"))
    return model.operation_model(of).get_event_stream_output()


def event_stream(chunks: Iterable[bytes], of: str) -> Events:
    """boto3's event dicts, and EventStreamError for an exception message."""
    from botocore.eventstream import EventStream
    from botocore.parsers import EventStreamJSONParser

    body = Body(chunks)
    return Events(EventStream(body, output_shape(of), EventStreamJSONParser(), of), body.chunks)


@cache
def client() -> Any:
    """botocore's own Bedrock Runtime client, answered with what `model` was given."""
    import botocore.session

    session = botocore.session.Session()
    made = session.create_client(SERVICE, "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    for of in MEMBERS:
        made.meta.events.register_first(f"before-send.{SERVICE}.{of}", _answer)
        made.meta.events.register(f"after-call.{SERVICE}.{of}", _counted)
    return made


class Session:
    """As much of a boto3 session as packages ask for: it hands out `client()`."""

    region_name = "us-east-1"

    def client(self, service_name: str, *_: object, **__: object) -> Any:
        """The Bedrock Runtime client, whatever its configuration; ValueError for another service."""
        if service_name != SERVICE:
            raise ValueError(f"only {SERVICE} is answered, not {service_name}")
        return client()


def model(chunks: Iterable[bytes], like: str) -> str:
    """The id of a model *like* another, which answers `client()` once, with *chunks*."""
    id_ = f"{like}-{next(_numbers)}"
    _bodies[id_] = chunks
    return id_


def _answer(request: Any, **_: object) -> Any:
    from botocore.awsrequest import AWSResponse

    id_ = unquote(urlsplit(request.url).path.split("/")[2])
    headers = {"Content-Type": "application/vnd.amazon.eventstream"}
    return AWSResponse(request.url, 200, headers, Body(_bodies.pop(id_)))


def _counted(http_response: Any, parsed: dict[str, Any], **_: object) -> None:
    for member in MEMBERS.values():
        if member in parsed:
            parsed[member] = Events(parsed[member], http_response.raw.chunks)


CLIENT = """from types import SimpleNamespace

import botocore.session
from botocore.awsrequest import AWSResponse
IMPORTS

CHUNKS

# botocore's own client; only its HTTP response is replaced, by these chunks
client = botocore.session.Session().create_client(
    "bedrock-runtime", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
)
raw = SimpleNamespace(stream=lambda: iter(chunks), close=lambda: None)
client.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, {}, raw))
"""


def code(imports: str, use: str) -> str:
    """A snippet: *use* is what it does with `client`."""
    return CLIENT.replace("IMPORTS", imports) + use
