"""The command line: `sliceproof check | run | record | replay | explain | compare | list | serve | export | fuzz`.

Nothing heavy is imported before it is needed, so that `--help` is quick. Exit 0: conforms; 1: a MUST
is broken; 2: could not judge. An error is one line on stderr.
"""

import math
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sliceproof import __version__
from sliceproof.conformance.engine.exit_codes import BROKEN, CONFORMS, COULD_NOT_JUDGE

if TYPE_CHECKING:
    from sliceproof.conformance.engine.project import Project


def _seed(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """A number, or a new one for `random`."""
    if value == "random":
        return int.from_bytes(os.urandom(4))
    try:
        return int(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a number nor 'random'", ctx, param) from None


def _seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """A time that is more than nothing, and is a number."""
    if value is None:
        return None
    seconds = click.FloatRange(0, min_open=True).convert(value, param, ctx)  # type: ignore[arg-type]
    if not math.isfinite(seconds):
        raise click.BadParameter(f"{value!r} is no time", ctx, param)
    return float(seconds)


def _jobs(ctx: click.Context, param: click.Parameter | None, value: str) -> int:
    """A number of processes; `auto` is one for each core that this one may use, and none where there is no fork."""
    if os.environ.get("SLICEPROOF_IN_PROCESS") or not hasattr(os, "fork"):
        return 0
    if value == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(click.IntRange(0, 256).convert(value, param, ctx))  # type: ignore[arg-type]


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
@click.argument("targets", metavar="TARGET...", nargs=-1)
@click.option("--dialect", "dialects", multiple=True, metavar="D", help="Only this dialect; may be repeated.")
@click.option(
    "--accepts", default="chunks", metavar="A", help="What your callable takes: chunks, events, parts or endpoint."
)
@click.option("--yields", default="text", metavar="Y", help="What it gives: text, deltas, lines or messages.")
@click.option(
    "--envelope",
    default="",
    metavar="E",
    help="How bytes travel: sagemaker, bedrock, or http, without event stream.",
)
@click.option(
    "--requirement", "requirements", multiple=True, metavar="ID", help="Only this requirement; may be repeated."
)
@click.option("--level", type=click.Choice(["must", "should"]), help="Only requirements of this level.")
@click.option(
    "--profile",
    default="",
    type=click.Choice(["", "quick", "ci", "dev", "deep"]),
    metavar="quick|ci|dev|deep",
    help="How far to search; if not given ci, and quick for whole clients.",
)
@click.option("--conformance", default="", metavar="SET", help="Ask a frozen set whole, and say whether it is met.")
@click.option(
    "--examples", type=click.IntRange(1), metavar="N", help="Examples a search; sweeps, most of a run, remain."
)
@click.option("--seconds", callback=_seconds, metavar="S", help="At most this long a search; sweeps are not cut short.")
@click.option("--seed", default="0", callback=_seed, metavar="N|random", help="Another seed draws other streams.")
@click.option("--baseline", metavar="FILE", help="Known failures; only what differs from them counts.")
@click.option("--update-baseline", is_flag=True, help="Write what fails now into the baseline.")
@click.option("--corpus", "folders", multiple=True, metavar="DIR", help="Replay these cases too; may be repeated.")
@click.option("--save", "save_to", metavar="DIR", help="Save the stream of each finding as a case in this folder.")
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON too; - for stdout alone.")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the verdicts as JUnit XML too, for CI.")
@click.option("--sarif", "sarif_file", metavar="FILE", help="Write the findings as SARIF too, for code scanning.")
@click.option("--badge", "badge_file", metavar="FILE", help="Write a badge too: FILE.svg, or FILE.json for shields.io.")
@click.option("--html", "html_file", metavar="FILE", help="Write the report as one page of HTML too, for people.")
@click.option(
    "--database",
    metavar="URL|DIR",
    envvar="SLICEPROOF_DATABASE",
    show_envvar=True,
    help="Keep what fails in a folder, or in Redis (redis://HOST:PORT/DB), and replay it first.",
)
@click.option("--local", metavar="DIR", help="The folder that stands before Redis; .sliceproof if not given.")
@click.option("--worker", metavar="I/N", help="Only share I, from 0, of N; others' failures are replayed.")
@click.option(
    "--seeds", default=1, type=click.IntRange(1, 1_000_000), metavar="K", help="Search with K seeds, from --seed on."
)
@click.option(
    "--jobs",
    default="auto",
    callback=_jobs,
    metavar="N|auto",
    help="Judge in N processes at once, one for each core if not given; 0: in this one, for debuggers.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say why requirements do not apply.")
@click.option("--in-process", is_flag=True, help="The same as --jobs 0; what hangs may hang it.")
def check(targets: tuple[str, ...], **options: Any) -> None:
    """Judge decoders: each TARGET is a registered name, module:name, path/to/file.py:name or exec:COMMAND.

    What is not given comes from [tool.sliceproof] of the nearest pyproject.toml.
    """
    from sliceproof.conformance.engine.project import nearest
    from sliceproof.conformance.engine.supervisor import supervised
    from sliceproof.conformance.reporting.outputs import Outputs

    context, project = click.get_current_context(), nearest(Path.cwd())
    _settle(context, project, options)
    if not targets:
        targets, options["root"] = tuple(project.words("decoders")), os.path.relpath(project.folder)
    if not targets:
        raise click.MissingParameter(ctx=context, param=check.params[0])

    def work(journal: Any) -> int:
        return ended(lambda: _checked(targets, options, journal, project))

    if options.pop("in_process"):
        options["jobs"] = 0
    options["outputs"] = Outputs.to(
        **{form: options.pop(f"{form}_file") for form in ("json", "junit", "sarif", "html", "badge")}
    )
    raise SystemExit(supervised(work, options["jobs"] == 0, options["outputs"].write))


_NAMES = {"corpus": "folders", "save": "save_to", "decoders": "targets"}
"""What click calls the keys of [tool.sliceproof] that have another name there."""


def _settle(context: click.Context, project: "Project", options: dict[str, Any]) -> None:
    """Take what the project says for the options that nobody gave, and note in `origin` where each came from."""
    from sliceproof.conformance.engine.project import KEYS, origin, overruled

    taken, given = [], list[str]()
    for key in KEYS:
        name = _NAMES.get(key, key)
        source = context.get_parameter_source(name) or (context.parent and context.parent.get_parameter_source(name))
        if source in (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT):
            given += [key] if context.params.get(name) != () else []
        if key in project.values and source is not None and key not in given:
            taken.append(key)
    less = overruled(dict.fromkeys(taken, 1) | dict.fromkeys(given, 0))
    taken = [key for key in taken if key not in less]
    for key in taken:
        if key != "decoders":
            options[_NAMES.get(key, key)] = _of_project(context, project, key)
    options["origin"] = origin(project, {os.path.relpath(project.file): taken, "the command line": given}, less)


def _of_project(context: click.Context, project: "Project", key: str) -> Any:
    """A value of the project as click would have given it."""
    if key == "seed":
        return _seed(context, check.params[0], project.text(key))
    if key == "jobs":
        return _jobs(context, None, project.text(key))
    if key in ("baseline", "save"):
        return os.path.relpath(project.folder / project.text(key))
    if key == "corpus":
        return tuple(os.path.relpath(project.folder / word) for word in project.words(key))
    value = project.values[key]
    return tuple(value) if isinstance(value, list) else value


_COMMAND = click.Argument(["command"], metavar="-- COMMAND...", nargs=-1, required=True)


def _checked(targets: tuple[str, ...], options: dict[str, Any], journal: Any, project: "Project") -> int:
    """Judge as the options say, which click gives by their names."""
    from sliceproof.conformance.cli.checking import checked
    from sliceproof.conformance.cli.options import CheckOptions
    from sliceproof.conformance.engine.options import OptionError, Options

    project.known()
    judging = {name: options.pop(name) for name in Options.__dataclass_fields__}
    judging["level"] = judging["level"] or ""
    try:
        return checked(targets, CheckOptions(Options(**judging), **options), journal)
    except OptionError as error:
        raise click.UsageError(f"--{error}" if error.name else str(error)) from None


def _run(command: tuple[str, ...], **options: Any) -> None:
    """Judge a whole client that is a program: it asks for streams and reports what it got, by two HTTP calls.

    \b
    GET  $SLICEPROOF_URL/next          the next stream: name, dialect, form, invoke_url
    POST $SLICEPROOF_URL/report/NAME   {"text": "..."}, and "error" if it told one
    """
    context = click.get_current_context()
    unasked = {"accepts": "chunks", "yields": "text", "jobs": _jobs(context, None, "auto")}
    context.invoke(check, targets=(f"run:{shlex.join(command)}",), **unasked, **options)


cli.add_command(
    click.Command(
        "run",
        params=[
            *(param for param in check.params if param.name not in ("targets", "accepts", "yields", "jobs")),
            _COMMAND,
        ],
        callback=_run,
        help=_run.__doc__,
    )
)


@cli.command()
@click.option("--host", default="127.0.0.1", metavar="H", help="Where to listen; on the loopback if not given.")
@click.option("--port", default=8087, type=click.IntRange(0, 65535), metavar="P", help="8087 if not given; 0: any.")
@click.option("--corpus", "folders", multiple=True, metavar="DIR", help="Serve these cases too; may be repeated.")
def serve(host: str, port: int, folders: tuple[str, ...]) -> None:
    """Serve the shipped cases, and an answer in each dialect, as SageMaker endpoints for a client of yours."""
    from sliceproof.conformance.cli.serving import served
    from sliceproof.conformance.engine.case_files import cases_to_replay

    try:
        served(cases_to_replay(folders), host, port)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None


@cli.command()
@click.argument("url", metavar="URL")
@click.option("--save", "folder", default="recorded", metavar="DIR", help="Save cases here; in recorded if not given.")
@click.option("--dialect", "dialect", metavar="D", help="What the container writes; found out if not given.")
@click.option(
    "--redact", is_flag=True, help="Save other letters and digits in the place of all text, names and numbers."
)
@click.option("--sign/--no-sign", default=None, help="Sign anew with your AWS credentials; for AWS if not given.")
@click.option("--host", default="127.0.0.1", metavar="H", help="Where to listen; on the loopback if not given.")
@click.option("--port", default=8088, type=click.IntRange(0, 65535), metavar="P", help="8088 if not given; 0: any.")
def record(url: str, folder: str, dialect: str | None, redact: bool, sign: bool | None, host: str, port: int) -> None:
    """Record what an endpoint sends: a client asks here instead of at URL, and each event stream becomes a case.

    Bytes and chunks are kept as they come. Judge decoders by them with `check --corpus DIR`.
    """
    from sliceproof.conformance.cli.recording import recorded

    try:
        recorded(url, host, port, Path(folder), dialect, redact, sign)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None


def _cannot_listen(host: str, port: int, error: OSError) -> click.UsageError:
    why = (error.strerror or "").partition(" (")[0]
    return click.UsageError(f"cannot listen on {host}:{port}: {why}; --port 0 takes any")


@cli.command()
@click.argument("given", metavar="CASE... TARGET", nargs=-1, required=True)
@click.option("--requirement", "id_", metavar="ID", help="Judge by this requirement, not by the one it was found for.")
@click.option(
    "--accepts", default="chunks", metavar="A", help="What your callable takes: chunks, events, parts or endpoint."
)
@click.option("--yields", default="text", metavar="Y", help="What it gives: text, deltas, lines or messages.")
@click.option(
    "--envelope",
    default="",
    metavar="E",
    help="How bytes travel: sagemaker, bedrock, or http, without event stream.",
)
@click.option("--in-process", is_flag=True, help="Judge in this process, for debuggers; what hangs may hang it.")
def replay(given: tuple[str, ...], id_: str | None, accepts: str, yields: str, envelope: str, in_process: bool) -> None:
    """Run a decoder on cases again.

    A CASE is a Stream(...) call, a report (--json) for all its findings, a case file, a folder of
    them, or the id of a shipped case or of a vector.
    """
    if len(given) < 2:
        raise click.UsageError('replay takes a case and a target: sliceproof replay "Stream(...)" litellm')
    from sliceproof.conformance.engine.supervisor import supervised

    def again(journal: Any) -> int:
        from sliceproof.conformance.cli.replay import replayed
        from sliceproof.conformance.decoders.loading import load
        from sliceproof.conformance.engine.case_argument import cases
        from sliceproof.conformance.harness.outlet import apart
        from sliceproof.conformance.reporting.terminal import Terminal

        found = [case for path in given[:-1] for case in cases(path)]
        with apart(journal.tells):
            loaded = load(given[-1], accepts=accepts, yields=yields, dialects=None).within(envelope)
            decoder = journal.counted(loaded)
            return BROKEN if replayed(found, decoder, id_, Terminal(), journal) else CONFORMS

    raise SystemExit(supervised(lambda journal: ended(lambda: again(journal)), in_process))


@cli.command()
@click.argument("given", metavar="CASE")
@click.option("--html", "html_file", metavar="FILE", help="Draw it as a page of HTML too.")
@click.option("--all", "whole", is_flag=True, help="Show every record, part, message and chunk, not the first twelve.")
def explain(given: str, html_file: str | None, whole: bool) -> None:
    """Show a case stage by stage: text, records, parts, messages, chunks; CASE is what `replay` takes."""
    from sliceproof.conformance.cli.replay import SHOWN_RECORDS, explained
    from sliceproof.conformance.engine.case_argument import cases
    from sliceproof.conformance.harness.outlet import file_to_write, write
    from sliceproof.conformance.reporting.terminal import Terminal

    terminal, found = Terminal(), cases(given)
    path = file_to_write(html_file) if html_file else None
    for case in found:
        explained(case, terminal, None if whole else SHOWN_RECORDS)
    if path is not None:
        from sliceproof.conformance.reporting.html import streams_page

        write(path, streams_page(found, given))


@cli.command()
@click.argument("before", metavar="A.json")
@click.argument("after", metavar="B.json")
def compare(before: str, after: str) -> None:
    """Show what changed between two reports of `check --json`: broken, mended, no longer asked.

    Of one decoder each, these two are compared. Exit 0: nothing got worse; 1: something did; 2: nothing can be said.
    """
    from sliceproof.conformance.cli.comparing import compared
    from sliceproof.conformance.reporting.terminal import Terminal

    raise SystemExit(compared(before, after, Terminal()))


@cli.command(name="list")
@click.argument("what", type=click.Choice(["decoders", "dialects", "requirements", "cases", "conformance"]))
@click.argument("ids", metavar="[ID]...", nargs=-1)
def list_(what: str, ids: tuple[str, ...]) -> None:
    """List decoders, dialects, requirements, the shipped cases, or what is in the frozen sets of --conformance.

    Of requirements with an ID it says all: why, the smallest stream that shows it, how to mend a decoder.
    """
    from sliceproof.conformance.cli.listing import listed
    from sliceproof.conformance.reporting.terminal import Terminal

    listed(what, ids, Terminal())


@cli.command()
@click.argument("folder", metavar="DIR|FILE")
@click.option("--corpus", "folders", multiple=True, metavar="DIR", help="Export these cases too; may be repeated.")
@click.option("--seeds", is_flag=True, help="Write inputs and dictionaries for fuzzers instead.")
@click.option("--conformance", metavar="SET", help="Write vectors of a frozen set, such as 2026.1, as one JSON file.")
@click.option("--max-bytes", default="500k", metavar="N", help="Of the file; 500k if not given. The most telling stay.")
@click.option("--dialect", "dialects", multiple=True, metavar="D", help="Only vectors of this dialect.")
@click.option("--envelope", default="", metavar="http", help="As bodies without an event stream.")
def export(folder: str, folders: tuple[str, ...], seeds: bool, conformance: str | None, **asked: Any) -> None:
    """Write the shipped cases as files for tests in another language: wire, chunks, what is expected.

    With --conformance it is one file of the most telling streams of a set.
    """
    from sliceproof.conformance.engine.case_files import cases_to_replay

    if conformance is not None:
        from sliceproof.conformance.cli.vendoring import vendored

        if folders or seeds:
            raise click.UsageError("--conformance writes the vectors of a set; leave --corpus and --seeds out")
        vendored(folder, conformance, **asked)
        return
    if asked["dialects"] or asked["envelope"]:
        raise click.UsageError("--dialect and --envelope are of --conformance SET")
    if folder.endswith(".json"):
        raise click.UsageError(
            f"{folder} would be a folder; one file is written with --conformance SET, such as 2026.1"
        )
    cases = cases_to_replay(folders)
    if seeds:
        from sliceproof.conformance.engine.seeds import written

        text = ", ".join(f"{number} for {target}" for target, number in written(cases, folder).items())
        click.echo(f"wrote inputs to {folder}: {text}; and a dictionary beside each")
        return
    from sliceproof.corpus.vectors import export as write

    write(cases, folder)
    click.echo(f"wrote {len(cases)} vectors to {folder}; its README.md says how to use them")


def main() -> None:
    """The command; every error is one line on stderr and exit 2."""
    from sliceproof.conformance.harness.outlet import encodable

    encodable()
    raise SystemExit(ended(lambda: cli.main(standalone_mode=False) and None))


def ended(work: Callable[[], int | None]) -> int:
    """What to exit with after *work*, whatever it raises; a traceback is shown with SLICEPROOF_DEBUG only."""
    from sliceproof.conformance.engine.exit_codes import code_of
    from sliceproof.wire.errors import SliceproofError

    try:
        code = work() or CONFORMS
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else COULD_NOT_JUDGE
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return COULD_NOT_JUDGE
    except click.ClickException as error:
        return _failed(error.format_message())
    except SliceproofError as error:
        return _failed(str(error))
    except click.Abort:
        return _failed("interrupted", 128 + signal.SIGINT)
    except KeyboardInterrupt as error:
        return _failed("interrupted", code_of(error))
    except BrokenPipeError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_JUDGE
    except BaseException as error:
        return _unforeseen(error)
    return code


def _unforeseen(error: BaseException) -> int:
    if os.environ.get("SLICEPROOF_DEBUG"):
        traceback.print_exception(error)
    from sliceproof.conformance.harness.outlet import error_text

    if isinstance(error, OSError):
        with suppress(OSError, ValueError):  # it may be stdout that cannot be written, and Python flushes it once more
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _failed(f"{type(error).__name__}: {error_text(error)} (SLICEPROOF_DEBUG=1 shows where)")


def _failed(message: str, code: int = COULD_NOT_JUDGE) -> int:
    from sliceproof.conformance.harness.outlet import shown

    with suppress(OSError):
        click.echo(f"sliceproof: {shown(' '.join(message.split()))}", err=True)
    return code
