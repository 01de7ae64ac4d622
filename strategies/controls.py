"""Controls: a stream like another, but without what makes it hard.

A requirement whose stream and control both fail has found nothing of its own: what fails is in what the
two share. `carried_plainly` keeps the text and takes away how it is carried; `said_plainly` keeps how it
is carried and takes away what is hard in the text.
"""

from sliceproof.wire.dialects import Style
from sliceproof.wire.events import HEADER_VARIANTS
from sliceproof.wire.stream import Stream

_PLAIN_WORD = "v"
_LETTERS = "vwzk"


def carried_plainly(stream: Stream) -> Stream:
    """The same text, each record a part and each message a chunk, written as the dialect's own server does."""
    ascii_ = stream.style.ascii
    return Stream(stream.dialect, stream.tokens, Style(ascii=ascii_), fault=stream.fault)


def said_plainly(stream: Stream) -> Stream:
    """As many deltas, carried alike, of other words: no two alike, none empty and none with anything hard in it.

    Where the stream is cut, the words are as long as its deltas, so that each cut falls where it fell; then
    those of a byte may be alike, and an empty one stays empty.
    """
    tokens = tuple([f"{_PLAIN_WORD}{number}" for number in range(len(stream.tokens))])
    plain = Stream(stream.dialect, tokens, stream.style, headers=stream.headers, unknown=stream.unknown)
    if stream.part_cuts is None and stream.chunk_cuts is None:
        return plain
    deltas = [record for record in stream.records if record.kind == "delta"]
    sizes = [record.text_stop - record.text_start for record in deltas]
    words = tuple([_of_size(size, number) for number, size in enumerate(sizes)])
    return plain.but(tokens=words, part_cuts=stream.part_cuts, chunk_cuts=stream.chunk_cuts)


def without_text(stream: Stream) -> Stream | None:
    """The control of an answer that has no text at all: itself. Who makes an error of that has lost nothing."""
    return None if stream.text else stream


def _of_size(size: int, number: int) -> str:
    """A plain word of so many bytes, which differs from its neighbours."""
    letter = _LETTERS[number % len(_LETTERS)]
    return (letter + str(number))[:size].ljust(size, letter)


def framed_otherwise(stream: Stream) -> list[Stream]:
    """The same deltas in messages of other lengths: a header more in each, or a character more in the first delta.

    No two deltas that are alike become unlike by it, as equal deltas are a hazard of their own.
    """
    padded = [stream.but(headers=_padded(stream.headers, size)) for size in (1, 3, 40)]
    first, *rest = stream.tokens or ("",)
    longer = [stream.but(tokens=(first + "x" * more, *rest)) for more in (1, 2, 5) if first]
    unlike = [other for other in longer if len(set(stream.tokens)) == len(set(other.tokens)) == len(stream.tokens)]
    return [*padded, *unlike]


def _padded(headers: str, size: int) -> str:
    """The variant of headers with an unknown one more, whose name has *size* bytes."""
    more = (bytes([size]) + b"n" * size + b"\x00").hex()
    first, plus, second = headers.partition("+")
    if plus and second in HEADER_VARIANTS:
        return f"{first}{more}+{second}"
    return f"{headers}{'' if plus else '+'}{more}"
