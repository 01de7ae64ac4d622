"""Runs every benchmark and writes docs/performance.md: `python benchmarks/report.py`, some three minutes.

Each figure stands beside its goal, the command that gives it, and whether the goal was met. What is not
installed here is said to be so, and a goal that was missed is shown as missed.
"""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill
from typing import NamedTuple

import endpoints
import exchange
import memory
import messages
import search
from page import DOCS, facts, table

PACKAGES = ("hypothesis", "botocore", "litellm", "regex")

MESSAGES_GOAL = 1.0  # no slower than botocore, whatever the wire
LINEAR_GOAL = 2.0  # a byte of 16 MiB against a byte of 4 MiB; 4 where the cost grows with the square
TEXT_GOAL = 1.5  # text() against plain st.text()

Cells = tuple[str, ...]


class Line(NamedTuple):
    """A row of a table: what was compared, the figures, the ratio and its goal; `met` is None if nothing was."""

    cells: Cells
    ratio: str = "—"
    goal: str = "—"
    met: bool | None = None


class Table(NamedTuple):
    """What one file of benchmarks/ measured."""

    title: str
    file: str
    about: str
    head: Cells
    lines: Sequence[Line]


def tables() -> Iterator[Table]:
    """Everything, measured."""
    yield of_messages(messages.measure())
    yield of_coverage()  # before LiteLLM is imported, as Hypothesis draws constants from what is
    yield of_search(search.measure())
    yield of_exchange(list(exchange.measure()))
    yield of_endpoint(endpoints.measure())
    yield of_memory(memory.measure())


def of_endpoint(row: endpoints.Row) -> Table:
    """Streams a second, and the CPU time of client and server together."""
    text = (
        "Streams a second of a whole client over one connection that is kept, against a bare socket server that writes "
        "the same bytes; in brackets the CPU time a stream of client and server together."
    )
    cells = (row.name, f"{row.ours:,.0f} ({row.cpu:.0f} µs)", f"{row.bare:,.0f} ({row.bare_cpu:.0f} µs)")
    goal, met = f"≥ {endpoints.GOAL:.2f}", row.ratio >= endpoints.GOAL
    line = Line(cells, f"{row.ratio:.2f}", goal, met)
    return Table("Whole clients", "endpoints.py", text, ("what", "ours", "bare server"), [line])


def of_messages(rows: Sequence[messages.Row]) -> Table:
    """Also: what a byte costs as the payload grows."""
    lines = [
        Line((row.name, f"{row.ours * 1e3:.1f} ms", f"{row.theirs * 1e3:.1f} ms"), *_most(row.ours / row.theirs, 1))
        for row in rows
    ]
    small, large = (next(row for row in rows if row.name.startswith(f"{size} MiB")) for size in (4, 16))
    grown = (_most(large.ours / small.ours / 4, LINEAR_GOAL), large.theirs / small.theirs / 4)
    name = "a byte of a 16 MiB payload, against one of a 4 MiB payload"
    lines.append(Line((name, "", f"botocore's: {grown[1]:.2f}"), *grown[0]))
    text = "CPU time of reading a wire into messages, against botocore's EventStreamBuffer."
    return Table("Reading messages", "messages.py", text, ("wire", "ours", "botocore"), lines)


def of_search(rows: Sequence[search.Row]) -> Table:
    """CPU time a stream."""
    text = (
        "CPU time a stream: of an example drawn and built; of a whole search and of a whole run, against Hypothesis "
        "drawing as many words and the decoder alone on the same streams; of a sweep, against the decoder alone. Our "
        "own searches draw without Hypothesis, which takes a seventieth of the time, and let it shrink what they find."
    )
    head = ("what", "streams", "ours", "against", "of which")
    return Table("Drawing, searching, sweeping", "search.py", text, head, list(map(_searched, rows)))


def _searched(row: search.Row) -> Line:
    if not row.streams:
        return Line((row.name, "", "", "", row.note), goal=f"≤ {row.goal:.2f}")
    figures = (f"{row.streams:,}", f"{row.ours:.0f} µs", f"{row.theirs:.0f} µs", row.note)
    return Line((row.name, *figures), *_most(row.ours / row.theirs, row.goal))


def of_exchange(rows: Sequence[exchange.Row]) -> Table:
    """A decoder in a child process, against the same decoder on its own."""
    lines = []
    for row in rows:
        figures = (f"{row.streams}", f"{row.pulls:.1f}", f"{row.piped:.0f} µs", f"{row.of_which_ours:.0f} µs")
        alone = (f"{row.alone:.0f} µs", f"{row.per_second:,.0f}", f"{1e6 / row.alone:,.0f}")
        lines.append(Line((row.name, *figures, *alone), f"{row.piped / row.alone:.2f}"))
    text = (
        "CPU time a stream of a decoder in a child process (`exec:`), of both processes together, and what of it is "
        "sliceproof's; alone is the same decoder without the pipe: the Python one judged in this process, the Node.js "
        "one in a loop over the same parts. Streams a second are by the clock on the wall over the pipe, and by CPU "
        "time alone. No goal: what is compared does different work."
    )
    head = ("what", "streams", "pulls a stream", "piped", "of which ours", "alone", "piped a second", "alone a second")
    return Table("Decoders in a child process", "exchange.py", text, head, lines)


def of_memory(rows: Sequence[memory.Row]) -> Table:
    """Each stream's peaks; the ratio stands with the longest of each shape."""
    grown = {growth.record: growth for growth in memory.growths(rows)}
    lines = []
    for row in rows:
        cells = (memory.sized(row.record), f"{row.mib} MiB", memory.sized(row.traced), memory.sized(row.resident))
        growth = grown[row.record]
        last = row.mib == max(memory.SIZES)
        lines.append(
            Line(cells, *_most(max(growth.traced, growth.resident), memory.GROWTH_GOAL)) if last else Line(cells)
        )
    text = (
        "Peaks of the reference decoder: of what Python allocated (tracemalloc), and of the process's resident "
        f"memory, in {memory.DIALECT}. The ratio is the larger growth of the two from {min(memory.SIZES)} to "
        f"{max(memory.SIZES)} MiB of wire."
    )
    return Table("Memory", "memory.py", text, ("record", "wire", "allocated", "resident"), lines)


def of_coverage() -> Table:
    """What text() reaches and costs; `regex` knows Unicode's properties, and may be missing."""
    text = "What 2,000 texts of the default text strategy hold, and the cost of one against plain `st.text()`."
    try:
        import coverage
    except ImportError as error:
        lines = [Line(("everything", "", f"{error.name} is not installed"))]
    else:
        found, cost = coverage.measure(), coverage.cost(runs=5)
        lines = [_covered(row.kind, row.covered, len(row.shares), row.rarest, row.missed) for row in found.rows]
        figures = ("cost of a text", f"{cost.text:.0f} µs", f"`st.text()`: {cost.plain:.0f} µs")
        lines.append(Line(figures, *_most(cost.text / cost.plain, TEXT_GOAL)))
    return Table("Text", "coverage.py", text, ("what", "reached", "rarest"), lines)


def _covered(kind: str, covered: int, of: int, rarest: str, missed: Cells) -> Line:
    text = f"missed: {', '.join(missed)}" if missed else rarest
    return Line((kind, f"{covered} of {of}", text), f"{covered / of:.0%}", "100%", not missed)


def _most(ratio: float, goal: float) -> tuple[str, str, bool]:
    return f"{ratio:.2f}", f"≤ {goal:.2f}", ratio <= goal


# The page


def page(measured: Iterable[Table]) -> str:
    """All of docs/performance.md."""
    done = list(measured)
    met = [line.met for table in done for line in table.lines if line.met is not None]
    missed = [f"{table.title}: {line.cells[0]}" for table in done for line in table.lines if line.met is False]
    text = f"{sum(met)} of {len(met)} goals are met." + "".join(f"\n- missed: {name}" for name in missed)
    return "\n".join([_HEAD, *facts(PACKAGES), "", text, *map(_section, done)])


_HEAD = """# Performance

Written by `python benchmarks/report.py`. Times are CPU time, the best of several repeats, both sides in one process
and in turns; only their ratios travel. A ratio of 0.5 is half the cost of what it is held against.
"""


def _section(measured: Table) -> str:
    head = (*measured.head, "ratio", "goal", "met")
    rows = [(*line.cells, line.ratio, line.goal, _said(line.met)) for line in measured.lines]
    text = f"{fill(measured.about, 118)}\n\nCommand: `python benchmarks/{measured.file}`\n"
    return f"\n## {measured.title}\n\n{text}\n{table(head, rows)}"


def _said(met: bool | None) -> str:
    return "" if met is None else "yes" if met else "**missed**"


if __name__ == "__main__":
    (DOCS / "performance.md").write_text(page(tables()) + "\n", "utf-8")
    print("docs/performance.md is written")
