"""Mistakes that show only where two things meet: a cut and a text, an empty part and half a record, two streams."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.wire.messages import Message


@breaks("F6")
class FlushesAtAnEmptyPart(Sound):
    """Takes an empty part for a flush and forgets the half record it holds."""

    def part(self, payload: bytes) -> Iterator[str]:
        if not payload:
            self.held, self.data = [], []
        yield from super().part(payload)


@breaks("F7")
class ClearsBehindALongMessage(Sound):
    """Empties its buffer behind a message of more than 64 KiB, and with it what the same chunk holds behind that."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        cleared = False
        for message in self.decoder.feed(chunk):
            if not cleared:
                yield message
            cleared = cleared or len(message.payload) > 65_536


@breaks("L2")
class EndsALineTwice(Sound):
    """Takes the LF that begins a part for a line end of its own while it holds lines of an event."""

    line_end = re.compile(r"\r\n|\n|\r")

    def lines(self, text: str) -> list[str]:
        if text.startswith("\n") and not self.data and self.cut_behind_cr:
            text = text[1:]
        self.cut_behind_cr = text.endswith("\r") if text else self.cut_behind_cr
        return super().lines(text)

    cut_behind_cr = False


@breaks("O1")
class GivesTheJoinedRecordLast(Sound):
    """Gives the records that a part holds whole, and then the one whose first half came before it."""

    def text(self, text: str) -> Iterator[str]:
        held = bool(self.rest)
        lines = self.lines(text) if self.started else []
        if not self.started:
            yield from super().text(text)
            return
        given = [list(self.line(line)) for line in lines]
        first = next((number for number, texts in enumerate(given) if texts), None) if held else None
        for texts in [*given[:first], *given[first + 1 :], given[first]] if first is not None else given:
            yield from texts


@breaks("X3")
class SharesTheLinesOfAnEvent(Sound):
    """Holds the data lines of an unfinished event in one list for all streams, which is cleared where one begins."""

    shared: ClassVar[list[str]] = []

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.shared.clear()

    def field(self, line: str) -> None:
        name, _, value = line.partition(":")
        if name == "data":
            self.shared.append(value.removeprefix(" "))

    def line(self, line: str) -> Iterator[str]:
        if not line:
            self.data = list(self.shared)
            self.shared.clear()
        yield from super().line(line)

    def last(self) -> Iterator[str]:
        yield from super().last()
        self.shared.clear()


@breaks("C2")
class GivesTheRestWhenClosed(Sound):
    """Gives what is left of a chunk in `finally`, so it cannot be closed while it holds deltas."""

    def chunk(self, chunk: bytes) -> Iterator[str]:
        texts = super().chunk(chunk)
        for text in texts:
            try:
                yield text
            except GeneratorExit:
                if rest := "".join(texts):
                    yield rest
                raise


@breaks("C1")
class RenamesWhatIsThrown(Sound):
    """Yields inside the try that makes its own errors of a record's, so what is thrown in comes out as one of those."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        text, finished, _ = self.dialect.read(record)
        self.finished = self.finished or finished
        try:
            yield from self.delta(text)
        except Exception:
            raise ValueError("cannot read a record") from None


@breaks("S2-fields")
class SkipsTheLineBehindAComment(Sound):
    """Skips the line behind a comment, which it takes for the comment's blank line."""

    commented = False

    def line(self, line: str) -> Iterator[str]:
        commented, self.commented = self.commented, line.startswith(":")
        if not commented:
            yield from super().line(line)


@breaks("E1-record", dialect="openai-sse")
class WantsAnErrorThatIsAnObject(Sound):
    """Raises for an error record that holds an object, and takes one that holds a string for the end."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        if isinstance(record.get("error"), str):
            self.finished = True
            return
        yield from super().record(record)


@breaks("J2")
class UndoesEntities(Sound):
    """Undoes HTML entities in the text."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta(html.unescape(text))


@breaks("J3", dialect="djl-jsonlines")
class TakesTwoBracesForTheEnd(Sound):
    """Takes a line for whole where a part ends in `}}`, also where those stand in the text."""

    def text(self, text: str) -> Iterator[str]:
        yield from super().text(text)
        if self.rest.endswith("}}"):
            line, self.rest = self.rest, ""
            yield from self.line(line)


@breaks("R4", dialect="djl-jsonlines")
class DropsTheTextAtAnEndOfSequence(Sound):
    """Takes the last token for the end-of-sequence token where the reason is `eos_token`, also where it has text."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        if (record.get("details") or {}).get("finish_reason") == "eos_token":
            record = {**record, "token": {**record["token"], "text": ""}}
        yield from super().record(record)


@breaks("L4", dialect="djl-jsonlines")
class SplitsTheLastLine(Sound):
    """Splits what is left at the end with str.splitlines, so a last line with U+2028 in its text is two."""

    def last(self) -> Iterator[str]:
        yield from self.text(self.utf8.decode(b"", True))
        rest, self.rest = self.rest, ""
        for line in rest.splitlines():
            yield from self.line(line)
