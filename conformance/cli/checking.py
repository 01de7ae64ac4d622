"""What `sliceproof check` does: loads decoders, judges them, shows, saves and writes what came of it.

`checked` gives what to exit with. What is asked are the tasks of the plan, or a worker's share of them; who evaluates
them, this process or others, makes no difference to what is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, chdir, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from sliceproof.conformance.cli.options import CheckOptions, campaign
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.attribution import rooted
from sliceproof.conformance.engine.case_files import cases_to_replay, file_findings
from sliceproof.conformance.engine.claim import Claim, claimed
from sliceproof.conformance.engine.dialects import as_said_apart, dialects_read
from sliceproof.conformance.engine.dispatch import Dispatch
from sliceproof.conformance.engine.evaluation import Judging, plain_finding
from sliceproof.conformance.engine.exit_codes import BROKEN, CONFORMS, COULD_NOT_JUDGE, code_of, fails, interruptible
from sliceproof.conformance.engine.frozen import asked_in
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.loader import Loaded
from sliceproof.conformance.engine.plan import Plan, Task, by_dialect
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.workers import Remote, Workers
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.outlet import apart, error_text, folder_to_write, out, shown
from sliceproof.conformance.reporting.outputs import Outputs, Place
from sliceproof.conformance.reporting.place import place
from sliceproof.conformance.reporting.report import report
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.corpus import Case
from sliceproof.profiles import frozen_set
from sliceproof.wire.dialects import Dialect
from sliceproof.wire.errors import SliceproofError

if TYPE_CHECKING:
    from sliceproof.conformance.engine.baseline.expected import Expectation
    from sliceproof.conformance.engine.campaign.worker import Campaign


def checked(targets: Sequence[str], options: CheckOptions, journal: Journal) -> int:
    """Judge the targets as the options say; whatever ends it early, what was found is shown, saved and written."""
    outputs = options.outputs
    quiet, folder = outputs.on_stdout, Path.cwd()
    saving = folder_to_write(options.save_to) if options.save_to else None
    plan, dialects = options.judging.plan(cases_to_replay(options.folders)), options.judging.dialects
    filed = plan.cases
    journal.head(report((), plan))
    with apart(journal.tells), ExitStack() as ending:
        # elsewhere they are loaded first, as a process that is begun meanwhile would begin in that folder
        before = _decoders(targets, options) if options.root != "." else []
        workers = _workers(targets, options, journal)
        if workers is not None:
            ending.callback(workers.close)
        decoders = before or _decoders(targets, options)
        expected = _expectation(options, decoders, filed)
        part = campaign(options, _tell) if options.campaign else None
        if part is not None and part.shared is not None:
            plan = plan._replace(database=part.shared.database)
            if workers is not None:
                workers.listener.shared, workers.listener.tell = part.shared, _tell
        checking = _Checking(plan, dialects, expected, part, outputs, quiet, journal, options.verbose, workers)
        checking.origin = options.origin
        checking.places = {decoder.name: place(decoder, folder) for decoder in decoders} if outputs.sarif else {}
        with interruptible():
            stopped = checking.all(decoders)
        results, problems = checking.results, checking.problems
        if saving is not None:
            problems += _saved(results, saving, options.save_to or "", quiet)
        if outputs and (results or not problems):
            claims = [] if stopped else checking.claims
            whole = report(results, plan, part.figures(plan) if part else None, checking.row, claims)
            whole |= {"incomplete": stopped or problems[0]} if stopped or problems else {}
            problems += outputs.write(whole, updated=expected is not None and expected.updating and not stopped)
        code = _code(results, expected if not stopped else None, quiet, filed)
        for problem in dict.fromkeys(problems):
            click.echo(f"sliceproof: {problem}", err=True)
    if stopped:
        click.echo(f"sliceproof: interrupted ({stopped}); what was found until then is shown above", err=True)
        return checking.code
    return COULD_NOT_JUDGE if problems and code == CONFORMS else code


def _workers(targets: Sequence[str], options: CheckOptions, journal: Journal) -> Workers | None:
    """The processes that judge, if it is not to be done in this one; they load the decoders while this one does."""
    if not options.jobs:
        return None
    of_python = not any(target.startswith(("exec:", "run:")) for target in targets)  # others have their own processes
    return Workers(options.jobs, partial(prepared, targets, options), journal, of_python)


def prepared(targets: Sequence[str], options: CheckOptions, journal: Journal) -> Loaded:
    """How each of the decoders is judged, in a process that has just loaded them."""

    def lost(line: str) -> None:
        journal.says(lost=(shared.lost if shared else "", line))

    plan = options.judging.plan(cases_to_replay(options.folders))
    shared = campaign(options, lost).shared if options.campaign else None
    if shared is not None:
        plan = plan._replace(database=shared.database)
    decoders = _decoders(targets, options)
    expected = _expectation(options, decoders, plan.cases)
    return Loaded([_judging(decoder, plan, expected, journal) for decoder in decoders], shared)


def _decoders(targets: Sequence[str], options: CheckOptions) -> list[Decoder]:
    """The decoders, loaded from the folder that their names are relative to."""
    with chdir(options.root):
        return [options.judging.decoder(target) for target in targets]


def _judging(decoder: Decoder, plan: Plan, expected: "Expectation | None", journal: Journal) -> Judging:
    """How a decoder is judged, its streams and those of what it builds on counted."""
    bases = [journal.counted(load(name)) for name in decoder.builds_on]
    return Judging(journal.counted(decoder), plan.fit(decoder), bases, expected, journal.asks)


def _tell(line: str) -> None:
    click.echo(f"sliceproof: {line}", err=True)


def _saved(results: Sequence[Result], folder: Path, name: str, quiet: bool) -> list[str]:
    """Save the findings; what went wrong."""
    saved, problems = file_findings(results, str(folder), name)
    with suppress(OSError):
        click.echo(shown(saved), err=quiet, file=None if quiet else out())
    return problems


def _expectation(options: CheckOptions, decoders: Sequence[Decoder], filed: Sequence[Case]) -> "Expectation | None":
    """What the baseline expects, if there is one."""
    if not options.baseline:
        if options.update_baseline:
            raise click.UsageError("--update-baseline needs --baseline FILE, the file to write")
        return None
    from sliceproof.conformance.engine.baseline.expected import Expectation
    from sliceproof.conformance.engine.baseline.reading import read

    baseline = read(Path(options.baseline), missing=options.update_baseline, filed=filed)
    baseline.misspelt([decoder.name for decoder in decoders])
    return Expectation(baseline, options.update_baseline)


def _code(results: Sequence[Result], expected: "Expectation | None", quiet: bool, filed: Sequence[Case]) -> int:
    """What to exit with; a baseline that is to be updated is, before that."""
    if expected is not None and expected.updating:
        from sliceproof.conformance.engine.baseline.expected import observed
        from sliceproof.conformance.engine.baseline.writing import update

        name = expected.baseline.name
        seen = [observed(each, expected.baseline) for each in results if each.verdict != "error"]
        changes = update(Path(name), seen, filed)
        click.echo(f"{name}: {changes}", err=quiet, file=None if quiet else out())
    elif any(fails(result.verdict, result.standing) for result in results):
        return BROKEN
    return COULD_NOT_JUDGE if any(result.verdict == "error" for result in results) else CONFORMS


@dataclass
class _Checking:
    """How decoders are judged, and shown unless *quiet*; *known* are the dialects asked for.

    `results` are those of all decoders, `problems` what kept others from being judged.
    """

    plan: Plan
    known: tuple[str, ...]
    expected: "Expectation | None"
    campaign: "Campaign | None"
    outputs: Outputs
    quiet: bool
    journal: Journal
    verbose: bool = False
    workers: Workers | None = None
    origin: str = ""
    places: Mapping[str, Place] = field(default_factory=dict)
    terminal: Terminal = field(default_factory=Terminal)
    results: list[Result] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    code: int = COULD_NOT_JUDGE

    def all(self, decoders: Sequence[Decoder]) -> str:
        """Judge them all, and the next even if one cannot be; the signal that stopped it, or ""."""
        try:
            for number, decoder in enumerate(decoders):
                try:
                    self.judged(decoder, number)
                except click.ClickException as error:
                    self.problems.append(shown(error.format_message()))
                except SliceproofError as error:
                    self.problems.append(error_text(error))
        except KeyboardInterrupt as stop:
            self.code = code_of(stop)
            return error_text(stop) or "SIGINT"
        return ""

    def row(self, result: Result) -> dict[str, Any]:
        """A result as a row of the report."""
        return self.outputs.row(result, self.places.get(result.decoder.name))

    def judged(self, decoder: Decoder, number: int) -> None:
        """Judge the decoder of that number, and show its results; UsageError if there is nothing to show."""
        begun, results = monotonic(), list[Result]()
        idle = whole = False
        try:
            dialects = self._dialects(decoder)
            judging = _judging(decoder, self.plan, self.expected, self.journal)
            self._say(lambda: self.terminal.heading(decoder, dialects, judging.plan, self.origin))
            idle = self._judge(judging, dialects, results, number)
            whole = True
        finally:
            self.results += results
            shown_of = [each for each in results if each.verdict != "n/a"] and (
                not idle or any(each.finding for each in results)
            )
            claim = claimed(self.plan.conformance, results, dialects) if self.plan.conformance and whole else None
            self.claims += [claim] if claim else []
            if shown_of:
                updating = self.expected is not None and self.expected.updating
                seconds, frozen = monotonic() - begun, self.plan.conformance
                self._say(lambda: self.terminal.results(results, seconds, whole, frozen, updating))
                if self.verbose:
                    self._say(lambda: self.terminal.inapplicable(results))
                if claim is not None:
                    self._say(lambda: self.terminal.claim(claim))
                self._say(self.terminal.line)
        if all(result.verdict in ("n/a", "error") for result in results) and not idle:
            reason = results[0].reason if results else "no dialect"
            raise click.UsageError(f"nothing of {decoder.name} was judged: {reason}")

    def _say(self, show: Callable[[], object]) -> None:
        """Show something; if stdout cannot be written, all that follows is judged, saved and written in silence."""
        if self.quiet:
            return
        try:
            show()
        except OSError as error:
            self.quiet = True
            self.problems.append(f"stdout cannot be written: {error.strerror}")

    def _judge(self, judging: Judging, dialects: Sequence[str], results: list[Result], number: int) -> bool:
        """Add all results to *results*, and say whether that is a worker's for whom there was nothing to judge."""
        remote = Remote(self.workers, judging, number) if self.workers is not None else None
        asking = Dispatch(judging.decoder, remote or judging)
        if self.campaign is None:
            tasks = list(judging.plan.tasks(judging.decoder, dialects))
            if remote is not None:
                remote.begin(tasks)
            for dialect, of_dialect in by_dialect(tasks):
                self._in_dialect(asking, dialect, of_dialect, results)
            results += self._strays(judging, dialects, asking)
            return False
        work = self.campaign.work(judging, dialects, asking, remote.begin if remote is not None else None)
        share = self.campaign.line(work)
        self._say(lambda: self.terminal.line(f"{share}\n"))
        came: list[Result] = []
        try:
            for result in self.terminal.watched(work.results(), self.journal):
                self.journal.row(self.row(result))
                came.append(result)
        finally:
            results += work.summed(came, dialects)
        if self.campaign.worker.index == 0:
            results += self._strays(judging, dialects, asking)
        return bool(work.every) and not work.mine

    def _in_dialect(self, asking: Dispatch, dialect: Dialect, tasks: Sequence[Task], results: list[Result]) -> None:
        came: list[Result] = []
        plainly, plain = False, None
        try:
            for result in self.terminal.watched(map(asking.evaluate, tasks), self.journal):
                self.journal.row(self.row(result))
                came.append(result)
            if any(result.finding for result in came):
                plainly = asking.fails_plainly(dialect)
                plain = plain_finding(asking, dialect, came) if plainly else None
        finally:
            results += rooted(came, plainly, plain)

    def _strays(self, judging: Judging, dialects: Sequence[str], asking: Dispatch) -> Iterator[Result]:
        """Known failures in dialects that are not judged though none was asked for."""
        if self.expected is None or self.known:
            return
        from sliceproof.conformance.engine.baseline.expected import strays

        for task in strays(self.expected.baseline, judging.decoder, dialects, self.plan.requirements):
            yield asking.evaluate(task)

    def _dialects(self, decoder: Decoder) -> tuple[str, ...]:
        """The dialects in which it is judged: those asked for, that it claims or is found to read; of a set's alone."""
        dialects = self.known or decoder.dialects
        if dialects:
            as_said_apart(decoder, dialects)
        dialects = dialects or self._found_dialects(decoder)
        return asked_in(frozen_set(self.plan.conformance), decoder, dialects) if self.plan.conformance else dialects

    def _found_dialects(self, decoder: Decoder) -> tuple[str, ...]:
        """The dialects that a decoder reads which claims none; the first for one that reads none at all."""
        read, others = dialects_read(decoder)
        if not self.quiet and read and others:
            more = f"it gives back no plain stream of {', '.join(others)} (--dialect D shows why)"
            self._say(lambda: self.terminal.line(f"{decoder.name} reads {', '.join(read)}; {more}", "dim"))
        if not self.quiet and not read:
            first = next(iter(others))
            more = f"it is judged in {first}, where it {others[first]}"
            self._say(lambda: self.terminal.line(f"{decoder.name} gives back no plain stream; {more}", "dim"))
        return tuple(read) or (next(iter(others)),)
