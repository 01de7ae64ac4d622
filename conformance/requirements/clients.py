"""What the requirements of whole clients share: what becomes of answers that fail, break off or are left."""

from collections.abc import Iterator
from contextlib import contextmanager

from sliceproof.conformance.decoders.endpoint.answer import Answer, Transport
from sliceproof.conformance.decoders.endpoint.client import answers, travelling
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.feeds import Feed
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.harness.watchdog import watching
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream

SOURCE = (
    "HTTP/1.1, RFC 9112; the errors of botocore's sagemaker-runtime/2017-05-13/service-2.json, "
    "and bedrock-runtime/2023-09-30/service-2.json"
)


def only_clients(decoder: Decoder) -> str:
    """Why a decoder is not asked, or ""."""
    return "" if decoder.accepts == "endpoint" else "the decoder makes no connection: it is no whole client"


def plain(dialect: Dialect) -> Iterator[Stream]:
    """Three words, each message a chunk."""
    yield Stream(dialect.id, ("x", "yz", "w"))


def hard(dialect: Dialect) -> Iterator[Stream]:
    """The same of words that are longer in bytes than in characters."""
    yield Stream(dialect.id, ("é", "你z", "w"))


def reads(decoder: Decoder, mode: str, stream: Stream) -> bool:
    """Whether a client gives back the stream where nothing goes wrong."""
    return lossless(stream, drive(decoder, mode, stream), decoder.compared) is None


def travelled(decoder: Decoder, mode: str, stream: Stream, transport: Transport) -> tuple[Outcome, Answer]:
    """What a client makes of a stream that travels like that, and what became of the answer."""
    with travelling(transport):
        outcome = drive(decoder, mode, stream)
    return outcome, answers[-1]


@contextmanager
def begun(decoder: Decoder, mode: str, stream: Stream, transport: Transport) -> Iterator[Answer]:
    """A client that has given its first item, and is left; Hang if it does not give one, or does not let go."""
    with travelling(transport), watching(None):
        items = iter(decoder.modes[mode].open(stream.dialect, stream.style.form)(Feed(stream.chunks)))  # type: ignore[arg-type]
        try:
            next(items, None)
            yield answers[-1]
        finally:
            items.close()  # type: ignore[attr-defined]
