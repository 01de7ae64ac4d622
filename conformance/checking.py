"""What `sliceproof check` does: loads decoders, judges them, shows, saves and writes what came of it.

`checked` gives what to exit with. Without a database, a worker or seeds, all is judged in one go (`runner.run`);
with any of them, a worker's share of a campaign is.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from sliceproof.conformance.campaign.asked import asked, campaign
from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.exits import BROKEN, CONFORMS, COULD_NOT_JUDGE, code_of, interruptible
from sliceproof.conformance.filing import cases_to_replay, file_findings
from sliceproof.conformance.journal import Journal
from sliceproof.conformance.outlet import OutputError, apart, file_to_write, folder_to_write, out, shown, told, write
from sliceproof.conformance.report import report, row
from sliceproof.conformance.requirement import Requirement
from sliceproof.conformance.requirements import requirements
from sliceproof.conformance.runner import PROFILES, Judging, Plan, Result, dialects_read, rooted
from sliceproof.conformance.target import load
from sliceproof.conformance.terminal import Terminal
from sliceproof.corpus import Case
from sliceproof.wire.dialects import DIALECTS, Dialect, dialect
from sliceproof.wire.errors import SliceproofError

if TYPE_CHECKING:
    from sliceproof.conformance.baseline.expected import Expectation
    from sliceproof.conformance.campaign.working import Campaign


def checked(targets: Sequence[str], options: Mapping[str, Any], journal: Journal) -> int:
    """Judge the targets as the options say; whatever ends it early, what was found is shown, saved and written."""
    chosen = [one for one in requirements(options["ids"]) if options["level"] in (None, one.level)]
    if not chosen:
        raise click.UsageError(f"no requirement asked for has level {options['level']}; leave --level out")
    quiet = options["json_file"] == "-"
    saving = folder_to_write(options["save_to"]) if options["save_to"] else None
    writing = file_to_write(options["json_file"]) if options["json_file"] and not quiet else None
    known = tuple(dict.fromkeys(dialect(id_).id for id_ in options["dialects"]))
    filed = cases_to_replay(options["folders"])
    plan = Plan(chosen, PROFILES[options["profile"]], options["seed"], options["examples"], options["seconds"], filed)
    journal.head(report((), plan))
    with apart(journal.tells):
        decoders = [
            load(target, accepts=options["accepts"], yields=options["yields"], dialects=known or None)
            for target in targets
        ]
        expected = _expectation(options, decoders, filed)
        part = campaign(options) if asked(options) else None
        if part is not None and part.shared is not None:
            plan = plan._replace(database=part.shared.database)
        checking = _Checking(plan, known, expected, part, quiet, journal, options["verbose"])
        with interruptible():
            stopped = checking.all(decoders)
        results, problems = checking.results, checking.problems
        if saving is not None:
            problems += _saved(results, saving, options["save_to"], quiet)
        if (writing or quiet) and (results or not problems):
            whole = report(results, plan, part.told(plan) if part else None)
            problems += _written(
                writing, whole | ({"incomplete": stopped or problems[0]} if stopped or problems else {})
            )
        code = _code(results, expected if not stopped else None, quiet, filed)
        for problem in dict.fromkeys(problems):
            click.echo(f"sliceproof: {problem}", err=True)
    if stopped:
        click.echo(f"sliceproof: interrupted ({stopped}); what was found until then is shown above", err=True)
        return checking.code
    return COULD_NOT_JUDGE if problems and code == CONFORMS else code


def _saved(results: Sequence[Result], folder: Path, name: str, quiet: bool) -> list[str]:
    """Save the findings; what went wrong."""
    told, problems = file_findings(results, str(folder), name)
    with suppress(OSError):
        click.echo(shown(told), err=quiet, file=None if quiet else out())
    return problems


def _written(path: Path | None, told: Mapping[str, Any]) -> list[str]:
    """Write the report, to stdout if there is no path; what went wrong."""
    text = json.dumps(told, indent=1, ensure_ascii=True) + "\n"
    try:
        if path is not None:
            write(path, text)
        else:
            out().write(text)
            out().flush()
    except OutputError as error:
        return [str(error)]
    except OSError as error:
        return [f"stdout cannot be written: {error.strerror}"]
    return []


def _expectation(
    options: Mapping[str, Any], decoders: Sequence[Decoder], filed: Sequence[Case]
) -> "Expectation | None":
    """What the baseline expects, if there is one."""
    if not options["baseline"]:
        if options["update_baseline"]:
            raise click.UsageError("--update-baseline needs --baseline FILE, the file to write")
        return None
    from sliceproof.conformance.baseline.expected import Expectation
    from sliceproof.conformance.baseline.reading import read

    baseline = read(Path(options["baseline"]), missing=options["update_baseline"], filed=filed)
    baseline.misspelt([decoder.name for decoder in decoders])
    return Expectation(baseline, options["update_baseline"])


def _code(results: Sequence[Result], expected: "Expectation | None", quiet: bool, filed: Sequence[Case]) -> int:
    """What to exit with; a baseline that is to be updated is, before that."""
    verdicts = {result.verdict for result in results}
    if expected is None:
        return BROKEN if "fail" in verdicts else COULD_NOT_JUDGE if "error" in verdicts else CONFORMS
    from sliceproof.conformance.baseline.expected import differs, observed
    from sliceproof.conformance.baseline.writing import update

    name = expected.baseline.name
    if expected.updating:
        seen = [observed(one, expected.baseline) for one in results if one.verdict != "error"]
        changes = update(Path(name), seen, filed)
        click.echo(f"{name}: {changes}", err=quiet, file=None if quiet else out())
    elif any(map(differs, results)):
        return BROKEN
    return COULD_NOT_JUDGE if "error" in verdicts else CONFORMS


@dataclass
class _Checking:
    """How decoders are judged, and shown unless *quiet*; *known* are the dialects asked for.

    `results` are those of all decoders, `problems` what kept others from being judged.
    """

    plan: Plan
    known: tuple[str, ...]
    expected: "Expectation | None"
    campaign: "Campaign | None"
    quiet: bool
    journal: Journal
    verbose: bool = False
    terminal: Terminal = field(default_factory=Terminal)
    results: list[Result] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    code: int = COULD_NOT_JUDGE

    def all(self, decoders: Sequence[Decoder]) -> str:
        """Judge them all, and the next even if one cannot be; the signal that stopped it, or ""."""
        try:
            for decoder in decoders:
                try:
                    self.judged(self.journal.counted(decoder))
                except click.ClickException as error:
                    self.problems.append(shown(error.format_message()))
                except SliceproofError as error:
                    self.problems.append(told(error))
        except KeyboardInterrupt as stop:
            self.code = code_of(stop)
            return told(stop) or "SIGINT"
        return ""

    def judged(self, decoder: Decoder) -> None:
        """Judge one decoder, and show its results as they should be; UsageError if there is nothing to show."""
        begun, results = monotonic(), list[Result]()
        idle = False
        try:
            dialects = self.known or decoder.dialects or self._found_dialects(decoder)
            bases = [self.journal.counted(load(name)) for name in decoder.builds_on]
            judging = Judging(decoder, self.plan, bases, self.expected, self.journal.asks)
            self._say(lambda: self.terminal.heading(decoder.name, decoder.version(), dialects, self.plan))
            idle = self._judge(judging, dialects, results)
        finally:
            self.results += results
            told_of = [one for one in results if one.verdict != "n/a"] and (
                not idle or any(one.finding for one in results)
            )
            if told_of:
                self._say(lambda: self.terminal.results(results, monotonic() - begun))
                if self.verbose:
                    self._say(lambda: self.terminal.inapplicable(results))
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

    def _judge(self, judging: Judging, dialects: Sequence[str], results: list[Result]) -> bool:
        """Add all results to *results*, and say whether that is a worker's for whom there was nothing to judge."""
        asking = Asking(judging)
        if self.campaign is None:
            for id_ in dialects:
                self._in_dialect(asking, id_, results)
            results += self._strays(judging, dialects)
            return False
        work = self.campaign.work(judging, dialects)
        share = self.campaign.line(work)
        self._say(lambda: self.terminal.line(f"{share}\n"))
        came: list[Result] = []
        try:
            for result in self.terminal.watched(work.results(), self.journal):
                self.journal.row(row(result))
                came.append(result)
        finally:
            results += work.summed(came, dialects)
        if self.campaign.worker.index == 0:
            results += self._strays(judging, dialects)
        return bool(work.every) and not work.mine

    def _in_dialect(self, asking: "Asking", id_: str, results: list[Result]) -> None:
        came: list[Result] = []
        plainly = False
        try:
            for result in self.terminal.watched(asking.results(id_), self.journal):
                self.journal.row(row(result))
                came.append(result)
            if any(result.finding for result in came):
                plainly = asking.hung or asking.judging.fails_plainly(DIALECTS[id_])
        finally:
            results += rooted(came, plainly)

    def _strays(self, judging: Judging, dialects: Sequence[str]) -> Iterator[Result]:
        """Known failures in dialects that are not judged though none was asked for."""
        if self.expected is None or self.known:
            return
        from sliceproof.conformance.baseline.expected import strays

        for requirement, known in strays(self.expected.baseline, judging.decoder, dialects, self.plan.requirements):
            yield judging.result(requirement, known)

    def _found_dialects(self, decoder: Decoder) -> tuple[str, ...]:
        """The dialects that a decoder reads which claims none; tgi-sse for one that reads none at all."""
        read, others = dialects_read(decoder)
        if not self.quiet and others:
            these = f"{decoder.name} reads {', '.join(read) or 'no dialect'}"
            more = "of the others it does not give back a plain stream (--dialect D shows why)"
            self._say(lambda: self.terminal.line(f"{these}; {more}", "dim"))
        if not read and not self.quiet:
            self._say(lambda: self.terminal.line(f"it is judged in tgi-sse, where it {others['tgi-sse']}", "dim"))
        return tuple(read) or ("tgi-sse",)


@dataclass
class Asking:
    """One decoder's requirements, asked in turn; none is asked after a hang without cause."""

    judging: Judging
    hung: bool = False

    def results(self, id_: str) -> Iterator[Result]:
        """All results of one dialect."""
        self.hung = False
        return self.judging.results(DIALECTS[id_], self._result)

    def _result(self, requirement: Requirement, known: Dialect) -> Result:
        decoder = self.judging.decoder
        if self.hung:
            return Result(
                decoder, known.id, requirement, "n/a", reason="it hung on a plain stream, and is asked no more"
            )
        try:
            result = self.judging.result(requirement, known)
        except (KeyboardInterrupt, SliceproofError, click.ClickException):
            raise
        except BaseException as error:  # also SystemExit: whatever it comes of, it is no verdict
            return Result(decoder, known.id, requirement, "error", reason=f"{type(error).__name__}: {told(error)}")
        finding = result.finding
        self.hung = finding is not None and finding.broken.outcome.ended == "hang" and finding.stream.fault is None
        return result
