"""E3: a record that cannot be read."""

from collections.abc import Iterator

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.crossing import crossed_parts, words
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream

UNREADABLE = (
    Fault(FaultKind.UNREADABLE_RECORD, 0),
    Fault(FaultKind.UNREADABLE_RECORD, 0, message="upstream connect error"),
    Fault(FaultKind.UNREADABLE_RECORD, 0, message="<html>502 Bad Gateway</html>"),
)
"""Half a record, and what a proxy writes between two."""


def _unreadable(dialect: Dialect) -> list[Letter]:
    return [Letter(fault=fault) for fault in UNREADABLE] if dialect.framing.by_line else []


def _unreadable_cut(dialect: Dialect) -> Iterator[Stream]:
    """A record that is no JSON first, between sound ones and last; whole, cut, and joined to others."""
    if not dialect.framing.by_line:
        return
    for place in (1, 0, 2, 11):
        stream = Stream(dialect.id, words(max(place, 2)), fault=Fault(FaultKind.UNREADABLE_RECORD, place))
        yield stream
        yield from crossed_parts(stream)
    if not dialect.finishes:  # elsewhere the finish mark is missing too, which is T1's
        plain = Stream(dialect.id, ("x", "yes"))
        last = plain.records[-1]
        for at in (last.text_start - 1, last.text_start + 1, last.content_stop - 1):
            yield plain.but(fault=Fault(FaultKind.BROKEN_OFF, at))


REQUIREMENT = Requirement(
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
)
