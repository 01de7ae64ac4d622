"""What an endpoint answers to one request, and what became of it."""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

EVENT_STREAM = "application/vnd.amazon.eventstream"

ERRORS = {
    424: ("ModelError", "Received server error (500) from primary with message"),
    429: ("ThrottlingException", "Rate exceeded"),
    500: ("InternalFailure", "An internal failure occurred"),
    503: ("ServiceUnavailable", "The service is unavailable"),
}
"""Statuses of errors before a stream, each with its name and message.

Source: botocore's sagemaker-runtime/2017-05-13/service-2.json; 429 is how AWS services throttle.
"""
BEDROCK_ERRORS = {
    424: ("ModelErrorException", "The request failed due to an error while processing the model."),
    429: ("ThrottlingException", "Too many requests, please wait before trying again."),
    500: ("InternalServerException", "An internal server error occurred. Retry your request."),
    503: ("ServiceUnavailableException", "The service isn't currently available. Try again later."),
}
"""The same of Bedrock: botocore's bedrock-runtime/2023-09-30/service-2.json."""


@dataclass(frozen=True)
class Page:
    """A whole response; `error` is the name of the error that it is."""

    status: int
    body: bytes
    content_type: str = "application/json"
    error: str = ""


def refused(status: int, name: str, message: str) -> Page:
    """An error as AWS services write it, its name in a header and, for who does not read that, in the body."""
    value = {"__type": name, "Message": message, "message": message}
    return Page(status, json.dumps(value).encode(), error=name)


@dataclass(frozen=True)
class Transport:
    """How an answer travels, beside what it holds.

    `status` other than 200 answers with that error instead of the stream, the first `failures` times or always (None).
    `breaks_at` breaks the connection after so many chunks, the first `failures` times or always.
    After `stall_at` chunks nothing comes for `stall` seconds, unless the client leaves before. `pause` is the time in
    seconds between two chunks, `joined` writes them all in one HTTP chunk.
    """

    status: int = 200
    failures: int | None = None
    breaks_at: int | None = None
    stall_at: int | None = None
    stall: float = 0.0
    pause: float = 0.0
    joined: bool = False


@dataclass
class Answer:
    """An answer, to be given to whoever asks for its name.

    *chunks* gives what the body is made of, once a request: each is an HTTP chunk, and what they raise breaks the
    connection, which a ConnectionResetError resets. `requests` counts who asked, `sent` the chunks that were written;
    `left` says that the client closed the connection before the end, `over` is set when nothing more is written, and
    `raw` says that the body was asked for without the framing, in which nothing says what an exception says. `dialect`
    is that of the stream, by which it is known whose route has it; "" is answered on each.
    """

    chunks: Callable[[], Iterable[bytes]]
    transport: Transport = Transport()
    dialect: str = ""
    requests: int = 0
    sent: int = 0
    left: bool = False
    raw: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def fails(self) -> bool:
        """Whether this request is to fail as asked; it is counted."""
        self.requests += 1
        failures = self.transport.failures
        return failures is None or self.requests <= failures
