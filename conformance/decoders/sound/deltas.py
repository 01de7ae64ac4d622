"""Sound decoders that give all channels: each reads its records for itself, in another way.

They are built apart from the reference decoder's reading of channels: what a record says is taken from its JSON here.
"""

import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Any

from sliceproof.conformance.decoders.sound.steps import Sound
from sliceproof.wire.dialects import Delta


class GivesDeltas(Sound):
    """Gives a delta for each piece that a record says, as it comes."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.blocks: list[int] = []

    def record(self, record: dict[str, Any]) -> Iterator[Any]:
        self.dialect.read(record)  # an error record raises, and so does what is none of the dialect
        if "choices" not in record or self.dialect.framing.by_message:
            events = {
                "anthropic-sse": self.event_of_message,
                "responses-sse": self.event_of_response,
                "cohere-sse": self.event_of_chat,
                "bedrock-invoke-anthropic": self.event_of_message,
                "bedrock-invoke-nova": self.event_of_block,
                "bedrock-converse": self.event_of_block,
            }
            yield from events.get(self.dialect.id, super().record)(record)
            return
        for choice in record["choices"]:
            yield from self.choice(choice)
            if choice.get("finish_reason"):
                self.finished = True

    def event_of_response(self, event: dict[str, Any]) -> Iterator[Any]:
        """What an event of the Responses API says beside what it says again."""
        match event["type"].split(".")[1:]:
            case ["output_item", "added"] if event["item"]["type"] == "function_call":
                self.blocks.append(event["output_index"])
                call = {"id": event["item"]["call_id"], "function": {"name": event["item"]["name"]}}
                yield self.call(0, {**call, "index": len(self.blocks) - 1})
            case ["function_call_arguments", "delta"]:
                function = {"arguments": event["delta"]}
                yield self.call(0, {"index": self.blocks.index(event["output_index"]), "function": function})
            case ["reasoning_text", "delta"]:
                yield from self.thoughts(0, {"reasoning": event["delta"]})
            case ["output_text", "delta"]:
                yield from self.contents(0, {"content": event["delta"]})
            case ["completed"]:
                yield self.end_of(0, "completed")
                self.finished = True

    def event_of_block(self, event: dict[str, Any]) -> Iterator[Any]:
        """What an event of Bedrock's ConverseStream says."""
        said = event.get("contentBlockDelta") or event.get("contentBlockStart") or {}
        number = said.get("contentBlockIndex", 0)
        if called := said.get("start", {}).get("toolUse"):
            self.blocks.append(number)
            call = {"id": called["toolUseId"], "function": {"name": called["name"]}}
            yield self.call(0, {**call, "index": len(self.blocks) - 1})
        delta = said.get("delta", {})
        if piece := delta.get("toolUse"):
            function = {"arguments": piece["input"]}
            yield self.call(0, {"index": self.blocks.index(number), "function": function})
        yield from self.thoughts(0, {"reasoning": delta.get("reasoningContent", {}).get("text")})
        yield from self.contents(0, {"content": delta.get("text")})
        if "messageStop" in event:
            yield self.end_of(0, event["messageStop"]["stopReason"])
            self.finished = True

    def event_of_message(self, event: dict[str, Any]) -> Iterator[Any]:
        """What an event of the Messages API says."""
        said = event.get("content_block") or event.get("delta") or {}
        if said.get("type") == "tool_use":
            self.blocks.append(event["index"])
            call = {"id": said["id"], "function": {"name": said["name"]}}
            yield self.call(0, {**call, "index": len(self.blocks) - 1})
        if said.get("partial_json"):
            function = {"arguments": said["partial_json"]}
            yield self.call(0, {"index": self.blocks.index(event["index"]), "function": function})
        yield from self.thoughts(0, {"reasoning": said.get("thinking")})
        yield from self.contents(0, {"content": said.get("text")})
        if said.get("stop_reason"):
            yield self.end_of(0, said["stop_reason"])
        self.finished = self.finished or event["type"] == "message_stop"

    def event_of_chat(self, event: dict[str, Any]) -> Iterator[Any]:
        """What an event of Cohere's Chat says; a plan is reasoning."""
        if event["type"] == "message-end":
            self.finished = True
            yield self.end_of(0, event["delta"]["finish_reason"])
        said = (event.get("delta") or {}).get("message") or {}
        if "tool_calls" in said:
            yield self.call(0, {**said["tool_calls"], "index": event["index"]})
        block = said.get("content") or {}
        yield from self.thoughts(0, {"reasoning": said.get("tool_plan") or block.get("thinking")})
        yield from self.contents(0, {"content": block.get("text")})

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        number, delta = choice.get("index", 0), choice.get("delta") or {}
        yield from self.thoughts(number, delta)
        yield from self.contents(number, delta)
        for call in delta.get("tool_calls") or []:
            yield self.call(number, call)
        if choice.get("finish_reason"):
            yield self.end_of(number, choice["finish_reason"])

    def thoughts(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        if text := delta.get("reasoning") or delta.get("reasoning_content"):
            yield Delta(text, "reasoning", number)

    def contents(self, number: int, delta: dict[str, Any]) -> Iterator[Any]:
        if text := delta.get("content"):
            yield Delta(text, choice=number)
        if text := delta.get("refusal"):
            yield Delta(text, "refusal", number)

    def call(self, number: int, call: dict[str, Any]) -> Any:
        function = call.get("function") or {}
        said = {"id": call.get("id"), "name": function.get("name"), "text": function.get("arguments")}
        told = {name: value for name, value in said.items() if value}
        return Delta(kind="tool-call", choice=number, index=call["index"], **told)

    def end_of(self, number: int, reason: str) -> Any:
        return Delta(choice=number, finish=reason)


class CallsByBlocks(GivesDeltas):
    """Calls each tool call by the number of its block, where the wire has no other."""

    def call(self, number: int, call: dict[str, Any]) -> Any:
        return super().call(number, {**call, "index": self.blocks[call["index"]]})


class GivesRecordsOfDeltas(GivesDeltas):
    """Gives all deltas of a record as one item, a list that may be empty."""

    def record(self, record: dict[str, Any]) -> Iterator[Any]:
        yield list(super().record(record))


class GivesFinishesBesideText(GivesDeltas):
    """Gives why a choice is over in the same delta as the text that stands in that record."""

    def choice(self, choice: dict[str, Any]) -> Iterator[Any]:
        held: Delta | None = None
        for delta in super().choice(choice):
            if held is not None and delta.finish:
                delta = replace(held, finish=delta.finish)
            elif held is not None:
                yield held
            held = delta
        if held is not None:
            yield held


class GivesMappings(GivesDeltas):
    """Gives mappings of a delta's fields, asynchronously, and a call's id and name with each of its fragments."""

    def __init__(self, dialect_id: str) -> None:
        super().__init__(dialect_id)
        self.calls: dict[tuple[int, int], dict[str, Any]] = {}

    async def decode(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[Any]:  # type: ignore[override]
        async for chunk in chunks:
            for item in self.chunk(chunk):
                yield _mapping(item)
        for item in self.end():
            yield _mapping(item)

    def call(self, number: int, call: dict[str, Any]) -> Any:
        said = call.get("function") or {}
        known = self.calls.setdefault((number, call["index"]), {"id": call.get("id"), "name": said.get("name")})
        again = {"id": known["id"], "function": {"name": known["name"], "arguments": said.get("arguments")}}
        return super().call(number, {**call, **again})


def _mapping(item: Delta | str) -> Any:
    """A delta's fields."""
    if isinstance(item, str):
        return {"text": item}
    fields = {"text": item.text, "kind": item.kind, "choice": item.choice, "index": item.index}
    return {**fields, "id": item.id, "name": item.name, "finish": item.finish}


class GivesFewerLargerDeltas(GivesDeltas):
    """Joins what a chunk says of one channel into one delta, as long as no other channel comes between."""

    def chunk(self, chunk: bytes) -> Iterator[Any]:
        yield from _larger(super().chunk(chunk))

    def end(self) -> Iterator[Any]:
        yield from _larger(super().end())


def _larger(deltas: Iterable[Any]) -> Iterator[Any]:
    """Neighbours of one channel as one delta; an error comes after what came before it."""
    held: list[Delta] = []
    try:
        for item in deltas:
            delta = Delta(item) if isinstance(item, str) else item
            if held and (held[-1].channel != delta.channel or held[-1].finish or delta.finish or delta.id):
                yield _one(held)
                held = []
            held.append(delta)
    except Exception:
        if held:
            yield _one(held)
        raise
    if held:
        yield _one(held)


def _one(deltas: list[Delta]) -> Delta:
    """Several deltas of one channel, the first of which may name a call, as one."""
    return replace(deltas[0], text="".join([delta.text for delta in deltas]))


class GivesTheAnswerWhole(GivesDeltas):
    """Gives the answer of each choice when all of it is there, its arguments written anew from their JSON."""

    def decode(self, chunks: Iterable[bytes]) -> Iterator[Any]:
        found: dict[Any, list[Delta]] = {}
        ends = []
        for item in super().decode(chunks):
            delta = Delta(item) if isinstance(item, str) else item
            if delta.finish:
                ends.append(delta)
            else:
                found.setdefault(delta.channel, []).append(delta)
        yield [_rewritten(_one(deltas)) for deltas in found.values()]
        yield ends


def _rewritten(delta: Delta) -> Delta:
    if delta.kind != "tool-call":
        return delta
    return replace(delta, text=json.dumps(json.loads(delta.text or "{}")))


class DeltasOfBody(GivesDeltas):
    """Reads the body itself, as a client of an OpenAI-compatible server does."""

    def chunk(self, chunk: bytes) -> Iterator[Any]:
        yield from self.part(chunk)

    def end_of_wire(self) -> None:
        """There are no messages."""
