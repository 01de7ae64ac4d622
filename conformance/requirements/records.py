"""Records: a part holds half of one, or three, and not every record holds text."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

CUT_ANYWHERE = "SageMaker cuts the container's bytes anywhere (LineIterator, sagemaker-python-sdk iterators.py)"


def _every_offset(known: Dialect) -> Iterator[Stream]:
    """A body of two records × one cut at each of its bytes, then slices of fixed sizes."""
    if known.framing == "raw":
        return
    plain = Stream(known.id, ("x", "y"))
    stops = plain.edges[1:-1]
    for offset in range(1, len(plain.body)):
        if offset not in stops:
            yield plain.but(part_cuts=tuple(sorted((*stops, offset))))
    for size in (1, 2, 7, 20):
        yield plain.but(part_cuts=tuple(sorted({*stops, *every(size, len(plain.body))})))


def _no_records(known: Dialect) -> str:
    return "plain text has no records" if known.framing == "raw" else ""


REQUIREMENTS = (
    Requirement(
        id="R1",
        title="record cut across parts",
        rule="A record that comes in two or more parts is one record.",
        source=CUT_ANYWHERE,
        level=MUST,
        why="SageMaker has been seen to end parts inside records",
        seen=("BerriAI/litellm#5372", "vllm-project/aibrix#2653"),
        contains=("J2",),
        more=_every_offset,
        layer="lines",
        applies=_no_records,
        control=carried_plainly,
    ),
    Requirement(
        id="R2",
        title="several records in one part",
        rule="Every record of a part counts.",
        source=CUT_ANYWHERE,
        level=MUST,
        why="SageMaker has been seen to put several records into one part",
        seen=("strands-agents/harness-sdk#4035", "BerriAI/litellm up to 1.108.11"),
        layer="lines",
        applies=_no_records,
        control=carried_plainly,
    ),
    Requirement(
        id="R3",
        title="the dialect's other record schemas",
        rule="A record of the dialect's other schemas keeps its text; one without text adds and takes nothing.",
        source="vLLM, SGLang, TGI, DJL and LMI, each release as it writes its records (docs/bodies.md)",
        level=MUST,
        why="the dialect's own servers write these records",
        seen=("BerriAI/litellm#8889", "langchain-ai/langchain#15138"),
        contains=("R4",),
        blames="JSON",
        control=carried_plainly,
    ),
    Requirement(
        id="R3-allowed",
        title="records without a choice, also first",
        rule="A chunk whose list of choices is empty adds and takes nothing, also before the first text.",
        source="OpenAI API reference, chat completion chunk: `choices` can be empty",
        level=SHOULD,
        why="containers write such a chunk last, if they write one; gateways write it first",
        contains=("R3",),
        blames="JSON",
        control=carried_plainly,
    ),
)
