"""Faults: the stream breaks, and the consumer must learn of it, and of what came before."""

from collections.abc import Iterator
from dataclasses import replace

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.conformance.requirements.waiting import unhurried_by
from sliceproof.strategies.crossing import at_each_place, crossed, crossed_parts, words
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.errors import IncompleteMessageError, MessageChecksumError, MessageError, PreludeChecksumError
from sliceproof.wire.messages import UNLIMITED, decode_messages
from sliceproof.wire.slicing import every
from sliceproof.wire.specimens import SPECIMENS
from sliceproof.wire.stream import SOURCE_ERRORS, Fault, Stream

SERVICE = "botocore sagemaker-runtime/2017-05-13/service-2.json; Smithy amazon-eventstream"

EXCEPTIONS = (
    Fault("exception", 0),
    Fault("exception", 0, "InternalStreamFailure", "an internal failure", None),
    Fault("exception", 0, "ModelStreamError", "the stream broke", "StreamBroken"),
    Fault("exception", 0, "error", "an unmodelled error", "InternalError"),
    Fault("exception", 0, "ThrottlingException", "slow down", None),
    Fault("exception", 0, "ModelStreamError", "upstream closed the connection", None, json=False),
)
MODELLED = 4
"""How many of them, the first, the service's model or the framing names; an SDK knows no others by name."""
SOURCE_FAULTS = tuple(Fault("source-error", 0, name, "the source failed") for name in SOURCE_ERRORS)


UNREADABLE = (
    Fault("unreadable-record", 0),
    Fault("unreadable-record", 0, message="upstream connect error"),
    Fault("unreadable-record", 0, message="<html>502 Bad Gateway</html>"),
)
"""Half a record, and what a proxy writes between two."""


def _exceptions(known: Dialect) -> list[Letter]:
    return [Letter(fault=fault) for fault in EXCEPTIONS]


def _exceptions_cut(known: Dialect) -> Iterator[Stream]:
    """Each exception message early and late, and cut, joined, with half a record held."""
    for fault in EXCEPTIONS:
        yield from at_each_place(known, fault)
    for fault in (EXCEPTIONS[0], EXCEPTIONS[3]):
        for stream in at_each_place(known, fault, (0, 1, 2)):
            yield from crossed(stream)


def _error_records(known: Dialect) -> list[Letter]:
    """As the dialect writes it, and as those of its forms do that have a way of their own."""
    plain = [Letter(fault=Fault("error-record", 0))] if known.error else []
    return plain + [Letter(fault=Fault("error-record", 0), style=(("form", form),)) for form in known.errors]


def _error_records_cut(known: Dialect) -> Iterator[Stream]:
    """The error record early and late, in two parts, joined behind others, and its message cut."""
    if known.error is None:
        return
    for stream in at_each_place(known, Fault("error-record", 0)):
        yield stream
        if len(stream.tokens) <= 3:
            yield from crossed_parts(stream)
            yield from crossed(stream)


def _unreadable(known: Dialect) -> list[Letter]:
    return [Letter(fault=fault) for fault in UNREADABLE] if known.framing in ("sse", "lines") else []


def _unreadable_cut(known: Dialect) -> Iterator[Stream]:
    """A record that is no JSON first, between sound ones and last; whole, cut, and joined to others."""
    if known.framing not in ("sse", "lines"):
        return
    for place in (1, 0, 2, 11):
        stream = Stream(known.id, words(max(place, 2)), fault=Fault("unreadable-record", place))
        yield stream
        yield from crossed_parts(stream)
    if not known.finishes:  # elsewhere the finish mark is missing too, which is T1's
        plain = Stream(known.id, ("x", "yes"))
        last = plain.records[-1]
        for at in (last.text_start - 1, last.text_start + 1, last.content_stop - 1):
            yield plain.but(fault=Fault("broken-off", at))


def _no_finish(known: Dialect) -> list[Letter]:
    if not known.finishes:
        return []
    cut = [Letter("x", fault=Fault("broken-off", 0), fault_mark=k) for k in (10, 20, 40)]
    return [Letter("x", fault=Fault("silence", 0)), Letter(fault=Fault("silence", 0)), *cut]


def _finish_missing(known: Dialect) -> Iterator[Stream]:
    """No finish mark: on a wire of no bytes, with part of a record held, late, in one chunk."""
    if not known.finishes:
        return
    for stream in at_each_place(known, Fault("silence", 0)):
        yield stream
        if stream.wire:
            yield stream.but(chunk_cuts=())


def _truncated(known: Dialect) -> list[Letter]:
    return [Letter("x", fault=Fault("truncated", 0), fault_mark=k) for k in (1, 4, 5, 60, 90, 100, 115)]


def _every_byte_missing(known: Dialect) -> Iterator[Stream]:
    """Two messages, and the wire ends at each byte of the second, alone and in one chunk; then others."""
    plain = Stream(known.id, ("x", "y"))
    first, second = plain.frame_stops[:2]
    for at in range(first + 1, second):
        yield plain.but(fault=Fault("truncated", at))
    for at in range(1, first):
        yield plain.but(fault=Fault("truncated", at))
    for at in _inside(first, second):
        for cuts in ((), every(1, at), every(7, at), (first - 2,)):
            yield plain.but(fault=Fault("truncated", at), chunk_cuts=cuts)
    for count in (12, 35):
        late = Stream(known.id, words(count))
        start, stop = late.frame_stops[count - 2 : count]
        for at in _inside(start, stop):
            yield late.but(fault=Fault("truncated", at))
            yield late.but(fault=Fault("truncated", at), chunk_cuts=())


def _inside(start: int, stop: int) -> tuple[int, ...]:
    """Offsets in a message: in its prelude, at its end, among its headers and payload, before its last byte."""
    return (start + 1, start + 4, start + 11, start + 12, start + 40, (start + stop) // 2, stop - 4, stop - 1)


def _corrupt(known: Dialect) -> list[Letter]:
    return [Letter("x", fault=Fault("corrupt", 0), fault_mark=k) for k in (95, 0, 4, 8, 12, 20, 100, 110)]


def _every_byte_flipped(known: Dialect) -> Iterator[Stream]:
    """Two messages, and one byte of the first flipped: after the finish mark a decoder may have left."""
    plain = Stream(known.id, ("x", "y"))
    for at in range(plain.frame_stops[0]):
        yield plain.but(fault=Fault("corrupt", at))
    yield from _corrupt_cut(known)


def _corrupt_cut(known: Dialect) -> Iterator[Stream]:
    """A flipped byte in the second of three messages, first or late, in chunks that cut and join it."""
    for count in (3, 12):
        plain = Stream(known.id, words(count))
        start, stop = plain.frame_stops[count - 3 : count - 1]
        for at in (start + 9, start + 20, stop - 8, stop - 2):
            spoilt = plain.but(fault=Fault("corrupt", at))
            for cuts in ((), (start,), (start + 5,), (stop - 6,), every(7, len(plain.wire))):
                yield spoilt.but(chunk_cuts=cuts)


def malformed_messages() -> tuple[Fault, ...]:
    """A fault for each message of the specimens that the framing forbids whatever follows it; no large ones."""
    wires = [
        one.doubtful for one in SPECIMENS if one.expected == "refuse" and one.family != "checksums" and not one.large
    ]
    chosen = dict.fromkeys(wire.hex() for wire in wires if len(wire) <= 600 and _matches(wire))
    return tuple([Fault("malformed", 0, hex=wire) for wire in chosen])


def _matches(wire: bytes) -> bool:
    """Whether the framing forbids the message for something else than its checksums."""
    try:
        decode_messages(wire, UNLIMITED)
    except (PreludeChecksumError, MessageChecksumError, IncompleteMessageError):
        return False
    except MessageError:
        return True
    return False


def _malformed(known: Dialect) -> Iterator[Stream]:
    """Each malformed message alone, after a sound one, and in the chunk of that."""
    for fault in malformed_messages():
        yield from at_each_place(known, fault, (1, 0))
        yield Stream(known.id, ("x", "y"), fault=replace(fault, at=1), chunk_cuts=())


def _source_errors(known: Dialect) -> list[Letter]:
    return [Letter("x", fault=fault, fault_mark=k) for fault in SOURCE_FAULTS for k in (0, 1, 5, 60)]


def _source_errors_anywhere(known: Dialect) -> Iterator[Stream]:
    """The source raises before it gives anything, between messages, inside one, with half a record held, late."""
    plain = Stream(known.id, words(3))
    first, second = plain.frame_stops[:2]
    for fault in SOURCE_FAULTS:
        for at in (first, second, *_inside(first, second), 0):
            yield plain.but(fault=replace(fault, at=at))
    if known.framing != "raw":
        record = plain.records[1]
        cut = plain.but(part_cuts=(record.start, record.start + 5))
        yield cut.but(fault=replace(SOURCE_FAULTS[0], at=cut.frame_stops[1]))
    late = Stream(known.id, words(12))
    yield late.but(fault=replace(SOURCE_FAULTS[0], at=late.frame_stops[10]))


def _any_fault(known: Dialect) -> list[Letter]:
    cut = Letter("x", fault=Fault("truncated", 0), fault_mark=1)
    flipped = Letter("x", fault=Fault("corrupt", 0), fault_mark=100)
    raised = [Letter("x", fault=fault, fault_mark=k) for fault in SOURCE_FAULTS[:2] for k in (0, 1)]
    joined = [Letter("x", (("wire-join", 0),), fault=EXCEPTIONS[0])]
    if known.error is not None and known.framing != "document":
        joined.append(Letter("x", (("join", 0),), fault=Fault("error-record", 0)))
    told = Letter("x", fault=EXCEPTIONS[0])
    return [told, *_exceptions(known), *_error_records(known), cut, flipped, *raised, *joined]


def _text_before(known: Dialect) -> Iterator[Stream]:
    """Each kind of fault behind sound messages: in chunks of their own, and all in one chunk."""
    plain = Stream(known.id, ("x", "y", "z"))
    first, second = plain.frame_stops[:2]
    faults = [EXCEPTIONS[0], EXCEPTIONS[3], Fault("malformed", 2), *malformed_messages()[:3]]
    faulty = [plain.but(fault=replace(fault, at=2)) for fault in faults]
    faulty += [plain.but(fault=Fault("corrupt", second - 8)), plain.but(fault=Fault("truncated", second + 30))]
    faulty += [plain.but(fault=Fault("corrupt", second + 9)), plain.but(fault=Fault("truncated", second + 4))]
    faulty += [plain.but(fault=replace(SOURCE_FAULTS[0], at=at)) for at in (first, second, second + 30)]
    if known.framing in ("sse", "lines"):
        faulty += [plain.but(fault=Fault("unreadable-record", 2))]
    for stream in faulty:
        yield stream
        yield stream.but(chunk_cuts=())
        yield stream.but(chunk_cuts=tuple(cut for cut in every(64, len(stream.wire))))


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
    for at in (0, 5, plain.frame_stops[0]):
        yield plain.but(fault=replace(SOURCE_FAULTS[0], at=at))
    yield from _malformed(known)
    yield plain
    yield Stream(known.id, ())


def _raises_here(decoder: Decoder) -> str:
    return "" if decoder.throwable else "it runs in a process of its own, where its source is not ours to fail"


REQUIREMENTS = (
    Requirement(
        id="E1",
        title="exception message",
        rule="An exception message, of whatever name, cut anywhere and at whatever place, is an error to the consumer.",
        source=SERVICE,
        level=MUST,
        why="the SageMaker API prescribes them; swallowed, a broken answer passes for a whole one",
        seen=("BerriAI/litellm 1.65.1 to 1.108.11, async", "BerriAI/litellm#36650", "BerriAI/litellm#30946"),
        letters=_exceptions,
        more=_exceptions_cut,
        contains=("F1", "O1"),
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
        more=_error_records_cut,
        contains=("R1", "R2", "F1", "O1"),
        judge=judge.raises,
        blames="JSON",
    ),
    Requirement(
        id="E3",
        title="a record that cannot be read",
        rule="A record that is no JSON, between sound ones or at the end, is an error and not passed over in silence.",
        source="RFC 8259; no container writes one, but what is lost on the way leaves one",
        level=SHOULD,
        why="no container was seen to write it; passed over, lost text passes for a whole answer",
        seen=("BerriAI/litellm 1.65.1 to 1.108.11, async",),
        letters=_unreadable,
        more=_unreadable_cut,
        contains=("R1", "R2"),
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
        letters=lambda known: [*_exceptions(known)[:MODELLED], *_error_records(known)],
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
        more=_finish_missing,
        judge=judge.raises,
        blames="end",
    ),
    Requirement(
        id="T2",
        title="wire cut inside a message",
        rule="A wire that ends inside a message, before the finish mark, is an error.",
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
        contains=("R4", "R2", "O1", "F1", "R1"),
        letters=_any_fault,
        more=_text_before,
        judge=judge.prompt,
        blames="order",
    ),
    Requirement(
        id="T4",
        title="the source fails",
        rule="What the source raises before the finish mark, a reset or a timeout, reaches the consumer as an error.",
        source="HTTP clients raise where a body breaks off: urllib3, httpx, aiohttp, http.client",
        level=MUST,
        why="connections break; swallowed, a broken answer passes for a whole one",
        letters=_source_errors,
        more=_source_errors_anywhere,
        decoders=_raises_here,
        judge=judge.raises,
        layer="messages",
        blames="end",
    ),
    Requirement(
        id="F2",
        title="corrupt message",
        rule="A message whose checksums do not match is an error, wherever it stands and however it is cut.",
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
        id="F2-malformed",
        title="malformed message",
        rule="A message that the framing has no place for is an error, though its checksums match.",
        source="Smithy amazon-eventstream: the grammar of lengths, names, types and values",
        level=SHOULD,
        why="the specification tells readers to refuse wrong checksums, and of the rest leaves it to its grammar",
        letters=lambda known: [],
        more=_malformed,
        contains=("H1",),
        judge=judge.raises,
        layer="messages",
        wire=True,
        searched=False,
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
        trial=unhurried_by(judge.early_refusal),
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
