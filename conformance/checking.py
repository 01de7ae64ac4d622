"""What `sliceproof check` does: loads decoders, judges them, shows, saves and writes what came of it.

`checked` gives what to exit with. Without a database, a worker or seeds, all is judged in one go (`runner.run`);
with any of them, a worker's share of a campaign is.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from sliceproof.conformance.campaign.asked import asked, campaign
from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.exits import BROKEN, CONFORMS, COULD_NOT_JUDGE
from sliceproof.conformance.filing import cases_to_replay, file_findings
from sliceproof.conformance.report import report
from sliceproof.conformance.requirements import requirements
from sliceproof.conformance.runner import PROFILES, Judging, Plan, Result, dialects_read, run
from sliceproof.conformance.target import load
from sliceproof.conformance.terminal import Terminal
from sliceproof.corpus import Case
from sliceproof.wire.dialects import dialect

if TYPE_CHECKING:
    from sliceproof.conformance.baseline.expected import Expectation
    from sliceproof.conformance.campaign.working import Campaign


def checked(targets: Sequence[str], options: Mapping[str, Any]) -> int:
    """Judge the targets as the options say."""
    chosen = [one for one in requirements(options["ids"]) if options["level"] in (None, one.level)]
    if not chosen:
        raise click.UsageError(f"no requirement asked for has level {options['level']}; leave --level out")
    known = tuple(dict.fromkeys(dialect(id_).id for id_ in options["dialects"]))
    filed = cases_to_replay(options["folders"])
    plan = Plan(chosen, PROFILES[options["profile"]], options["seed"], options["examples"], options["seconds"], filed)
    decoders = [
        load(target, accepts=options["accepts"], yields=options["yields"], dialects=known or None) for target in targets
    ]
    expected = _expectation(options, decoders, filed)
    part = campaign(options) if asked(options) else None
    if part is not None and part.shared is not None:
        plan = plan._replace(database=part.shared.database)
    quiet = options["json_file"] == "-"
    checking = _Checking(plan, known, expected, part, quiet)
    results = [result for decoder in decoders for result in checking.judged(decoder)]
    if options["save_to"]:
        click.echo(file_findings(results, options["save_to"]), err=quiet)
    if options["json_file"]:
        _write_json(options["json_file"], report(results, plan, part.told(plan) if part else None))
    return _code(results, expected, quiet, filed)


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
        click.echo(f"{name}: {changes}", err=quiet)
    elif any(map(differs, results)):
        return BROKEN
    return COULD_NOT_JUDGE if "error" in verdicts else CONFORMS


@dataclass
class _Checking:
    """How decoders are judged, and shown unless *quiet*; *known* are the dialects asked for."""

    plan: Plan
    known: tuple[str, ...]
    expected: "Expectation | None"
    campaign: "Campaign | None"
    quiet: bool
    terminal: Terminal = field(default_factory=Terminal)

    def judged(self, decoder: Decoder) -> list[Result]:
        """All results of one decoder, shown as they should be; exit 2 if there is nothing to show."""
        begun = monotonic()
        dialects = self.known or decoder.dialects or self._found_dialects(decoder)
        judging = Judging(decoder, self.plan, [load(name) for name in decoder.builds_on], self.expected)
        if not self.quiet:
            self.terminal.heading(decoder.name, decoder.version(), dialects, self.plan)
        results, idle = self._results(judging, dialects)
        if all(result.verdict in ("n/a", "error") for result in results) and not idle:
            reason = results[0].reason if results else "no dialect"
            raise click.UsageError(f"nothing of {decoder.name} was judged: {reason}")
        if not self.quiet and (not idle or any(result.finding for result in results)):
            self.terminal.results(results, monotonic() - begun)
            self.terminal.line()
        return results

    def _results(self, judging: Judging, dialects: Sequence[str]) -> tuple[list[Result], bool]:
        """All results, and whether that is a worker's for whom there was nothing to judge."""
        if self.campaign is None:
            results = self.terminal.watched(run(judging.decoder, self.plan, dialects, judging.bases, self.expected))
            return [*results, *self._strays(judging, dialects)], False
        work = self.campaign.work(judging, dialects)
        if not self.quiet:
            self.terminal.line(self.campaign.line(work))
            self.terminal.line()
        results = list(work.summed(self.terminal.watched(work.results()), dialects))
        if self.campaign.worker.index == 0:
            results += self._strays(judging, dialects)
        return results, bool(work.every) and not work.mine

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
            told = f"{decoder.name} reads {', '.join(read) or 'no dialect'}"
            more = "of the others it does not give back a plain stream (--dialect D shows why)"
            self.terminal.line(f"{told}; {more}", "dim")
        if not read and not self.quiet:
            self.terminal.line(f"it is judged in tgi-sse, where it {others['tgi-sse']}", "dim")
        return tuple(read) or ("tgi-sse",)


def _write_json(name: str, told: Any) -> None:
    text = json.dumps(told, indent=1, ensure_ascii=True)
    if name == "-":
        click.echo(text)
        return
    try:
        Path(name).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write {name}: {error.strerror}; give a path that can be written") from error
