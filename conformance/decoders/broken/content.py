"""Mistakes with what records say, and with the order in which they say it."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.wire.messages import Message


@breaks("D1")
class GivesTheFullTextToo(Sound):
    """Gives `generated_text` after the deltas that it repeats."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        yield from super().record(record)
        yield from self.delta(record.get("generated_text") or "")


@breaks("D2")
class DropsRepeatedDeltas(Sound):
    """Takes two equal deltas in a row for a duplicate."""

    before = ""

    def delta(self, text: str) -> Iterator[str]:
        before, self.before = self.before, text
        if text != before:
            yield from super().delta(text)


@breaks("S4")
class SkipsTheTokenOfNumberZero(Sound):
    """Takes a token whose number is 0, as `!` is in Llama 3's vocabulary, for a record without a token."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        token = record.get("token")
        if not token or token["id"]:
            yield from super().record(record)
        else:
            self.finished = self.finished or self.dialect.read(record).finished


@breaks("J1", dialect="djl-jsonlines")
class RefusesInfinity(Sound):
    """Refuses a record that holds -Infinity."""

    def parse(self, data: str) -> dict[str, Any]:
        def refuse(constant: str) -> float:
            raise ValueError(f"{constant} is no JSON")

        record: dict[str, Any] = json.loads(data, parse_constant=refuse)
        return record


@breaks("J2")
class UndoesEscapesTwice(Sound):
    r"""Undoes \n and \" once more in the text."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta(text.replace("\\n", "\n").replace("\\\\", "\\"))


@breaks("O1")
class ReversesAChunk(Sound):
    """Gives the messages of one chunk last first."""

    def messages(self, chunk: bytes) -> Iterable[Message]:
        return reversed(list(super().messages(chunk)))


@breaks("R4-reasons")
class TakesAStoppedAnswerForAFailure(Sound):
    """Raises where the finish mark says that a stop sequence ended the answer, and so loses what came of it."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        yield from super().record(record)
        if (record.get("details") or {}).get("finish_reason") == "stop_sequence":
            raise ValueError("the answer is not whole: stop_sequence")


@breaks("R4")
class DropsTheTextAtTheFinish(Sound):
    """Takes a record with the finish mark for one without text."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        finished = self.dialect.read(record).finished
        if not finished:
            yield from super().record(record)
        self.finished = self.finished or finished


@breaks("J3")
class CountsEveryBrace(Sound):
    """Finds the end of a record by counting braces, also those inside strings."""

    def event(self, data: str) -> Iterator[str]:
        if data.count("{") != data.count("}"):
            raise ValueError("half a record")
        yield from super().event(data)


@breaks("J3")
class SplitsBetweenObjects(Sound):
    """Takes `}{` for the end of one object and the start of the next, also inside strings."""

    def event(self, data: str) -> Iterator[str]:
        if "}{" in data:
            self.finished = True
            return
        yield from super().event(data)


@breaks("J4")
class LooksForCompactJson(Sound):
    """Looks for `"token":{` as its server writes it, without blanks and with the id first."""

    def event(self, data: str) -> Iterator[str]:
        if data.startswith("{") and '"error"' not in data and not re.search(r'"token":{"id":\d+,"text":"', data):
            self.finished = self.finished or '"generated_text"' in data
            return
        yield from super().event(data)


@breaks("D2")
class DropsWhatItHasSeen(Sound):
    """Drops each delta that it has given before, by its hash."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.seen: set[str] = set()

    def delta(self, text: str) -> Iterator[str]:
        if text not in self.seen:
            self.seen.add(text)
            yield from super().delta(text)


@breaks("PLAIN")
class GivesSomethingElse(Sound):
    """Gives a question mark for each delta."""

    def delta(self, text: str) -> Iterator[str]:
        if text:
            yield "?"


@breaks("J3", dialect="openai-sse")
class TakesBracketsForAnEnd(Sound):
    """Takes what ends as its server's records do, in `}]}`, for a whole line."""

    def text(self, text: str) -> Iterator[str]:
        yield from super().text(f"{text}\n" if text.endswith("}]}") else text)
