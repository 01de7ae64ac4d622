"""U4: escaped surrogate pair cut."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.showing import part_cuts
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.slicing import inside_escapes

REQUIREMENT = Requirement(
    id="U4",
    title="escaped surrogate pair cut",
    rule=r"A pair like \ud83d\ude00 cut anywhere is one code point.",
    source="RFC 8259 section 7; DJL rolling batch up to 0.23 writes ASCII",
    level=MUST,
    why="a container writes it, and SageMaker cuts anywhere",
    seen=("elizaOS/eliza#30904",),
    contains=("R1",),
    blames="JSON",
    control=carried_plainly,
    shows=lambda stream: bool(part_cuts(stream).intersection(inside_escapes(stream.body))),
)
