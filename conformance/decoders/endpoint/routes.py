"""What a path asks for: an operation of SageMaker Runtime or of Bedrock Runtime, of an endpoint or a model by its name.

A stream travels in one envelope, so it is answered on the routes of one service: who asks for it on another is told
where it is.
"""

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from sliceproof.conformance.decoders.endpoint.answer import BEDROCK_ERRORS, ERRORS, Page, refused
from sliceproof.wire.dialects import Dialect, dialect

STREAM, WHOLE, RAW = "invocations-response-stream", "invocations", "openai/v1/chat/completions"
CONVERSE, INVOKE = "converse-stream", "invoke-with-response-stream"

_SAGEMAKER = re.compile(rf"/(?:endpoints|global-inference-gateway)/([^/]+)/({STREAM}|{WHOLE}|{RAW})")
_BEDROCK = re.compile(rf"/model/(.+)/({INVOKE}|{CONVERSE}|invoke|converse)")

MODELS = {
    "bedrock-converse": "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "bedrock-invoke-anthropic": "anthropic.claude-3-7-sonnet-20250219-v1:0",
    "bedrock-invoke-llama": "meta.llama3-8b-instruct-v1:0",
    "bedrock-invoke-mistral": "mistral.mistral-7b-instruct-v0:2",
    "bedrock-invoke-nova": "amazon.nova-lite-v1:0",
}
"""A model of each dialect: clients find by its id how to ask it, and how it answers."""


class Route(NamedTuple):
    """An operation of *name*, which is that of an endpoint or the id of a model, and the query behind the path."""

    name: str
    operation: str
    query: str = ""
    bedrock: bool = False

    @property
    def streams(self) -> bool:
        """Whether an event stream is asked for."""
        return self.operation in (STREAM, CONVERSE, INVOKE)

    @property
    def names(self) -> tuple[str, ...]:
        """What the answer may be called: the name, or the last part of an ARN."""
        last = self.name.rpartition("/")[2]
        return (self.name, last) if self.bedrock and last != self.name else (self.name,)

    @property
    def errors(self) -> dict[int, tuple[str, str]]:
        """The errors that there may be before the stream, by status."""
        return BEDROCK_ERRORS if self.bedrock else ERRORS

    @property
    def headers(self) -> str:
        """The headers of a stream that only this operation has."""
        return "X-Amzn-Bedrock-Content-Type: application/json\r\n" if self.operation == INVOKE else ""


def route(path: str) -> Route | None:
    """What *path* asks for; a name may be percent-encoded, and an ARN has slashes."""
    before, _, query = path.partition("?")
    for pattern in (_SAGEMAKER, _BEDROCK):
        if (found := pattern.fullmatch(before)) is not None:
            return Route(unquote(found[1]), found[2], query, pattern is _BEDROCK)
    return None


def path_of(dialect_id: str, name: str) -> str:
    """The path on which a stream of a dialect is answered."""
    known = dialect(dialect_id)
    if not known.framing.by_message:
        return f"/endpoints/{quote(name, safe=':')}/{STREAM}"
    return f"/model/{quote(name, safe='')}/{_operation(known)}"


def like(dialect_id: str) -> str:
    """What the name of an answer in a dialect begins with: in Bedrock's a model's id."""
    return MODELS.get(dialect_id, dialect_id)


def missing(asked: Route) -> Page:
    """The error for a name that nobody has."""
    if asked.bedrock:
        return refused(400, "ValidationException", f"The provided model identifier is invalid: {asked.name}")
    return refused(400, "ValidationError", f"Endpoint {asked.name} not found.")


def misrouted(asked: Route, dialect_id: str) -> Page | None:
    """The error for who asks there for a stream of that dialect, or for an answer that is no stream."""
    kind = "ValidationException" if asked.bedrock else "ValidationError"
    there = f"; ask POST {path_of(dialect_id, asked.name)}" if dialect_id else ""
    if dialect_id and asked.bedrock != dialect(dialect_id).framing.by_message:
        whose = "a container behind SageMaker" if asked.bedrock else "Bedrock"
        return refused(400, kind, f"{asked.name} is a stream of {dialect_id}, which {whose} writes{there}")
    if asked.bedrock and not asked.streams:
        return refused(400, kind, f"{asked.name} answers in a stream alone, and not {asked.operation}{there}")
    if asked.bedrock and dialect_id and asked.operation != _operation(dialect(dialect_id)):
        return refused(400, kind, f"{asked.name} is a stream of {dialect_id}, and none of {asked.operation}{there}")
    return None


def _operation(of: Dialect) -> str:
    return CONVERSE if of.typed else INVOKE


def dialect_for(asked: Route) -> str:
    """The dialect in which a model of that id answers the operation, by who made it; "" if that is not known."""
    if asked.bedrock and asked.operation.startswith("converse"):
        return "bedrock-converse" if "." in asked.name or asked.name.startswith("arn:") else ""
    made = {"anthropic.": "anthropic", "meta.": "llama", "mistral.": "mistral", "amazon.nova": "nova"}
    found = [maker for begin, maker in made.items() if asked.bedrock and begin in asked.name]
    return f"bedrock-invoke-{found[0]}" if found else ""
