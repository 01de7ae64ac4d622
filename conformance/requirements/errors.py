"""Faults: the stream breaks, and the consumer must learn of it, and of what came before."""

from collections.abc import Iterator

from sliceproof.conformance import judge
from sliceproof.conformance.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.stream import Fault, Stream

SERVICE = "botocore sagemaker-runtime/2017-05-13/service-2.json; Smithy amazon-eventstream"

EXCEPTIONS = (
    Fault("exception", 0),
    Fault("exception", 0, "InternalStreamFailure", "an internal failure", None),
    Fault("exception", 0, "ModelStreamError", "the stream broke", "StreamBroken"),
    Fault("exception", 0, "error", "an unmodelled error", "InternalError"),
)


def _exceptions(known: Dialect) -> list[Letter]:
    return [Letter(fault=fault) for fault in EXCEPTIONS]


def _error_records(known: Dialect) -> list[Letter]:
    """As the dialect writes it, and as those of its forms do that have a way of their own."""
    plain = [Letter(fault=Fault("error-record", 0))] if known.error else []
    return plain + [Letter(fault=Fault("error-record", 0), style=(("form", form),)) for form in known.errors]


def _no_finish(known: Dialect) -> list[Letter]:
    if not known.finishes:
        return []
    cut = [Letter("x", fault=Fault("broken-off", 0), fault_mark=k) for k in (10, 20, 40)]
    return [Letter("x", fault=Fault("silence", 0)), *cut]


def _truncated(known: Dialect) -> list[Letter]:
    return [Letter("x", fault=Fault("truncated", 0), fault_mark=k) for k in (1, 4, 5, 60, 90, 100, 115)]


def _every_byte_missing(known: Dialect) -> Iterator[Stream]:
    """Two messages, and the wire ends at each byte of the second."""
    plain = Stream(known.id, ("x", "y"))
    first, second = plain.frame_stops[:2]
    for at in range(first + 1, second):
        yield plain.but(fault=Fault("truncated", at))


def _corrupt(known: Dialect) -> list[Letter]:
    return [Letter("x", fault=Fault("corrupt", 0), fault_mark=k) for k in (95, 0, 4, 8, 12, 20, 100, 110)]


def _every_byte_flipped(known: Dialect) -> Iterator[Stream]:
    """Two messages, and one byte of the first flipped: after the finish mark a decoder may have left."""
    plain = Stream(known.id, ("x", "y"))
    for at in range(plain.frame_stops[0]):
        yield plain.but(fault=Fault("corrupt", at))


def _any_fault(known: Dialect) -> list[Letter]:
    cut = Letter("x", fault=Fault("truncated", 0), fault_mark=1)
    flipped = Letter("x", fault=Fault("corrupt", 0), fault_mark=100)
    joined = [Letter("x", (("wire-join", 0),), fault=EXCEPTIONS[0])]
    if known.error is not None and known.framing != "document":
        joined.append(Letter("x", (("join", 0),), fault=Fault("error-record", 0)))
    told = Letter("x", fault=EXCEPTIONS[0])
    return [told, *_exceptions(known), *_error_records(known), cut, flipped, *joined]


def _all_ends(known: Dialect) -> Iterator[Stream]:
    """Every way in which a stream can end, well or badly; those that decoders wait at first."""
    plain = Stream(known.id, ("x", "y"))
    if known.framing in ("sse", "lines"):
        yield plain.but(style=Style(tail="bare", done=False))
    for at in (1, 0, 11, 12, 40, len(plain.wire) - 1):
        yield plain.but(fault=Fault("truncated", at))
    for at in (1, len(plain.body) // 2, len(plain.body) - 1):
        yield plain.but(fault=Fault("broken-off", at))
    for kind in ("silence", "exception", "oversized", "malformed", *(["error-record"] if known.error else [])):
        for at in (0, 1):
            yield plain.but(fault=Fault(kind, at))
    for at in (0, plain.frame_stops[0] - 1):
        yield plain.but(fault=Fault("corrupt", at))
    yield plain
    yield Stream(known.id, ())


REQUIREMENTS = (
    Requirement(
        id="E1",
        title="exception message",
        rule="ModelStreamError and InternalStreamFailure reach the consumer as an error.",
        source=SERVICE,
        level=MUST,
        why="the SageMaker API prescribes them; swallowed, a broken answer passes for a whole one",
        seen=("BerriAI/litellm 1.65.1 to 1.108.11, async", "BerriAI/litellm#36650", "BerriAI/litellm#30946"),
        letters=_exceptions,
        judge=judge.raises,
        layer="messages",
        blames="message",
    ),
    Requirement(
        id="E1-record",
        title="the container's error record",
        rule="An error record in the body reaches the consumer as an error.",
        source="TGI, vLLM, SGLang, DJL and Triton write one when generation fails after it began",
        level=MUST,
        why="the dialect's own servers write it",
        seen=("BerriAI/litellm#30946",),
        letters=_error_records,
        judge=judge.raises,
        blames="JSON",
    ),
    Requirement(
        id="E2",
        title="what the error said",
        rule="The error that reaches the consumer says what the service or the container said.",
        source=SERVICE,
        level=SHOULD,
        why="the error is not hidden, but who sees it cannot act on it",
        seen=("BerriAI/litellm#24608",),
        contains=("E1", "E1-record"),
        letters=lambda known: [*_exceptions(known), *_error_records(known)],
        judge=judge.tells,
        blames="message",
    ),
    Requirement(
        id="T1",
        title="end without the finish mark",
        rule="A body that ends before its finish mark is an error, not a whole answer.",
        source="the dialect's finish mark: generated_text, finish_reason, stop_reason, the closing quote",
        level=SHOULD,
        why="no text that came is lost, but the answer passes for whole",
        seen=("BerriAI/litellm#32159", "zeroclaw-labs/zeroclaw#8663"),
        letters=_no_finish,
        judge=judge.raises,
        blames="end",
    ),
    Requirement(
        id="T2",
        title="wire cut inside a message",
        rule="A wire that ends inside a message is an error.",
        source="Smithy amazon-eventstream: a message has the length it declares",
        level=MUST,
        why="the framing prescribes the length; ignored, lost text passes for a whole answer",
        seen=("botocore (live)", "anomalyco/opencode#46281"),
        letters=_truncated,
        more=_every_byte_missing,
        judge=judge.raises_inside,
        layer="messages",
        wire=True,
        blames="message",
    ),
    Requirement(
        id="T3",
        title="text before a fault",
        rule="Text that was complete before a fault comes out before the error.",
        source="the event stream is a sequence: what came before the fault is sound",
        level=MUST,
        why="text that is withheld is lost",
        contains=("R2", "O1"),
        letters=_any_fault,
        judge=judge.prompt,
        blames="order",
    ),
    Requirement(
        id="F2",
        title="corrupt message",
        rule="A message whose checksums do not match, or that the framing forbids, is an error.",
        source="Smithy amazon-eventstream: prelude CRC and message CRC",
        level=MUST,
        why="the framing prescribes the checksums; unread, altered text passes for sound",
        seen=("vercel/ai#18994", "maximhq/bifrost#4545"),
        letters=_corrupt,
        more=_every_byte_flipped,
        judge=judge.raises,
        layer="messages",
        wire=True,
        blames="message",
    ),
    Requirement(
        id="F3",
        title="absurd declared length",
        rule="A message that declares 2 GiB is refused when its length is read, before its bytes fill the memory.",
        source="advice of this suite; Smithy amazon-eventstream: a service sends payloads of 24 MiB at most, and "
        "clients must not check that",
        level=SHOULD,
        why="no specification asks for it, and Smithy's has clients accept any size; it saves a client's memory "
        "where a broken proxy or an attacker sends what no service does",
        seen=("anomalyco/opencode#44649",),
        letters=lambda known: [Letter("x", fault=Fault("oversized", 0))],
        judge=judge.early_refusal,
        layer="messages",
        wire=True,
        blames="message",
    ),
    Requirement(
        id="H1",
        title="it ends",
        rule="However a stream ends, the decoder ends too.",
        source="an iterator that said it is exhausted has no more",
        level=MUST,
        why="a hang takes its caller with it",
        seen=("langchain-aws 1.9.1 (live)",),
        letters=lambda known: [],
        more=_all_ends,
        judge=judge.ends,
        layer="messages",
        searched=False,
        blames="end",
    ),
)
