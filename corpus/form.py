"""The form of a case file, as types: what is read is checked against them, and the schema is made from them.

`case.schema.json` says the same to other languages; a test compares the two.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

FORMAT = 1

Offset = Annotated[int, Meta(ge=0)]
Cuts = Annotated[list[Offset], Meta(max_length=100_000)]
Times = Annotated[int, Meta(ge=1)]
Line = Annotated[str, Meta(max_length=1000, pattern=r"^[^\n\r]*$(?!\n)")]


class TextRun(Struct, forbid_unknown_fields=True):
    """A text said again and again."""

    text: str
    times: Times


class BytesRun(Struct, forbid_unknown_fields=True):
    """Bytes said again and again."""

    base64: str
    times: Times


Text = str | TextRun
Bytes = str | Annotated[list[str | BytesRun], Meta(max_length=100_000)]


class StyleForm(Struct, forbid_unknown_fields=True):
    """How the container wrote the body; what is left out is as in sliceproof.wire.dialects.Style."""

    space: bool = True
    ascii: bool | None = None
    newline: Literal["\n", "\r\n", "\r"] = "\n"
    tail: Literal["full", "line", "bare"] = "full"
    form: str = ""
    done: bool = True
    special: bool = False
    asides: Annotated[list[tuple[Offset, str]], Meta(max_length=10_000)] = []
    nan: bool = False
    reason: str = ""
    multiline: bool = False
    data_lines: Annotated[int, Meta(ge=2, le=3)] = 2
    fields: bool = False
    json: Literal["", "spaced", "compact", "reversed", "escaped"] = ""
    bom: bool = False


class FaultForm(Struct, forbid_unknown_fields=True):
    """What goes wrong; what is left out is as in sliceproof.wire.stream.Fault."""

    kind: str
    at: Offset
    name: str = "ModelStreamError"
    message: str = "the model ran out of time"
    code: str | None = "ModelInvocationTimeExceeded"
    hex: Annotated[str, Meta(pattern=r"^([0-9a-f]{2})*$(?!\n)")] = "0000000c00000000a0d23268"
    held: Offset = 0
    json: bool = True


class DeltaForm(Struct, forbid_unknown_fields=True):
    """Text in a channel of the answer; what is left out is as in sliceproof.Delta."""

    text: Text = ""
    kind: Literal["content", "reasoning", "refusal", "tool-call"] = "content"
    choice: Offset = 0
    index: Offset = 0
    id: str = ""
    name: str = ""
    joined: bool = False


class ErrorForm(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The error that is to come: the kind of fault, in words, and what the stream says of it."""

    kind: str
    what: str
    name: str | None = None
    message: str | None = None
    code: str | None = None


class ExpectedForm(Struct, forbid_unknown_fields=True):
    """What a sound decoder gives."""

    text: Annotated[
        Text, Meta(description="All text; with an error, at least this much before it: that of every whole message.")
    ]
    error: Annotated[ErrorForm | None, Meta(description="The error that must follow, or null for a normal end.")]


class FoundForm(Struct, forbid_unknown_fields=True):
    """A decoder that was seen to break the case."""

    decoder: Annotated[Line, Meta(min_length=1)]
    version: Line
    date: Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?$(?!\n)")]
    thread: Annotated[str, Meta(max_length=1000, pattern=r"^(https?://[^\s]+)?$(?!\n)")] = ""
    mode: Line = ""


class CaseForm(Struct, forbid_unknown_fields=True):
    """One stream of a SageMaker endpoint, what it is for, and what a sound decoder makes of it."""

    format: Annotated[int, Meta(ge=1, le=FORMAT)]
    id: Annotated[
        str,
        Meta(
            pattern=r"^[0-9a-f]{12}$(?!\n)",
            description="The first 12 digits of the SHA-256 of what defines the case: all but title and found.",
        ),
    ]
    requirement: Annotated[
        str, Meta(pattern=r"^[A-Z][A-Za-z0-9-]{0,39}$(?!\n)", description="What it is for: an id of docs/faults.md.")
    ]
    title: Annotated[Line, Meta(min_length=1)]
    found: Annotated[list[FoundForm], Meta(max_length=10_000, description="Where it was seen to fail.")]
    dialect: Annotated[str, Meta(description="The format in which the container wrote the completion.")]
    tokens: Annotated[list[Text], Meta(max_length=100_000, description="The text deltas of the completion.")]
    style: StyleForm
    headers: Annotated[
        str, Meta(description="The variant of the events' headers; after a +, the bytes of more of them.")
    ]
    unknown: Annotated[
        list[Offset],
        Meta(max_length=1000, description="Numbers of the parts before which an event of unknown type stands."),
    ]
    fault: FaultForm | None
    part_cuts: Annotated[
        Cuts | None, Meta(description="Offsets in the body (bytes) between parts; null if there is no part at all.")
    ]
    chunk_cuts: Annotated[
        Cuts | None, Meta(description="Offsets on the wire (bytes) between chunks; null if there is no chunk at all.")
    ]
    expected: ExpectedForm
    body: Annotated[
        Bytes, Meta(description="What the container wrote, in base64; pieces with `times` stand that often in a row.")
    ]
    wire: Annotated[
        Bytes, Meta(description="The bytes of the HTTP body, before they are cut into chunks; written like `body`.")
    ]
    recorded: Annotated[
        bool, Meta(description="Whether the wire came from an endpoint, and is not composed of the other fields.")
    ] = False
    deltas: Annotated[
        list[DeltaForm],
        Meta(
            max_length=100_000,
            description="What the container wrote in all channels, if not in one alone; `tokens` are then the "
            "content of the first choice.",
        ),
    ] = []


def schema() -> dict[str, Any]:
    """The JSON Schema of a case file."""
    schema_ = msgspec.json.schema(CaseForm)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A case of sliceproof", **schema_}
