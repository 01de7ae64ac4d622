"""What an answer is made of: deltas, each a piece of text in one channel.

A channel is a choice, a kind and, for tool calls, which of them: (0, "content", 0) is what a chat shows. A `Delta` says
what a container writes and what a decoder gives; the text of a tool call's deltas is that of its JSON arguments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sliceproof.wire.dialects.style import spelled
from sliceproof.wire.errors import SliceproofError

CONTENT, REASONING, REFUSAL, TOOL_CALL = "content", "reasoning", "refusal", "tool-call"
KINDS = (CONTENT, REASONING, REFUSAL, TOOL_CALL)


class DeltaError(SliceproofError, ValueError):
    """What was given as a delta is none."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Which text a delta continues: of which choice, of which kind, and of which of its tool calls."""

    choice: int
    kind: str
    index: int = 0

    def __str__(self) -> str:
        name = f"{self.kind} {self.index}" if self.kind == TOOL_CALL else self.kind
        return f"{name} of choice {self.choice}" if self.choice else name


@dataclass(frozen=True, repr=False)
class Delta:
    """A piece of an answer: `text` in the channel that `choice`, `kind` (one of KINDS) and `index` name.

    `id` and `name` are a tool call's, where this piece tells them; `finish` is why the choice is over, where it says
    so. A stream's delta that is `joined` stands in the record of the one before it.
    """

    text: str = ""
    kind: str = CONTENT
    choice: int = 0
    index: int = 0
    id: str = ""
    name: str = ""
    finish: str = ""
    joined: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DeltaError(f"a delta is one of {', '.join(KINDS)}; not {self.kind!r}")
        for name, kind in _TYPES.items():
            if not isinstance(getattr(self, name), kind):
                raise DeltaError(f"a delta's {name} is {kind.__name__}; not {getattr(self, name)!r:.80}")
        if self.choice < 0 or self.index < 0:
            raise DeltaError(f"choices and tool calls are numbered from 0; not {min(self.choice, self.index)}")

    def __repr__(self) -> str:
        others = [field.name for field in fields(self)[2:] if getattr(self, field.name) != field.default]
        first = [spelled(self.text)] + [spelled(self.kind)] * (self.kind != CONTENT)
        return f"Delta({', '.join([*first, *(f'{name}={spelled(getattr(self, name))}' for name in others)])})"

    @property
    def channel(self) -> Channel:
        """Which text it continues."""
        return Channel(self.choice, self.kind, self.index if self.kind == TOOL_CALL else 0)


_TYPES = {field.name: type(field.default) for field in fields(Delta)}
PLAINEST = Channel(0, CONTENT)


def shown(deltas: Iterable[Delta]) -> tuple[str, ...]:
    """The texts that who shows text alone shows: the content of the first choice."""
    return tuple([delta.text for delta in deltas if delta.channel == PLAINEST and (delta.text or not delta.finish)])


def content(deltas: Iterable[Delta]) -> str:
    """The same in one piece."""
    return "".join(shown(deltas))


def deltas_of(item: Any) -> tuple[Delta, ...]:
    """The deltas that *item* is: one, text, a mapping of a delta's fields, or several; DeltaError if it is none."""
    if isinstance(item, Delta):
        return (item,)
    if isinstance(item, str):
        return (Delta(item),)
    if isinstance(item, Mapping):
        unknown = item.keys() - {field.name for field in fields(Delta)}
        if unknown:
            raise DeltaError(f"a delta has no field {sorted(unknown)[0]!r}")
        return (Delta(**item),)
    if isinstance(item, Sequence) and not isinstance(item, bytes | bytearray):
        return tuple([delta for each in item for delta in deltas_of(each)])
    raise DeltaError(f"{item!r:.80} ({type(item).__name__}) is no delta")


def identified(deltas: Sequence[Delta]) -> tuple[Delta, ...]:
    """The same, each tool call with an id and a name in its first delta; made up where none are given."""
    seen: set[Channel] = set()
    found = []
    for delta in deltas:
        if delta.kind == TOOL_CALL and delta.channel not in seen:
            seen.add(delta.channel)
            id_, name = f"call-{delta.choice}{delta.index}", f"f{delta.index}"
            delta = replace(delta, id=delta.id or id_, name=delta.name or name)
        found.append(delta)
    return tuple(found)


def openai_deltas(chunk: Any) -> tuple[Delta, ...]:
    """The deltas of a chunk of OpenAI's completions, chat or text: a mapping, or an object of a client's own class.

    Reasoning is read from `reasoning_content` or `reasoning`, which are one and the same where a server writes both.
    """
    found: list[Delta] = []
    for choice in _of(chunk, "choices") or ():
        number = _of(choice, "index") or 0
        delta = _of(choice, "delta")
        texts = (
            (_of(delta, "reasoning_content") or _of(delta, "reasoning"), REASONING),
            (_of(choice, "text") if delta is None else _of(delta, "content"), CONTENT),
            (_of(delta, "refusal"), REFUSAL),
        )
        found += [Delta(text, kind, number) for text, kind in texts if text]
        for position, call in enumerate(_of(delta, "tool_calls") or ()):
            at, function = _of(call, "index"), _of(call, "function")
            said = {"id": _of(call, "id"), "name": _of(function, "name"), "text": _of(function, "arguments")}
            told = {key: value for key, value in said.items() if value}
            found.append(Delta(kind=TOOL_CALL, choice=number, index=position if at is None else at, **told))
        if finish := _of(choice, "finish_reason"):
            found.append(Delta(choice=number, finish=finish))
    return tuple(found)


def _of(value: Any, name: str) -> Any:
    """A field of an object, a mapping, or what is both, where the attributes may have more; None if there is none."""
    found = getattr(value, name, None)
    return value.get(name) if found is None and isinstance(value, Mapping) else found
