"""Mistakes with what records say, and with the order in which they say it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sliceproof.conformance.broken.registry import breaks
from sliceproof.conformance.sound.steps import Sound
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
