"""Bodies of any bytes through our own readers of records: whole, in slices, and as another framing of the same.

No decoder of others is asked: no container writes such bodies, so nobody can be blamed for what he makes of
them. What goes wrong here is ours.
"""

from sliceproof.conformance.harness.contract import TargetError
from sliceproof.fuzz.target import FaultOfOursError, Options, Settled, Suspect
from sliceproof.wire.dialects import DIALECTS, BodyError, Dialect, ModelError, reader
from sliceproof.wire.slicing import cut, every

TWINS = {"djl-jsonlines": "djl-sse"}
"""Dialects with the same records, framed as lines and as events."""


SHORT = 128
"""Bytes up to which a body is read byte by byte too."""

Ending = tuple[str, str, str]
"""The text, the kind of error after it, and what the error says."""


class Records:
    """The target `records`: an input is a dialect's number in one byte, and a body."""

    decoders = ()
    modules = ("sliceproof.wire.dialects.reader", "sliceproof.wire.dialects.djl", "sliceproof.wire.dialects.openai")
    mutates = False

    def __init__(self, options: Options) -> None:
        if options.decoders:
            raise TargetError("`records` asks our own readers alone; leave the decoder out, or take `streams`")
        self.dialects = [DIALECTS[id_] for id_ in options.dialects or DIALECTS]

    def run(self, data: bytes) -> tuple[Suspect, ...]:
        """FaultOfOursError if what comes of a body depends on its slices or its framing."""
        dialect, body = self.dialects[data[0] % len(self.dialects)] if data else self.dialects[0], data[1:]
        whole = read(dialect, (body,))
        for size in (1 if len(body) <= SHORT else 61, 2 + len(body) // 3):
            sliced = read(dialect, cut(body, every(size, len(body))))
            if sliced != whole:
                raise FaultOfOursError(f"{dialect.id}: {whole} whole, {sliced} in slices of {size}: {body!r}")
        if dialect.id in TWINS and b"\r" not in body:
            self._as_events(dialect, DIALECTS[TWINS[dialect.id]], body, whole)
        return ()

    def _as_events(self, dialect: Dialect, other: Dialect, body: bytes, whole: Ending) -> None:
        """The same text, and an error or none; which error it is depends on what stands at the end."""
        body = body.removeprefix(b"\xef\xbb\xbf")
        events = b"".join([b"data: " + line + b"\n\n" for line in body.split(b"\n")])
        framed = read(other, (events,))
        if framed[0] != whole[0] or bool(framed[1]) != bool(whole[1]):
            raise FaultOfOursError(f"{whole} in {dialect.id}, {framed} in {other.id}: {body!r}")

    def settle(self, suspect: Suspect) -> Settled | None:
        """Nothing: there is no suspect."""
        return None


def read(dialect: Dialect, slices: tuple[bytes, ...]) -> Ending:
    """What a reader makes of a body in slices."""
    text, incremental = "", reader(dialect)
    try:
        for data in slices:
            for delta in incremental.feed(data):
                text += delta
        for delta in incremental.close():
            text += delta
    except (BodyError, ModelError) as error:
        return text, type(error).__name__, str(error)
    return text, "", ""


if __name__ == "__main__":
    from sliceproof.fuzz.engine import script

    script("records", __file__)
