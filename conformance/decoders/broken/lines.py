"""Mistakes with lines, records and what stands around them."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.steps import Sound


@breaks("L1")
class SplitsWhereUnicodeDoes(Sound):
    """Splits lines with str.splitlines, as httpx's iter_lines does."""

    line_end = re.compile("\r\n|[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\r(?!$)")


@breaks("L2", dialect="djl-jsonlines")
class EndsLinesAtAPartsEnd(Sound):
    """Takes the CR at a part's end for a line end, and refuses the blank line that the LF then makes."""

    line_end = re.compile(r"\r\n|\n|\r")

    def lines(self, text: str) -> list[str]:
        lines = super().lines(text)
        if "" in lines:
            raise ValueError("a blank line is no JSON")
        return lines


@breaks("L3")
class KnowsLineFeedsOnly(Sound):
    """Splits events at two line feeds only."""

    line_end = re.compile("\n")


@breaks("L4", dialect="djl-jsonlines")
class DropsTheLastLine(Sound):
    """Forgets a last line that has no line feed."""

    def last(self) -> Iterator[str]:
        with suppress(ValueError):
            self.finished = bool(json.loads(self.rest or "0")) or self.finished
        yield from ()


@breaks("L5")
class DropsTheLastEvent(Sound):
    """Forgets a last event that has no blank line, which WHATWG permits, and still calls the stream whole."""

    def last(self) -> Iterator[str]:
        if self.rest.endswith("\r"):
            yield from super().last()
        data = "".join(self.data) or self.rest.removeprefix("data:")
        with suppress(ValueError):
            self.finished = bool(json.loads(data))


@breaks("R1", "L5")
class WantsWholeRecords(Sound):
    """Forgets what is left of a line when its part ends."""

    def part(self, payload: bytes) -> Iterator[str]:
        yield from super().part(payload)
        if not self.rest.endswith("\r"):
            self.rest = ""


@breaks("R2")
class ReadsOneRecordAPart(Sound):
    """Reads the first record that a part completes and drops the others."""

    def part(self, payload: bytes) -> Iterator[str]:
        for number, text in enumerate(super().part(payload)):
            if number == 0:
                yield text


@breaks("R3", dialect="openai-sse")
class WantsEveryRecordAlike(Sound):
    """Takes the first choice for granted, and raises at the record with the usage, which has none."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        if "choices" in record:
            record["choices"][0]
        yield from super().record(record)


@breaks("R3-allowed", dialect="openai-sse")
class WantsTextFirst(Sound):
    """Takes a first record without a choice for the end of an answer that has no text."""

    begun = False

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        if not self.begun and record.get("choices") == []:
            raise ValueError("the answer has no choices")
        self.begun = True
        yield from super().record(record)


@breaks("P1")
class StripsCharacterSets(Sound):
    """Removes a prefix with lstrip, which takes a set of characters."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta(text.lstrip("data:"))  # noqa: B005 - this is the mistake


@breaks("P2")
class RemovesEveryPrefix(Sound):
    """Removes each literal `data:` from the body."""

    def field(self, line: str) -> None:
        name, colon, value = line.partition(":")
        super().field(name + colon + value.replace("data:", ""))


@breaks("P3")
class WantsASpace(Sound):
    """Knows `data: ` with its space only."""

    def field(self, line: str) -> None:
        if line.startswith("data: "):
            self.data.append(line.removeprefix("data: "))


@breaks("P4")
class DropsBlankDeltas(Sound):
    """Skips deltas of white space alone."""

    def delta(self, text: str) -> Iterator[str]:
        if text.strip():
            yield text


@breaks("P4")
class TrimsDeltas(Sound):
    """Strips each delta."""

    def delta(self, text: str) -> Iterator[str]:
        yield from super().delta(text.strip())


@breaks("S1", dialect="openai-sse")
class EndsAtAnyDone(Sound):
    """Stops at any data that holds `[DONE]`."""

    def event(self, data: str) -> Iterator[str]:
        if "[DONE]" in data:
            self.finished = True
        else:
            yield from super().event(data)


@breaks("S1-whole")
class TakesTextForAnEnd(Sound):
    """Takes the text `<|endoftext|>` for the end-of-sequence token, whatever the record calls it."""

    def delta(self, text: str) -> Iterator[str]:
        if text not in ("<|endoftext|>", "<s>"):
            yield from super().delta(text)


@breaks("S2")
class ChokesOnComments(Sound):
    """Takes a comment for a broken record and stops."""

    def field(self, line: str) -> None:
        if line.startswith(":"):
            raise ValueError(f"no field: {line}")
        super().field(line)


@breaks("S2-allowed", dialect="triton-sse")
class NeverSawAComment(Sound):
    """Takes a comment for a broken record and stops; its server writes none."""

    def field(self, line: str) -> None:
        if line.startswith(":"):
            raise ValueError(f"no field: {line}")
        super().field(line)


@breaks("S2-fields")
class KnowsDataAndComments(Sound):
    """Takes each field but `data` for a broken record and stops."""

    def field(self, line: str) -> None:
        if not line.startswith(("data:", ":")):
            raise ValueError(f"no field: {line}")
        super().field(line)


@breaks("S3")
class ReadsOneDataLine(Sound):
    """Keeps the last data line of an event only."""

    def field(self, line: str) -> None:
        super().field(line)
        self.data = self.data[-1:]


@breaks("G1")
class HoldsBackAnAngleBracket(Sound):
    """Holds back the beginning of an answer that may be a special token's, and never gives it if none follows."""

    waiting = ""
    begun = False

    def delta(self, text: str) -> Iterator[str]:
        text, self.waiting = self.waiting + text, ""
        if not self.begun and text in ("<", "<|"):
            self.waiting = text
            return
        self.begun = self.begun or bool(text)
        yield from super().delta(text)


@breaks("S4")
class FindsASentinelInPieces(Sound):
    """Takes deltas that make `<|endoftext|>` together for that token, and drops the last of them."""

    said = ""

    def delta(self, text: str) -> Iterator[str]:
        self.said = (self.said + text)[-20:]
        if self.said.endswith("<|endoftext|>") and "<|endoftext|>" not in text:
            return
        yield from super().delta(text)
