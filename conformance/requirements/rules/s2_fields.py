"""S2-fields: `event`, `id` and `retry` lines."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect, Framing, Style
from sliceproof.wire.stream import Stream


def _comment_lines(dialect: Dialect) -> Iterator[Stream]:
    """A comment on the line right above an event's data, which is a line of the event and no event of its own."""
    if dialect.framing is Framing.SSE:
        for at in (0, 1, 2):
            yield Stream(dialect.id, ("x", "y"), Style(asides=((at, "comment-line"),)))


REQUIREMENT = Requirement(
    id="S2-fields",
    title="`event`, `id` and `retry` lines",
    rule="An event's data is the same with a name, an id, a retry time and unknown fields as without them.",
    source="WHATWG HTML, server-sent events: fields other than `data` are no part of the data",
    level=SHOULD,
    why="no container writes them with its text; the specification allows it, and a proxy may",
    contains=("S2", "S2-allowed"),
    blames="line",
    more=_comment_lines,
    control=carried_plainly,
    shows=lambda stream: stream.style.fields or any(kind == "comment-line" for _, kind in stream.style.asides),
)
