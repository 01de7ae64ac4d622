"""What coverage-guided fuzzing does in its time: `python benchmarks/fuzzing.py` writes docs/fuzzing-figures.md.

Executions a second of each target on one core, beside an atheris target that does nothing; what a minute
of wires reaches in botocore's and LiteLLM's decoders, with and without the mutator that keeps checksums
right; and how soon real and planted faults are found, beginning with nothing and with the seeds.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from types import CodeType
from typing import NamedTuple

from page import DOCS, facts, table

from sliceproof.conformance.engine.case_files import cases_to_replay
from sliceproof.conformance.engine.seeds import written
from sliceproof.corpus import load, save
from sliceproof.fuzz.framing import read
from sliceproof.fuzz.instrumenting import functions
from sliceproof.fuzz.running import Campaign, Find, finds, run
from sliceproof.fuzz.target import Options

SECONDS = 60  # of each run for coverage
PACED = 20  # of each run for speed
SEEDS = (0, 1, 2)
PLANTED = str(Path(__file__).with_name("planted.py")) + ":loses_8192"

EMPTY = """
import sys, atheris
atheris.Setup([sys.argv[0], "-max_total_time={seconds}", "-max_len=512"], lambda data: None)
atheris.Fuzz()
"""


class Fault(NamedTuple):
    """A fault to be found: by which target, in which decoder, and the key that it is found under."""

    name: str
    target: str
    decoder: str
    key: str


FAULTS = (
    Fault("a message of 12 bytes is accepted", "messages", "botocore", "F2 at least"),
    Fault("a string that runs over the headers is accepted", "messages", "botocore", "F2 past the header block"),
    Fault("the same", "headers", "botocore", "F2 past the header block"),
    Fault("the messages of a chunk are reordered", "streams", "broken:reverses_a_chunk", "O1"),
    Fault("a part of exactly 8192 bytes is lost", "streams", PLANTED, "F6"),
    Fault("a code point cut between parts", "streams", "litellm", "U1"),
)


def fuzzed(
    folder: Path,
    target: str,
    options: Options,
    *,
    seconds: float | None = None,
    runs: int | None = None,
    seed: int = 0,
    seeded: bool = False,
    cases: Sequence[str] = (),
) -> tuple[int, list[Find], Path]:
    """Executions, what was found, and the folder of findings with the inputs beside it."""
    made = Path(tempfile.mkdtemp(dir=folder))
    inputs, found, seeds = made / "inputs", made / "found", made / "seeds"
    found.mkdir()
    if seeded:
        written(cases_to_replay(cases), seeds)
        (seeds / target).rename(inputs)
    else:
        inputs.mkdir()
    (ended,) = run(Campaign(target, options, inputs, found, seconds, runs, seed=seed))
    assert ended.code == 0, ended.log.read_text()[-2000:]
    return ended.runs, finds(found), made


# How fast


def paces(folder: Path) -> Iterator[Sequence[str]]:
    """Executions a second of each target, and how many of nothing's that is."""
    nothing = _empty()
    yield "nothing", "—", f"{nothing:,.0f}", ""
    asked = (
        ("messages", ("sound:messages",)),
        ("messages", ("botocore",)),
        ("headers", ("botocore",)),
        ("records", ()),
        ("streams", ("sound:incremental_codec",)),
        ("streams", ("reference",)),
        ("streams", ("litellm",)),
    )
    for target, decoders in asked:
        known_faults = (*((name, "F2") for name in decoders), ("litellm", "U1"), ("litellm", "R1"))
        dialects = () if target in ("messages", "headers", "records") else ("tgi-sse",)
        runs, _, _ = fuzzed(folder, target, Options(decoders, dialects, known=known_faults), seconds=PACED, seeded=True)
        yield target, ", ".join(decoders) or "our readers", f"{runs / PACED:,.0f}", f"{nothing * PACED / runs:,.0f}"


def _empty() -> float:
    line = [sys.executable, "-c", EMPTY.format(seconds=5)]
    output = subprocess.run(line, capture_output=True, text=True, check=True).stderr
    done = next(line for line in output.splitlines() if line.startswith("Done "))
    return int(done.split()[1]) / 5


# How far


def reached(folder: Path) -> Iterator[Sequence[str]]:
    """Lines of decoders that a minute's inputs run through."""
    for decoder, module in (("botocore", "botocore.eventstream"), ("litellm", "litellm.llms.sagemaker.common_utils")):
        for repair in (True, False):
            options = Options((decoder,), repair=repair, known=((decoder, "F2"),))
            runs, _, made = fuzzed(folder, "messages", options, seconds=SECONDS)
            lines, of = covered(decoder, module, made / "inputs")
            how = "checksums kept right" if repair else "any bytes"
            yield module, how, f"{runs:,}", f"{lines} of {of}", f"{lines / of:.0%}"


def covered(decoder: str, module: str, inputs: Path) -> tuple[int, int]:
    """Lines in functions of a module that the inputs run through, and how many there are."""
    from sliceproof.conformance.decoders.loading import load as loaded

    target, name = loaded(decoder), import_module(module).__file__
    seen: set[int] = set()

    def trace(frame, event, argument):  # type: ignore[no-untyped-def]
        if frame.f_code.co_filename != name:
            return None
        seen.add(frame.f_lineno)
        return trace

    sys.settrace(trace)
    try:
        for file in inputs.iterdir():
            for mode in target.modes.values():
                read(target, mode, (file.read_bytes(),))
    finally:
        sys.settrace(None)
    lines = {line for function in functions(import_module(module)) for line in _lines(function.__code__)}
    return len(seen & lines), len(lines)


def _lines(code: CodeType) -> Iterator[int]:
    yield from (line for _, _, line in code.co_lines() if line and line != code.co_firstlineno)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _lines(inner)


# How soon


def soon(folder: Path) -> Iterator[Sequence[str]]:
    """Each fault: from nothing with several seeds, and again from the seeds that its case makes."""
    for fault in FAULTS:
        firsts, cases = [], Path(tempfile.mkdtemp(dir=folder))
        for seed in SEEDS:
            _, found, made = fuzzed(folder, fault.target, _options(fault), runs=30_000, seed=seed)
            first = next((find for find in found if find.key == fault.key), None)
            firsts += [first] if first else []
            if first:
                save(load(made / "found" / f"{first.case}.json"), cases)
        again = _again(folder, fault, cases)
        name = fault.decoder.rpartition("/")[2]
        yield fault.name, fault.target, name, f"{len(firsts)} of {len(SEEDS)}", *_spread(firsts), again


def _options(fault: Fault) -> Options:
    return Options((fault.decoder,), ("tgi-sse",) if fault.target == "streams" else ())


def _again(folder: Path, fault: Fault, cases: Path) -> str:
    _, found, _ = fuzzed(folder, fault.target, _options(fault), runs=1, seeded=True, cases=[str(cases)])
    first = next((find for find in found if find.key == fault.key), None)
    return f"{first.runs:,}, {first.seconds:.1f} s" if first else "—"


def _spread(firsts: Sequence[Find]) -> tuple[str, str]:
    if not firsts:
        return "—", "—"
    return f"{median(first.runs for first in firsts):,.0f}", f"{median(first.seconds for first in firsts):.1f} s"


# The page

_HEAD = """# Fuzzing, in figures

Written by `tox -e fuzz-figures`. [fuzzing.md](fuzzing.md) says how to use it."""
_PACES = f"""## Executions a second

On one core, {PACED} s each, from the seeds; beside them an atheris target that does nothing, in the same run. Each
execution of `messages` and `headers` reads a wire in every mode of the decoder and with our own codec; one of `streams`
composes a stream and decodes it in every mode, in tgi-sse."""
_REACHED = f"""## What {SECONDS} s of wires reach

`fuzz messages` from nothing, with the mutator that keeps lengths and checksums right, and with `--no-repair`. Lines in
functions of the module that the inputs gathered run through when they are tried again. LiteLLM's module holds more than
its decoder."""
_SOON = f"""## Faults found

From nothing (`--no-seeds`), 30,000 executions at most with each of {len(SEEDS)} seeds: in how many it was found, the
median of executions and of seconds. Then from the seeds, with the case of what was found among them: executions and
seconds."""


def main() -> None:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        blocks = (
            _HEAD,
            "\n".join(facts(("atheris", "hypothesis", "botocore", "litellm"))),
            _PACES,
            table(("target", "decoder", "a second", "times slower than nothing"), paces(folder)),
            _REACHED,
            table(("module", "inputs", "executions", "lines", "share"), reached(folder)),
            _SOON,
            table(("fault", "target", "decoder", "found", "executions", "after", "from the seeds"), soon(folder)),
        )
    (DOCS / "fuzzing-figures.md").write_text("\n\n".join(blocks) + "\n", "utf-8")
    print("docs/fuzzing-figures.md is written")


if __name__ == "__main__":
    main()
