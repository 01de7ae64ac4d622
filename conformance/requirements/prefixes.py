"""What stands around a record (`data:`, white space, sentinels, comments), and text that looks like it."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly, said_plainly
from sliceproof.strategies.hazards import hazard
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def _written_asides(known: Dialect) -> tuple[Letter, ...]:
    return hazard("S2", known) if known.asides else ()


def _sentinels_apart(known: Dialect) -> Iterator[Stream]:
    """A sentinel, or what begins like one, said in several deltas."""
    begun = (("<", "x"), ("<", "|", "x"), ("<|", "end"), ("x", "<"), ("x", "<|"), ("x", "["))
    whole = (
        ("<", "|endoftext|", ">"),
        ("[", "DONE", "]"),
        ("</", "s", ">"),
        ("<|im", "_end|>", "x"),
        ("data", ":", " x"),
    )
    for tokens in (*begun, *whole):
        yield Stream(known.id, tokens)


def _allowed_asides(known: Dialect) -> tuple[Letter, ...]:
    return () if known.asides else hazard("S2", known)


REQUIREMENTS = (
    Requirement(
        id="P1",
        title="text made of a prefix's characters",
        rule="Text that begins or ends with the characters of `data: ` or a sentinel keeps them.",
        source="the text is a JSON string, or plain: nothing in it is framing",
        level=MUST,
        why="models say such words",
        contains=("J3",),
        seen=("run-llama/llama_index#22221", "vllm-project/vllm#2958"),
        control=said_plainly,
        blames="line",
    ),
    Requirement(
        id="P2",
        title="`data:` inside the text",
        rule="`data:` inside a record is text, also where a part begins with it.",
        source="WHATWG HTML, server-sent events: a field name stands at the start of a line only",
        level=MUST,
        why="models say it, and SageMaker cuts anywhere",
        seen=("BerriAI/litellm#9070", "run-llama/llama_index#22227"),
        contains=("P1", "R1", "J2", "J3"),
        control=said_plainly,
        blames="line",
    ),
    Requirement(
        id="P3",
        title="`data:` without a space",
        rule="The space after `data:` may be missing.",
        source="TGI up to 2.0.4 writes none; WHATWG HTML: one U+0020 after the colon is stripped if it is there",
        level=MUST,
        why="a container writes it so",
        seen=("nullclaw/nullclaw#509",),
        control=carried_plainly,
        blames="line",
    ),
    Requirement(
        id="P4",
        title="white space is text",
        rule="White space at the start or end of a delta, or as a whole delta, comes out.",
        source="tokens are led by spaces, and line feeds are tokens of their own",
        level=MUST,
        why="every model writes such tokens",
        seen=("langchain4j/langchain4j#5531", "NousResearch/hermes-agent#2192"),
        contains=("U2", "J2"),
        control=said_plainly,
        blames="line",
    ),
    Requirement(
        id="S1",
        title="a sentinel inside the text",
        rule="`[DONE]`, `</s>` and their kin inside the text are text and end nothing.",
        source="the sentinel is a record of its own; a token that is not special is text",
        level=MUST,
        why="models say them, most of all about themselves",
        seen=("BerriAI/litellm#31562", "smg-project/smg#1878"),
        contains=("J2", "J3"),
        control=said_plainly,
        blames="line",
    ),
    Requirement(
        id="S1-whole",
        title="a sentinel as a whole delta",
        rule="A delta that is `<|endoftext|>` or its kin, and that the record does not call special, is text.",
        source="TGI says `special: false` with it",
        level=SHOULD,
        why="no tokenizer known gives these words as one token that is not special",
        control=said_plainly,
        blames="JSON",
    ),
    Requirement(
        id="S4",
        title="text like the beginning of a sentinel",
        rule="Text that begins like a sentinel, a tag or a prefix, and is none, comes out, also at the end.",
        source="the text is what the record says; nothing in it is framing",
        level=MUST,
        why="models say `<` and `[`, and answers end with them",
        more=_sentinels_apart,
        contains=("S1", "J2", "J3", "P1", "P4"),
        control=said_plainly,
        blames="order",
    ),
    Requirement(
        id="S2",
        title="comments, blank lines, empty events",
        rule="A comment, a blank line or an empty event between records adds nothing and takes nothing.",
        source="axum writes `:` comments to keep alive, DJL a lone `data: `, LMI blank lines",
        level=MUST,
        why="the dialect's own servers write them",
        seen=("openai/openai-python#2722", "BerriAI/litellm up to 1.108.11"),
        letters=_written_asides,
        control=carried_plainly,
        blames="line",
    ),
    Requirement(
        id="S2-allowed",
        title="comments where no server writes them",
        rule="A comment between events adds nothing and takes nothing.",
        source="WHATWG HTML, server-sent events: a line that begins with a colon is ignored",
        level=SHOULD,
        why="the dialect's own servers write none; proxies may",
        letters=_allowed_asides,
        control=carried_plainly,
        blames="line",
    ),
    Requirement(
        id="S2-fields",
        title="`event`, `id` and `retry` lines",
        rule="An event's data is the same with a name, an id, a retry time and unknown fields as without them.",
        source="WHATWG HTML, server-sent events: fields other than `data` are no part of the data",
        level=SHOULD,
        why="no container writes them with its text; the specification allows it, and a proxy may",
        contains=("S2", "S2-allowed"),
        blames="line",
        control=carried_plainly,
    ),
    Requirement(
        id="S3",
        title="data on several lines",
        rule="The data lines of one event join with a line feed.",
        source="WHATWG HTML, server-sent events",
        level=SHOULD,
        why="no container writes it; the specification allows it",
        seen=("SamSaffron/term-llm#454",),
        control=carried_plainly,
        blames="line",
    ),
)
