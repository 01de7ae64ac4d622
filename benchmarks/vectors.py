"""What a file of vectors catches, how long it takes, and whether it blames anybody: write docs/vectors-figures.md.

`python benchmarks/vectors.py`, some minutes. Each decoder is fed what stands in the file, and judged by what stands
there: nothing else of sliceproof has a part in it, but for the end of who asks for more behind the end for ever.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from page import DOCS, facts, table

from sliceproof import decode
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.engine.vectors import vectors, written, wrong
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.feeds import Feed
from sliceproof.conformance.harness.outlet import error_text
from sliceproof.profiles import frozen_set
from sliceproof.wire.stream import Stream

SET, MOST, GOAL, SOON = "2026.1", 500_000, 0.95, 1.0
Fields = Mapping[str, Any]

NOT_STREAMS = {
    "C1 C2 C3 C4 C5 X3": "a consumer that throws, leaves, cancels or reads two streams at once",
    "W1 Q1 F3 H1": "when text or an error comes, or whether there is an end at all",
}
"""What a stream and what comes of it cannot show."""

WHY = {
    "shares_its_buffer": "it needs a stream that its consumer leaves, and another behind that",
    "caps_lines": "its streams are longer than a vector may be, 200,000 bytes",
    "ends_a_line_twice": "where it shows, a decoder fails too that does not know data on several lines, which is S3",
    "reads_the_only_choice_of_a_chunk": "of several choices the first one's text and an error are both right",
}
"""Why one that streams could show is missed."""


class Caught(NamedTuple):
    """A broken decoder, and the first vector of each file that catches it, or ""."""

    name: str
    own: str
    must: str
    whole: str


def chunks(fields: Fields) -> list[bytes]:
    """What a decoder is fed."""
    return [base64.b64decode(chunk) for chunk in fields["chunks"]]


def fails(decoder: Decoder, fields: Fields) -> str:
    """What is wrong with what a decoder makes of a vector, in any of its modes."""
    final = ConnectionResetError("the source failed") if fields["error"] == "source-error" else None
    fed = chunks(fields)
    as_long = Stream(fields["dialect"], (fields["text"] or "x" * sum(map(len, fed)),))  # how much may come at most
    for mode in decoder.modes:
        outcome = drive(decoder, mode, as_long, feed=Feed(fed, final))
        error = None if outcome.error is None else f"{outcome.error!r} {error_text(outcome.error)}"
        if outcome.ended == "hang" or wrong(
            fields, "".join(outcome.items), error if outcome.ended == "error" else None
        ):
            return str(fields["id"])
    return ""


def file_of(dialects: Sequence[str] = ()) -> tuple[str, list[Fields]]:
    """The file that `export` writes, and its vectors."""
    text = written(SET, vectors(SET, dialects), MOST).text
    return text, json.loads(text)["vectors"]


def caught(files: Mapping[str, list[Fields]], whole: list[Fields]) -> Iterator[Caught]:
    """What each broken decoder of text fails on: in the file of its dialect, a MUST there, and in that of all."""
    for name, broken in BROKEN.items():
        if (broken.accepts, broken.yields) == ("chunks", "text") and not _hidden(broken.breaks[0]):
            decoder, mine = broken.decoder(), files[broken.dialect]
            must = [fields for fields in mine if fields["level"] == "must"]
            of_all = [fields for fields in whole if fields["dialect"] == broken.dialect]
            yield Caught(name, _first(decoder, mine), _first(decoder, must), _first(decoder, of_all))


def _first(decoder: Decoder, found: list[Fields]) -> str:
    """The first vector that it fails on, or ""."""
    return next(filter(None, (fails(decoder, each) for each in found)), "")


def _hidden(id_: str) -> bool:
    return any(id_ in ids.split() for ids in NOT_STREAMS)


def blamed(files: Mapping[str, list[Fields]]) -> Iterator[tuple[str, int, list[str]]]:
    """Each sound decoder of text, how many vectors it was asked, and those that it fails on and is not known for."""
    named = {f"sound:{name}": (build.decoder(), build.weak) for name, build in SOUND.items()}
    reference = replace(DECODERS["reference"].load(), dialects=tuple(files))
    for name, (decoder, weak) in {"reference": (reference, ()), **named}.items():
        if (decoder.accepts, decoder.yields, decoder.envelope) == ("chunks", "text", "sagemaker"):
            mine = [each for id_, found in files.items() if decoder.claims(id_) for each in found]
            asked = [each for each in mine if each["requirement"] not in weak]
            yield name, len(asked), [failed for failed in (fails(decoder, each) for each in asked) if failed]


def seconds(found: list[Fields]) -> tuple[float, float]:
    """Wall and CPU seconds of the file over the reference decoder, as a test would run it: the median of nine."""
    walls, cpus = [], []
    for _ in range(9):
        wall, cpu = perf_counter(), process_time()
        for fields in found:
            try:
                "".join(decode(iter(chunks(fields)), fields["dialect"]))
            except Exception:
                assert fields["error"] is not None
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return median(walls), median(cpus)


# The page


def page() -> str:
    """All of docs/vectors-figures.md."""
    files = {id_: file_of((id_,)) for id_ in frozen_set(SET).dialects}
    texts, found = {id_: text for id_, (text, _) in files.items()}, {id_: each for id_, (_, each) in files.items()}
    text, whole = file_of()
    rows, sound = list(caught(found, whole)), list(blamed(found))
    wall, cpu = seconds(whole)
    share = sum(bool(row.own) for row in rows) / len(rows)
    asked, wronged = sum(number for _, number, _ in sound), [failed for _, _, each in sound for failed in each]
    caught_by = f"broken decoders caught by the file of their dialect, at least {GOAL:.0%}"
    goals = [
        (caught_by, f"{share:.1%} of {len(rows)}", share >= GOAL),
        (f"a run of the file of all dialects under {SOON:.0f} s", f"{wall:.2f} s, {cpu:.2f} s of CPU", wall < SOON),
        ("no sound decoder blamed", f"{len(sound)} decoders, {asked:,} vectors, {len(wronged)} wrong", not wronged),
    ]
    shown = [(what, figure, "yes" if met else "**missed**") for what, figure, met in goals]
    counts = [
        ("of their dialect", len([row for row in rows if row.own])),
        ("of their dialect, MUST alone", len([row for row in rows if row.must])),
        (f"of all dialects in {MOST:,} bytes", len([row for row in rows if row.whole])),
    ]
    first = [row for row in rows if row.must]
    elsewhere = [row for row in first if _requirement(row.must) not in BROKEN[row.name].breaks]
    missed = [(f"`broken:{row.name}`", " ".join(BROKEN[row.name].breaks), _why(row)) for row in rows if not row.own]
    sizes = [_size(id_, found[id_], texts[id_]) for id_ in texts]
    sizes.append(_size("all of these", whole, text))
    left = [(ids.replace(" ", ", "), why) for ids, why in NOT_STREAMS.items()]
    blocks = (
        _HEAD,
        "\n".join(facts(("hypothesis", "botocore"))),
        table(("to show", "measured", "met"), shown),
        f"Of {len(rows)} decoders of text that are broken on purpose, and that a stream can show, the file catches:",
        table(("file", "caught"), [(what, str(number)) for what, number in counts]),
        "Missed by the file of their dialect:" if missed else "None is missed by the file of its dialect.",
        *([table(("decoder", "breaks", "why"), missed)] if missed else []),
        "The vectors stand in such an order that the first that fails is the root. "
        f"Of the {len(first)} decoders that fail a MUST, {len(first) - len(elsewhere)} break on purpose "
        "what the first is about" + (". The others:" if elsewhere else "."),
        *([table(("decoder", "breaks", "fails first"), [_first_of(row) for row in elsewhere])] if elsewhere else []),
        "Left out, as no stream shows it whatever comes of it:",
        table(("requirements", "what it takes"), left),
        f"What `export --conformance {SET}` writes, with `--dialect` and without:",
        table(("dialect", "vectors", "of them MUST", "bytes"), sizes),
    )
    return "\n\n".join(blocks) + "\n"


def _size(name: str, found: list[Fields], text: str) -> Sequence[str]:
    return name, str(len(found)), str(sum(each["level"] == "must" for each in found)), f"{len(text):,}"


def _requirement(id_: str) -> str:
    """What a vector is about, from its id."""
    return id_.rpartition("-")[0]


def _first_of(row: Caught) -> Sequence[str]:
    return f"`broken:{row.name}`", " ".join(BROKEN[row.name].breaks), _requirement(row.must)


def _why(row: Caught) -> str:
    return WHY.get(row.name, "")


_HEAD = """# Vectors: figures

Written by `python benchmarks/vectors.py`. What a file of [vectors](vectors.md) catches, and how long it takes."""

if __name__ == "__main__":
    (DOCS / "vectors-figures.md").write_text(page(), "utf-8")
    print("docs/vectors-figures.md is written")
