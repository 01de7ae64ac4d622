"""What the plugin costs those who do not use it, and what a baseline saves those who do.

    python benchmarks/plugin_cost.py [BASELINE]

Ratios of one run, each pair side by side: medians of runs in turn, in seconds of processor time.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.baseline.expected import Expectation
from sliceproof.conformance.engine.baseline.reading import Baseline, read
from sliceproof.conformance.engine.case_files import cases_to_replay
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.plan import PROFILES, Plan, Task
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case
from sliceproof.wire.dialects import DIALECTS

RUNS = 15


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    alone, plugin = importing()
    print(f"import pytest {alone * 1000:.0f} ms, the plugin after it {plugin * 1000:.1f} ms ({plugin / alone:.1%})")
    without, with_ = collecting()
    print(f"pytest --collect-only, one empty test: {without * 1000:.0f} ms without the plugin, "
          f"{with_ * 1000:.0f} ms with it ({with_ / without - 1:+.1%})")  # fmt: skip
    for name in arguments:
        baseline, filed = read(Path(name), filed=cases_to_replay(())), cases_to_replay(())
        print(f"{name}, {len(baseline.entries)} known failures, in seconds:")
        ways = {
            "sweep and search": (None, ()),
            "with the filed cases": (None, filed),
            "confirm": (Expectation(baseline), ()),
        }
        costs = {way: judging(baseline, expectation, cases) for way, (expectation, cases) in ways.items()}
        for part, index in (("all but Q1", 0), ("Q1, which takes time to measure", 1)):
            print(f"  {part}: " + ", ".join(f"{way} {seconds[index]:.2f}" for way, seconds in costs.items()))


def importing() -> tuple[float, float]:
    """Seconds to import pytest, and the plugin after it, as -X importtime has them."""
    runs = []
    for _ in range(RUNS):
        code = "import pytest, sliceproof.conformance.plugin"
        output = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
        )
        times = {name: int(total) for total, name in re.findall(r"\| +(\d+) \| (\S+)$", output.stderr, re.MULTILINE)}
        runs.append((times["pytest"] / 1e6, sum(times.get(name, 0) for name in _OURS) / 1e6))
    return median(run[0] for run in runs), median(run[1] for run in runs)


_OURS = ("sliceproof", "sliceproof.conformance", "sliceproof.conformance.plugin")


def collecting() -> tuple[float, float]:
    """Seconds of `pytest --collect-only` in a folder of one empty test: without the plugin, and with it."""
    with TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_empty(): pass\n", "utf-8")

        def collect(*arguments: str) -> Callable[[], object]:
            command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *arguments]
            return lambda: subprocess.run(command, cwd=folder, capture_output=True, check=True)

        without, with_ = collect("-p", "no:sliceproof"), collect()
        pairs = [(_children(without), _children(with_)) for _ in range(RUNS)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def _children(run: Callable[[], object]) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    run()
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def judging(baseline: Baseline, expectation: Expectation | None, filed: Sequence[Case]) -> tuple[float, float]:
    """Seconds to judge what is known to fail: all but Q1, and Q1."""
    plan = Plan(list(REQUIREMENTS.values()), PROFILES["ci"], cases=filed)
    seconds = [0.0, 0.0]
    for name in {entry.decoder for entry in baseline.entries}:
        decoder = load(name)
        asked = Judging(decoder, plan, [load(base) for base in decoder.builds_on], expectation)
        asked.fails_plainly(DIALECTS["tgi-sse"])  # so that what is imported at the first call counts for none
        for entry in baseline.entries:
            begun = process_time()
            asked.evaluate(Task(REQUIREMENTS[entry.requirement], DIALECTS[entry.dialect]))
            seconds[entry.requirement == "Q1"] += process_time() - begun
    return seconds[0], seconds[1]


if __name__ == "__main__":
    main(sys.argv[1:])
