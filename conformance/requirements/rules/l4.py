"""L4: last line without its terminator."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.stream import Stream


def _hard_last_records(known: Dialect) -> Iterator[Stream]:
    """The last record holds text that a reader of lines, or of JSON, may take for an end."""
    if known.framing == "lines":
        for text in ("x\u2028y", "x\x85y", "}}", "x\\", '"', "x\n", " ", "data: x"):
            yield Stream(known.id, ("x", text), Style(ascii=False, tail="bare", done=False))


REQUIREMENT = Requirement(
    id="L4",
    title="last line without its terminator",
    rule="A last JSON line that is complete counts, with or without its line feed.",
    source="jsonlines.org: the last terminator is recommended and not required",
    level=SHOULD,
    why="the known servers end every line; the format allows the last to go without",
    seen=("aws/sagemaker-python-sdk#6278", "langchain-ai/langchain#16219"),
    layer="lines",
    blames="end",
    more=_hard_last_records,
    contains=("L1", "J2", "J3", "P1", "P2", "P4"),
    control=carried_plainly,
)
