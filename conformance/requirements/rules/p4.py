"""P4: white space is text."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly, without_text

REQUIREMENT = Requirement(
    id="P4",
    title="white space is text",
    rule="White space at the start or end of a delta, or as a whole delta, comes out.",
    source="tokens are led by spaces, and line feeds are tokens of their own",
    level=MUST,
    why="every model writes such tokens",
    seen=("langchain4j/langchain4j#5531", "NousResearch/hermes-agent#2192"),
    contains=("U2", "J2"),
    control=lambda stream: without_text(stream) or said_plainly(stream),
    blames="line",
    carried=True,
)
