"""The command line: `sliceproof check | replay | explain | list | export`.

Nothing heavy is imported before it is needed, so that `--help` is quick. Exit 0: conforms; 1: a MUST
is broken; 2: could not judge. An error is one line on stderr.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sliceproof import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sliceproof.conformance.baseline.expected import Expectation
    from sliceproof.conformance.decoder import Decoder
    from sliceproof.conformance.runner import Plan, Result
    from sliceproof.corpus import Case

CONFORMS, BROKEN, COULD_NOT_JUDGE = 0, 1, 2


def _seed(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """A number, or a new one for `random`."""
    if value == "random":
        return int.from_bytes(os.urandom(4))
    try:
        return int(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a number nor 'random'", ctx, param) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sliceproof", message="%(prog)s %(version)s")
def cli() -> None:
    """Prove that a decoder of SageMaker response streams loses nothing, wherever the bytes are cut.

    \b
    sliceproof check litellm
    sliceproof check myapp/streams.py:decode --dialect tgi-sse
    sliceproof list requirements
    """


@cli.command()
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option("--dialect", "dialects", multiple=True, metavar="D", help="Only this dialect; may be repeated.")
@click.option("--accepts", default="chunks", metavar="A", help="What your callable takes: chunks, events or parts.")
@click.option("--yields", default="text", metavar="Y", help="What it gives: text, lines or messages.")
@click.option("--requirement", "ids", multiple=True, metavar="ID", help="Only this requirement; may be repeated.")
@click.option("--level", type=click.Choice(["must", "should"]), help="Only requirements of this level.")
@click.option("--profile", default="ci", type=click.Choice(["ci", "dev", "deep"]), help="How far to search.")
@click.option("--examples", type=click.IntRange(1), metavar="N", help="Examples a search, instead of the profile's.")
@click.option("--seconds", type=click.FloatRange(0, min_open=True), metavar="S", help="At most this long a search.")
@click.option("--seed", default="0", callback=_seed, metavar="N|random", help="Another seed draws other streams.")
@click.option("--baseline", metavar="FILE", help="Known failures; only what differs from them counts.")
@click.option("--update-baseline", is_flag=True, help="Write what fails now into the baseline.")
@click.option("--corpus", "folders", multiple=True, metavar="DIR", help="Replay these cases too; may be repeated.")
@click.option("--save", "save_to", metavar="DIR", help="Save the stream of each finding as a case in this folder.")
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON too; - for stdout alone.")
def check(targets: tuple[str, ...], **options: Any) -> None:
    """Judge decoders: each TARGET is a registered name, module:name, path/to/file.py:name or exec:COMMAND."""
    from sliceproof.conformance.filing import cases_to_replay, file_findings
    from sliceproof.conformance.report import report
    from sliceproof.conformance.requirements import requirements
    from sliceproof.conformance.runner import PROFILES, Plan
    from sliceproof.wire.dialects import dialect

    chosen = [one for one in requirements(options["ids"]) if options["level"] in (None, one.level)]
    if not chosen:
        raise click.UsageError(f"no requirement asked for has level {options['level']}; leave --level out")
    known = tuple(dict.fromkeys(dialect(id_).id for id_ in options["dialects"]))
    filed = cases_to_replay(options["folders"])
    plan = Plan(chosen, PROFILES[options["profile"]], options["seed"], options["examples"], options["seconds"], filed)
    decoders = [_loaded(target, known, options) for target in targets]
    expected = _expectation(options, decoders, filed)
    quiet, results = options["json_file"] == "-", []
    for decoder in decoders:
        results += _judged(decoder, plan, known, quiet, expected)
    if options["save_to"]:
        click.echo(file_findings(results, options["save_to"]), err=quiet)
    if options["json_file"]:
        _write_json(options["json_file"], report(results, plan))
    raise SystemExit(_code(results, expected, quiet, filed))


def _expectation(options: Any, decoders: "list[Decoder]", filed: "Sequence[Case]") -> "Expectation | None":
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


def _code(results: "list[Result]", expected: "Expectation | None", quiet: bool, filed: "Sequence[Case]") -> int:
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


def _loaded(target: str, known: tuple[str, ...], options: Any) -> "Decoder":
    from sliceproof.conformance.target import load

    return load(target, accepts=options["accepts"], yields=options["yields"], dialects=known or None)


def _judged(
    decoder: "Decoder", plan: "Plan", known: tuple[str, ...], quiet: bool, expected: "Expectation | None"
) -> "list[Result]":
    """All results of one decoder, shown as they should be; exit 2 if there is nothing to show."""
    from time import monotonic

    from sliceproof.conformance.target import load
    from sliceproof.conformance.terminal import Terminal

    terminal, begun = Terminal(), monotonic()
    dialects = known or decoder.dialects or _found_dialects(decoder, terminal, quiet)
    bases = [load(name) for name in decoder.builds_on]
    if not quiet:
        terminal.heading(decoder.name, decoder.version(), dialects, plan)
    results = terminal.watched(_results(decoder, plan, dialects, bases, expected, bool(known)))
    if all(result.verdict in ("n/a", "error") for result in results):
        reason = results[0].reason if results else "no dialect"
        raise click.UsageError(f"nothing of {decoder.name} was judged: {reason}")
    if not quiet:
        terminal.results(results, monotonic() - begun)
        terminal.line()
    return results


def _results(
    decoder: "Decoder",
    plan: "Plan",
    dialects: "Sequence[str]",
    bases: "list[Decoder]",
    expected: "Expectation | None",
    chosen: bool,
) -> "Iterator[Result]":
    """All results, and those of known failures in dialects that are not judged though none was *chosen*."""
    from sliceproof.conformance.runner import Judging, run

    yield from run(decoder, plan, dialects, bases, expected)
    if expected is not None and not chosen:
        from sliceproof.conformance.baseline.expected import strays

        judging = Judging(decoder, plan, bases, expected)
        for requirement, known in strays(expected.baseline, decoder, dialects, plan.requirements):
            yield judging.result(requirement, known)


def _found_dialects(decoder: "Decoder", terminal: Any, quiet: bool) -> tuple[str, ...]:
    """The dialects that a decoder reads which claims none; tgi-sse for one that reads none at all."""
    from sliceproof.conformance.runner import dialects_read

    read, others = dialects_read(decoder)
    if not quiet and others:
        told = f"{decoder.name} reads {', '.join(read) or 'no dialect'}"
        terminal.line(f"{told}; of the others it does not give back a plain stream (--dialect D shows why)", "dim")
    if not read and not quiet:
        terminal.line(f"it is judged in tgi-sse, where it {others['tgi-sse']}", "dim")
    return tuple(read) or ("tgi-sse",)


def _write_json(name: str, told: Any) -> None:
    import json

    text = json.dumps(told, indent=1, ensure_ascii=True)
    if name == "-":
        click.echo(text)
        return
    try:
        Path(name).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write {name}: {error.strerror}; give a path that can be written") from error


@cli.command()
@click.argument("given", metavar="CASE... TARGET", nargs=-1, required=True)
@click.option("--requirement", "id_", metavar="ID", help="Judge by this requirement, not by the one it was found for.")
@click.option("--accepts", default="chunks", metavar="A", help="What your callable takes: chunks, events or parts.")
@click.option("--yields", default="text", metavar="Y", help="What it gives: text, lines or messages.")
def replay(given: tuple[str, ...], id_: str | None, accepts: str, yields: str) -> None:
    """Run a decoder on cases again.

    A CASE is a Stream(...) call, a report (--json) for all its findings, a case file, a folder of
    them, or the id of a shipped case.
    """
    if len(given) < 2:
        raise click.UsageError('replay takes a case and a target: sliceproof replay "Stream(...)" litellm')
    from sliceproof.conformance.replay import replayed
    from sliceproof.conformance.streamtext import cases
    from sliceproof.conformance.target import load
    from sliceproof.conformance.terminal import Terminal

    found = [case for one in given[:-1] for case in cases(one)]
    decoder = load(given[-1], accepts=accepts, yields=yields, dialects=None)
    raise SystemExit(BROKEN if replayed(found, decoder, id_, Terminal()) else CONFORMS)


@cli.command()
@click.argument("given", metavar="CASE")
def explain(given: str) -> None:
    """Show a case stage by stage: text, records, parts, messages, chunks; CASE is what `replay` takes."""
    from sliceproof.conformance.replay import explained
    from sliceproof.conformance.streamtext import cases
    from sliceproof.conformance.terminal import Terminal

    terminal = Terminal()
    for case in cases(given):
        explained(case, terminal)


@cli.command(name="list")
@click.argument("what", type=click.Choice(["decoders", "dialects", "requirements", "cases"]))
def list_(what: str) -> None:
    """List decoders, dialects, requirements or the shipped cases."""
    from sliceproof.conformance.lists import listed
    from sliceproof.conformance.terminal import Terminal

    listed(what, Terminal())


@cli.command()
@click.argument("folder", metavar="DIR")
@click.option("--corpus", "folders", multiple=True, metavar="DIR", help="Export these cases too; may be repeated.")
@click.option("--seeds", is_flag=True, help="Write inputs and dictionaries for fuzzers instead.")
def export(folder: str, folders: tuple[str, ...], seeds: bool) -> None:
    """Write the shipped cases as files for tests in another language: wire, chunks, what is expected."""
    from sliceproof.conformance.filing import cases_to_replay

    cases = cases_to_replay(folders)
    if seeds:
        from sliceproof.conformance.seeds import written

        told = ", ".join(f"{number} for {target}" for target, number in written(cases, folder).items())
        click.echo(f"wrote inputs to {folder}: {told}; and a dictionary beside each")
        return
    from sliceproof.corpus.vectors import export as write

    write(cases, folder)
    click.echo(f"wrote {len(cases)} vectors to {folder}; its README.md says how to use them")


def main() -> None:
    """The command; every foreseen error is one line on stderr and exit 2."""
    from sliceproof.wire.errors import SliceproofError

    try:
        cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = COULD_NOT_JUDGE
    except click.ClickException as error:
        code = _failed(error.format_message())
    except SliceproofError as error:
        code = _failed(str(error))
    except (click.Abort, KeyboardInterrupt):
        code = _failed("interrupted")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = COULD_NOT_JUDGE
    else:
        code = CONFORMS
    raise SystemExit(code)


def _failed(message: str) -> int:
    click.echo(f"sliceproof: {' '.join(message.split())}", err=True)
    return COULD_NOT_JUDGE
