"""U1: code point cut between parts."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.showing import part_cuts
from sliceproof.strategies.controls import carried_plainly
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.slicing import every, inside_code_points
from sliceproof.wire.stream import Stream

CANONICAL = ("é", "你好", "x😀", "🇯🇵", "y")


def _every_code_point_cut(dialect: Dialect) -> Iterator[Stream]:
    """A body of code points of 2 to 4 bytes × one cut inside each, then slices of fixed sizes."""
    style = Style(ascii=False) if dialect.escapes[0] == "ascii" else Style()
    plain = Stream(dialect.id, CANONICAL, style)
    stops = plain.edges[1:-1]
    for offset in inside_code_points(plain.body):
        yield plain.but(part_cuts=tuple(sorted({*stops, offset})))
    for size in (1, 2, 3, 7):
        yield plain.but(part_cuts=tuple(sorted({*stops, *every(size, len(plain.body))})))


REQUIREMENT = Requirement(
    id="U1",
    title="code point cut between parts",
    rule="A code point whose bytes come in two parts is one code point.",
    source="SageMaker cuts the container's bytes anywhere (LineIterator, sagemaker-python-sdk iterators.py)",
    level=MUST,
    why="every container writes UTF-8, and SageMaker has been seen to cut inside it",
    seen=("BerriAI/litellm#9165", "continuedev/continue#13181", "vllm-project/vllm#38732"),
    contains=("R1", "U2"),
    more=_every_code_point_cut,
    layer="lines",
    blames="UTF-8",
    control=carried_plainly,
    shows=lambda stream: bool(part_cuts(stream).intersection(inside_code_points(stream.body))),
)
