"""One requirement: a rule, where it comes from, how grave it is, and the one hazard that shows it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements.applicability import without_parts
from sliceproof.conformance.requirements.breach import Breach
from sliceproof.conformance.requirements.judge import Judge, lossless
from sliceproof.conformance.requirements.plainly import fails_plainly
from sliceproof.strategies.crossing import texts_carried
from sliceproof.strategies.hazards import BENIGN, HAZARDS, hazard
from sliceproof.strategies.letters import Letter, compose
from sliceproof.wire.dialects import Delta, Dialect
from sliceproof.wire.stream import Stream

MUST, SHOULD = "must", "should"
LAYERS = {"messages": ("messages",), "lines": ("messages", "lines"), "text": ("messages", "lines", "text")}
LAYERS["deltas"] = (*LAYERS["text"], "deltas")
"""What decoders of each yield can be asked: who gives messages has not read what is in them."""

_SHOWN_NONE = {
    "http": "there is no event stream in the envelope http",
    "bedrock": "each record is a message of its own here, which nothing cuts or joins",
    "deltas": "the decoder claims none of the channels that this is about",
}

Trial = Callable[[Decoder, str, Stream], Outcome]


class Broken(NamedTuple):
    """A stream on which a requirement is broken, in which mode of the decoder, and how."""

    stream: Stream
    mode: str
    breach: Breach
    outcome: Outcome


@dataclass(frozen=True, eq=False)
class Requirement:
    """`id` begins with the class of fault in docs/faults.md.

    `contains` names requirements whose hazard is part of this one's: who breaks one of those breaks
    this one too, and the report leads with the root. `letters` are the hazard's; `more` are streams
    for the sweep beyond words of these letters. `layer` is the least that a decoder must have read
    to be asked; `wire` says that it must read the wire itself. `applies` gives the reason why a
    dialect cannot have the hazard, or "". What is not `swept` is only searched, and the reverse;
    what is to be asked `once` depends on no dialect and is asked in the first.
    `control` gives like streams without the hazard: a decoder that fails on all of them too fails for
    another reason, which another requirement names, unless it fails on plain streams already.
    The sweep of one that is about text has its letters' texts `carried` in every way too.
    What is not shown by the stream `alone` hangs on other streams too, or on how an answer travels.
    `unasked_of_clients` says why it cannot be asked of a whole client through an endpoint, or "".
    One of `unclaimed` channels is asked of decoders that do not claim these, and of no others.
    The `first` streams of its sweep are asked by every profile.
    `shows` tells whether a stream has the hazard; without it, one whose text says a letter's word has it.
    """

    id: str
    title: str
    rule: str
    source: str
    level: str
    why: str
    seen: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    hazard: str = ""
    letters: Callable[[Dialect], Iterable[Letter]] | None = None
    more: Callable[[Dialect], Iterable[Stream]] | None = None
    judge: Judge = lossless
    trial: Trial = drive
    layer: str = "text"
    wire: bool = False
    blames: str = "part"
    applies: Callable[[Dialect], str] | None = None
    decoders: Callable[[Decoder], str] | None = None
    compare: Callable[[Decoder, Stream], Broken | None] | None = None
    control: Callable[[Stream], Stream | Sequence[Stream] | None] | None = None
    swept: bool = True
    searched: bool = True
    once: bool = False
    distinct: bool = True
    carried: bool = False
    shows: Callable[[Stream], bool] | None = None
    alone: bool = True
    unasked_of_clients: str = ""
    unclaimed: bool = False
    first: int = 8

    @property
    def verdict(self) -> str:
        """What is said of who breaks it: fail for a MUST, warn for a SHOULD."""
        return "fail" if self.level == MUST else "warn"

    def alphabet(self, dialect: Dialect) -> tuple[Letter, ...]:
        """The letters of this requirement's hazard in a dialect."""
        if self.letters is not None:
            return tuple(self.letters(dialect))
        return hazard(self.hazard or self.id, dialect) if (self.hazard or self.id) in HAZARDS else ()

    def shown_in(self, stream: Stream) -> bool:
        """Whether a stream has this requirement's hazard."""
        if self.shows is not None:
            return self.shows(stream)
        said = {letter.token for letter in self.alphabet(stream.format)} - {letter.token for letter in BENIGN}
        return any(word in token for token in stream.tokens for word in said if isinstance(word, str) and word)

    def inapplicable(self, decoder: Decoder, dialect: Dialect) -> str:
        """Why it cannot be asked of *decoder* in a dialect, or ""."""
        if self.layer not in LAYERS[decoder.yields]:
            return f"the decoder yields {decoder.yields} and does not read what this is about"
        if decoder.accepts == "endpoint" and self.unasked_of_clients:
            return self.unasked_of_clients
        if self.wire and decoder.envelope == "http":
            return "there is no event stream in the envelope http"
        if self.wire and not decoder.reads_wire:
            return f"the decoder accepts {decoder.accepts} and never sees the wire"
        if not decoder.claims(dialect.id):
            return f"the decoder does not claim {dialect.id}"
        asked = (decoder.declines(id_, dialect.id) for id_ in (self.id, *self.contains))
        reason = next((f"by design: {reason}" for reason in asked if reason), "")
        reason = reason or (self.applies(dialect) if self.applies else "")
        reason = reason or without_parts(self.id, dialect)
        reason = reason or (self.decoders(decoder) if self.decoders else "")
        if (
            not reason
            and not self.alphabet(dialect)
            and next(iter(self.more(dialect) if self.more else ()), None) is None
        ):
            reason = f"{dialect.id} cannot have this hazard"
        if not reason and self.unclaimed and not any(map(decoder.misses, self._said(dialect))):
            reason = "the decoder claims these channels, and is asked for them"
        limited = decoder.envelope == "http" or self.layer == "deltas" or dialect.framing.by_message
        if not reason and limited and all(self.unshown(decoder, stream) for stream in self.sweep(dialect)):
            place = "bedrock" if dialect.framing.by_message else "http"
            reason = _SHOWN_NONE["deltas" if self.layer == "deltas" else place]
        return reason

    def unshown(self, decoder: Decoder, stream: Stream) -> str:
        """Why a stream is not shown to *decoder*, or ""."""
        if not decoder.can_be_fed(stream):
            kind = stream.fault.kind if stream.fault else ""
            envelope = "bedrock" if stream.format.framing.by_message else decoder.envelope
            return f"a fault of the kind {kind} has no place in the envelope {envelope}"
        missed = "" if self.unclaimed else next(filter(None, map(decoder.misses, stream.deltas)), "")
        return missed and f"the decoder does not claim {missed}"

    def _said(self, dialect: Dialect) -> Iterator[Delta]:
        return (delta for stream in self.sweep(dialect) for delta in stream.deltas)

    def composed(self, dialect: Dialect, word: Sequence[Letter]) -> Stream:
        """The stream of a word of letters."""
        return compose(dialect.id, word, self.distinct)

    def sweep(self, dialect: Dialect) -> Iterator[Stream]:
        """Every hazard letter alone, after text, before text and between, then what `more` adds."""
        a, b = BENIGN[0], BENIGN[1]
        alphabet = self.alphabet(dialect) if self.swept else ()
        for shape in ((), (a,)):
            for letter in alphabet:
                for after in ((), (b,)):
                    yield self.composed(dialect, (*shape, letter, *after))
        for first in alphabet[:12]:
            for other in alphabet[:12]:
                yield self.composed(dialect, (first, other))
        if self.carried:
            yield from texts_carried(dialect, self.alphabet(dialect))
        if self.more is not None:
            yield from self.more(dialect)

    def check(self, decoder: Decoder, stream: Stream) -> Broken | None:
        """The first mode of *decoder* that breaks this on *stream*, or None; also if it cannot be shown to it."""
        if self.unshown(decoder, stream):
            return None
        if self.compare is not None:
            return self.compare(decoder, stream)
        for mode in decoder.modes:
            outcome = self.trial(decoder, mode, stream)
            breach = self.judge(stream, outcome, decoder.compared)
            if breach is not None and not self._fails_without(decoder, mode, stream):
                return Broken(stream, mode, breach, outcome)
        return None

    def _fails_without(self, decoder: Decoder, mode: str, stream: Stream) -> bool:
        """Whether the decoder fails as well where the hazard is missing, so that this is not what it breaks."""
        found = self.control(stream) if self.control is not None else None
        controls = [found] if isinstance(found, Stream) else list(found or ())
        shared = bool(controls) and all(
            self.judge(control, self.trial(decoder, mode, control), decoder.compared) is not None
            for control in controls
        )
        return shared and not fails_plainly(decoder, stream.format)
