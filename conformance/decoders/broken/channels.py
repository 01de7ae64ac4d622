"""Mistakes with what is not plain text: reasoning, several choices, and what stands beside each other in a record."""

from collections.abc import Iterator
from typing import Any

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


@breaks("M9", dialect="openai-sse")
class ShowsArgumentsAsText(Sound):
    """Gives the arguments of tool calls as text where a delta has no other."""

    def record(self, record: dict[str, Any]) -> Iterator[str]:
        yield from super().record(record)
        for choice in record.get("choices") or []:
            said = choice.get("delta") or {}
            for call in [] if said.get("content") else said.get("tool_calls") or []:
                yield from self.delta((call.get("function") or {}).get("arguments") or "")
