"""A decoder with a fault that hardly any test meets: it loses a part of exactly 8192 bytes."""

from collections.abc import Iterable, Iterator

from sliceproof.conformance.decoders.sound.steps import Sound


class _Loses(Sound):
    def part(self, payload: bytes) -> Iterator[str]:
        if len(payload) != 8192:
            yield from super().part(payload)


def loses_8192(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of a tgi-sse stream, but for what such a part holds."""
    yield from _Loses("tgi-sse").decode(chunks)
