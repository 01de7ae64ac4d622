"""P3: `data:` without a space."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="P3",
    title="`data:` without a space",
    rule="The space after `data:` may be missing.",
    source="TGI up to 2.0.4 writes none; WHATWG HTML: one U+0020 after the colon is stripped if it is there",
    level=MUST,
    why="a container writes it so",
    seen=("nullclaw/nullclaw#509",),
    control=carried_plainly,
    blames="line",
    shows=lambda stream: not stream.style.space,
)
