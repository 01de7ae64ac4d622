"""What coverage-guided fuzzers begin with: inputs made of cases, and dictionaries of what the formats say.

A folder for each fuzz target: for `messages` the wires of the cases, and the malformed and borderline messages
of `wire.specimens`; for `headers` what stands behind a part's own; for `records` the bodies (after a byte that
is the dialect's number); and for `streams` the bytes of words that compose the very same streams, where a short
word does. Beside each folder stands its dictionary, in the format that libFuzzer and AFL++ read.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, CaseError
from sliceproof.corpus.case import canonical
from sliceproof.strategies.codes import data as coded
from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import DIALECTS, Dialect, Framing, encode
from sliceproof.wire.events import EDGE_HEADERS, EXTRA_HEADERS, HEADER_VARIANTS, PART_HEADERS, part_header_block
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.headers import encode_header, encode_headers
from sliceproof.wire.specimens import SPECIMENS
from sliceproof.wire.stream import Stream

LARGEST = 16 * 1024
"""Bytes of a seed at most: what is longer slows a fuzzer down."""

MIX = REQUIREMENTS["MIX"]


def seeds(cases: Iterable[Case]) -> dict[str, list[bytes]]:
    """The inputs for each target, each once."""
    found: dict[str, dict[bytes, None]] = {"messages": {}, "headers": {}, "records": {}, "streams": {}}
    for headers in (EXTRA_HEADERS, EDGE_HEADERS):
        found["headers"][encode_headers(headers)] = None
    for specimen in SPECIMENS:
        if specimen.family != "ends" and not specimen.large:
            found["messages"].setdefault(specimen.wire)
    for case in cases:
        for target, data in _inputs(case.stream):
            if len(data) <= LARGEST:
                found[target].setdefault(data)
    return {target: list(inputs) for target, inputs in found.items()}


def _inputs(stream: Stream) -> Iterator[tuple[str, bytes]]:
    yield "messages", stream.wire
    first, _, second = stream.headers.partition("+")
    more = first if second in HEADER_VARIANTS else second
    if more:
        yield "headers", bytes.fromhex(more)
    if stream.fault is not None and stream.fault.kind is FaultKind.MALFORMED:
        yield "headers", _block(bytes.fromhex(stream.fault.hex))
    if stream.dialect not in DIALECTS:
        return  # the other two know a dialect by its number among containers', and one of Bedrock's has none
    number = bytes([list(DIALECTS).index(stream.dialect)])
    yield "records", number + stream.body
    word = words(stream.format).get(repr(canonical(stream))) if stream.fault is None else None
    if word is not None:
        yield "streams", number + coded(word, MIX.alphabet(stream.format))


def _block(message: bytes) -> bytes:
    """A message's header block, without what every part has: `headers` puts that before it."""
    length = int.from_bytes(message[4:8])
    return message[12 : 12 + length].removeprefix(part_header_block("plain"))


@lru_cache(maxsize=16)
def words(dialect: Dialect) -> Mapping[str, Sequence[Letter]]:
    """Words of one letter of MIX, alone or between plain ones, by the stream that they compose (its repr)."""
    a, b = BENIGN[:2]
    found: dict[str, Sequence[Letter]] = {}
    for letter in MIX.alphabet(dialect):
        for word in ((letter,), (letter, b), (a, letter), (a, letter, b)):
            found.setdefault(repr(canonical(MIX.composed(dialect, word))), word)
    return found


def dictionary(target: str) -> list[bytes]:
    """Pieces that an input of a target is made of."""
    if target == "headers":
        blocks = {**PART_HEADERS, **EXTRA_HEADERS, **EDGE_HEADERS}
        return [encode_header(name, value) for name, value in blocks.items()]
    if target == "messages":
        return [b"\0\0\0\x0c", b"\0\0\0\x10", *dictionary("headers")]
    if target == "records":
        return list(dict.fromkeys(piece for dialect in DIALECTS.values() for piece in _pieces(dialect) if piece))
    return []


def _pieces(dialect: Dialect) -> Iterator[bytes]:
    """What stands around the text of a dialect's records, and what its servers write besides."""
    body = encode(dialect, ("x", "y"))
    for record in body.records:
        if dialect.framing is not Framing.RAW:
            yield body.data[record.start : record.text_start]
            yield body.data[record.text_stop : record.stop]
    yield from (dialect.dumps(extra) for extra in dialect.textless.values())
    if dialect.error is not None:
        yield dialect.dumps(dialect.error("?"))
    yield from (
        b"data: ",
        b"data:",
        b": comment\n\n",
        b"\n\n",
        b"\r\n",
        b"[DONE]",
        b"\xef\xbb\xbf",
        b"\\u",
        b"\\ud83d\\ude00",
    )


def written(cases: Sequence[Case], folder: str | Path) -> Mapping[str, int]:
    """Write the seeds into *folder*, and say how many each target has; CaseError if that cannot be."""
    _is_ours(Path(folder))
    try:
        for target, inputs in (found := seeds(cases)).items():
            place = Path(folder, target)
            place.mkdir(parents=True, exist_ok=True)
            for data in inputs:
                (place / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
            text = "".join(f"{_quoted(piece)}\n" for piece in dictionary(target))
            Path(folder, f"{target}.dict").write_text(text or "# none\n", "ascii")
    except OSError as error:
        raise CaseError(f"{folder} cannot be written: {error.strerror}") from error
    return {target: len(inputs) for target, inputs in found.items()}


TARGETS = ("messages", "headers", "records", "streams")


def _is_ours(folder: Path) -> None:
    """CaseError for a folder that holds what no earlier export wrote, or that leads elsewhere."""
    names = {*TARGETS, *(f"{target}.dict" for target in TARGETS)}
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        if entry.name not in names or entry.is_symlink():
            raise CaseError(f"{folder} holds {entry.name}, which no export of seeds wrote; give a new folder")
        inner = entry.iterdir() if entry.is_dir() else ()
        if any(path.is_symlink() for path in inner):
            raise CaseError(f"{entry} holds a symbolic link, which no export of seeds wrote; give a new folder")


def _quoted(data: bytes) -> str:
    """A line of a dictionary: printable ASCII as it is, all else as \\xHH."""
    shown = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in data)
    return f'"{"".join(shown)}"'
