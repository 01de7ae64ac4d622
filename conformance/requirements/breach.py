"""How a requirement is broken: a kind that baselines and reports can compare, and what was expected and came."""

from dataclasses import dataclass
from enum import Enum


class BreachKind(Enum):
    """What a decoder does, as a stable slug and in words. The words may change, a slug stays for good."""

    LOSES_TEXT = "loses-text", "loses text"
    LOSES_EVERYTHING = "loses-everything", "loses everything"
    INVENTS_TEXT = "invents-text", "invents text"
    ALTERS_TEXT = "alters-text", "alters text"
    REORDERS = "reorders", "reorders"
    REPLACES_BYTES = "replaces-bytes", "replaces bytes by U+FFFD"
    MIXES_CHANNELS = "mixes-channels", "puts text into another channel"
    CHANGES_ARGUMENTS = "changes-arguments", "changes the arguments of a tool call"
    LOSES_THE_CALL = "loses-the-call", "loses or changes a tool call's id or name"
    LOSES_THE_FINISH = "loses-the-finish", "does not tell the end of each choice once"
    RAISES = "raises", "raises on a sound stream"
    HIDES_THE_FAULT = "hides-the-fault", "hides the fault"
    LOSES_THE_MESSAGE = "loses-the-message", "loses what the error said"
    WITHHOLDS_TEXT = "withholds-text", "withholds complete text"
    NEVER_ENDS = "never-ends", "never ends"
    NEVER_ENDS_AT_ALL = "never-ends-at-all", "did not end in time, and could not be interrupted"
    ENDS_ITS_PROCESS = "ends-its-process", "ends the process it runs in"
    IS_LATE = "is-late", "is late"
    BUFFERS_WITHOUT_LIMIT = "buffers-without-limit", "buffers whatever is declared"
    COSTS_MORE = "costs-more", "costs more the longer it gets"
    SYNC_AND_ASYNC_DIFFER = "sync-and-async-differ", "gives one thing sync and another async"
    SWALLOWS_THE_EXCEPTION = "swallows-the-exception", "swallows the consumer's exception"
    SWALLOWS_GENERATOR_EXIT = "swallows-generator-exit", "swallows GeneratorExit"
    SWALLOWS_CANCELLATION = "swallows-cancellation", "swallows CancelledError"
    SWALLOWS_AN_INTERRUPTION = "swallows-an-interruption", "swallows an interruption"
    KEEPS_ITS_SOURCE = "keeps-its-source", "keeps its source open"
    LOSES_IN_A_WAIT = "loses-in-a-wait", "loses what it had read when a wait is given up"
    BLOCKS_THE_LOOP = "blocks-the-loop", "blocks the event loop"

    def __init__(self, slug: str, words: str) -> None:
        self.slug, self.words = slug, words

    @classmethod
    def of(cls, text: str) -> "BreachKind | None":
        """The kind that a slug or its words name."""
        return next((kind for kind in cls if text in (kind.slug, kind.words)), None)


@dataclass(frozen=True)
class Breach:
    """How a stream breaks a requirement: what was expected and got, and the layer that is to blame."""

    kind: BreachKind
    expected: str
    got: str
    layer: str = ""

    @property
    def what(self) -> str:
        """The kind in words."""
        return self.kind.words
