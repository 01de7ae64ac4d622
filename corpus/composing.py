"""From the fields of a case file to its stream, each stage compared with what the file says of it."""

from itertools import pairwise
from typing import NoReturn

import msgspec

from sliceproof.corpus.case import CaseError
from sliceproof.corpus.form import Bytes, CaseForm, FaultForm, Text
from sliceproof.corpus.runs import decoded
from sliceproof.wire.dialects import BEDROCK, DIALECTS, Delta, Style, dialect
from sliceproof.wire.dialects.delta import shown
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.events import HEADER_VARIANTS, part_header_block
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream

MOST = 8 * 1024 * 1024
"""Characters or bytes to which the repetitions in one field may come."""


class Field:
    """Says of a file's field what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file

    def wrong(self, name: str, what: str) -> NoReturn:
        """Refuse the file."""
        error = CaseError(f"{self.file}: {name}: {what}")
        error.field = name
        raise error


def former_form(form: CaseForm) -> str | None:
    """The form in which the dialect now writes what the file's form once stood for, if it was ever changed."""
    found = DIALECTS.get(form.dialect)
    return None if found is None else found.former.get(form.style.form)


def composed(field: Field, form: CaseForm, record_form: str) -> Stream:
    """The stream that the fields describe, its records in *record_form*; body and wire are those of the file."""
    _dialect(field, form.dialect)
    if form.recorded:
        return _recorded(field, form)
    _headers(field, form.headers)
    fault = None
    if form.fault is not None:
        _known(field, "fault.kind", form.fault.kind, tuple(FaultKind))
        try:
            fault = Fault(**msgspec.structs.asdict(form.fault))
        except SliceproofError as error:
            field.wrong("fault", str(error))
    tokens = tuple(expanded(field, "tokens", form.tokens))
    style = Style(**{**msgspec.structs.asdict(form.style), "form": record_form})
    deltas = _deltas(field, form)
    if deltas and tokens != shown(deltas):
        field.wrong("tokens", "they are not the content of the first choice of `deltas`")
    stream = Stream(form.dialect, tokens, style, fault=fault, deltas=deltas)
    body, wire = _bytes(field, "body", form.body), _bytes(field, "wire", form.wire)
    if _made(field, "body", stream) != body:
        field.wrong("body", "the bytes are not those that dialect, tokens, style and fault give")
    _ascending(field, "part_cuts", form.part_cuts, len(body))
    _ascending(field, "chunk_cuts", form.chunk_cuts, len(wire))
    cuts = None if form.part_cuts is None else tuple(form.part_cuts)
    stream = stream.but(part_cuts=cuts, headers=form.headers)
    _ascending(field, "unknown", form.unknown, len(stream.parts))
    stream = stream.but(unknown=tuple(form.unknown))
    if _made(field, "wire", stream) != wire:
        field.wrong("wire", "the bytes are not those that body, part_cuts, headers, unknown and fault give")
    return stream.but(chunk_cuts=None if form.chunk_cuts is None else tuple(form.chunk_cuts))


def _deltas(field: Field, form: CaseForm) -> tuple[Delta, ...]:
    """What the container wrote in all channels, or ()."""
    texts = expanded(field, "deltas", [delta.text for delta in form.deltas])
    rows = [msgspec.structs.asdict(delta) for delta in form.deltas]
    return tuple([Delta(**{**row, "text": text}) for row, text in zip(rows, texts, strict=True)])


def _recorded(field: Field, form: CaseForm) -> Stream:
    """The stream of a wire that came from an endpoint; the other fields must say what it holds."""
    wire = _bytes(field, "wire", form.wire)
    _ascending(field, "chunk_cuts", form.chunk_cuts, len(wire))
    try:
        cuts = None if form.chunk_cuts is None else tuple(form.chunk_cuts)
        broken = form.fault is not None and form.fault.kind == FaultKind.SOURCE_ERROR
        stream = Stream.of_wire(form.dialect, wire, cuts, broken)
    except SliceproofError as error:
        field.wrong("wire", f"it cannot be read as {form.dialect}: {error}")
    holds = {
        "tokens": (tuple(expanded(field, "tokens", form.tokens)), stream.tokens),
        "deltas": (_deltas(field, form), stream.deltas),
        "body": (_bytes(field, "body", form.body), stream.body),
        "unknown": (tuple(form.unknown), stream.unknown),
        "fault": (form.fault, None if stream.fault is None else _fault_form(stream.fault)),
    }
    for name, (said, held) in holds.items():
        if said != held:
            field.wrong(name, "it is not what the recorded wire holds")
    return stream


def _fault_form(fault: Fault) -> FaultForm:
    """A fault as a file would have it."""
    fields = {name: getattr(fault.bare, name) for name in FaultForm.__struct_fields__}
    return msgspec.convert(fields, FaultForm)


def expanded(field: Field, name: str, texts: list[Text]) -> list[str]:
    """Texts with their repetitions."""
    runs = [(each, 1) if isinstance(each, str) else (each.text, each.times) for each in texts]
    _bounded(field, name, sum(len(text) * times for text, times in runs))
    return [text * times for text, times in runs]


def _bytes(field: Field, name: str, texts: Bytes) -> bytes:
    pieces = [texts] if isinstance(texts, str) else texts
    try:
        runs = [
            (decoded(piece), 1) if isinstance(piece, str) else (decoded(piece.base64), piece.times) for piece in pieces
        ]
    except ValueError as error:
        field.wrong(name, f"it is no base64: {error}")
    _bounded(field, name, sum(len(data) * times for data, times in runs))
    return b"".join([data * times for data, times in runs])


def _bounded(field: Field, name: str, size: int) -> None:
    if size > MOST:
        field.wrong(name, f"the repetitions come to {size:,}; {MOST:,} is the most")


def _dialect(field: Field, name: str) -> None:
    """Refuse a dialect that there is not, or that is somebody's own and is not here."""
    if ":" not in name:
        _known(field, "dialect", name, (*DIALECTS, *BEDROCK))
        return
    try:
        dialect(name)
    except SliceproofError as error:
        field.wrong("dialect", str(error))


def _known(field: Field, name: str, said: str, allowed: object) -> None:
    names = list(allowed)  # type: ignore[call-overload]
    if said not in names:
        field.wrong(name, f"{said[:60]!r} is unknown; there are: {', '.join(names)}")


def _headers(field: Field, text: str) -> None:
    first, _, second = text.partition("+")
    _known(field, "headers", second if second in HEADER_VARIANTS else first, HEADER_VARIANTS)
    try:
        part_header_block(text)
    except ValueError as error:
        field.wrong("headers", f"what is beside the + is no header: {error}")


def _ascending(field: Field, name: str, cuts: list[int] | None, end: int) -> None:
    if cuts and cuts[-1] > end:
        field.wrong(name, f"{cuts[-1]} is past the end, which is {end}")
    for number, (first, two) in enumerate(pairwise(cuts or ()), 1):
        if first > two:
            field.wrong(f"{name}[{number}]", f"{two} comes after {first}; offsets ascend")


def _made(field: Field, stage: str, stream: Stream) -> bytes:
    """The stream's body or wire; a stream that cannot be made is the fault of its fields."""
    try:
        made: bytes = getattr(stream, stage)
    except UnicodeEncodeError:
        field.wrong("tokens", "there is half a surrogate pair in the text")
    except (SliceproofError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        blamed = "style" if stage == "body" else "fault"
        field.wrong(blamed, f"the {stage} cannot be made: {type(error).__name__}: {error}")
    return made
