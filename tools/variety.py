"""Streams that show each thing a requirement knows of: its letters, and the kinds of its sweep, for `choose.py`.

`lettered` has each letter of a requirement in a dialect: texts, cuts and styles several to a stream, so that a file
holds all of them; faults and what makes a whole stream another each alone. `kinds` says what a stream is about, as
which width of character is cut behind which byte, or in which field of a message a byte is flipped; `swept` has few
streams of a sweep that show every kind.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import groupby

from sliceproof.conformance.requirements import judge
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter
from sliceproof.wire.dialects import Dialect, Style
from sliceproof.wire.faults import Fault, FaultKind, Unit
from sliceproof.wire.slicing import inside_escapes, inside_line_ends
from sliceproof.wire.stream import Stream

TOGETHER, MANY = 12, 40  # letters in a stream; texts of which several stand in one delta
FAR = 9  # bytes from an edge, beyond which all are alike
_APART = {"every", "slice", "wire-every", "fill", "exact"}
"""Marks that cut or fill all of a stream."""

Kind = tuple[Hashable, ...]


def lettered(requirement: Requirement, dialect: Dialect) -> Iterator[Stream]:
    """Streams that have each letter of the requirement, small."""
    alphabet = [letter for letter in dict.fromkeys(requirement.alphabet(dialect)) if letter not in BENIGN]
    if not requirement.distinct:  # two of each, as such a requirement is about what comes again
        alphabet = [letter for letter in requirement.alphabet(dialect) for _ in range(2)]
    for alone, found in groupby(_fewer(alphabet), _stands_alone):
        for _, alike in groupby(found, lambda letter: letter.style):
            letters = list(alike)
            size = 1 if alone else TOGETHER
            for at in range(0, len(letters), size):
                word = letters[at : at + size]
                if alone and word[0].aside and word[0].token is None:
                    yield requirement.composed(dialect, word)  # where nothing else says that there is an answer
                word = _between(word[0]) if alone else word
                yield requirement.composed(dialect, _differing(word) if requirement.distinct else word)
    if requirement.judge in (judge.raises, judge.prompt):
        yield from _faults_elsewhere(requirement, dialect)


def _fewer(alphabet: list[Letter]) -> Iterator[Letter]:
    """The letters, but of many that are nothing but texts several as one."""
    texts = [letter for letter in alphabet if letter == Letter(letter.token, style=letter.style)]
    if len(texts) < MANY:
        yield from alphabet
        return
    yield from [letter for letter in alphabet if letter not in texts]
    for at in range(0, len(texts), TOGETHER):
        said = "".join([str(letter.token) for letter in texts[at : at + TOGETHER]])
        yield Letter(said, style=texts[at].style)


def _between(letter: Letter) -> list[Letter]:
    """The letter behind a plain one, and before another where a fault of the wire may come later than its own text."""
    later = letter.fault is not None and letter.fault.unit is Unit.WIRE
    return [BENIGN[0], letter, *BENIGN[2 : 2 + later]]


def _differing(word: list[Letter]) -> list[Letter]:
    """The word with another benign text where one would come again, as more deltas would be put between them."""
    found, benign = list[Letter](), {each.token for each in BENIGN}
    for letter in word:
        if found and letter.token in benign and letter.token == found[-1].token:
            other = next(each.token for each in BENIGN if each.token != letter.token)
            letter = letter._replace(token=other)
        found.append(letter)
    return found


def _stands_alone(letter: Letter) -> bool:
    whole = letter.fault or letter.headers or letter.unknown or letter.aside or letter.token is None
    return bool(whole) or any(kind in _APART for kind, _ in letter.marks)


def _faults_elsewhere(requirement: Requirement, dialect: Dialect) -> Iterator[Stream]:
    """Each kind of fault of its letters behind messages of the same chunk; a flip in a text, which stays readable."""
    first = dict[FaultKind | str, Letter]()
    for letter in requirement.alphabet(dialect):
        if letter.fault is not None:
            first.setdefault(letter.fault.kind, letter)
    for letter in first.values():
        yield requirement.composed(dialect, _differing(_between(letter))).but(chunk_cuts=())
    if FaultKind.CORRUPT in first and requirement.judge is judge.raises:
        yield from flipped_texts(Stream(dialect.id, ("x", "xx")))


def flipped_texts(stream: Stream) -> Iterator[Stream]:
    """A byte of a delta's text flipped where it stands on the wire, so that another text can be read."""
    for number, record in enumerate(record for record in stream.records if record.kind == "delta"):
        said = stream.body[record.text_start : record.text_stop]
        start = stream.frame_stops[number - 1] if number else 0
        at = stream.frames[number].rfind(said) if said else -1
        if at > 0:
            yield stream.but(fault=Fault(FaultKind.CORRUPT, start + at + len(said) // 2))


def swept(streams: Sequence[Stream], known: Iterable[Kind], sizes: Sequence[int]) -> Iterator[Stream]:
    """Few of these streams that have all their kinds but those that are known: the most new ones first, then small."""
    left, seen = {at: kinds(stream) for at, stream in enumerate(streams)}, set(known)
    while left:
        left = {at: new for at, found in left.items() if (new := found - seen)}
        if left:
            best = min(left, key=lambda at: (-len(left[at]), sizes[at], at))
            seen |= left.pop(best)
            yield streams[best]


def kinds(stream: Stream) -> frozenset[Kind]:
    """What a stream is about."""
    found = {*_of_style(stream), *_of_tokens(stream), *_of_parts(stream), *_of_chunks(stream)}
    return frozenset(found | {*_of_fault(stream)})


def _of_style(stream: Stream) -> Iterator[Kind]:
    for field in fields(Style):
        value = getattr(stream.style, field.name)
        if field.name == "asides":
            yield from ((kind, min(at, 1)) for at, kind in value)
        elif value != field.default:
            yield field.name, value
    first, _, second = stream.headers.partition("+")
    for name, behind in ((first, False), (second, True)):
        header = bytes.fromhex(name) if set(name) <= set("0123456789abcdef") else b""
        if header:
            kind = header[1 + header[0]]
            yield "header", kind, header[0].bit_length(), len(header).bit_length()
            yield "header", kind, behind
        elif name not in ("", "plain"):
            yield "headers", name
    yield from (("unknown", min(at, 2)) for at in stream.unknown)


def _of_tokens(stream: Stream) -> Iterator[Kind]:
    yield "tokens", len(stream.tokens).bit_length()
    yield from (("token", len(token).bit_length()) for token in stream.tokens)
    last = dict[str, int]()
    for at, token in enumerate(stream.tokens):
        if token in last:
            yield "again", min(at - last[token], 3)
        last[token] = at


def _of_parts(stream: Stream) -> Iterator[Kind]:
    """Where parts end: behind which byte of a character or an escape, how far inside a record; what is joined."""
    if stream.part_cuts is None:
        return
    body, cuts = stream.body, stream.part_cuts
    escapes, ends = set(inside_escapes(body)), set(inside_line_ends(body))
    stops = [record.stop for record in stream.records]
    if len(cuts) > 3 * len(stops) + FAR:
        yield "parts", len(body) // len(cuts)
        return
    yield from (("joined parts",) for stop in stops[:-1] if stop not in cuts)
    yield from (("empty part",) for at in cuts if cuts.count(at) > 1)
    for at in {*cuts} - {*stops, 0, len(body)}:
        record = next((each for each in stream.records if each.start < at < each.stop), None)
        if body[at] & 0xC0 == 0x80:
            first = next(k for k in range(at - 1, -1, -1) if body[k] & 0xC0 != 0x80)
            yield "character", body[first] >> 4, at - first
        elif at in escapes:
            yield "escape", body[at - 1 : at + 1]
        elif at in ends:
            yield "CRLF", record is not None and record.stop - at
        elif record is not None and record.text_start <= at <= record.text_stop:
            yield "text", at == record.text_start, at == record.text_stop
        elif record is not None:
            yield "record", min(at - record.start, FAR), min(record.stop - at, FAR)


def _of_chunks(stream: Stream) -> Iterator[Kind]:
    """Where chunks end: in which field of a message; which messages are joined."""
    if stream.chunk_cuts is None:
        return
    cuts, stops = stream.chunk_cuts, stream.frame_stops
    if len(cuts) > len(stops) + FAR:
        yield "chunks", len(stream.wire) // len(cuts)
        return
    yield from (("joined chunks",) for stop in stops[:-1] if stop not in cuts)
    yield from (("empty chunk",) for at in cuts if cuts.count(at) > 1)
    yield from (("chunk", *_field(stream, at)) for at in {*cuts} - {*stops})


def _field(stream: Stream, at: int) -> Kind:
    """In which field of a message of the wire a byte stands: lengths, checksums, headers, payload, text."""
    number = next((each for each, stop in enumerate(stream.frame_stops) if at < stop), None)
    if number is None:
        return ("the end",)
    frame = stream.frames[number]
    at -= stream.frame_stops[number] - len(frame)
    headers = 12 + int.from_bytes(frame[4:8]) if len(frame) >= 12 else 12
    edges = (("edge", 1), ("length", 4), ("headers' length", 8), ("prelude's checksum", 12), ("headers", headers))
    for name, stop in edges:
        if at < stop:
            return (name,)
    return ("checksum",) if at >= len(frame) - 4 else ("payload",)


def _of_fault(stream: Stream) -> Iterator[Kind]:
    """What goes wrong, where, and with which names; cut, joined, late."""
    fault = stream.fault
    if fault is None:
        return
    kind = FaultKind(fault.kind)
    place = _field(stream, fault.at) if fault.unit is Unit.WIRE else (min(fault.at, 2), bool(fault.held))
    yield kind, *place
    bare = replace(fault.bare, at=0, held=0)
    yield kind, repr(bare)[:80]
    first = stream.frame_stops[0] if stream.frame_stops else 0
    yield kind, "first" if fault.at < (first if fault.unit is Unit.WIRE else 1) else "later"
    if stream.chunk_cuts is not None:
        yield from ((kind, *each) for each in _of_chunks(stream))
