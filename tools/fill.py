"""Fills a folder with cases: what decoders were found to break, and for each requirement the stream it begins with.

    python tools/fill.py corpus/cases                # canonical streams and broken decoders
    python tools/fill.py corpus/cases litellm botocore

Run again it adds what is new and changes nothing else. Of findings the roots are kept; one that
follows from another is told only where its very stream is a case already. A finding whose file
would have more than WORTH_KEEPING bytes is not kept, and stderr says so.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.case_files import case_of
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.judge import lossless
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import Case, CaseError, save
from sliceproof.corpus.layout import WORTH_KEEPING, text
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

_MIXED = Stream("tgi-sse", ("é",), part_cuts=(43,))
_LONG = Stream("text", ("x" * 2_097_152,))
TELLING = {
    "MIX": _MIXED.but(chunk_cuts=every(64, len(_MIXED.wire))),
    "PLAIN": Stream("tgi-sse", ("x",)),
    "R4": Stream("tgi-sse", ("x",)),
    "Q1": _LONG.but(part_cuts=every(4096, len(_LONG.body))),  # of what it compares, the one that is told briefly
}
"""Canonical streams of requirements that no broken decoder can choose one for."""

THREADS = {
    ("litellm", "U1"): "https://github.com/BerriAI/litellm/issues/9165",
    ("litellm", "R2"): "https://github.com/BerriAI/litellm/pull/31598",
}
"""Where the finding of a decoder for a requirement is told."""


CONVERSE = "bedrock-converse"
BEDROCK = (
    *("F1", "F2", "F3", "F4", "F5", "K1", "U3", "P4", "S1", "D2", "J3", "O1", "E1", "E2", "T1", "T2", "T3", "T4", "H1"),
    *("X2", "C1", "C2", "C3", "W1", "G1", "M1", "M2", "M3", "M4", "M7", "X1-deltas"),
)
"""What decoders of Bedrock get wrong: requirements of which its event stream has a case of its own."""


def canonical(requirement: Requirement) -> Stream:
    """The first stream of a requirement's sweep that shows its hazard: a decoder broken on purpose falls for it."""
    if requirement.id in TELLING:
        return TELLING[requirement.id]
    wrong = [load(f"broken:{name}") for name, broken in BROKEN.items() if broken.breaks[0] == requirement.id]
    for dialect in DIALECTS.values():
        for decoder in [replace(each, dialects=(dialect.id,)) for each in wrong]:
            if not requirement.inapplicable(decoder, dialect) and _reads_plainly(decoder, dialect):
                for stream in requirement.sweep(dialect):
                    if requirement.check(decoder, stream):
                        return stream
    raise CaseError(f"no decoder is broken on purpose for {requirement.id}; say in TELLING which stream is telling")


def _reads_plainly(decoder: Decoder, dialect: Dialect) -> bool:
    plain = Stream(dialect.id, ("x", "y"))
    return all(lossless(plain, drive(decoder, mode, plain), decoder.compared) is None for mode in decoder.modes)


def canonicals() -> Iterator[Case]:
    """One case for each requirement."""
    for requirement in REQUIREMENTS.values():
        yield Case(requirement.id, requirement.title, canonical(requirement))


def of_broken() -> Iterator[Case]:
    """For each decoder that is broken on purpose, what breaks it."""
    for name, broken in BROKEN.items():
        yield from found(load(f"broken:{name}"), (broken.dialect,), broken.breaks)


def of_bedrock() -> Iterator[Case]:
    """For each of these the first decoder broken on purpose that breaks it in Bedrock's event stream too."""
    for id_ in BEDROCK:
        wrong = [replace(load(f"broken:{name}"), dialects=(CONVERSE,)) for name in BROKEN]
        first = (decoder for decoder in wrong if BROKEN[decoder.name.removeprefix("broken:")].breaks[0] == id_)
        cases = (list(found(decoder, (CONVERSE,), (id_,))) for decoder in first)
        yield from next(filter(None, cases))


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
        if size > WORTH_KEEPING:
            sightings = ", ".join(map(str, case.found))
            print(f"not kept: {case.requirement}, {size:,} bytes ({sightings})", file=sys.stderr)
        else:
            print(Path(save(case, folder)).name)


def main(folder: str, *targets: str) -> None:
    """The command."""
    if not targets:
        fill(canonicals(), folder)
        fill(of_broken(), folder)
        fill(of_bedrock(), folder)
    for target in targets:
        decoder = load(target)
        fill(found(decoder, decoder.dialects or DIALECTS, folder=folder), folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
