"""L4: last line without its terminator."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.strategies.crossing import hard_last_records
from sliceproof.wire.dialects import Framing

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
    more=lambda dialect: hard_last_records(dialect, "bare") if dialect.framing is Framing.LINES else (),
    contains=("L1", "J2", "J3", "P1", "P2", "P4"),
    control=carried_plainly,
)
