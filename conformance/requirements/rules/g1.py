"""G1: an answer that begins like a template's token."""

from collections.abc import Iterator

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.strategies.controls import said_plainly
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream

TOKENS = ("<|assistant|>", "<|system|>", "<|user|>", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<s>", "</s>")
"""Of the chat templates of Llama, ChatML, Zephyr and GPT."""


def like_a_token(text: str) -> bool:
    """Whether a text may yet become one of TOKENS, or stands in one."""
    return any(text.strip() in token for token in TOKENS)


def _begun(dialect: Dialect) -> Iterator[Stream]:
    """A whole answer that stands in a token, then one that goes on otherwise; one and two deltas long."""
    for begun in ("y", "<", "<|", "s", "</", "end", "|", "im", "<|im", "user"):
        yield Stream(dialect.id, (begun,))
        yield Stream(dialect.id, (begun, "z."))
    for tokens in (
        ("<", "|"),
        ("s", "y"),
        ("y", "s", "t", "em"),
        ("<", "s", "pan>"),
        ("x", "y"),
        ("x", "<"),
        ("x", "s"),
    ):
        yield Stream(dialect.id, tokens)


REQUIREMENT = Requirement(
    id="G1",
    title="an answer that begins like a template's token",
    rule="An answer comes out from its first character on, also one that is a piece of a chat template's token.",
    source="the text is what the record says; `y`, `user` and `<` are answers",
    level=MUST,
    why="who holds text back until it is no token any more must give it back at the end",
    seen=("LiteLLM's CustomStreamWrapper, 1.110.2: Stream('tgi-sse', ['y']) is lost",),
    letters=lambda dialect: [],
    more=_begun,
    control=said_plainly,
    blames="client",
    searched=False,
    shows=lambda stream: bool(stream.tokens) and like_a_token(stream.text) | like_a_token(stream.tokens[0]),
)
