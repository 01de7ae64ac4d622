"""The page of figures: what a child process costs is on it, and compared with the decoder's own speed."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """benchmarks/report.py, whose neighbours are modules only while it is looked at."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield import_module("report")
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


def test_a_child_process_is_compared_with_the_decoder_on_its_own(report: Any) -> None:
    row = report.exchange.Row("sweep of U1, text.mjs in Node.js", 256, 3.0, 25.0, 300.0, 120.0, 2500.0)
    table = report.of_exchange([row])
    (line,) = table.lines
    assert line.cells == (row.name, "256", "3.0", "300 µs", "120 µs", "25 µs", "2,500", "40,000")
    assert (line.ratio, line.met) == ("12.00", None)
    assert len(line.cells) == len(table.head)


def test_it_stands_on_the_page_without_a_goal(report: Any) -> None:
    row = report.exchange.Row("sweep of U1, text.mjs in Node.js", 256, 3.0, 25.0, 300.0, 120.0, 2500.0)
    told = report.page([report.of_exchange([row])])
    assert "## Decoders in a child process" in told
    assert "Command: `python benchmarks/exchange.py`" in told
    assert "0 of 0 goals are met." in told
