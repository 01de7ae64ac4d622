"""W1: as soon as it is complete."""

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.waiting import unhurried_by
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect, Framing


def _words(dialect: Dialect) -> list[Letter]:
    joined = [Letter("x", (("wire-join", 0),))]
    if dialect.framing is not Framing.RAW:
        joined.append(Letter("x", (("join", 0),)))
    return [*letters(["x", "y", "z", "Hello"]), *joined]


REQUIREMENT = Requirement(
    id="W1",
    title="as soon as it is complete",
    rule="A delta whose bytes are all there comes out while the source has nothing more to give.",
    source="streaming is for those who read along",
    level=SHOULD,
    why="late text is not lost",
    seen=("langchain documentation on SSE",),
    contains=("R4", "R2", "O1"),
    letters=_words,
    trial=unhurried_by(judge.timely),
    judge=judge.timely,
    blames="order",
    shows=lambda stream: True,
    unasked_of_clients="what a server writes waits in sockets, so when text is due cannot be told",
)
