"""Streams as Hypothesis draws them: one word of letters a stream, so one draw.

`streams(dialect)` is the public strategy; requirements use it with the letters of their one hazard
(`strategies.hazards`), and MIX with all of them.
"""

from collections.abc import Sequence
from functools import lru_cache, partial

from hypothesis.strategies import SearchStrategy

from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter, compose
from sliceproof.strategies.mixture import mixed
from sliceproof.strategies.text import picks
from sliceproof.wire.dialects import dialect
from sliceproof.wire.stream import Stream

LONGEST = 12
"""Letters in a word: enough for two hazards to meet, few enough to stay cheap."""


def streams(dialect_id: str = "tgi-sse", hazards: Sequence[Letter] | None = None) -> SearchStrategy[Stream]:
    """Sound streams of a dialect, with everything that containers and networks do to them.

    With *hazards*, only these letters besides harmless ones. Shrinks to the fewest, plainest deltas
    and cuts.

    >>> from hypothesis import find
    >>> find(streams("text"), lambda stream: any(b"\\xe4".endswith(part) for part in stream.parts if part))
    Stream('text', ['你'], part_cuts=[1])
    """
    dialect_ = dialect(dialect_id)
    table = mixed(dialect_) if hazards is None else (*BENIGN, *hazards)
    return _drawn(dialect_id, table, distinct=hazards is not None)


@lru_cache(maxsize=512)
def _drawn(dialect_id: str, table: tuple[Letter, ...], distinct: bool) -> SearchStrategy[Stream]:
    return picks(table, min_size=1, max_size=LONGEST).map(partial(compose, dialect_id, distinct=distinct))


def benign(dialect_id: str = "tgi-sse") -> SearchStrategy[Stream]:
    """Streams that every real decoder survives: plain text, one record a part, one message a chunk."""
    return streams(dialect_id, ())
