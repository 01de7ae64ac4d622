"""langchain-aws's models of Bedrock, unmodified, over our endpoint: ChatBedrockConverse, and ChatBedrock without it."""

import logging
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

from sliceproof.conformance.decoders.adapters.langchain_aws_bedrock import (
    MODELS,
    PROMPTED,
    deltas,
    model_of,
    options,
    usage,
)
from sliceproof.conformance.decoders.endpoint.client import Client, client, mode, snippet
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.wire.dialects import Delta
from sliceproof.wire.stream import Stream


@cache
def _clients(url: str, dialect: str) -> dict[str, Any]:
    """The clients that a model makes of a URL: once, and without retries."""
    from botocore.config import Config

    made = model_of(
        dialect,
        MODELS[dialect],
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}),
    )
    return {"client": made.client, "bedrock_client": made.bedrock_client, "region_name": "us-east-1"}


def _reads(dialect: str, form: str) -> Client:
    def stream(url: str, name: str) -> Iterator[list[Delta]]:
        model, asked = model_of(dialect, name, **_clients(url, dialect)), usage(dialect)
        yield from map(deltas(), model.stream("hi", **asked))

    return stream


_CODE = """from langchain_aws import KIND


def client(url, name):
    credentials = dict(region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    model = KIND(model=name, endpoint_url=url, **credentialsMORE)
    yield from model.stream("hi", **ASKED)
"""


def decoder() -> Decoder:
    """The adapter; ImportError if langchain-aws is not installed."""
    from langchain_aws import ChatBedrock, ChatBedrockConverse

    for name in (ChatBedrock.__module__, ChatBedrockConverse.__module__, "langchain_aws.llms.bedrock"):
        logging.getLogger(name).disabled = True  # it logs each error with its traceback, and raises it

    def code(stream: Stream, mode: str) -> str:
        converse = stream.dialect == "bedrock-converse"
        more = "".join([f", {name}={value!r}" for name, value in options(stream.dialect).items()])
        use = _CODE.replace("KIND", "ChatBedrockConverse" if converse else "ChatBedrock").replace("MORE", more)
        return snippet(use.replace("ASKED", repr(usage(stream.dialect))), "client", stream)

    return client(
        "langchain-aws-bedrock-client",
        {"sync": mode(_reads)},
        tuple(MODELS),
        yields="deltas",
        channels=("reasoning", "tool-call"),
        version=lambda: version("langchain-aws"),
        code=code,
        builds_on=("botocore", "langchain-aws-bedrock"),
        by_design={"R3 bedrock-invoke-mistral": PROMPTED},
        modules=("langchain_aws.llms.bedrock", "langchain_aws.chat_models.bedrock_converse"),
    )
