"""Decoders that are right, each built in another way: `sliceproof check sound:NAME`.

They are the other half of the proof: the broken ones show that a requirement can fail, these that it
blames nobody wrongly.
"""

import re
from dataclasses import dataclass
from typing import Any

from sliceproof.conformance.decoders.sound import builds, deltas, steps
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.wire.dialects import BEDROCK, DIALECTS, Framing

__all__ = ["SOUND", "Build", "named"]

ALL = tuple(DIALECTS)
BY_LINE = tuple(id_ for id_, dialect in DIALECTS.items() if dialect.framing is not Framing.DOCUMENT)
CHATS = tuple(id_ for id_, dialect in DIALECTS.items() if dialect.answers)
IN_BLOCKS = tuple(id_ for id_, dialect in DIALECTS.items() if dialect.numbers_blocks)
IN_RECORDS = tuple(id_ for id_ in BY_LINE if DIALECTS[id_].framing is not Framing.RAW)


def named(kind: type[Any]) -> tuple[str, str]:
    """A class's name in snake case, and what its docstring says."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower(), (kind.__doc__ or "").strip().rstrip(".")


@dataclass(frozen=True)
class Build:
    """A sound decoder; `weak` are the requirements that it breaks all the same, and is rightly told of."""

    kind: type[Any]
    dialects: tuple[str, ...] = BY_LINE
    weak: tuple[str, ...] = ()
    accepts: str = "chunks"
    yields: str = "text"
    is_async: bool = False
    envelope: str = "sagemaker"

    @property
    def name(self) -> str:
        """Its class's name in snake case."""
        return named(self.kind)[0]

    @property
    def about(self) -> str:
        """How it is built, in a line."""
        return named(self.kind)[1]

    def decoder(self) -> Decoder:
        """The adapter; its name is the target that finds it."""
        mode = Mode(lambda id_, form: self.kind(id_).decode, self.is_async)
        modes = {"async" if self.is_async else "sync": mode}
        modules = (self.kind.__module__, steps.__name__)
        fed = (self.accepts, self.yields, self.envelope)
        return Decoder(f"sound:{self.name}", modes, (*self.dialects, *self.of_bedrock), *fed, modules=modules)

    @property
    def of_bedrock(self) -> tuple[str, ...]:
        """Bedrock's dialects that it reads too: all, if it takes the records out of messages as `Sound` does."""
        takes = issubclass(self.kind, steps.Sound) and self.kind.payload is steps.Sound.payload
        fed = (self.accepts, self.yields in ("text", "deltas"), self.envelope)
        return tuple(BEDROCK) if takes and fed == ("chunks", True, "sagemaker") else ()


SOUND = {
    build.name: build
    for build in (
        Build(builds.IncrementalCodec),
        Build(builds.WholeBody, weak=("W1",)),
        Build(builds.OneCharacterAtATime),
        Build(builds.EmptyDeltasBetween),
        Build(builds.LargerPieces),
        Build(builds.RealAwaits, is_async=True),
        Build(builds.RawDecode, IN_RECORDS, weak=("S3", "E3", "Q1")),
        Build(builds.LinesOfBytes, IN_RECORDS),
        Build(builds.BotocoreFrames, ALL, weak=("T2", "F2-malformed", "Q1")),
        Build(builds.Parts, ALL, accepts="parts"),
        Build(builds.Events, ALL, accepts="events"),
        Build(builds.Body, ALL, envelope="http"),
        Build(builds.AwaitedBody, ALL, envelope="http", is_async=True),
        Build(builds.LinesOfBody, ALL, yields="lines", envelope="http"),
        Build(steps.Lines, ALL, accepts="events", yields="lines"),
        Build(builds.LinesWithLineFeeds, ALL, accepts="events", yields="lines"),
        Build(builds.LinesOfParts, ALL, accepts="parts", yields="lines"),
        Build(steps.Messages, ALL, yields="messages"),
        Build(builds.WholeMessages, ALL, yields="messages"),
        Build(builds.ReadsAheadInThread),
        Build(builds.ReadsAheadInTask, is_async=True),
        Build(builds.OneAhead, is_async=True),
        Build(builds.DecodesInThread, is_async=True),
        Build(builds.LeavesAtDone),
        Build(builds.LeavesAtTheFinishMark),
        Build(builds.GivesAllAtOnce, weak=("W1", "T3")),
        Build(deltas.GivesDeltas, CHATS, yields="deltas"),
        Build(deltas.CallsByBlocks, IN_BLOCKS, yields="deltas"),
        Build(deltas.GivesRecordsOfDeltas, CHATS, yields="deltas"),
        Build(deltas.GivesFinishesBesideText, CHATS, yields="deltas"),
        Build(deltas.GivesMappings, CHATS, yields="deltas", is_async=True),
        Build(deltas.GivesFewerLargerDeltas, CHATS, yields="deltas"),
        Build(deltas.GivesTheAnswerWhole, CHATS, weak=("W1", "T3"), yields="deltas"),
        Build(deltas.DeltasOfBody, CHATS, yields="deltas", envelope="http"),
        Build(builds.LoadsTheDocument, ("djl-json",), weak=("W1",), accepts="parts"),
    )
}
