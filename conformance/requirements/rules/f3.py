"""F3: absurd declared length."""

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.conformance.requirements.waiting import unhurried_by
from sliceproof.strategies.letters import Letter
from sliceproof.wire.faults import Fault, FaultKind

REQUIREMENT = Requirement(
    id="F3",
    title="absurd declared length",
    rule="A message that declares 2 GiB is refused when its length is read, before its bytes fill the memory.",
    source="advice of this suite; Smithy amazon-eventstream: a service sends payloads of 24 MiB at most, and "
    "clients must not check that",
    level=SHOULD,
    why="no specification asks for it, and Smithy's has clients accept any size; it saves a client's memory "
    "where a broken proxy or an attacker sends what no service does",
    seen=("anomalyco/opencode#44649",),
    letters=lambda dialect: [Letter("x", fault=Fault(FaultKind.OVERSIZED, 0))],
    trial=unhurried_by(judge.early_refusal),
    judge=judge.early_refusal,
    layer="messages",
    wire=True,
    blames="message",
    unasked_of_clients="what a server writes waits in sockets, so when text is due cannot be told",
)
