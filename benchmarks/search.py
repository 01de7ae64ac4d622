"""What drawing, searching and sweeping cost beyond what they cannot do without: `python benchmarks/search.py`.

Three questions, each answered by a ratio of CPU times, the best of several repeats taken in turns:

- An example of MIX, drawn and built up to its chunks, against one of the design a tester would write first:
  `st.text()` tokens, cut at drawn integers. At most half is the goal.
- A search against two things: Hypothesis drawing such words, one an example, and the decoder's own work on the same
  streams. At most 1.3 times. Our own draws take a seventieth of Hypothesis', whose loop around each draw is the rest.
- A whole run in a dialect, sweeps, search and all, against the same two. At most 1.3 times.
- A sweep, which draws nothing, against the decoder's own work on the same streams. At most twice.

"The decoder alone" is a plain loop over what its own API gives for chunks that lie ready, in each of its modes.
A search that finds something stops, so each decoder is searched where it passes; the row says where.
"""

import gc
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from random import Random
from statistics import fmean
from typing import Any, NamedTuple, TypeVar

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import SearchStrategy

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.search import Budget, search, words
from sliceproof.conformance.harness import drive
from sliceproof.conformance.harness.contract import Decoder, Mode
from sliceproof.conformance.harness.drive import step
from sliceproof.conformance.harness.source import Source
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.strategies.hazards import BENIGN
from sliceproof.strategies.letters import Letter
from sliceproof.strategies.streams import LONGEST, streams
from sliceproof.strategies.text import pick
from sliceproof.wire.dialects import DIALECTS, Dialect, encode
from sliceproof.wire.events import frame, part_header_block
from sliceproof.wire.slicing import cut
from sliceproof.wire.stream import Stream

T = TypeVar("T")
U = TypeVar("U")
Chunks = Sequence[bytes]

EXAMPLES = 1_000
REPEATS = 5
SEED = 0
DRAWN = "tgi-sse"
JUDGED = ("reference", "litellm")
PASSING = (
    ("MIX", "tgi-sse"),
    ("MIX", "openai-sse"),
    ("MIX", "djl-sse"),
    ("P2", "tgi-sse"),
    ("U2", "tgi-sse"),
)
"""Where a search is tried, until the decoder passes it: a requirement and a dialect."""
SWEPT = ("R1", "U1", "F1")

EXAMPLE_GOAL, SEARCH_GOAL, SWEEP_GOAL = 0.5, 1.3, 2.0


class Row(NamedTuple):
    """One comparison: CPU time of ours and of what it is held against, in microseconds a stream.

    `streams` is how many there are; 0 says that nothing was measured, and `note` why. `goal` is the
    ratio not to exceed.
    """

    name: str
    ours: float
    theirs: float
    streams: int
    goal: float
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def measure() -> list[Row]:
    """Every row; takes about a minute."""
    rows = [_examples()]
    for name in JUDGED:
        try:
            decoder = DECODERS[name].load()
        except ImportError:
            rows += [Row(f"{what}, {name}", 0, 0, 0, goal, "not installed") for what, goal in _ASKED]
            continue
        rows += [_search(decoder), *(_sweep(decoder, REQUIREMENTS[id_]) for id_ in SWEPT), _whole(decoder)]
    return rows


_ASKED = (("search", SEARCH_GOAL), *((f"sweep of {id_}", SWEEP_GOAL) for id_ in SWEPT), ("whole run", SEARCH_GOAL))


# An example


@st.composite
def naive(draw: st.DrawFn) -> Chunks:
    """The chunks of a completion as a tester would draw them who has only the dialect and the framing."""
    tokens = draw(st.lists(st.text(), min_size=1, max_size=LONGEST))
    body = encode(DIALECTS[DRAWN], tuple(tokens)).data
    part_cuts = draw(st.lists(st.integers(0, len(body)), max_size=LONGEST))
    block = part_header_block("plain")
    wire = b"".join([frame(block, part) for part in cut(body, sorted(part_cuts))])
    chunk_cuts = draw(st.lists(st.integers(0, len(wire)), max_size=LONGEST))
    return cut(wire, sorted(chunk_cuts))


def built(stream: Stream) -> Chunks:
    """The chunks of a stream, and with them every stage before; the text, which a judge asks for."""
    assert stream.text is not None
    assert stream.wire is not None
    return stream.chunks


def _examples() -> Row:
    ours, theirs = streams(DRAWN), naive()
    best = _best(lambda: drawn(ours, built), lambda: drawn(theirs, tuple))
    sizes = [
        fmean(sum(map(len, drawn_text)) for drawn_text in drawn(*side)) for side in ((ours, built), (theirs, tuple))
    ]
    note = f"wires of {sizes[0]:,.0f} and {sizes[1]:,.0f} bytes on average"
    return _row("example of MIX, against naive text and cuts", best, EXAMPLES, EXAMPLE_GOAL, note)


def drawn(strategy: SearchStrategy[T], made: Callable[[T], U]) -> list[U]:
    """What is *made* of EXAMPLES draws, the same on every call."""
    values: list[U] = []

    def keep(example: T) -> bool:
        values.append(made(example))
        return False

    with suppress(NoSuchExample):
        find(strategy, keep, settings=SETTINGS, random=Random(SEED))
    return values


SETTINGS = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    derandomize=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
"""As `search` has them."""


# A search


def _search(decoder: Decoder) -> Row:
    place = _passing(decoder)
    if place is None:
        tried = ", ".join(f"{id_} in {dialect}" for id_, dialect in PASSING)
        return Row(f"search, {_named(decoder)}", 0, 0, 0, SEARCH_GOAL, f"breaks {tried}")
    requirement, dialect_ = place
    table, random = _table(requirement, dialect_), Random(SEED)
    strategy = words(table)
    composed = [requirement.composed(dialect_, pick(table, random, max_size=LONGEST)) for _ in range(EXAMPLES)]
    alone = [_alone(decoder, [stream]) for stream in composed]
    best = _best(
        lambda: search(requirement, decoder, dialect_, Budget(EXAMPLES, SEED)),
        lambda: drawn(strategy, _nothing),
        lambda: [decode() for decode in alone],
        lambda: drawn(strategy, _following(alone)),
    )
    name = f"search of {requirement.id} in {dialect_.id}, {_named(decoder)}"
    draw, decode, both = (seconds / len(composed) * 1e6 for seconds in best[1:])
    note = f"Hypothesis' draws {draw:.0f} µs + decoding {decode:.0f} µs; taking turns {both:.0f} µs"
    return _row(name, (best[0], best[1] + best[2]), len(composed), SEARCH_GOAL, note)


def _following(alone: Sequence[Callable[[], None]]) -> Callable[[object], None]:
    """After each draw the decoder's own work, which then finds the processor's caches cold."""
    decoding = iter(alone)
    return lambda word: next(decoding)()


def _passing(decoder: Decoder) -> tuple[Requirement, Dialect] | None:
    for id_, dialect_id in PASSING:
        requirement, dialect = REQUIREMENTS[id_], DIALECTS[dialect_id]
        if requirement.inapplicable(decoder, dialect):
            continue
        if search(requirement, decoder, dialect, Budget(EXAMPLES, SEED)).broken is None:
            return requirement, dialect
    return None


def _table(requirement: Requirement, dialect: Dialect) -> tuple[Letter, ...]:
    """The letters that `search` draws from."""
    alphabet = requirement.alphabet(dialect)
    return alphabet if alphabet[: len(BENIGN)] == BENIGN else (*BENIGN, *alphabet)


def _nothing(word: list[Letter]) -> None:
    """Drawing, and no more."""


# A whole run


def _whole(decoder: Decoder) -> Row:
    """All requirements in a dialect, as `check` asks them, against the decoder alone on each stream it was given."""
    judging, given = Judging(decoder, Plan(list(REQUIREMENTS.values()), PROFILES["ci"])), list[tuple[Mode, Stream]]()

    def listen(_: Decoder, mode: Mode, stream: Source) -> None:
        if isinstance(stream, Stream):
            given.append((mode, stream))

    def judged() -> int:
        return sum(judging.evaluate(task).streams for task in judging.plan.tasks(decoder, [DRAWN]) if not task.reason)

    judged()  # so that what is made once counts for none
    drive.listeners[:] = [listen]
    streams_judged = judged()
    drive.listeners.clear()
    fed = [(mode.open(stream.dialect, stream.style.form), mode.is_async, stream.chunks) for mode, stream in given]
    searched = [task for task in judging.plan.tasks(decoder, [DRAWN]) if not task.reason and task.requirement.searched]
    examples = sum(300 if task.requirement.id == "MIX" else 40 for task in searched)
    draws = _seconds(lambda: drawn(words(_table(REQUIREMENTS["MIX"], DIALECTS[DRAWN])), _nothing)) / EXAMPLES * examples
    best = _best(judged, lambda: _decoded(fed))
    row = _row("", (best[0], best[1] + draws), streams_judged, SEARCH_GOAL)
    note = (
        f"decoding {best[1] / streams_judged * 1e6:.0f} µs in {len(given):,} calls + {examples:,} of Hypothesis' draws"
    )
    return row._replace(name=f"whole run in {DRAWN}, {_named(decoder)}", note=note)


def _decoded(fed: Sequence[tuple[Any, bool, Chunks]]) -> None:
    for decoding, is_async, chunks in fed:
        with suppress(Exception):  # of a stream with a fault
            if is_async:
                step(_taken(decoding(_coming(chunks))))
            else:
                for _ in decoding(iter(chunks)):
                    pass


# A sweep


def _sweep(decoder: Decoder, requirement: Requirement) -> Row:
    dialect = DIALECTS[DRAWN]
    name = f"sweep of {requirement.id}, {_named(decoder)}"

    def swept() -> bool:
        return any(requirement.check(decoder, stream) for stream in requirement.sweep(dialect))

    if swept():
        return Row(name, 0, 0, 0, SWEEP_GOAL, f"breaks {requirement.id} in {dialect.id}")
    prepared = list(requirement.sweep(dialect))
    best = _best(swept, _alone(decoder, prepared))
    return _row(name, best, len(prepared), SWEEP_GOAL)


# The decoder alone


def _alone(decoder: Decoder, prepared: Sequence[Stream]) -> Callable[[], None]:
    """A plain loop over all modes and streams; the chunks are made here, before it runs."""
    fed = [(stream.dialect, stream.style.form, stream.chunks) for stream in prepared]

    def decode() -> None:
        for mode in decoder.modes.values():
            for dialect_id, form, chunks in fed:
                decoding = mode.open(dialect_id, form)
                if mode.is_async:
                    step(_taken(decoding(_coming(chunks))))  # type: ignore[arg-type]
                else:
                    for _ in decoding(iter(chunks)):  # type: ignore[union-attr]
                        pass

    return decode


async def _taken(items: AsyncIterator[object]) -> None:
    async for _ in items:
        pass


async def _coming(chunks: Chunks) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


# Time


def _best(*sides: Callable[[], object]) -> tuple[float, ...]:
    """Seconds of CPU time of each side, the best of REPEATS in which they take turns."""
    taken = [[_seconds(side) for side in sides] for _ in range(REPEATS)]
    return tuple(map(min, zip(*taken, strict=True)))


def _seconds(side: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    side()
    return time.process_time() - start


def _row(name: str, best: tuple[float, ...], count: int, goal: float, note: str = "") -> Row:
    ours, theirs = (seconds / count * 1e6 for seconds in best)
    return Row(name, ours, theirs, count, goal, note)


def _named(decoder: Decoder) -> str:
    return f"{decoder.name} {decoder.version()}"


def main() -> None:
    """Print the rows as a plain table."""
    print(f"{'':<48}{'streams':>8}{'ours, µs':>10}{'against, µs':>13}{'ratio':>7}{'goal':>7}")
    for row in measure():
        if not row.streams:
            print(f"{row.name:<48}{row.note:>45}")
            continue
        figures = f"{row.streams:>8,}{row.ours:>10.0f}{row.theirs:>13.0f}{row.ratio:>7.2f}{row.goal:>7.1f}"
        print(f"{row.name:<48}{figures}  {row.note}")


if __name__ == "__main__":
    main()
