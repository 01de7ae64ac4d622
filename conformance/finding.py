"""What is told of a finding: where the bytes are cut, what differs first, and how to see it again.

All of it is plain text or plain values; the terminal, the JSON report and the pytest plugin show it.
"""

import re
import shlex
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.judge import described, joined, shortened
from sliceproof.conformance.requirement import Broken, Requirement
from sliceproof.wire.errors import MessageError
from sliceproof.wire.messages import UNLIMITED, decode_messages
from sliceproof.wire.slicing import inside_code_points
from sliceproof.wire.stream import Stream

AROUND = 10  # bytes shown on each side of a cut


@dataclass(frozen=True)
class Finding:
    """A requirement broken, with the smallest stream that shows it.

    `layer` is the one to blame, `follows` the requirement it follows from ("" if it stands for
    itself), `inherited` the dependency that has the fault too, `modes` what each way of calling
    the decoder makes of the stream.
    """

    requirement: Requirement
    decoder: Decoder
    broken: Broken
    layer: str
    follows: str = ""
    inherited: str = ""
    modes: Mapping[str, str] | None = None

    @property
    def stream(self) -> Stream:
        """The stream that shows it."""
        return self.broken.stream

    @property
    def replay(self) -> str:
        """The command that shows it again."""
        target, stream = quoted(self.decoder.name), quoted(repr(self.stream))
        told = "" if self.decoder.accepts == "chunks" or self.decoder.builtin else f" --accepts {self.decoder.accepts}"
        told += "" if self.decoder.yields == "text" or self.decoder.builtin else f" --yields {self.decoder.yields}"
        return f"sliceproof replay {stream} {target} --requirement {self.requirement.id}{told}"

    @property
    def snippet(self) -> str:
        """Plain Python that reproduces it with the decoder's own API; "" if the decoder has none to show."""
        return snippet(self.decoder, self.stream, self.broken.mode)


def quoted(word: str) -> str:
    """A word for the shell, in double quotes where that is enough and easier to read."""
    if "'" in word and not re.search(r'["$`!]|\\[\\\n]', word):
        return f'"{word}"'
    return shlex.quote(word)


def snippet(decoder: Decoder, stream: Stream, mode: str) -> str:
    """Plain Python that calls *decoder* by its own API on the stream's bytes."""
    if decoder.code is None:
        return ""
    fed = stream.chunks if decoder.accepts == "chunks" else stream.parts
    if sum(map(len, fed)) > 20_000:
        told = f"chunks = []  # {len(fed)} chunks: `sliceproof explain` shows them"
    else:
        told = "\n".join(["chunks = [", *(f"    {chunk!r}," for chunk in fed), "]"])
    code = decoder.code(stream, mode)
    if decoder.accepts == "events":
        told = told.replace("chunks = [", "parts = [", 1)
        told += '\nchunks = [{"PayloadPart": {"Bytes": part}} for part in parts]'
    if decoder.accepts != "chunks" and stream.fault is not None and stream.fault.kind == "exception":
        told += _RAISING.format(name=stream.fault.name, message=stream.fault.message)
    return code.replace("CHUNKS", told)


_RAISING = """


def failing(items):
    from botocore.exceptions import EventStreamError

    yield from items
    told = {{"Error": {{"Code": {name!r}, "Message": {message!r}}}}}
    raise EventStreamError(told, "InvokeEndpointWithResponseStream")


chunks = failing(chunks)"""


def told_modes(requirement: Requirement, decoder: Decoder, stream: Stream) -> dict[str, str]:
    """What each way of calling the decoder makes of a stream, in one line each."""
    told = {}
    for mode in decoder.modes:
        outcome = requirement.trial(decoder, mode, stream)
        got = shortened(joined(outcome, decoder.yields))
        ends = {"end": "", "hang": ", and never the end"}.get(outcome.ended)
        told[mode] = got + (f", then {described(outcome.error)}" if ends is None else ends)
    return told


def first_difference(broken: Broken, yields: str) -> str:
    """Where got and expected part, as code points; "" where text is not what differs."""
    if yields != "text" or broken.breach.expected != shortened(broken.stream.text):
        return ""
    expected, got = broken.stream.text, joined(broken.outcome, yields)
    if expected == got:
        return ""
    at = bisect_left(range(1, min(len(expected), len(got)) + 1), True, key=lambda n: expected[:n] != got[:n])
    wanted = code_point(expected[at]) if at < len(expected) else "the end"
    came = code_point(got[at]) if at < len(got) else "the end"
    return f"at character {at}: expected {wanted}, got {came}"


def code_point(character: str) -> str:
    """U+00E9 'é' LATIN SMALL LETTER E WITH ACUTE."""
    name = unicodedata.name(character, "")
    shown = f" {character!r}" if character.isprintable() else ""
    return f"U+{ord(character):04X}{shown}{f' {name}' if name else ''}"


def byte_map(stream: Stream) -> list[str]:
    """The bytes at the place that matters: around a cut inside something, or of the text itself."""
    stops = {record.stop for record in stream.records}
    inner = [cut for cut in stream.edges[1:-1] if cut not in stops and 0 < cut < len(stream.body)]
    if inner:
        chosen = next(iter(set(inner).intersection(inside_code_points(stream.body))), inner[0])
        return [*_around(stream.body, chosen, "part", stream.edges), *_split_character(stream.body, chosen)]
    wire = stream.wire
    wire_cuts = [cut for cut in stream.chunk_cuts or () if cut not in stream.frame_stops and 0 < cut < len(wire)]
    if wire_cuts:
        return _around(wire, wire_cuts[0], "chunk", (0, *(stream.chunk_cuts or ()), len(wire)))
    if stream.fault is not None and stream.fault.kind in ("truncated", "corrupt", "malformed"):
        return _at_fault(stream)
    return _records(stream)


def _row(label: str, data: bytes, before: bool = False, after: bool = False) -> str:
    shown = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in data)
    hexed = ("… " if before else "") + data.hex(" ") + (" …" if after else "")
    return f"{label:<9} {hexed:<{3 * AROUND + 3}} {shown}".rstrip()


def _around(data: bytes, at: int, kind: str, edges: tuple[int, ...]) -> list[str]:
    number = sum(edge < at for edge in edges[1:]) + 1
    start = max(edge for edge in edges if edge < at)
    stop = min(edge for edge in edges if edge > at)
    left, right = max(start, at - AROUND), min(stop, at + AROUND)
    return [
        _row(f"{kind} {number}", data[left:at], before=left > start),
        _row(f"{kind} {number + 1}", data[at:right], after=right < stop),
    ]


def _split_character(body: bytes, at: int) -> list[str]:
    if body[at] & 0xC0 != 0x80:
        return []
    start = at - 1
    while body[start] & 0xC0 == 0x80:
        start -= 1
    length = {0xC0: 2, 0xD0: 2, 0xE0: 3, 0xF0: 4}[body[start] & 0xF0]
    whole = body[start : start + length]
    if len(whole) < length:
        return []  # the body is broken off inside it
    return [
        f"{'split':<9} {whole[: at - start].hex(' ')} | {whole[at - start :].hex(' ')} = {code_point(whole.decode())}"
    ]


def _at_fault(stream: Stream) -> list[str]:
    assert stream.fault is not None
    at, wire = stream.fault.at, stream.wire
    if stream.fault.kind == "malformed":
        return _malformed(bytes.fromhex(stream.fault.hex))
    if stream.fault.kind == "truncated":
        missing = len(b"".join(stream.frames)) - at
        return [_row("wire end", wire[max(0, at - AROUND) :], before=at > AROUND), f"{'missing':<9} {missing} bytes"]
    left = max(0, at - AROUND // 2)
    return [
        _row("flipped", wire[left : at + AROUND // 2], before=left > 0, after=True),
        f"{'':<9} byte {at} of the wire",
    ]


def _malformed(wire: bytes) -> list[str]:
    """The first rows of a message that the framing forbids, and why it does."""
    starts = range(0, min(len(wire), 6 * AROUND), AROUND)
    rows = [_row("malformed" if at == 0 else "", wire[at : at + AROUND]) for at in starts]
    try:
        decode_messages(wire, UNLIMITED)
    except MessageError as error:
        rows.append(f"{'as':<9} {error.reason}")
    return rows


def _records(stream: Stream) -> list[str]:
    """The text of the first deltas, or the first aside, or the end of two records in one part."""
    edges = set(stream.edges)
    for record in stream.records:
        if record.stop not in edges:
            left, right = max(0, record.stop - AROUND), record.stop + AROUND
            return [_row("one part", stream.body[left:right], before=left > 0, after=True)]
    for record in stream.records:
        if record.kind != "delta":
            return [_row(record.kind[:9], stream.body[record.start : record.stop][:AROUND])]
    rows = []
    for record in stream.records[:2]:
        data = stream.body[record.text_start : record.text_stop]
        if data:
            rows.append(_row("text", data[:AROUND], after=len(data) > AROUND))
    return rows
