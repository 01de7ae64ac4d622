"""S1-whole: a sentinel as a whole delta."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
    id="S1-whole",
    title="a sentinel as a whole delta",
    rule="A delta that is `<|endoftext|>` or its kin, and that the record does not call special, is text.",
    source="TGI says `special: false` with it; what stands in a block of text of Bedrock's is text",
    level=SHOULD,
    why="no tokenizer known gives these words as one token that is not special",
    control=said_plainly,
    blames="JSON",
)
