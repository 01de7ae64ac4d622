"""What decoders of the framing make of malformed and borderline messages (`wire/specimens`).

A decoder may accept the doubtful message of a specimen, raise, or say nothing: the specification does
not settle each, and decoders differ. This judges none of them; it tells what each does, and whether it
does so however the wire is cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sliceproof import __version__
from sliceproof.conformance.decoders.subprocess.child import MAX_LINE, ChildError
from sliceproof.conformance.harness.contract import Decoder, Mode, TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.harness.source import RawWire
from sliceproof.wire.messages import Limits, Message, MessageDecoder
from sliceproof.wire.slicing import cut, every
from sliceproof.wire.specimens import SOUND, SPECIMENS, Specimen

PATIENCE = 5.0  # seconds without a pull, after which a decoder hangs
CHUNK = 65536  # of a large specimen; small ones come whole

VERDICTS = {
    "accepted": "both messages are given",
    "error": "it raises before the doubtful message is given",
    "silent": "the doubtful message is not given, and nothing is said",
    "lost": "neither is given, and nothing is said",
    "accepted, then error": "the doubtful message is given, and it raises on the sound one",
    "accepted, the next lost": "the doubtful message is given, the sound one is not, and nothing is said",
    "hang": "it does not end",
    "not asked": "it could not be asked; `message` says why",
}


@dataclass(frozen=True)
class Reaction:
    """What a decoder did with a specimen: one of VERDICTS; of an error its class and what it says."""

    verdict: str
    error: str = ""
    message: str = ""

    def __str__(self) -> str:
        return f"{self.verdict} {self.error}".strip()


TOO_LONG = Reaction(
    "not asked", message=f"a child may write lines of {MAX_LINE // 2**20} MiB, and this payload is longer"
)


@dataclass(frozen=True)
class Reacted:
    """How a decoder, in one mode, took a specimen; `bytewise` is None if it did the same with a byte a chunk."""

    specimen: str
    mode: str
    whole: Reaction
    bytewise: Reaction | None = None


def reactions(decoder: Decoder, specimens: Sequence[Specimen] = SPECIMENS) -> Iterator[Reacted]:
    """How *decoder* takes each specimen, in each of its modes; TargetError if it is none of the framing."""
    if decoder.accepts != "chunks" or decoder.yields != "messages":
        raise TargetError(f"{decoder.name} takes {decoder.accepts} and gives {decoder.yields}: it reads no framing")
    for specimen in specimens:
        wire = specimen.wire
        for mode in decoder.modes:
            if mode == "exec" and len(wire) * 4 > MAX_LINE * 3:
                yield Reacted(specimen.name, mode, TOO_LONG)
                continue
            whole = reaction(decoder, mode, cut(wire, every(CHUNK, len(wire))) if specimen.large else [wire])
            bytewise = whole if specimen.large else reaction(decoder, mode, cut(wire, range(1, len(wire))))
            same = (bytewise.verdict, bytewise.error) == (whole.verdict, whole.error)
            yield Reacted(specimen.name, mode, whole, None if same else bytewise)


def reaction(decoder: Decoder, mode: str, chunks: Sequence[bytes]) -> Reaction:
    """What *decoder* makes of a doubtful message and a sound one in these chunks."""
    outcome = drive(decoder, mode, RawWire(chunks), PATIENCE)
    error = outcome.error
    if isinstance(error, ChildError):
        return Reaction("not asked", message=str(error))
    if outcome.ended == "error":
        verdict = "accepted, then error" if _doubtful(outcome) else "error"
        return Reaction(verdict, _class(error), _line(error))
    return Reaction("hang" if outcome.ended == "hang" else _verdict(outcome))


def _verdict(outcome: Outcome) -> str:
    """Of a run that ended in peace."""
    sound = any(payload == SOUND for _, payload in outcome.items)
    if _doubtful(outcome):
        return "accepted" if sound else "accepted, the next lost"
    return "silent" if sound else "lost"


def _doubtful(outcome: Outcome) -> bool:
    """Whether anything but the sound message was given."""
    return any(payload != SOUND for _, payload in outcome.items)


def _class(error: BaseException | None) -> str:
    """The name of an error's class, with its module where it would tell nothing alone (`struct.error`)."""
    kind = type(error)
    return f"{kind.__module__}.{kind.__name__}" if kind.__name__ == "error" else kind.__name__


def _line(error: BaseException | None) -> str:
    """What an error says, on one line that is not too long."""
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def ours() -> Decoder:
    """sliceproof's own MessageDecoder with its usual limits, as a decoder that gives messages."""

    def messages(chunks: Iterable[bytes]) -> Iterator[Message]:
        decoder = MessageDecoder(Limits())
        for chunk in chunks:
            yield from decoder.feed(chunk)
        decoder.close()

    def extract(message: Any) -> tuple[Any, bytes]:
        return message.headers, message.payload

    mode = Mode(lambda dialect, form: messages)
    return Decoder("sliceproof", {"sync": mode}, yields="messages", version=lambda: __version__, extract=extract)


__all__ = ["VERDICTS", "Reacted", "Reaction", "ours", "reaction", "reactions"]
