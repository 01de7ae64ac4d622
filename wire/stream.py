"""A stream: completion → body → parts → messages → wire → chunks, as one frozen value.

Only what was chosen is stored; each stage is computed once, when it is asked for. The plainest
stream has one record a part and one message a chunk; `part_cuts` and `chunk_cuts` replace that.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from http.client import IncompleteRead
from itertools import accumulate
from typing import Any

from sliceproof.wire import events
from sliceproof.wire.dialects import PLAIN, Body, Dialect, Record, Style, dialect, encode
from sliceproof.wire.dialects.style import Spelled
from sliceproof.wire.errors import IncompleteMessageError, MessageError, SliceproofError
from sliceproof.wire.messages import UNLIMITED, Message, decode_messages
from sliceproof.wire.slicing import cut

FAULTS = {
    "exception": "an exception message after `at` tokens",
    "error-record": "the container's error record after `at` tokens",
    "silence": "the body ends after `at` tokens, without a finish mark",
    "broken-off": "the body ends at its byte `at`",
    "truncated": "the wire ends at its byte `at`",
    "corrupt": "byte `at` of the wire is flipped",
    "oversized": "after `at` tokens, a message that declares 2 GiB",
    "malformed": "after `at` tokens, a message that the framing forbids",
    "unreadable-record": "a record that is no JSON after `at` tokens; sound ones follow",
    "source-error": "the source raises after byte `at` of the wire",
}
SOURCE_ERRORS: dict[str, type[Exception]] = {
    "ConnectionResetError": ConnectionResetError,
    "TimeoutError": TimeoutError,
    "IncompleteRead": IncompleteRead,
    "OSError": OSError,
}
"""What an HTTP client raises while a body is read, by name: `Fault.name` of a source that raises."""
_ON_THE_WIRE = frozenset({"truncated", "corrupt", "source-error"})


@dataclass(frozen=True, repr=False)
class Fault(Spelled):
    """What goes wrong in a stream: one of FAULTS, and where (`at`: tokens told, or a byte).

    `hex` are the bytes of a malformed message, in hexadecimal digits; at first those of one that is a
    prelude alone, and says so. `held` bytes of the next record come before the fault, where that is an
    exception, a malformed or oversized message, or silence. `json` is False for an exception whose
    payload is its message as it is. `name` of a source that raises is one of SOURCE_ERRORS, the first
    if it is none of them. A record that is no JSON is `message`, or by itself half a record.
    """

    kind: str
    at: int
    name: str = "ModelStreamError"
    message: str = "the model ran out of time"
    code: str | None = "ModelInvocationTimeExceeded"
    hex: str = "0000000c00000000a0d23268"
    held: int = 0
    json: bool = True

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise SliceproofError(f"unknown fault {self.kind!r}; there are: {', '.join(FAULTS)}")
        if self.held and self.kind not in ("exception", "malformed", "oversized", "silence"):
            raise SliceproofError(f"no bytes of a record are held at a fault of kind {self.kind!r}; leave held out")
        if self.kind == "malformed" and not is_malformed(bytes.fromhex(self.hex)):
            raise SliceproofError(
                f"hex={self.hex[:60]!r} is no malformed message: a decoder may read it, or wait for more"
            )

    @property
    def raised(self) -> Exception:
        """What a source that fails raises."""
        kind = SOURCE_ERRORS.get(self.name, ConnectionResetError)
        return IncompleteRead(b"") if kind is IncompleteRead else kind(self.message)


def is_malformed(wire: bytes) -> bool:
    """Whether the framing refuses *wire*, whatever may follow it and whatever a decoder's limits are."""
    try:
        decode_messages(wire, UNLIMITED)
    except IncompleteMessageError:
        return False
    except MessageError:
        return True
    return False


_BELOW_BODY = frozenset({"part_cuts", "chunk_cuts", "headers", "unknown"})
_TO_BODY = ("format", "_body")
_TO_FRAMES = (*_TO_BODY, "edges", "parts", "frames", "frame_stops")


@dataclass(frozen=True, repr=False)
class Stream(Spelled):
    """One completion in one dialect, as it comes over the wire.

    `tokens` are the text deltas; `part_cuts` are offsets in the body (bytes; None: each record a
    part), `chunk_cuts` offsets on the wire (None: each message a chunk); a cut given twice leaves
    an empty part or chunk. `headers` is one of events.HEADER_VARIANTS, or that and the bytes of
    more headers behind or before them, as "plain+HEX" or "HEX+plain". `unknown` are the numbers of
    the parts before which an event of unknown type stands.

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

    def __post_init__(self) -> None:
        for name in ("tokens", "part_cuts", "chunk_cuts", "unknown"):
            value = getattr(self, name)
            if value.__class__ is not tuple and value is not None:
                object.__setattr__(self, name, tuple(value))

    def but(self, **changes: Any) -> "Stream":
        """The same stream with some fields changed; stages that the change leaves alone are kept."""
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

    @cached_property
    def _body(self) -> Body:
        fault = self.fault
        if fault is None or fault.kind in _ON_THE_WIRE:
            return encode(self.format, self.tokens, self.style)
        if fault.kind == "unreadable-record":
            record = None if fault.message == Fault.message else fault.message
            return encode(self.format, self.tokens, self.style, unreadable=(fault.at, record))
        if fault.kind == "broken-off":
            whole = encode(self.format, self.tokens, self.style)
            return Body(whole.data[: fault.at], tuple([r for r in whole.records if r.stop <= fault.at]))
        error = fault.message if fault.kind == "error-record" else None
        body = encode(self.format, self.tokens, self.style, stop=fault.at, error=error)
        return Body(body.data + self._held(fault), body.records) if fault.held else body

    def _held(self, fault: Fault) -> bytes:
        """The first bytes of the record that the fault cuts off."""
        whole = encode(self.format, self.tokens, self.style)
        deltas = [record for record in whole.records if record.kind == "delta"]
        if fault.at >= len(deltas):
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
        stops = [record.stop for record in self.records]
        if stops and stops[-1] == length:
            stops.pop()
        return (0, *stops, length)

    @cached_property
    def parts(self) -> tuple[bytes, ...]:
        """The payloads of the PayloadPart events."""
        if not self.body and self.part_cuts is None:
            return ()
        return cut(self.body, self.edges[1:-1])

    @cached_property
    def frames(self) -> tuple[bytes, ...]:
        """The messages as bytes, in order, before any fault of the wire."""
        block = events.part_header_block(self.headers)
        frames = [events.frame(block, part) for part in self.parts]
        for before in sorted(self.unknown, reverse=True):
            payload = encode(self.format, ("?",), self.style).data
            frames.insert(before, events.unknown_event(payload).encode())
        fault = self.fault
        if fault is not None and fault.kind == "exception":
            frames.append(events.exception(fault.name, fault.message, fault.code, fault.json).encode())
        if fault is not None and fault.kind == "malformed":
            frames.append(bytes.fromhex(fault.hex))
        if fault is not None and fault.kind == "oversized":
            frames.append(events.oversized_prelude())
            frames.extend([bytes(1024)] * 64)
        return tuple(frames)

    @cached_property
    def wire(self) -> bytes:
        """The bytes of the HTTP response body."""
        whole, fault = b"".join(self.frames), self.fault
        if fault is not None and fault.kind in ("truncated", "source-error"):
            return whole[: fault.at]
        if fault is not None and fault.kind == "corrupt":
            return whole[: fault.at] + bytes([whole[fault.at] ^ 0x10]) + whole[fault.at + 1 :]
        return whole

    @cached_property
    def frame_stops(self) -> tuple[int, ...]:
        """The offsets on the wire at which messages end."""
        return tuple(accumulate(map(len, self.frames)))

    @cached_property
    def chunks(self) -> tuple[bytes, ...]:
        """The wire as an HTTP client hands it over."""
        if self.chunk_cuts is not None:
            return cut(self.wire, self.chunk_cuts)
        if self.fault is None or self.fault.kind not in _ON_THE_WIRE:
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
        lines = [characters for characters, stop in self.arrivals if stop <= offset]
        return lines[-1] if lines else 0

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
        if self.fault is not None and self.fault.kind in _ON_THE_WIRE:
            return self.fault.at
        if self.fault is not None and self.fault.kind == "unreadable-record":
            return self._before_the_unreadable
        if self.fault is not None and self.fault.kind == "oversized":
            return self.frame_stops[-66] if len(self.frame_stops) > 65 else 0
        if self.fault is not None and self.fault.kind == "malformed":
            return self.frame_stops[-2] if len(self.frame_stops) > 1 else 0
        return self.frame_stops[-1] if self.frame_stops else 0

    @property
    def _before_the_unreadable(self) -> int:
        """The wire offset at which the message begins that holds the first byte of the unreadable record."""
        start = next((record.start for record in self.records if record.kind == "unreadable"), len(self.body))
        part = max(0, bisect_left(self.edges, start + 1, 1) - 1)
        frame = part + bisect_right(sorted(self.unknown), part)
        return self.frame_stops[frame - 1] if frame else 0
