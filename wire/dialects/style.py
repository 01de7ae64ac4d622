"""The choices that a container has when it writes a completion in one dialect.

Every default is what the newest release of the dialect's own server writes; each field is one
difference that servers, versions or proxies really have (or that only the general specification
allows, where the comment says so).
"""

from dataclasses import MISSING, dataclass, fields
from enum import Enum

from sliceproof.wire.errors import SliceproofError

JSON_WAYS = ("", "spaced", "compact", "reversed", "escaped")


def spelled(value: object) -> str:
    """The literal a person would write for *value*: tuples as lists or ranges, long runs as a product."""
    if isinstance(value, Enum):
        return repr(value.value)
    if isinstance(value, tuple):
        if len(value) > 3 and all(isinstance(item, int) for item in value):
            step = max(1, value[1] - value[0])
            steps = range(value[0], value[-1] + 1, step)
            if tuple(steps) == value:
                return repr(steps)
        if len(value) > 8 and len(set(value)) == 1:
            return f"[{spelled(value[0])}] * {len(value)}"
        return "[" + ", ".join(map(spelled, value)) + "]"
    if isinstance(value, str) and len(value) > 16 and value == value[0] * len(value):
        return f"{value[0]!r} * {len(value)}"
    return ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)


class Spelled:
    """A frozen dataclass whose repr is the constructor call that a person would write: no defaults."""

    def __repr__(self) -> str:
        arguments = []
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.default is MISSING:
                arguments.append(spelled(value))
            elif value != field.default:
                arguments.append(f"{field.name}={spelled(value)}")
        return f"{type(self).__name__}({', '.join(arguments)})"


@dataclass(frozen=True, repr=False)
class Style(Spelled):
    """How a body is written; `Style()` is the plainest body of any dialect."""

    space: bool = True
    """One U+0020 after `data:` (TGI up to 2.0.4 writes none)."""
    ascii: bool | None = None
    r"""Non-ASCII as `\uXXXX`; None is the dialect's own way."""
    newline: str = "\n"
    r"""Line terminator: LF; CRLF comes from proxies, CR only from the specification."""
    tail: str = "full"
    """How the last record ends: `full` terminator, `line` (SSE without the blank line), `bare` (nothing)."""
    form: str = ""
    """Which of the dialect's record schemas; the request chooses it, `""` is the first."""
    done: bool = True
    """`data: [DONE]` after the finish, where the dialect has it."""
    special: bool = False
    """An end-of-sequence token of its own (`special: true`) after the text, where the dialect has it."""
    asides: tuple[tuple[int, str], ...] = ()
    """What stands before record n and is no text: (n, kind), with the kinds of the dialect."""
    reason: str = ""
    """Why the answer ended, where the record says it: one of the dialect's `reasons`, "" is the plainest body's."""
    nan: bool = False
    """`-Infinity` for the log-probability, as Python's json writes it."""
    multiline: bool = False
    """SSE: a record on several `data` lines (specification only)."""
    data_lines: int = 2
    """How many, where they are several: 2, or 3."""
    fields: bool = False
    """SSE: `event`, `id`, `retry` and an unknown field with each record (specification only)."""
    json: str = ""
    """How else than the server does JSON may be written (specification only): `spaced` or `compact` tokens, the
    keys of each object `reversed`, or the text's punctuation `escaped`."""
    bom: bool = False
    """A byte order mark before everything (specification only)."""

    def __post_init__(self) -> None:
        if self.json not in JSON_WAYS:
            raise SliceproofError(f"JSON is written in one of the ways {JSON_WAYS}; not {self.json!r}")
        if self.data_lines not in (2, 3):
            raise SliceproofError(f"a record on several data lines has 2 or 3; not {self.data_lines}")
        object.__setattr__(self, "asides", tuple(map(tuple, self.asides)))


PLAIN = Style()
