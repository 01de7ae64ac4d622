"""E3: a record that cannot be read."""

from collections.abc import Iterator

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.crossing import crossed_parts, words
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Fault, Stream

UNREADABLE = (
    Fault("unreadable-record", 0),
    Fault("unreadable-record", 0, message="upstream connect error"),
    Fault("unreadable-record", 0, message="<html>502 Bad Gateway</html>"),
)
"""Half a record, and what a proxy writes between two."""


def _unreadable(dialect: Dialect) -> list[Letter]:
    return [Letter(fault=fault) for fault in UNREADABLE] if dialect.framing in ("sse", "lines") else []


def _unreadable_cut(dialect: Dialect) -> Iterator[Stream]:
    """A record that is no JSON first, between sound ones and last; whole, cut, and joined to others."""
    if dialect.framing not in ("sse", "lines"):
        return
    for place in (1, 0, 2, 11):
        stream = Stream(dialect.id, words(max(place, 2)), fault=Fault("unreadable-record", place))
        yield stream
        yield from crossed_parts(stream)
    if not dialect.finishes:  # elsewhere the finish mark is missing too, which is T1's
        plain = Stream(dialect.id, ("x", "yes"))
        last = plain.records[-1]
        for at in (last.text_start - 1, last.text_start + 1, last.content_stop - 1):
            yield plain.but(fault=Fault("broken-off", at))


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
