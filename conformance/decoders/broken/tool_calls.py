"""Mistakes with tool calls: their arguments, which come in pieces, their ids and names, and several of them."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.deltas import GivesDeltas


@breaks("M2", dialect="openai-sse")
class WantsWholeArguments(GivesDeltas):
    """Takes arguments that are no JSON by themselves for noise."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        function = call.get("function") or {}
        try:
            json.loads(function.get("arguments") or "{}")
        except ValueError:
            return super().call(number, {**call, "function": {"name": function.get("name")}})
        return super().call(number, call)


@breaks("M2", dialect="openai-sse")
class StripsArguments(GivesDeltas):
    """Strips white space around each fragment of arguments, which may stand in a string."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        function = call.get("function") or {}
        stripped = {**function, "arguments": (function.get("arguments") or "").strip()}
        return super().call(number, {**call, "function": stripped})


@breaks("M2", dialect="openai-sse")
class UnquotesArguments(GivesDeltas):
    """Takes a fragment that is a JSON string by itself for arguments that were encoded twice."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        function = call.get("function") or {}
        text = function.get("arguments") or ""
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = json.loads(text)
        return super().call(number, {**call, "function": {**function, "arguments": text}})


@breaks("M2", dialect="openai-sse")
class MendsTrailingCommas(GivesDeltas):
    """Takes out each comma before a bracket, as models write them, also in strings."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        function = call.get("function") or {}
        text = (function.get("arguments") or "").replace(",}", "}")
        return super().call(number, {**call, "function": {**function, "arguments": text}})


@breaks("M2", dialect="openai-sse")
class SkipsBlankContentBehindACall(GivesDeltas):
    """Takes white space behind a call for none of the answer."""

    called = False

    def call(self, number: int, call: dict[str, Any]) -> Any:
        self.called = True
        return super().call(number, call)

    def contents(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        yield from (text for text in super().contents(number, delta) if text.text.strip() or not self.called)


@breaks("M2", dialect="openai-sse")
class DropsArgumentsBesideTheName(GivesDeltas):
    """Reads the id and the name of a call's first fragment, and its arguments from the second on."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        function = call.get("function") or {}
        if function.get("name"):
            function = {**function, "arguments": ""}
        return super().call(number, {**call, "function": function})


@breaks("M3", dialect="openai-sse")
class MakesAnIdForEachFragment(GivesDeltas):
    """Makes up an id wherever a fragment has none."""

    made = 0

    def call(self, number: int, call: dict[str, Any]) -> Any:
        self.made += 1
        return super().call(number, {**call, "id": call.get("id") or f"made-{self.made}"})


@breaks("M3", dialect="openai-sse")
class ForgetsTheNameOfAnEmptyCall(GivesDeltas):
    """Makes a call where its first arguments come, and so none that has no arguments."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.named: dict[tuple[int, int], dict[str, Any]] = {}

    def call(self, number: int, call: dict[str, Any]) -> Any:
        key, function = (number, call["index"]), call.get("function") or {}
        if function.get("name"):
            self.named[key] = {"id": call.get("id"), "name": function["name"]}
        if not function.get("arguments"):
            return []
        known = self.named.pop(key, {"id": None, "name": None})
        return super().call(number, {**call, "id": known["id"], "function": {**function, "name": known["name"]}})


@breaks("M3", dialect="openai-sse")
class KnowsIdsByNumber(GivesDeltas):
    """Gives each fragment the id that it knows for its number, which may be that of another choice's call."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.ids: dict[int, str] = {}

    def call(self, number: int, call: dict[str, Any]) -> Any:
        id_ = self.ids[call["index"]] = call.get("id") or self.ids.get(call["index"], "")
        return super().call(number, {**call, "id": id_})


@breaks("M3", dialect="openai-sse")
class KnowsCallsById(GivesDeltas):
    """Takes a call whose id it has seen for one that is told twice, though two choices may have the same."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.seen: dict[str, int] = {}

    def call(self, number: int, call: dict[str, Any]) -> Any:
        known = self.seen.setdefault(call["id"], number) if call.get("id") else number
        return super().call(number, call) if known == number else []


@breaks("M4", "M5", dialect="openai-sse")
class ContinuesTheFirstCall(GivesDeltas):
    """Appends each fragment without a name to the first call."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        named = bool((call.get("function") or {}).get("name"))
        return super().call(number, call if named else {**call, "index": 0})


@breaks("M4", "M5", "M3", dialect="openai-sse")
class HasOneCall(GivesDeltas):
    """Knows one call, whatever its number."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        return super().call(number, {**call, "index": 0})


@breaks("M4", "M3", dialect="openai-sse")
class ReadsOneDigit(GivesDeltas):
    """Reads the first digit of a call's number."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        return super().call(number, {**call, "index": int(str(call["index"])[0])})


@breaks("M4-turns", dialect="openai-sse")
class EndsACallWhereARecordHasAnother(GivesDeltas):
    """Takes a call for over when a record has others of its choice and not this one, and drops what follows of it."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.open: dict[int, set[int]] = {}

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        delta, number = choice.get("delta") or {}, choice.get("index", 0)
        if calls := delta.get("tool_calls"):
            begun = {call["index"] for call in calls if call.get("id")}
            here = self.open[number] = begun | {call["index"] for call in calls} & self.open.get(number, set())
            delta = {**delta, "tool_calls": [call for call in calls if call["index"] in here]}
        yield from super().choice({**choice, "delta": delta})


@breaks("X1-deltas", dialect="openai-sse")
class SharesItsCalls(GivesDeltas):
    """Gathers arguments in the class until they are JSON, so that half ones begin those of the next answer."""

    kept: ClassVar[dict[tuple[int, int], str]] = {}

    def call(self, number: int, call: dict[str, Any]) -> Any:
        function, key = call.get("function") or {}, (number, call["index"])
        text = self.kept.pop(key, "") + (function.get("arguments") or "")
        try:
            json.loads(text or "{}")
        except ValueError:
            self.kept[key], text = text, ""
        return super().call(number, {**call, "function": {**function, "arguments": text}})

    def end_of(self, number: int, reason: str) -> Any:
        self.kept.clear()
        return super().end_of(number, reason)
