"""`sliceproof fuzz`: coverage-guided fuzzing of decoders, whose findings are told, and kept, as those of `check`."""

from collections.abc import Callable
from typing import Any

import click


@click.command()
@click.argument("target", metavar="TARGET")
@click.argument("decoders", metavar="[DECODER]...", nargs=-1)
@click.option(
    "--seconds", type=click.FloatRange(0, min_open=True), metavar="S", help="How long; 60 if nothing is said."
)
@click.option("--runs", type=click.IntRange(1), metavar="N", help="How many executions a worker, instead.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, metavar="N", help="Processes; they share what they find."
)
@click.option("--dialect", "dialects", multiple=True, metavar="D", help="Only this dialect; may be repeated.")
@click.option("--accepts", default="chunks", metavar="A", help="What your callable takes: chunks, events or parts.")
@click.option("--yields", default="text", metavar="Y", help="What it gives: text, deltas, lines or messages.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Another seed mutates otherwise."
)
@click.option("--inputs", metavar="DIR", help="libFuzzer's inputs: read first, and added to.")
@click.option("--corpus", "folders", multiple=True, metavar="DIR", help="Begin with these cases too; may be repeated.")
@click.option("--no-seeds", is_flag=True, help="Begin with nothing, not even the shipped cases.")
@click.option("--save", "save_to", metavar="DIR", help="Save each finding as a case in this folder.")
@click.option("--baseline", metavar="FILE", help="Known failures; they are passed over.")
@click.option("--crash", "crashes", multiple=True, metavar="FILE", help="Try this input alone; may be repeated.")
@click.option("--hypothesis", is_flag=True, help="streams: let Hypothesis read the bytes (fuzz_one_input).")
@click.option("--no-repair", is_flag=True, help="messages: mutate without making checksums right.")
def fuzz(target: str, decoders: tuple[str, ...], **options: Any) -> None:
    """Fuzz decoders with atheris: TARGET is messages, headers, records or streams.

    \b
    messages  wires of any bytes, checksums kept right, against our codec
    headers   header blocks of any bytes, against our codec
    records   bodies of any bytes, our own readers against each other
    streams   whole streams, as MIX draws them, through a decoder

    What is found is shrunk, judged and shown as `check` does; --save keeps it, and `check --corpus`
    asks it from then on. Exit 0: nothing found; 1: a MUST is broken; 2: could not fuzz.
    """
    from sliceproof.fuzz.session import Session

    raise SystemExit(Session(target, decoders, options).run(_progress))


def _progress(work: Callable[[Callable[[int, int], None]], Any]) -> Any:
    """Do the work with its progress shown, where somebody looks."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        return work(lambda runs, edges: None)
    with console.status("starting") as status:
        return work(lambda runs, edges: status.update(f"{runs:,} executions, {edges:,} edges covered"))
