"""The faults of a stream as letters and streams: what several requirements ask."""

from collections.abc import Iterator
from dataclasses import replace

from sliceproof.strategies.crossing import at_each_place
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.errors import IncompleteMessageError, MessageChecksumError, MessageError, PreludeChecksumError
from sliceproof.wire.faults import SOURCE_ERRORS, Fault, FaultKind
from sliceproof.wire.messages import UNLIMITED, decode_messages
from sliceproof.wire.specimens import SPECIMENS
from sliceproof.wire.stream import Stream

EXCEPTIONS = (
    Fault(FaultKind.EXCEPTION, 0),
    Fault(FaultKind.EXCEPTION, 0, "InternalStreamFailure", "an internal failure", None),
    Fault(FaultKind.EXCEPTION, 0, "ModelStreamError", "the stream broke", "StreamBroken"),
    Fault(FaultKind.EXCEPTION, 0, "error", "an unmodelled error", "InternalError"),
    Fault(FaultKind.EXCEPTION, 0, "ThrottlingException", "slow down", None),
    Fault(FaultKind.EXCEPTION, 0, "ModelStreamError", "upstream closed the connection", None, json=False),
)


MODELLED = 4
"""How many of them, the first, the service's model or the framing names; an SDK knows no others by name."""


def _failed(name: str, message: str) -> Fault:
    return Fault(FaultKind.EXCEPTION, 0, f"{name}Exception", message, None)


BEDROCK = (
    Fault(FaultKind.EXCEPTION, 0, "modelStreamErrorException", "the model's stream broke"),
    _failed("internalServer", "an internal failure"),
    _failed("validation", "the request is not valid"),
    EXCEPTIONS[3],
    _failed("throttling", "too many requests"),
    _failed("serviceUnavailable", "the service is unavailable"),
    _failed("modelTimeout", "the model took too long"),
)
"""Those of Bedrock's model, the last in InvokeModelWithResponseStream alone."""


UNMODELLED = (
    _failed("later", "what a later model may say"),
    Fault(FaultKind.EXCEPTION, 0, "modelStreamErrorException", "", None, json=False),
)
"""One of a name that Bedrock's model does not have today, and one that says nothing but its name."""


def of_service(dialect: Dialect) -> tuple[Fault, ...]:
    """The exceptions of the service behind which a dialect is written."""
    if dialect.framing.by_message:
        return BEDROCK[:-1] if dialect.typed else BEDROCK
    return EXCEPTIONS


def modelled(dialect: Dialect) -> list[Letter]:
    """Those that an SDK knows by name, as letters."""
    return [Letter(fault=fault) for fault in of_service(dialect)[: None if dialect.framing.by_message else MODELLED]]


SOURCE_FAULTS = tuple(Fault(FaultKind.SOURCE_ERROR, 0, name, "the source failed") for name in SOURCE_ERRORS)


def exceptions(dialect: Dialect) -> list[Letter]:
    """Each exception message as a letter."""
    more = UNMODELLED if dialect.framing.by_message else ()
    return [Letter(fault=fault) for fault in (*of_service(dialect), *more)]


def error_records(dialect: Dialect) -> list[Letter]:
    """As the dialect writes it, and as those of its forms do that have a way of their own."""
    plain = [Letter(fault=Fault(FaultKind.ERROR_RECORD, 0))] if dialect.error else []
    return plain + [Letter(fault=Fault(FaultKind.ERROR_RECORD, 0), style=(("form", form),)) for form in dialect.errors]


def inside_message(start: int, stop: int) -> tuple[int, ...]:
    """Offsets in a message: in its prelude, at its end, among its headers and payload, before its last byte."""
    return (start + 1, start + 4, start + 11, start + 12, start + 40, (start + stop) // 2, stop - 4, stop - 1)


def malformed_messages() -> tuple[Fault, ...]:
    """A fault for each message of the specimens that the framing forbids whatever follows it; no large ones."""
    wires = [
        specimen.doubtful
        for specimen in SPECIMENS
        if specimen.expected == "refuse" and specimen.family != "checksums" and not specimen.large
    ]
    chosen = dict.fromkeys(wire.hex() for wire in wires if len(wire) <= 600 and _matches(wire))
    return tuple([Fault(FaultKind.MALFORMED, 0, hex=wire) for wire in chosen])


def _matches(wire: bytes) -> bool:
    """Whether the framing forbids the message for something else than its checksums."""
    try:
        decode_messages(wire, UNLIMITED)
    except (PreludeChecksumError, MessageChecksumError, IncompleteMessageError):
        return False
    except MessageError:
        return True
    return False


def malformed_streams(dialect: Dialect) -> Iterator[Stream]:
    """Each malformed message alone, after a sound one, and in the chunk of that."""
    for fault in malformed_messages():
        yield from at_each_place(dialect, fault, (1, 0))
        yield Stream(dialect.id, ("x", "y"), fault=replace(fault, at=1), chunk_cuts=())
