"""Mistakes with what is not plain text: reasoning, tool calls, several choices, and what stands beside them."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from sliceproof.conformance.decoders.broken.registry import breaks
from sliceproof.conformance.decoders.sound.deltas import GivesDeltas
from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.wire.dialects import Delta


@breaks("M1", dialect="openai-sse")
class KnowsReasoningContentOnly(GivesDeltas):
    """Reads `reasoning_content`, which vLLM once wrote, and not `reasoning`, which it writes now."""

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        yield from super().thoughts(number, {"reasoning_content": delta.get("reasoning_content")})


@breaks("M1", dialect="openai-sse")
class GivesReasoningAsContent(GivesDeltas):
    """Shows what the model thinks as if it were the answer."""

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        for thought in super().thoughts(number, delta):
            yield Delta(thought.text, choice=number)


@breaks("M1", dialect="openai-sse")
class SkipsBlankReasoning(GivesDeltas):
    """Skips reasoning that is white space alone."""

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        yield from (thought for thought in super().thoughts(number, delta) if thought.text.strip())


@breaks("M1", dialect="openai-sse")
class ThinksBeforeItAnswersOnly(GivesDeltas):
    """Takes reasoning behind the answer's first words for a part of the answer."""

    answers = False

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        for thought in super().thoughts(number, delta):
            yield Delta(thought.text, choice=number) if self.answers else thought

    def contents(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        for text in super().contents(number, delta):
            self.answers = True
            yield text


@breaks("M1", dialect="openai-sse")
class TakesWhatRepeatsForASnapshot(GivesDeltas):
    """Takes reasoning that begins with all reasoning before it for all of it anew."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.thought: dict[int, str] = {}

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        for thought in super().thoughts(number, delta):
            known = self.thought.get(number, "")
            text = thought.text.removeprefix(known)
            self.thought[number] = known + text
            yield Delta(text, "reasoning", number)


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


@breaks("M5", dialect="openai-sse")
class ReadsReasoningOrContent(GivesDeltas):
    """Looks for content where there is no reasoning, and nowhere else."""

    def contents(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        if not (delta.get("reasoning") or delta.get("reasoning_content")):
            yield from super().contents(number, delta)


@breaks("M5", dialect="openai-sse")
class ReadsContentOrCalls(GivesDeltas):
    """Looks for tool calls where there is no content, and nowhere else."""

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        delta = choice.get("delta") or {}
        calls = [] if delta.get("content") else delta.get("tool_calls")
        yield from super().choice({**choice, "delta": {**delta, "tool_calls": calls}})


@breaks("M5", dialect="openai-sse")
class SkipsContentThatWasThought(GivesDeltas):
    """Takes content that is the same as the reasoning beside it for a repetition."""

    def contents(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        if delta.get("content") != (delta.get("reasoning") or delta.get("reasoning_content")):
            yield from super().contents(number, delta)


@breaks("M5", dialect="openai-sse")
class ReadsTheFirstCallOfARecord(GivesDeltas):
    """Reads `tool_calls[0]`."""

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        delta = choice.get("delta") or {}
        yield from super().choice({**choice, "delta": {**delta, "tool_calls": (delta.get("tool_calls") or [])[:1]}})


@breaks("M5", dialect="openai-sse")
class KeepsTheLastEntryOfACall(GivesDeltas):
    """Puts the tool calls of a record into a dict by their index, where vLLM may write a name and arguments apart."""

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        delta = choice.get("delta") or {}
        calls = {call["index"]: call for call in delta.get("tool_calls") or []}
        yield from super().choice({**choice, "delta": {**delta, "tool_calls": list(calls.values())}})


@breaks("M6", dialect="openai-sse")
class SkipsTheFinishBesideText(GivesDeltas):
    """Sees why a choice ended only where its record says nothing else."""

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        said = list(super().choice(choice))
        yield from said if len(said) == 1 else [delta for delta in said if not delta.finish]


@breaks("M6", dialect="openai-sse")
class TellsTheFirstFinish(GivesDeltas):
    """Tells the first finish reason and no other."""

    told = False

    def end_of(self, number: int, reason: str) -> Any:
        told, self.told = self.told, True
        return [] if told else super().end_of(number, reason)


@breaks("M7", dialect="openai-sse")
class GivesReasoningLast(GivesDeltas):
    """Keeps what the model thinks until the answer is over."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.kept: list[Any] = []

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        self.kept += super().thoughts(number, delta)
        yield from ()

    def last(self) -> Iterator[Any]:
        yield from super().last()
        yield from self.kept


@breaks("I1", dialect="openai-sse")
class MergesChoices(GivesDeltas):
    """Takes every choice for the first."""

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        yield from super().choice({**choice, "index": 0})


@breaks("I1", dialect="openai-sse")
class GivesTheFirstChoiceOnly(GivesDeltas):
    """Reads no choice but the first."""

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        if not choice.get("index"):
            yield from super().choice(choice)


@breaks("I1", dialect="openai-sse")
class EndsWithTheFirstChoice(GivesDeltas):
    """Takes the first finish reason for the end of all choices."""

    over = False

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        if not self.over:
            yield from super().choice(choice)
        self.over = self.over or bool(choice.get("finish_reason"))


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


@breaks("M8", dialect="openai-sse")
class ForgetsTheCallWhereAnotherThinks(GivesDeltas):
    """Takes reasoning for the beginning of an answer, and forgets the call that another choice is in the middle of."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.open: set[tuple[int, int]] = set()

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        for thought in super().thoughts(number, delta):
            self.open.clear()
            yield thought

    def call(self, number: int, call: dict[str, Any]) -> Any:
        key = (number, call["index"])
        if call.get("id"):
            self.open.add(key)
        return super().call(number, call) if key in self.open else []


@breaks("I1-first", dialect="openai-sse")
class ReadsTheOnlyChoiceOfAChunk(Sound):
    """Reads the text of `choices[0]`, which is that of another choice where a chunk has no other."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        choices = [{**choice, "index": 0} for choice in record["choices"][:1]] if "choices" in record else []
        yield from super().record({**record, "choices": choices} if choices else record)
