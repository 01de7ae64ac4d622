"""One call of `sliceproof fuzz`: from its options to processes, and from what they found to what is shown."""

import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import click

from sliceproof.conformance.engine.attribution import rooted
from sliceproof.conformance.engine.baseline.reading import read as read_baseline
from sliceproof.conformance.engine.case_files import cases_to_replay
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.seeds import written
from sliceproof.conformance.engine.wording import short
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, load, save
from sliceproof.fuzz.running import UNFINISHED, Campaign, Ended, Find, finds, run
from sliceproof.fuzz.target import FaultOfOursError, Options, Target, result
from sliceproof.fuzz.targets import TARGETS
from sliceproof.fuzz.triage import Hunt
from sliceproof.wire.dialects import dialect

NOTHING, BROKEN, COULD_NOT_FUZZ = 0, 1, 2
SECONDS = 60.0
EXCEPTION = 77  # libFuzzer's exit code for one that was raised

Progress = Callable[[Callable[[Callable[[int, int], None]], Any]], Any]


class Session:
    """What was asked for; `run` does it and gives the exit code."""

    def __init__(self, name: str, decoders: tuple[str, ...], options: Mapping[str, Any]) -> None:
        if name not in TARGETS:
            text = "; ".join(f"{each}: {target.about}" for each, target in TARGETS.items())
            raise click.UsageError(f"there is no target {name!r}; there are {text}")
        self.name, self.given, self.terminal = name, options, Terminal()
        dialects = tuple(dialect(id_).id for id_ in options["dialects"])
        chosen = (options["accepts"], options["yields"], options["hypothesis"], not options["no_repair"])
        self.options, self.here = Options(decoders, dialects, *chosen), Path.cwd()
        self.target: Target = TARGETS[name].made(self.options)
        os.chdir(self.here)  # in case that loading a decoder left it
        self.options = Options(decoders, dialects, *chosen, self._known())

    def _known(self) -> tuple[tuple[str, str], ...]:
        """What the baseline says of the decoders."""
        if not self.given["baseline"]:
            return ()
        baseline = read_baseline(Path(self.given["baseline"]), missing=False, filed=())
        return tuple(
            dict.fromkeys(
                (decoder.name, entry.requirement)
                for decoder in self.target.decoders
                for entry in baseline.applying(decoder)
            )
        )

    def run(self, progress: Progress) -> int:
        """Fuzz, show and keep what was found."""
        with ExitStack() as stack:
            made = Path(stack.enter_context(TemporaryDirectory(prefix="sliceproof-")))
            found = made / "found"
            found.mkdir()
            if self.given["save_to"]:
                self._folder(self.given["save_to"])
            self._heading()
            begun = monotonic()
            ended = [] if self.given["crashes"] else progress(lambda report: run(self._campaign(made, found), report))
            code = self._crashes(found) if self.given["crashes"] else NOTHING
            code = max(code, self._shown(finds(found), found))
            code = max(code, self._summed(ended, monotonic() - begun))
            if any(process.stopped for process in ended):
                raise KeyboardInterrupt
            return code

    def _heading(self) -> None:
        text = ", ".join(f"{decoder.name} {decoder.version()}".strip() for decoder in self.target.decoders)
        self.terminal.line(f"fuzz {self.name}: {text or 'our own readers'}", "bold")
        self.terminal.line()

    def _campaign(self, made: Path, found: Path) -> Campaign:
        if importlib.util.find_spec("atheris") is None:
            raise click.UsageError("fuzzing needs atheris; pip install 'sliceproof[fuzz]'")
        given = self.given
        inputs = self._folder(given["inputs"] or made / "inputs")
        seeds = made / "seeds"
        cases = [] if given["no_seeds"] else cases_to_replay(given["folders"])
        written(cases, seeds)
        if cases:
            for seed in (seeds / self.name).iterdir():
                (inputs / seed.name).write_bytes(seed.read_bytes())
        seconds = given["seconds"] or (None if given["runs"] else SECONDS)
        dictionary = None if given["no_seeds"] else seeds / f"{self.name}.dict"
        return Campaign(
            self.name, self.options, inputs, found, seconds, given["runs"], given["workers"], given["seed"], dictionary
        )

    def _crashes(self, found: Path) -> int:
        """Try inputs here, without a fuzzer; what to exit with if they show sliceproof itself to be wrong."""
        code = NOTHING
        for name in self.given["crashes"]:
            try:
                data = (self.here / name).read_bytes()
                Hunt(self.target, found, self.options.known)(data)
            except OSError as error:
                raise click.UsageError(f"{name} cannot be read: {error.strerror}") from error
            except FaultOfOursError as error:
                self.terminal.line(f"error {_why(EXCEPTION, 'FaultOfOursError')}: {str(error)[:500]}", "bold magenta")
                code = COULD_NOT_FUZZ
        return code

    def _shown(self, found: Sequence[Find], folder: Path) -> int:
        """Show each finding with what follows from it, and keep it if that was asked for; what to exit with."""
        results, code = [], NOTHING
        for find in found:
            if find.unsettled:
                self._unsettled(find, folder / find.unsettled)
                code = max(code, BROKEN)
                continue
            case = load(folder / f"{find.case}.json")
            result = self._judged(find, case)
            if result is None:
                code = COULD_NOT_FUZZ
                continue
            results.append((find, result))
            code = max(code, BROKEN if result.verdict == "fail" else NOTHING)
            if self.given["save_to"]:
                save(case, self.here / self.given["save_to"])
        self._report(results)
        return code

    def _judged(self, find: Find, case: Case) -> Result | None:
        """The case again, as `check` would judge it here; None, and a word, if it does not break the decoder now."""
        decoder = next(each for each in self.target.decoders if each.name == find.decoder)
        requirement = REQUIREMENTS[case.requirement]
        broken = requirement.check(decoder, case.stream)
        if broken is None:
            self.terminal.line(
                f"error {requirement.id}: {case.name} broke {_when(find)}, and does not now", "bold magenta"
            )
            return None
        return result(decoder, requirement, broken)

    def _report(self, results: Sequence[tuple[Find, Result]]) -> None:
        for name in dict.fromkeys(find.decoder for find, _ in results):
            mine = [pair for pair in results if pair[0].decoder == name]
            laid = list(rooted([judged for _, judged in mine]))
            for (find, _), judged in zip(mine, laid, strict=True):
                assert judged.finding is not None  # as it was given a breach
                if not judged.finding.follows:
                    id_ = judged.requirement.id
                    followers = [each for each in laid if each.finding and each.finding.follows == id_]
                    self._root(find, judged.finding, judged.verdict, followers)

    def _root(self, find: Find, finding: Finding, verdict: str, follow: Sequence[Result]) -> None:
        shown, requirement = "FAIL" if verdict == "fail" else "warn", finding.requirement
        self.terminal.line(f"{shown}  {requirement.id}  {requirement.title} ({_when(find)})", "bold red")
        self.terminal.finding(finding)
        for follower in follow:
            if follower.finding:
                text = f"{follower.requirement.id} {follower.requirement.title}: {short(repr(follower.finding.stream))}"
                self.terminal.fields([("so also", text, "")])
        if self.given["save_to"]:
            self.terminal.fields([("saved", str(Path(self.given["save_to"], f"{find.case}.json")), "")])
        self.terminal.line()

    def _unsettled(self, find: Find, data: Path) -> None:
        what = "fails now and then" if self.name == "streams" else "reads a wire otherwise than the format says"
        self.terminal.line(f"FAIL  {what} ({_when(find)})", "bold red")
        self.terminal.fields([("bytes", find.key, "")])
        self._keep(data)
        self.terminal.line()

    def _summed(self, ended: Sequence[Ended], seconds: float) -> int:
        """One line to sum up; what ended otherwise than it should is shown and kept."""
        failed = [process for process in ended if process.code and not process.stopped]
        for process in failed:
            self._failed(process)
        if ended:
            runs, edges = sum(process.runs for process in ended), max(process.edges for process in ended)
            a_second = runs / seconds if seconds else 0
            workers = f" by {len(ended)} workers" if len(ended) > 1 else ""
            text = f"{runs:,} executions{workers} in {seconds:.0f} s ({a_second:,.0f} a second)"
            self.terminal.line(f"{text}, {edges:,} edges covered")
        return COULD_NOT_FUZZ if failed else NOTHING

    def _failed(self, ended: Ended) -> None:
        """A worker that libFuzzer stopped: what it said last, and its input in the current folder."""
        lines = [line for line in ended.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        reason = next((line for line in lines if "Error:" in line or "ERROR:" in line), lines[-1] if lines else "")
        self.terminal.line(f"error {_why(ended.code, reason)}: {reason[:500]}", "bold magenta")
        for artifact in ended.artifacts:
            self._keep(artifact)

    def _keep(self, file: Path) -> None:
        """Keep an input in the current folder, and say how to try it again."""
        text = f"kept as {file.name}; --crash {file.name} tries it again"
        try:
            (self.here / file.name).write_bytes(file.read_bytes())
        except OSError as error:
            text = f"{file.name} cannot be kept here: {error.strerror}; run in a folder that can be written"
        self.terminal.fields([("input", text, "")])

    def _folder(self, path: str | Path) -> Path:
        """A folder that can be written, made if there is none; found before the fuzzing, not after it."""
        folder, trouble = self.here / path, ""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            trouble = f"made: {error.strerror}"
        else:
            trouble = "" if os.access(folder, os.W_OK | os.X_OK) else "written: Permission denied"
        if trouble:
            raise click.UsageError(f"{path} cannot be {trouble}; give a folder that can")
        return folder


def _when(find: Find) -> str:
    return f"{find.decoder}, after {find.runs:,} executions and {find.seconds:.1f} s"


def _why(code: int, text: str) -> str:
    if code == EXCEPTION:
        return "a fault of sliceproof's own" if "FaultOfOursError" in text else "cannot be fuzzed"
    meanings = {70: "one input took too long", 71: "out of memory", UNFINISHED: "the decoder ended its process"}
    return meanings.get(code, f"a worker ended with {code}")
