"""What the requirements about ways of calling share: short streams, and what an error comes of."""

from collections.abc import Iterator

from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import is_asynchronous, library_of
from sliceproof.conformance.harness.loops import TRIO
from sliceproof.conformance.harness.outcome import origins
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.stream import Stream


def plain_streams_of(dialect: Dialect) -> Iterator[Stream]:
    """Two and three deltas, each a message and a chunk."""
    yield Stream(dialect.id, ("x", "y"))
    yield Stream(dialect.id, ("x", "y", "x"))


def three_deltas(dialect: Dialect) -> Iterator[Stream]:
    """Three deltas, each a message and a chunk, then all in one chunk, and in one part: some are held at the first."""
    plain = Stream(dialect.id, ("x", "y", "z"))
    yield plain
    yield plain.but(chunk_cuts=())
    yield plain.but(part_cuts=())


def comes_of(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error is, or comes of, or holds one of *kind*: task groups raise what reached them in a group."""
    return error is not None and any(isinstance(origin, kind) for origin in origins(error))


def reaches(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether the consumer sees one of *kind*: as it is, in a group, or behind an error that does not hide it."""
    return error is not None and any(isinstance(origin, kind) for origin in origins(error, hidden=False))


def under_trio(decoder: Decoder, mode: str, stream: Stream) -> bool:
    """Whether a mode runs under trio, where no task can be cancelled from outside as asyncio's can."""
    return is_asynchronous(decoder, mode, stream) and library_of(decoder, mode, stream) == TRIO
