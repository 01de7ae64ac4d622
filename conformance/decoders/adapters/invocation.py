"""What `invoke_endpoint_with_response_stream` gives the packages that call it, over our own chunks.

The event stream, its parser and the client are botocore's, so events and exceptions are those that
users get; only the HTTP response is ours, put in by the client's own `before-send` hook.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import urlsplit

OPERATION = "InvokeEndpointWithResponseStream"

_bodies: dict[str, Iterable[bytes]] = {}
_numbers = count(1)


class Body:
    """The response body as botocore's EventStream takes it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)

    def stream(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        """Nothing is held open."""


@cache
def output_shape() -> Any:
    """The shape of the response's event stream in botocore's service model."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    model = ServiceModel(Loader().load_service_model("sagemaker-runtime", "service-2"))
    return model.shape_for(f"{OPERATION}Output").members["Body"]


class Events:
    """botocore's event stream over *chunks*; asked again after its end, it asks for another chunk.

    So a run sees who goes on asking for ever: an exhausted generator would not tell.
    """

    def __init__(self, stream: Any, chunks: Iterator[bytes]) -> None:
        self._stream, self._events, self._chunks = stream, iter(stream), chunks

    def __iter__(self) -> "Events":
        return self

    def __next__(self) -> dict[str, Any]:
        try:
            event: dict[str, Any] = next(self._events)
        except StopIteration:
            next(self._chunks, None)
            raise
        return event

    def close(self) -> None:
        """As botocore's."""
        self._stream.close()


def event_stream(chunks: Iterable[bytes]) -> Events:
    """What `response["Body"]` is: boto3's event dicts, and EventStreamError for an exception message."""
    from botocore.eventstream import EventStream
    from botocore.parsers import EventStreamJSONParser

    body = Body(chunks)
    return Events(EventStream(body, output_shape(), EventStreamJSONParser(), OPERATION), body.chunks)


@cache
def client() -> Any:
    """botocore's own SageMaker Runtime client, answered with what `endpoint` was given."""
    import botocore.session

    session = botocore.session.Session()
    made = session.create_client(
        "sagemaker-runtime", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
    made.meta.events.register_first(f"before-send.sagemaker-runtime.{OPERATION}", _answer)
    made.meta.events.register(f"after-call.sagemaker-runtime.{OPERATION}", _counted)
    return made


class Session:
    """As much of a boto3 session as packages ask for: it hands out `client()`."""

    region_name = "us-east-1"

    def client(self, service_name: str, *_: object, **__: object) -> Any:
        """The SageMaker Runtime client, whatever its configuration; ValueError for another service."""
        if service_name != "sagemaker-runtime":
            raise ValueError(f"only sagemaker-runtime is answered, not {service_name}")
        return client()


def endpoint(chunks: Iterable[bytes]) -> str:
    """The name of an endpoint that answers `client()` once, with *chunks*."""
    name = f"endpoint-{next(_numbers)}"
    _bodies[name] = chunks
    return name


def _answer(request: Any, **_: object) -> Any:
    from botocore.awsrequest import AWSResponse

    name = urlsplit(request.url).path.split("/")[2]
    headers = {"Content-Type": "application/vnd.amazon.eventstream"}
    return AWSResponse(request.url, 200, headers, Body(_bodies.pop(name)))


def _counted(http_response: Any, parsed: dict[str, Any], **_: object) -> None:
    parsed["Body"] = Events(parsed["Body"], http_response.raw.chunks)


CLIENT = """from types import SimpleNamespace

import botocore.session
from botocore.awsrequest import AWSResponse
IMPORTS

CHUNKS

# botocore's own client; only its HTTP response is replaced, by these chunks
client = botocore.session.Session().create_client(
    "sagemaker-runtime", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
)
raw = SimpleNamespace(stream=lambda: iter(chunks))
client.meta.events.register("before-send", lambda request, **_: AWSResponse(request.url, 200, {}, raw))
"""
BODY = 'body = client.invoke_endpoint_with_response_stream(EndpointName="endpoint", Body=b"")["Body"]\n'


def code(imports: str, use: str, body: bool = True) -> str:
    """A snippet: *use* is what it does with `body`, or with `client` where *body* is false."""
    return CLIENT.replace("IMPORTS", imports) + (BODY if body else "") + use
