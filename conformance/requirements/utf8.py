"""Characters: a part ends anywhere, also inside a code point, and every code point is text."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly, said_plainly
from sliceproof.strategies.hazards import hazard
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.slicing import every, inside_code_points
from sliceproof.wire.stream import Stream

CANONICAL = ("é", "你好", "x😀", "🇯🇵", "y")


def _every_code_point_cut(known: Dialect) -> Iterator[Stream]:
    """A body of code points of 2 to 4 bytes × one cut inside each, then slices of fixed sizes."""
    style = Style(ascii=False) if known.escapes[0] == "ascii" else Style()
    plain = Stream(known.id, CANONICAL, style)
    stops = plain.edges[1:-1]
    for offset in inside_code_points(plain.body):
        yield plain.but(part_cuts=tuple(sorted({*stops, offset})))
    for size in (1, 2, 3, 7):
        yield plain.but(part_cuts=tuple(sorted({*stops, *every(size, len(plain.body))})))


def _across_deltas(known: Dialect) -> Iterator[Stream]:
    """What one delta ends and the next begins, and no reader may merge: CR and LF, clusters, surrogates' kin."""
    ends = (("x\r", "\ny"), ("\r", "\n"), ("x\r\n", "\ny"))
    clusters = (
        ("e", "\u0301"),
        ("👩", "\u200d", "👧"),
        ("🇯", "🇵"),
        ("x", "\ufe0f"),
        ("क", "\u094d", "ष"),
        ("👍", "🏽"),
    )
    for tokens in (*ends, *clusters, ("\u1112", "\u1161", "\u11ab")):
        yield Stream(known.id, tokens, Style(ascii=False) if known.escapes[0] == "ascii" else Style())


def _bom(known: Dialect) -> list[Letter]:
    return letters(["x", "y"], bom=True) if known.framing != "raw" else []


def _bom_cut(known: Dialect) -> Iterator[Stream]:
    """The mark itself cut, on both levels, and alone in a part or chunk."""
    if known.framing == "raw":
        return
    plain = Stream(known.id, ("x", "y"), Style(bom=True))
    for offset in (1, 2, 3):
        yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], offset})))
    yield plain.but(part_cuts=tuple(sorted({*plain.edges[1:-1], 1, 2})))


REQUIREMENTS = (
    Requirement(
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
    ),
    Requirement(
        id="U2",
        title="UTF-8 and no other charset",
        rule="The body is UTF-8, whatever the media type says or omits.",
        source="RFC 8259 section 8.1; WHATWG HTML, server-sent events",
        level=MUST,
        why="every container writes UTF-8",
        seen=("vercel/ai#12162", "open-metadata/OpenMetadata#29531"),
        blames="UTF-8",
        control=said_plainly,
    ),
    Requirement(
        id="U3",
        title="a real U+FFFD",
        rule="U+FFFD in the text comes out, and none is made.",
        source="TGI and vLLM hold back text that ends in U+FFFD, and write a real one at max_tokens",
        level=MUST,
        why="containers write it when a completion ends inside a character",
        seen=("triton-inference-server/server#8039", "exo-explore/exo#1691"),
        contains=("U2",),
        blames="UTF-8",
        control=said_plainly,
    ),
    Requirement(
        id="U4",
        title="escaped surrogate pair cut",
        rule=r"A pair like \ud83d\ude00 cut anywhere is one code point.",
        source="RFC 8259 section 7; DJL rolling batch up to 0.23 writes ASCII",
        level=MUST,
        why="a container writes it, and SageMaker cuts anywhere",
        seen=("elizaOS/eliza#30904",),
        contains=("R1",),
        blames="JSON",
        control=carried_plainly,
    ),
    Requirement(
        id="U5",
        title="U+FEFF in the text",
        rule="U+FEFF inside the text is text, also where a part begins with it.",
        source="WHATWG Encoding strips a byte order mark at the start of a stream only",
        level=MUST,
        why="a model can say it, and containers write it raw",
        contains=("U2", "R1"),
        blames="UTF-8",
        control=said_plainly,
    ),
    Requirement(
        id="U5-bom",
        title="byte order mark before the body",
        rule="One byte order mark before everything is no part of the first record.",
        source="WHATWG HTML, server-sent events: one leading BOM is stripped",
        level=SHOULD,
        why="no container of those known writes one; the specification allows it",
        seen=("openai/openai-python#3819",),
        letters=_bom,
        more=_bom_cut,
        contains=("U1", "U2", "R1"),
        blames="UTF-8",
        control=carried_plainly,
    ),
    Requirement(
        id="U6",
        title="text comes out as it is",
        rule="Nothing is normalised, folded, stripped or dropped: controls, format characters, noncharacters, astral.",
        source="RFC 8259 section 8.2; Unicode 16, section 23.7 (noncharacters may be interchanged)",
        level=MUST,
        why="text that is altered is lost, and models say all of it",
        contains=("U2", "L1", "J2", "P4"),
        letters=lambda known: hazard("U6", known),
        more=_across_deltas,
        blames="UTF-8",
        control=said_plainly,
    ),
)
