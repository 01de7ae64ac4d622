"""What the records say: each delta once, in order, its escapes undone once."""

from sliceproof.conformance.judge import exactly
from sliceproof.conformance.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect


def _repeated(known: Dialect) -> list[Letter]:
    if known.repeats:
        return letters(["x", "y", "z"]) + (letters(["x"], special=True) if known.special else [])
    forms = [form for form in known.written if known.repeats_in(form)]
    return [letter for form in forms for letter in letters(["x", "y", "z"], form=form)]


REQUIREMENTS = (
    Requirement(
        id="D1",
        title="the full text once more",
        rule="The full text that the last record repeats is not text a second time.",
        source="TGI, DJL and LMI write `generated_text` into the last record",
        level=MUST,
        why="the containers always write it",
        seen=("sgl-project/sglang-omni#406",),
        letters=_repeated,
        judge=exactly,
        blames="JSON",
    ),
    Requirement(
        id="D2",
        title="equal neighbours",
        rule="Two equal deltas in a row are two deltas.",
        source="a model may say the same token twice",
        level=MUST,
        why="models do",
        layer="lines",
        blames="order",
        distinct=False,
    ),
    Requirement(
        id="J1",
        title="NaN and Infinity in a record",
        rule="A record whose log-probability is -Infinity keeps its text.",
        source="Python's json writes it; RFC 8259 section 6 does not allow it",
        level=SHOULD,
        why="no container was seen to write it, and it is no JSON",
        seen=("vllm-project/vllm#10234", "sgl-project/sglang#4097"),
        blames="JSON",
    ),
    Requirement(
        id="J2",
        title="escapes undone once",
        rule="Backslashes, quotes and escapes in the text come out as the model wrote them.",
        source="RFC 8259 section 7",
        level=MUST,
        why="models write code",
        blames="JSON",
    ),
    Requirement(
        id="O1",
        title="order",
        rule="Deltas come out in the order in which they came, also several of a chunk.",
        source="the event stream is a sequence",
        level=MUST,
        why="reordered text is lost text",
        layer="messages",
        blames="order",
    ),
)
