"""Fills a folder with cases: what decoders were found to break, and for each requirement the stream it begins with.

    python -m sliceproof.conformance.fill corpus/cases                # canonical streams and broken decoders
    python -m sliceproof.conformance.fill corpus/cases litellm botocore

Run again it adds what is new and changes nothing else. Of findings the roots are kept; one that
follows from another is told only where its very stream is a case already. A finding whose file
would have more than LARGEST bytes is not kept, and stderr says so.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from sliceproof.conformance.broken import BROKEN
from sliceproof.conformance.decoder import Decoder
from sliceproof.conformance.decoders import reference
from sliceproof.conformance.filing import case_of
from sliceproof.conformance.requirement import Requirement
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.runner import PROFILES, Plan, run
from sliceproof.conformance.target import load
from sliceproof.corpus import Case, save
from sliceproof.corpus.layout import text
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

LARGEST = 200_000

CAPPED = 64 * 1024  # the cap of line readers that Q2 is about

_LONG = Stream("text", ("x" * 2_097_152,))
TELLING: dict[str, Stream] = {
    # what Q1 compares is long by nature; of its shapes this one is told briefly
    "Q1": _LONG.but(part_cuts=every(4096, len(_LONG.body))),
}
"""Canonical streams where the first of the sweep says too little or is too large."""

THREADS = {
    ("litellm", "U1"): "https://github.com/BerriAI/litellm/issues/9165",
    ("litellm", "R2"): "https://github.com/BerriAI/litellm/pull/31598",
}
"""Where the finding of a decoder for a requirement is told."""


def canonical(requirement: Requirement) -> Stream:
    """The first stream of a requirement's sweep, or of its alphabet, in the first dialect that has its hazard."""
    if requirement.id in TELLING:
        return TELLING[requirement.id]
    sound = reference.decoder()
    known = next(one for one in DIALECTS.values() if not requirement.inapplicable(sound, one))
    return next(one for one in _streams(requirement, known) if requirement.id != "Q2" or len(one.text) > CAPPED)


def _streams(requirement: Requirement, known: Dialect) -> Iterator[Stream]:
    yield from requirement.sweep(known)
    for letter in requirement.alphabet(known):
        yield requirement.composed(known, (letter,))


def canonicals() -> Iterator[Case]:
    """One case for each requirement."""
    for requirement in REQUIREMENTS.values():
        yield Case(requirement.id, requirement.title, canonical(requirement))


def of_broken() -> Iterator[Case]:
    """For each decoder that is broken on purpose, what breaks it."""
    for name, broken in BROKEN.items():
        yield from found(load(f"broken:{name}"), (broken.dialect,), broken.breaks)


def found(
    decoder: Decoder, dialects: Iterable[str], ids: Iterable[str] = REQUIREMENTS, folder: str = ""
) -> Iterator[Case]:
    """The roots of what a decoder breaks, and what follows from them if it is a case in *folder*."""
    bases = [load(name) for name in decoder.builds_on]
    plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["ci"])
    for result in run(decoder, plan, dialects, bases):
        if result.finding is not None:
            case = case_of(result.finding, THREADS.get((decoder.name, result.requirement.id), ""))
            if not result.finding.follows or (folder and Path(folder, f"{case.name}.json").exists()):
                yield case


def fill(cases: Iterable[Case], folder: str) -> None:
    """Save the cases; each on a line of stdout."""
    for case in cases:
        size = len(text(case).encode())
        if size > LARGEST:
            print(f"not kept: {case.requirement} of {case.found[0]}, {size:,} bytes", file=sys.stderr)
        else:
            print(Path(save(case, folder)).name)


def main(folder: str, *targets: str) -> None:
    """The command."""
    if not targets:
        fill(canonicals(), folder)
        fill(of_broken(), folder)
    for target in targets:
        decoder = load(target)
        # what is asked once is asked in the first, and plain text makes the shortest cases of it
        dialects = sorted(decoder.dialects or DIALECTS, key=lambda id_: id_ != "text")
        fill(found(decoder, dialects, folder=folder), folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
