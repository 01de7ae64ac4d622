"""botocore's client of Bedrock, unmodified, over our endpoint: `converse_stream`, `invoke_model_with_response_stream`.

What it gives of an event goes to our own reader, which loses nothing, so a failure is of the client: its HTTP, its
event stream, or what it makes of exceptions.
"""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.bedrock_runtime import CALLS, MEMBERS, SERVICE, asked, operation
from sliceproof.conformance.decoders.adapters.botocore_bedrock import record_of
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.dialects import BEDROCK, Delta, delta_reader
from sliceproof.wire.stream import Stream


@cache
def runtime(url: str) -> Any:
    """botocore's client of a URL, without retries."""
    import botocore.session
    from botocore.config import Config

    return botocore.session.Session().create_client(
        SERVICE,
        "us-east-1",
        endpoint_url=url,
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _reads(dialect: str, form: str) -> Client:
    of = operation(dialect)

    def deltas(url: str, name: str) -> Iterator[Delta]:
        events = asked(runtime(url), of, name)[MEMBERS[of]]
        reader = delta_reader(BEDROCK[dialect])
        try:
            for event in events:
                yield from reader.feed(record_of(event, of))
            yield from reader.close()
        finally:
            events.close()

    return deltas


_CODE = """import botocore.session


def client(url, name):
    runtime = botocore.session.Session().create_client(
        "bedrock-runtime", "us-east-1", endpoint_url=url, aws_access_key_id="none", aws_secret_access_key="none"
    )
    answer = runtime.METHOD(modelId=name, **ARGUMENTS)
    yield from answer["MEMBER"]
"""


def decoder() -> Decoder:
    """The adapter; ImportError if botocore is not installed."""
    import botocore.session  # noqa: F401

    def code(stream: Stream, mode: str) -> str:
        of = operation(stream.dialect)
        method, arguments = CALLS[of]
        use = _CODE.replace("METHOD", method).replace("ARGUMENTS", repr(arguments)).replace("MEMBER", MEMBERS[of])
        return snippet(use, "client", stream)

    return client(
        "botocore-bedrock-client",
        {"sync": mode(_reads)},
        tuple(BEDROCK),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("botocore"),
        code=code,
        builds_on=("botocore",),
        modules=("botocore.eventstream", "botocore.httpsession"),
    )
