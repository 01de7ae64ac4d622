"""What the records say: each delta once, in order, its escapes undone once."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.judge import exactly
from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly, said_plainly
from sliceproof.strategies.letters import Letter, letters
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.stream import Stream


def _repeated(known: Dialect) -> list[Letter]:
    if known.repeats:
        return letters(["x", "y", "z"]) + (letters(["x"], special=True) if known.special else [])
    forms = [form for form in known.written if known.repeats_in(form)]
    return [letter for form in forms for letter in letters(["x", "y", "z"], form=form)]


def _said_again(known: Dialect) -> Iterator[Stream]:
    """The same delta after one other, after two, and many times in a row."""
    for tokens in (("x", "y", "x"), ("x", "y", "z", "x"), ("x",) * 4, ("x",) * 70, ("x", "y") * 40):
        yield Stream(known.id, tokens)


def _beside_the_finish(known: Dialect) -> Iterator[Stream]:
    if known.finishes and known.framing != "document":
        for form in known.written:
            for tokens in (("x",), ("x", "y"), ("Hello", " fish")):
                yield Stream(known.id, tokens, Style(form=form))


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
        contains=("R4",),
        judge=exactly,
        blames="JSON",
    ),
    Requirement(
        id="D2",
        title="equal deltas",
        rule="Equal deltas, in a row or with others between them, are so many deltas.",
        source="a model may say the same token twice",
        level=MUST,
        why="models do",
        more=_said_again,
        control=said_plainly,
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
        control=carried_plainly,
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
        control=said_plainly,
        blames="JSON",
    ),
    Requirement(
        id="J3",
        title="JSON's own characters in the text",
        rule="Braces, brackets, quotes and commas inside the text neither end a record nor begin one.",
        source="RFC 8259 section 7: inside a string they mean nothing",
        level=MUST,
        why="models write JSON and code",
        control=said_plainly,
        contains=("J2",),
        blames="JSON",
    ),
    Requirement(
        id="J4",
        title="the same JSON written otherwise",
        rule="Blanks between tokens, the order of keys and escapes that were not needed change nothing.",
        source="RFC 8259 sections 2, 4 and 7",
        level=SHOULD,
        why="the dialect's own server writes it one way; another version, or a proxy, may write it another",
        control=carried_plainly,
        blames="JSON",
    ),
    Requirement(
        id="R4",
        title="text beside the finish mark",
        rule="Text in the record that carries the finish mark comes out.",
        source="TGI, vLLM, DJL and LMI write the last token and the finish mark in one record",
        level=MUST,
        why="the dialect's own servers write it so",
        letters=lambda known: [],
        more=_beside_the_finish,
        control=lambda stream: stream.but(tokens=(*stream.tokens, "")),
        searched=False,
        blames="JSON",
    ),
    Requirement(
        id="O1",
        title="order",
        rule="Deltas come out in the order in which they came, also several of a chunk.",
        source="the event stream is a sequence",
        level=MUST,
        why="reordered text is lost text",
        control=carried_plainly,
        layer="messages",
        blames="order",
    ),
)
