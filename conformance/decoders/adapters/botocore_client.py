"""botocore's client, unmodified, over our endpoint: its connections, its errors and its event stream; the text is ours.

What boto3 gives is the payload of each part. Who sends that to our own reader loses nothing there, so a failure is of
the client: its HTTP, its framing, or what it makes of exceptions.
"""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.dialects import DIALECTS, reader
from sliceproof.wire.stream import Stream


@cache
def _client(url: str) -> Any:
    import botocore.session
    from botocore.config import Config

    return botocore.session.Session().create_client(
        "sagemaker-runtime",
        "us-east-1",
        endpoint_url=url,
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _reads(dialect: str, form: str) -> Client:
    def parts(url: str, name: str) -> Iterator[str]:
        body = _client(url).invoke_endpoint_with_response_stream(EndpointName=name, Body=b"{}")["Body"]
        text = reader(DIALECTS[dialect])
        try:
            for event in body:
                yield from text.feed(event["PayloadPart"]["Bytes"])
            yield from text.close()
        finally:
            body.close()

    return parts


_CODE = """import botocore.session


def client(url, name):
    runtime = botocore.session.Session().create_client(
        "sagemaker-runtime", "us-east-1", endpoint_url=url, aws_access_key_id="none", aws_secret_access_key="none"
    )
    for event in runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=b"{}")["Body"]:
        yield event["PayloadPart"]["Bytes"]
"""


def decoder() -> Decoder:
    """The adapter; ImportError if botocore is not installed."""
    import botocore.session  # noqa: F401

    def code(stream: Stream, mode: str) -> str:
        return snippet(_CODE, "client", stream)

    return client(
        "botocore-client",
        {"sync": mode(_reads)},
        tuple(DIALECTS),
        version=lambda: version("botocore"),
        code=code,
        builds_on=("botocore",),
        modules=("botocore.eventstream", "botocore.httpsession"),
    )
