"""K1: unknown event type."""

from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="K1",
    title="unknown event type",
    rule="An event of a type that the API does not have is neither text nor the end.",
    source="AWS SDKs skip unknown events (aws/aws-sdk-js-v3#1325)",
    level=SHOULD,
    why="the service sends none today; it may tomorrow",
    layer="messages",
    wire=True,
    blames="message",
    control=carried_plainly,
    shows=lambda stream: bool(stream.unknown),
)
