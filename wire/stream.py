"""A stream: completion → body → parts → messages → wire → chunks, as one frozen value.

Only what was chosen is stored; each stage is computed once, when it is asked for. The plainest
stream has one record a part and one message a chunk; `part_cuts` and `chunk_cuts` replace that.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

from sliceproof.wire import bedrock, events
from sliceproof.wire.dialects import (
    BEDROCK,
    PLAIN,
    Body,
    Dialect,
    Record,
    Style,
    UnknownDialectError,
    dialect,
    encode,
)
from sliceproof.wire.dialects.delta import Delta, DeltaError, deltas_of, identified, shown
from sliceproof.wire.dialects.style import Spelled, spelled
from sliceproof.wire.faults import Fault, FaultKind, Unit
from sliceproof.wire.messages import Message, decode_messages
from sliceproof.wire.recorded import Recorded, taken_apart
from sliceproof.wire.slicing import cut

_BROKE = "the connection broke"
_BELOW_BODY = frozenset({"part_cuts", "chunk_cuts", "headers", "unknown"})
_TO_BODY = ("format", "_body")
_TO_FRAMES = (*_TO_BODY, "edges", "parts", "frames", "frame_stops")


@dataclass(frozen=True, repr=False)
class Stream(Spelled):
    """One completion in one dialect, as it comes over the wire.

    `tokens` are the text deltas, or `Delta`s where the answer has several channels, which are then all in `deltas`, and
    `tokens` the content of its first choice; `part_cuts` are offsets in the body (bytes; None: each record a
    part), `chunk_cuts` offsets on the wire (None: each message a chunk); a cut given twice leaves
    an empty part or chunk. `headers` is one of events.HEADER_VARIANTS, or that and the bytes of
    more headers behind or before them, as "plain+HEX" or "HEX+plain". `unknown` are the numbers of
    the parts before which an event of unknown type stands. `recorded` is a wire as it came from an endpoint,
    in the place of one that is composed; the other fields then say what it holds.

    >>> Stream("text", ["你"], part_cuts=[1]).parts
    (b'\\xe4', b'\\xbd\\xa0')
    """

    dialect: str
    tokens: tuple[str, ...]
    style: Style = PLAIN
    part_cuts: tuple[int, ...] | None = None
    chunk_cuts: tuple[int, ...] | None = None
    headers: str = "plain"
    unknown: tuple[int, ...] = ()
    fault: Fault | None = None
    recorded: bytes | None = None
    deltas: tuple[Delta, ...] = ()

    def __post_init__(self) -> None:
        if any(isinstance(token, Delta) for token in self.tokens):
            object.__setattr__(self, "deltas", deltas_of(list(self.tokens)))
        if self.deltas:
            if any(delta.finish for delta in self.deltas):
                raise DeltaError("a stream's deltas have no finish: each choice is ended as its server ends it")
            object.__setattr__(self, "deltas", tuple(self.deltas))
            object.__setattr__(self, "tokens", shown(self.deltas))
        if self.part_cuts is not None and self.dialect in BEDROCK:
            raise UnknownDialectError(
                f"each record of {self.dialect} is a message, which nothing cuts; leave part_cuts out"
            )
        for name in ("tokens", "part_cuts", "chunk_cuts", "unknown"):
            value = getattr(self, name)
            if value.__class__ is not tuple and value is not None:
                object.__setattr__(self, name, tuple(value))

    def __repr__(self) -> str:
        if not self.deltas:
            return super().__repr__()
        said = [delta.text if delta == Delta(delta.text) else delta for delta in self.deltas]
        if all(isinstance(each, str) for each in said):  # one that says that they are deltas
            said[0] = self.deltas[0]
        bare = replace(self, tokens=(), deltas=())
        return super(Stream, bare).__repr__().replace("[]", spelled(tuple(said)), 1)

    @property
    def said(self) -> tuple[str, ...] | tuple[Delta, ...]:
        """What the container writes, in order: the tokens, or the deltas of all channels, with the names of calls."""
        return identified(self.deltas) if self.deltas else self.tokens

    def but(self, **changes: Any) -> "Stream":
        """The same stream with some fields changed; stages that the change leaves alone are kept.

        A recorded one is composed anew, of its text, where more than the chunks is to change.
        """
        if changes.get("deltas") == ():
            changes.setdefault("tokens", ())
        elif "tokens" in changes:
            changes.setdefault("deltas", ())
        if self.recorded is not None and not changes.keys() <= {"chunk_cuts"}:
            changes = {"recorded": None, "part_cuts": None, "chunk_cuts": None, **changes}
        if changes.get("part_cuts") is not None and self.dialect in BEDROCK:
            changes["part_cuts"] = None  # what is asked of all dialects comes here uncut
        made = replace(self, **changes)
        changed = changes.keys()
        if changed <= _BELOW_BODY:
            kept = _TO_FRAMES if changed <= {"chunk_cuts"} else _TO_BODY
            computed = self.__dict__
            made.__dict__.update({stage: computed[stage] for stage in kept if stage in computed})
        return made

    @cached_property
    def format(self) -> Dialect:
        """The dialect itself."""
        return dialect(self.dialect)

    @classmethod
    def of_wire(
        cls, dialect_id: str, wire: bytes, chunk_cuts: tuple[int, ...] | None = None, broken: bool = False
    ) -> "Stream":
        """A stream of a wire that came from an endpoint, *broken* if the connection broke behind it.

        MessageError where the framing is broken, BodyError where the body is none of the dialect.
        """
        found = taken_apart(dialect(dialect_id), wire)
        cuts = None if dialect_id in BEDROCK else tuple(accumulate(map(len, found.parts[:-1])))
        return cls(
            dialect_id,
            found.tokens,
            part_cuts=cuts,
            chunk_cuts=chunk_cuts,
            unknown=found.unknown,
            fault=Fault(FaultKind.SOURCE_ERROR, len(wire), "IncompleteRead", _BROKE) if broken else found.fault,
            recorded=wire,
            deltas=found.deltas,
        )

    @property
    def _taken_apart(self) -> Recorded | None:
        return None if self.recorded is None else taken_apart(self.format, self.recorded)

    @cached_property
    def _body(self) -> Body:
        if (found := self._taken_apart) is not None:
            return Body(b"".join(found.parts), found.records)
        fault = self.fault
        if fault is None or fault.unit is Unit.WIRE:
            return encode(self.format, self.said, self.style)
        if fault.kind is FaultKind.UNREADABLE_RECORD:
            record = None if fault.message == Fault.message else fault.message
            return encode(self.format, self.said, self.style, unreadable=(fault.at, record))
        if fault.kind is FaultKind.BROKEN_OFF:
            whole = encode(self.format, self.said, self.style)
            records = tuple([record for record in whole.records if record.stop <= fault.at])
            if self.format.framing.by_message:  # no half of a record is in a message
                return Body(whole.data[: records[-1].stop if records else 0], records)
            return Body(whole.data[: fault.at], records)
        error = fault.message if fault.kind is FaultKind.ERROR_RECORD else None
        body = encode(self.format, self.said, self.style, stop=fault.at, error=error)
        return Body(body.data + self._held(fault), body.records) if fault.held else body

    def _held(self, fault: Fault) -> bytes:
        """The first bytes of the record that the fault cuts off."""
        whole = encode(self.format, self.said, self.style)
        deltas = [record for record in whole.records if record.kind == "delta"]
        if fault.at >= len(deltas) or self.format.framing.by_message:
            return b""
        record = deltas[fault.at]
        return whole.data[record.start : min(record.start + fault.held, record.stop - 1)]

    @property
    def body(self) -> bytes:
        """The bytes that the container wrote."""
        return self._body.data

    @property
    def records(self) -> tuple[Record, ...]:
        """The records of the body, with their offsets in it."""
        return self._body.records

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """The offsets in the body at which parts begin and end, from 0 to its length."""
        length = len(self.body)
        if self.part_cuts is not None:
            return (0, *self.part_cuts, length)
        if (found := self._taken_apart) is not None:
            return (0, *accumulate(map(len, found.parts[:-1])), length)
        stops = [record.stop for record in self.records]
        if stops and stops[-1] == length:
            stops.pop()
        return (0, *stops, length)

    @cached_property
    def parts(self) -> tuple[bytes, ...]:
        """The payloads of the PayloadPart events."""
        if (found := self._taken_apart) is not None:
            return found.parts
        if not self.body and self.part_cuts is None:
            return ()
        return cut(self.body, self.edges[1:-1])

    @cached_property
    def frames(self) -> tuple[bytes, ...]:
        """The messages as bytes, in order, before any fault of the wire."""
        if (found := self._taken_apart) is not None:
            return found.frames
        frames = self._part_frames()
        for before in sorted(self.unknown, reverse=True):
            frames.insert(before, self._unknown_event().encode())
        fault = self.fault
        if fault is not None and fault.kind is FaultKind.EXCEPTION:
            raised = bedrock.exception if self.format.framing.by_message else events.exception
            frames.append(raised(fault.name, fault.message, fault.code, fault.json).encode())
        if fault is not None and fault.kind is FaultKind.MALFORMED:
            frames.append(bytes.fromhex(fault.hex))
        if fault is not None and fault.kind is FaultKind.OVERSIZED:
            frames.append(events.oversized_prelude())
            frames.extend([bytes(1024)] * 64)
        return tuple(frames)

    def _unknown_event(self) -> Message:
        """An event of a type that the service does not have, with what is none of the text."""
        if not self.format.framing.by_message:
            return events.unknown_event(encode(self.format, ("?",), self.style).data)
        said = encode(self.format, ("?",), Style(form=self.style.form)).data
        record = next(line for line in said.splitlines() if b'"?"' in line)
        return bedrock.unknown(self.format.typed, record, len(self.parts))

    def _part_frames(self) -> list[bytes]:
        """The messages of the parts."""
        if not self.format.framing.by_message:
            block = events.part_header_block(self.headers)
            return [events.frame(block, part) for part in self.parts]
        typed, variant = self.format.typed, self.headers
        return [bedrock.event(typed, part[:-1], number, variant) for number, part in enumerate(self.parts)]

    @cached_property
    def wire(self) -> bytes:
        """The bytes of the HTTP response body."""
        if self.recorded is not None:
            return self.recorded
        whole, fault = b"".join(self.frames), self.fault
        if fault is not None and fault.kind in (FaultKind.TRUNCATED, FaultKind.SOURCE_ERROR):
            return whole[: fault.at]
        if fault is not None and fault.kind is FaultKind.CORRUPT:
            return whole[: fault.at] + bytes([whole[fault.at] ^ 0x10]) + whole[fault.at + 1 :]
        return whole

    @cached_property
    def frame_stops(self) -> tuple[int, ...]:
        """The offsets on the wire at which messages end."""
        if (found := self._taken_apart) is not None:
            return found.stops
        return tuple(accumulate(map(len, self.frames)))

    @cached_property
    def chunks(self) -> tuple[bytes, ...]:
        """The wire as an HTTP client hands it over."""
        if self.chunk_cuts is not None:
            return cut(self.wire, self.chunk_cuts)
        if self.fault is None or self.fault.unit is not Unit.WIRE:
            return self.frames
        return cut(self.wire, [stop for stop in self.frame_stops if stop < len(self.wire)])

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """The messages of a stream whose wire is sound."""
        return tuple(decode_messages(b"".join(self.frames)))

    @cached_property
    def text(self) -> str:
        """The text that the container told: all of the completion, or what came before a fault."""
        if self.fault is None:
            return "".join(self.tokens)
        return "".join([record.text for record in self.records if record.kind == "delta"])

    @cached_property
    def arrivals(self) -> tuple[tuple[int, int], ...]:
        """For each text delta: characters told so far, and the wire offset at which it is complete."""
        arrivals, length, edges = [], 0, self.edges
        unknown = sorted(self.unknown)
        for record in self.records:
            if record.kind == "delta":
                length += len(record.text)
                part = bisect_left(edges, record.stop, 1) - 1
                frame = part + bisect_right(unknown, part)
                stops = self.frame_stops
                arrivals.append((length, stops[min(frame, len(stops) - 1)] if stops else 0))
        return tuple(arrivals)

    def complete(self, offset: int) -> int:
        """How many characters of the text are complete once *offset* bytes of the wire are there."""
        counts = [characters for characters, stop in self.arrivals if stop <= offset]
        return counts[-1] if counts else 0

    @property
    def whole_parts(self) -> tuple[bytes, ...]:
        """The parts whose messages are whole on the wire, which may end or be raised at before."""
        stops = self._part_stops
        return tuple([part for part, stop in zip(self.parts, stops, strict=True) if stop <= len(self.wire)])

    @property
    def _part_stops(self) -> tuple[int, ...]:
        """The wire offset at which the message of each part ends."""
        unknown = sorted(self.unknown)
        return tuple([self.frame_stops[part + bisect_right(unknown, part)] for part in range(len(self.parts))])

    @property
    def fault_offset(self) -> int:
        """The wire offset up to which the stream is sound."""
        if self.fault is not None and self.fault.unit is Unit.WIRE:
            return self.fault.at
        if self.fault is not None and self.fault.kind is FaultKind.UNREADABLE_RECORD:
            return self._before_the_unreadable
        if self.fault is not None and self.fault.kind is FaultKind.OVERSIZED:
            return self.frame_stops[-66] if len(self.frame_stops) > 65 else 0
        if self.fault is not None and self.fault.kind is FaultKind.MALFORMED:
            return self.frame_stops[-2] if len(self.frame_stops) > 1 else 0
        return self.frame_stops[-1] if self.frame_stops else 0

    @property
    def _before_the_unreadable(self) -> int:
        """The wire offset at which the message begins that holds the first byte of the unreadable record."""
        start = next((record.start for record in self.records if record.kind == "unreadable"), len(self.body))
        part = max(0, bisect_left(self.edges, start + 1, 1) - 1)
        frame = part + bisect_right(sorted(self.unknown), part)
        return self.frame_stops[frame - 1] if frame else 0
