"""What is judged: a decoder, what it takes, what it gives, and the ways of calling it.

An adapter is one `Decoder` value. A user's own callable needs none: `of_callable` wraps it.
"""

import inspect
import sys
import time
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from sliceproof.wire.dialects import BEDROCK, DIALECTS
from sliceproof.wire.dialects.delta import CONTENT, PLAINEST, Delta, content, deltas_of
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.stream import Stream

ACCEPTS = {
    "chunks": "bytes of the HTTP response body, as a client hands them over",
    "events": 'boto3\'s event dicts, {"PayloadPart": {"Bytes": ...}}; exceptions as boto3 raises them',
    "parts": "the payload bytes of the PayloadPart events",
    "endpoint": "the URL of a server that answers as SageMaker and Bedrock do, and the name of an endpoint, or a model",
}
ENVELOPES = {
    "sagemaker": "an event stream: the container's bytes in PayloadPart events",
    "bedrock": "Bedrock's event stream: a record of the model, or a typed event, in each message",
    "http": "the container's bytes as they are, as the route /openai/v1 and OpenAI-compatible servers send them",
}
YIELDS = {
    "text": "text deltas (str)",
    "deltas": "sliceproof.Delta, mappings of its fields, text, or several of these",
    "lines": "lines of the body (bytes)",
    "messages": "event-stream messages: (headers, payload), or (None, payload) without headers",
}

CHANNELS = ("reasoning", "refusal", "tool-call", "choices")
"""What a decoder of deltas can claim beside the content of the first choice: the kinds of deltas, and other choices."""

_OF_A_BODY = frozenset({FaultKind.BROKEN_OFF, FaultKind.UNREADABLE_RECORD, FaultKind.ERROR_RECORD})
_OF_THE_EVENT_STREAM = frozenset(
    {
        FaultKind.EXCEPTION,
        FaultKind.CORRUPT,
        FaultKind.MALFORMED,
        FaultKind.OVERSIZED,
        FaultKind.TRUNCATED,
    }
)

Call = Callable[[Any], Iterable[Any] | AsyncIterable[Any]]
Opener = Callable[[str, str], Call]


class TargetError(SliceproofError):
    """A target that cannot be judged: `str(error)` says what is wrong and what to do."""


@dataclass(frozen=True)
class Mode:
    """One way of calling a decoder. `open(dialect, form)` gives a fresh callable for one stream."""

    open: Opener
    is_async: bool = False


def _same(item: Any) -> Any:
    return item


def _no_version() -> str:
    return ""


@dataclass(frozen=True, eq=False)
class Decoder:
    """An adapter: everything that the judging needs to know of a decoder.

    `extract` turns an item that the decoder gives into what `yields` says (text from LiteLLM's
    chunks, for one). `code(stream, mode)` is plain Python that calls the decoder by its own API on
    `chunks`. `dialects` is None for a decoder that does not say; the runner then finds out.
    `envelope` is how the container's bytes travel to it, one of ENVELOPES; in `http` its chunks are cut as parts are.
    Bedrock's dialects travel in `bedrock` alone, and a decoder that names some need not say so.
    `builds_on` names the decoders it is built on, whose faults it inherits. `cpu_seconds` is the clock
    of what it uses of the processor, None if there is none; `throwable` says whether a consumer's
    exception can be thrown into it. `by_design` says what it
    never set out to do: a requirement's id, or id and dialect ("R3 lmi-jsonlines"), and the reason;
    it is not asked that, nor what contains it. `modules` are those whose code decodes: where
    coverage-guided fuzzing looks.
    `target` is what finds it on the command line, if that is not its name; "" if nothing does. Then
    `test` is the pytest test that makes it. `client` names the whole client around it, which is judged by itself.
    One that `reads_own` reads dialects of somebody's own, beside those that it claims. `channels` are those of CHANNELS
    that one of deltas gives; what it does not claim is not asked.
    """

    name: str
    modes: Mapping[str, Mode]
    dialects: tuple[str, ...] | None = tuple(DIALECTS)
    accepts: str = "chunks"
    yields: str = "text"
    envelope: str = "sagemaker"
    version: Callable[[], str] = _no_version
    extract: Callable[[Any], Any] = _same
    code: Callable[[Stream, str], str] | None = None
    builds_on: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    by_design: Mapping[str, str] = field(default_factory=dict)
    builtin: bool = True
    throwable: bool = True
    cpu_seconds: Callable[[], float] | None = time.process_time
    modules: tuple[str, ...] = ()
    target: str | None = None
    test: str = ""
    client: str = ""
    reads_own: bool = False
    channels: tuple[str, ...] = ("reasoning", "tool-call", "choices")

    def __post_init__(self) -> None:
        if self.accepts not in ACCEPTS:
            raise TargetError(f"a decoder accepts one of {', '.join(ACCEPTS)}; not {self.accepts!r}")
        if self.envelope not in ENVELOPES:
            raise TargetError(f"a decoder's envelope is one of {', '.join(ENVELOPES)}; not {self.envelope!r}")
        if self.envelope == "http" and (self.accepts not in ("chunks", "endpoint") or self.yields == "messages"):
            raise TargetError(f"in the envelope http there are no {self.accepts} that give {self.yields}: only chunks")
        if self.yields not in YIELDS:
            raise TargetError(f"a decoder yields one of {', '.join(YIELDS)}; not {self.yields!r}")
        if other := next((channel for channel in self.channels if channel not in CHANNELS), ""):
            raise TargetError(f"beside content, a decoder claims channels of {', '.join(CHANNELS)}; not {other!r}")

    @property
    def compared(self) -> str:
        """The form in which what it gives is compared with what a stream says: of deltas, the text."""
        return "text" if self.yields == "deltas" else self.yields

    def given(self, item: Any) -> Any:
        """An item in the form that is `compared`."""
        extracted = self.extract(item)
        return content(deltas_of(extracted)) if self.yields == "deltas" else extracted

    @property
    def reads_wire(self) -> bool:
        """Whether what it is fed is the event stream itself, in chunks."""
        return self.accepts in ("chunks", "endpoint") and self.envelope != "http"

    def within(self, envelope: str) -> "Decoder":
        """The same decoder in another envelope, if one is given; TargetError for one that has its own."""
        if envelope in ("", self.envelope):
            return self
        of_bedrock = tuple([dialect for dialect in self.dialects or () if dialect in BEDROCK])
        if envelope == "bedrock" and of_bedrock:
            return replace(self, envelope=envelope, dialects=of_bedrock)
        if envelope == "bedrock" and self.name.startswith("run:") and self.dialects == tuple(DIALECTS):
            return replace(self, envelope=envelope, dialects=tuple(BEDROCK))  # it was told none
        says_itself = self.builtin and self.target is None and not self.name.startswith(("exec:", "run:"))
        if says_itself or self.envelope != "sagemaker":
            raise TargetError(f"{self.name} reads the envelope {self.envelope}, and no {envelope}")
        for dialect in self.dialects or ():
            if (dialect in BEDROCK) != (envelope == "bedrock"):
                raise TargetError(f"{dialect} does not travel in the envelope {envelope}; leave one of the two out")
        return replace(self, envelope=envelope)

    def can_be_fed(self, stream: Stream) -> bool:
        """Whether the stream can travel to it: no part of a record does in Bedrock, no event stream in `http`."""
        if (fault := stream.fault) is None:
            return True
        if stream.format.framing.by_message:
            whole = fault.kind is FaultKind.BROKEN_OFF and fault.at in (0, *(record.stop for record in stream.records))
            return (whole or fault.kind not in _OF_A_BODY) and not fault.held
        return self.envelope != "http" or fault.kind not in _OF_THE_EVENT_STREAM

    def misses(self, delta: Delta) -> str:
        """The channel of a delta that it does not claim to give, or ""."""
        if self.yields != "deltas":
            return "" if delta.channel == PLAINEST else str(delta.channel)
        if delta.choice and "choices" not in self.channels:
            return "choices"
        return "" if delta.kind in (CONTENT, *self.channels) else delta.kind

    @property
    def unclaimed(self) -> tuple[str, ...]:
        """The channels that are not asked of it, as it gives text alone or claims no more."""
        if self.yields not in ("text", "deltas"):
            return ()
        claimed = self.channels if self.yields == "deltas" else ()
        return tuple([channel for channel in CHANNELS if channel not in claimed])

    def claims(self, dialect: str) -> bool:
        """Whether it says that it reads a dialect, or says nothing and reads its envelope."""
        if self.dialects is None:
            return self.envelope != ("http" if dialect in BEDROCK else "bedrock")
        return dialect in self.dialects or (self.reads_own and ":" in dialect)

    def declines(self, requirement: str, dialect: str) -> str:
        """Why it was never meant to fulfil a requirement in a dialect, or ""."""
        return self.by_design.get(requirement) or self.by_design.get(f"{requirement} {dialect}") or ""


def is_async(target: Callable[..., Any]) -> bool:
    """Whether calling *target* gives an async iterable, as far as its definition tells."""
    call = getattr(target, "__call__", target)  # noqa: B004 - an instance's own method is what counts
    return inspect.isasyncgenfunction(target) or inspect.isasyncgenfunction(call)


def takes_chunks(target: Any, name: str) -> None:
    """TargetError if *target* cannot be called with one iterable."""
    if not callable(target):
        raise TargetError(f"{name} is a {type(target).__name__}, not a callable; name a function(chunks)")
    try:
        inspect.signature(target).bind(())
    except TypeError as error:
        signature = inspect.signature(target)
        hint = "name a function that takes one iterable of bytes"
        with suppress(TypeError):
            signature.bind("url", "name")
            hint += ", or say --accepts endpoint if it is a client of a URL and a name"
        raise TargetError(f"{name}{signature} cannot be called with the chunks alone ({error}); {hint}") from None
    except ValueError:
        pass  # a built-in without a signature: the call will tell


def of_callable(
    target: Callable[[Any], Any],
    name: str,
    *,
    dialects: tuple[str, ...] | None = None,
    accepts: str = "chunks",
    yields: str = "text",
    where: tuple[str, str] | None = None,
    call: Callable[[Any], Any] | None = None,
) -> Decoder:
    """A decoder from any callable, sync or async: `Iterable[bytes] -> Iterable[str]` or their async kin.

    *where* is (import statement, expression), for the snippet; *call* is what is called in the place of one of another
    shape. TargetError if it cannot be called with one argument.
    """
    if call is None:
        takes_chunks(target, name)
    called = call or target
    asynchronous = is_async(called)
    mode = Mode(lambda dialect, form: called, asynchronous)

    def code(stream: Stream, mode_name: str) -> str:
        statement, expression = where or ("", name)
        if asynchronous:
            return _ASYNC_CODE.format(imports=f"import asyncio\n\n{statement}".strip(), expression=expression)
        return f"{statement}\n\nCHUNKS\n\nfor text in {expression}(chunks):\n    print(repr(text))"

    return Decoder(
        name,
        {"async" if asynchronous else "sync": mode},
        dialects,
        accepts,
        yields,
        code=code if where and called is target else None,
        builtin=False,
        modules=(target.__module__,) if getattr(target, "__module__", None) in sys.modules else (),
    )


_ASYNC_CODE = """{imports}

CHUNKS


async def feed():
    for chunk in chunks:
        yield chunk


async def main():
    async for text in {expression}(feed()):
        print(repr(text))


asyncio.run(main())"""
