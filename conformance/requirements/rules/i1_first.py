"""I1-first: several choices, for who gives one."""

from sliceproof.conformance.requirements.channels import first_choice
from sliceproof.conformance.requirements.requirement import SHOULD, Requirement
from sliceproof.strategies import channels

REQUIREMENT = Requirement(
    id="I1-first",
    title="several choices, for who gives one",
    rule="Who gives the text of one choice gives that of the first, or an error, and no mixture of several.",
    source="vLLM and SGLang number the choices by `index` and write them as they come",
    level=SHOULD,
    why="such a client must first be made to ask for several (n = 2); then their mixture is no answer",
    seen=("openai/openai-agents-python#3314",),
    letters=lambda dialect: [],
    more=lambda dialect: channels.answered(dialect, channels.choices()),
    judge=first_choice,
    control=channels.said_plainly,
    searched=False,
    first=channels.UNCUT,
    blames="channel",
    contains=("U1", "R1", "R2"),
    unclaimed=True,
    shows=lambda stream: any(delta.choice for delta in stream.deltas),
)
