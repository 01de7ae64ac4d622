"""L5: last event without its blank line."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.stream import Stream


def _hard_last_records(known: Dialect) -> Iterator[Stream]:
    """The last record holds text that a reader of lines, or of JSON, may take for an end."""
    if known.framing == "sse":
        for text in ("x\u2028y", "x\x85y", "}}", "x\\", '"', "x\n", " ", "data: x"):
            yield Stream(known.id, ("x", text), Style(ascii=False, tail="line", done=False))


REQUIREMENT = Requirement(
    id="L5",
    title="last event without its blank line",
    rule="A last event whose data is complete comes out, with or without its blank line.",
    source="the containers' own ends of stream; WHATWG would discard such an event",
    level=SHOULD,
    why="the known servers end every event, and the specification permits to drop an unended one",
    seen=("google-gemini/gemini-cli#29059",),
    blames="end",
    more=_hard_last_records,
    contains=("L1", "J2", "J3", "P1", "P2", "P4"),
    control=carried_plainly,
)
