"""What goes wrong in a stream: each kind of fault knows what its place counts, and which of a fault's fields it has."""

from dataclasses import dataclass, fields
from enum import Enum, StrEnum
from http.client import IncompleteRead

from sliceproof.wire.dialects.style import Spelled
from sliceproof.wire.errors import IncompleteMessageError, MessageError, SliceproofError
from sliceproof.wire.messages import UNLIMITED, decode_messages

SOURCE_ERRORS: dict[str, type[Exception]] = {
    "ConnectionResetError": ConnectionResetError,
    "TimeoutError": TimeoutError,
    "IncompleteRead": IncompleteRead,
    "OSError": OSError,
}
"""What an HTTP client raises while a body is read, by name: `Fault.name` of a source that raises."""


class Unit(Enum):
    """What the place of a fault counts."""

    TOKENS = "tokens before it"
    BODY = "bytes of the body"
    WIRE = "bytes of the wire"


class FaultKind(StrEnum):
    """What goes wrong. The value is what cases and reports say, and stays for good."""

    unit: Unit
    about: str
    has: frozenset[str]

    def __new__(cls, slug: str, unit: Unit = Unit.TOKENS, about: str = "", *has: str) -> "FaultKind":
        """A kind by its slug, with what `at` counts, itself in words, and the other fields that it has."""
        kind = str.__new__(cls, slug)
        kind._value_, kind.unit, kind.about, kind.has = slug, unit, about, frozenset(has)
        return kind

    EXCEPTION = (
        *("exception", Unit.TOKENS, "an exception message after `at` tokens"),
        *("name", "message", "code", "held", "json"),
    )
    ERROR_RECORD = "error-record", Unit.TOKENS, "the container's error record after `at` tokens", "message"
    SILENCE = "silence", Unit.TOKENS, "the body ends after `at` tokens, without a finish mark", "held"
    BROKEN_OFF = "broken-off", Unit.BODY, "the body ends at its byte `at`"
    TRUNCATED = "truncated", Unit.WIRE, "the wire ends at its byte `at`"
    CORRUPT = "corrupt", Unit.WIRE, "byte `at` of the wire is flipped"
    OVERSIZED = "oversized", Unit.TOKENS, "after `at` tokens, a message that declares 2 GiB", "held"
    MALFORMED = "malformed", Unit.TOKENS, "after `at` tokens, a message that the framing forbids", "hex", "held"
    UNREADABLE_RECORD = (
        *("unreadable-record", Unit.TOKENS, "a record that is no JSON after `at` tokens; sound ones follow"),
        "message",
    )
    SOURCE_ERROR = "source-error", Unit.WIRE, "the source raises after byte `at` of the wire", "name", "message"

    @classmethod
    def _missing_(cls, value: object) -> "FaultKind":
        raise SliceproofError(f"unknown fault {value!r}; there are: {', '.join(cls)}")


@dataclass(frozen=True, repr=False)
class Fault(Spelled):
    """What goes wrong in a stream: a FaultKind, or the name of one, and where (`at`, in the unit of the kind).

    `hex` are the bytes of a malformed message, in hexadecimal digits; at first those of one that is a
    prelude alone, and says so. `held` bytes of the next record come before the fault, where the kind has
    that. `json` is False for an exception whose payload is its message as it is. `name` of a source that
    raises is one of SOURCE_ERRORS, the first if it is none of them. A record that is no JSON is `message`,
    or by itself half a record.
    """

    kind: FaultKind | str
    at: int
    name: str = "ModelStreamError"
    message: str = "the model ran out of time"
    code: str | None = "ModelInvocationTimeExceeded"
    hex: str = "0000000c00000000a0d23268"
    held: int = 0
    json: bool = True

    def __post_init__(self) -> None:
        kind = FaultKind(self.kind)
        object.__setattr__(self, "kind", kind)
        if self.held and "held" not in kind.has:
            raise SliceproofError(f"no bytes of a record are held at a fault of kind {kind.value!r}; leave held out")
        if kind is FaultKind.MALFORMED and not is_malformed(bytes.fromhex(self.hex)):
            raise SliceproofError(
                f"hex={self.hex[:60]!r} is no malformed message: a decoder may read it, or wait for more"
            )

    @property
    def unit(self) -> Unit:
        """What `at` counts."""
        return FaultKind(self.kind).unit

    @property
    def words(self) -> str:
        """The fault in words, with its place."""
        return FaultKind(self.kind).about.replace("`at`", str(self.at))

    @property
    def bare(self) -> "Fault":
        """The same fault without the fields that its kind does not have."""
        kind = FaultKind(self.kind)
        kept = {field.name: getattr(self, field.name) for field in fields(self) if field.name in kind.has}
        if "hex" in kept:
            kept["hex"] = self.hex.lower()
        return Fault(kind, self.at, **kept)

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
