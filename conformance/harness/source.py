"""What can be fed to a decoder: a stream, or a wire as it is, which no stream tells.

`drive` takes either. A `RawWire` is for decoders that accept chunks; of the bytes nothing is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sliceproof.wire.dialects import PLAIN, Style
from sliceproof.wire.faults import Fault


class Source(Protocol):
    """As much of a Stream as driving a decoder needs."""

    @property
    def dialect(self) -> str: ...
    @property
    def style(self) -> Style: ...
    @property
    def fault(self) -> Fault | None: ...
    @property
    def body(self) -> bytes: ...
    @property
    def parts(self) -> tuple[bytes, ...]: ...
    @property
    def whole_parts(self) -> tuple[bytes, ...]: ...
    @property
    def chunks(self) -> tuple[bytes, ...]: ...


@dataclass(frozen=True)
class RawWire:
    """Chunks of a wire, whatever is in them.

    >>> RawWire([b"ab", b"c"]).body
    b'abc'
    """

    chunks: tuple[bytes, ...]
    dialect: str = "text"
    style: Style = PLAIN
    fault: Fault | None = None
    parts: tuple[bytes, ...] = ()
    whole_parts: tuple[bytes, ...] = ()

    def __init__(self, chunks: Sequence[bytes], dialect: str = "text") -> None:
        object.__setattr__(self, "chunks", tuple(chunks))
        object.__setattr__(self, "dialect", dialect)

    @property
    def body(self) -> bytes:
        """All bytes: what a decoder gives is held against how many there are."""
        return b"".join(self.chunks)


__all__ = ["RawWire", "Source"]
