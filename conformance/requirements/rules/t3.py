"""T3: text before a fault."""

from collections.abc import Iterator
from dataclasses import replace

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.faults import (
    SOURCE_FAULTS,
    error_records,
    exceptions,
    malformed_messages,
    of_service,
)
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect, Framing
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream


def _any_fault(dialect: Dialect) -> list[Letter]:
    cut = Letter("x", fault=Fault(FaultKind.TRUNCATED, 0), fault_mark=1)
    flipped = Letter("x", fault=Fault(FaultKind.CORRUPT, 0), fault_mark=100)
    raised = [Letter("x", fault=fault, fault_mark=k) for fault in SOURCE_FAULTS[:2] for k in (0, 1)]
    first = of_service(dialect)[0]
    joined = [Letter("x", (("wire-join", 0),), fault=first)]
    if dialect.error is not None and dialect.framing is not Framing.DOCUMENT:
        joined.append(Letter("x", (("join", 0),), fault=Fault(FaultKind.ERROR_RECORD, 0)))
    exception = Letter("x", fault=first)
    plain = [letter for letter in error_records(dialect) if not letter.style]  # another form is another hazard
    return [exception, *exceptions(dialect), *plain, cut, flipped, *raised, *joined]


def _text_before(dialect: Dialect) -> Iterator[Stream]:
    """Each kind of fault behind sound messages: in chunks of their own, and all in one chunk."""
    plain = Stream(dialect.id, ("x", "y", "z"))
    first, second = plain.frame_stops[:2]
    told = of_service(dialect)
    faults = [told[0], told[3], Fault(FaultKind.MALFORMED, 2), *malformed_messages()[:3]]
    faulty = [plain.but(fault=replace(fault, at=2)) for fault in faults]
    faulty += [
        plain.but(fault=Fault(FaultKind.CORRUPT, second - 8)),
        plain.but(fault=Fault(FaultKind.TRUNCATED, second + 30)),
    ]
    faulty += [
        plain.but(fault=Fault(FaultKind.CORRUPT, second + 9)),
        plain.but(fault=Fault(FaultKind.TRUNCATED, second + 4)),
    ]
    faulty += [plain.but(fault=replace(SOURCE_FAULTS[0], at=at)) for at in (first, second, second + 30)]
    if dialect.framing.by_line:
        faulty += [plain.but(fault=Fault(FaultKind.UNREADABLE_RECORD, 2))]
    for stream in faulty:
        yield stream
        yield stream.but(chunk_cuts=())
        yield stream.but(chunk_cuts=tuple(cut for cut in every(64, len(stream.wire))))


REQUIREMENT = Requirement(
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
)
