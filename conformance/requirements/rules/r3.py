"""R3: the dialect's other record schemas."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import carried_plainly

REQUIREMENT = Requirement(
    id="R3",
    title="the dialect's other record schemas",
    rule="A record of the dialect's other schemas keeps its text; one without text adds and takes nothing.",
    source="vLLM, SGLang, TGI, DJL and LMI, each release as it writes its records (docs/bodies.md)",
    level=MUST,
    why="the dialect's own servers write these records",
    seen=(
        "BerriAI/litellm#8889",
        "langchain-ai/langchain#15138",
        "wandb/weave#7215",
        "langchain-ai/langchainjs#10942",
        "vercel/ai#15501",
    ),
    contains=("R4",),
    blames="JSON",
    control=carried_plainly,
    shows=lambda stream: (
        bool(stream.style.form or stream.style.special)
        or any(kind in stream.format.textless for _, kind in stream.style.asides)
    ),
)
