"""Choose the vectors of a frozen set by measuring: `python tools/choose.py 2026.1`; some minutes.

In each dialect: streams of each requirement's sweep, and shipped cases, on which decoders that are broken on purpose
fail; of these the few that catch all that any of them catches (greedy set cover, the most newly caught first, then the
smallest), and at least one for each requirement that a stream can tell of. What a sound decoder fails on is no vector.

The file has first what catches the decoders in the dialect that each was made for, then what is missing of the
requirements in each dialect, then the rest, the smallest first: so a file that is cut short loses the least. What is
printed goes into VECTORS of tests/conformance/test_frozen.py.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.engine.frozen import demanded
from sliceproof.conformance.engine.vectors import expressible, vector, wrong
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outlet import error_text
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.corpus import shipped
from sliceproof.profiles import frozen_set
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.stream import Stream

FOLDER = Path(__file__).parents[1] / "profiles"
LOOKED_AT, KEPT, SHOWN = 400, 2, 8  # streams of a sweep; of those on which a decoder fails; that show a hazard
LARGEST = 200_000  # bytes of a vector


class Candidate(NamedTuple):
    """A stream that may become a vector, and the broken decoders that it catches."""

    requirement: str
    stream: Stream
    size: int
    catches: frozenset[str] = frozenset()


class Pick(NamedTuple):
    """A candidate that was chosen: for a decoder in its own dialect, for another, or for its requirement alone."""

    turn: int
    requirement: str
    dialect: str
    stream: str
    size: int


def outcome_of(decoder: Decoder, stream: Stream, fields: dict[str, Any]) -> str:
    """What is wrong with what a decoder makes of a vector, in any of its modes, or ""; one that never ends is wrong."""
    for mode in decoder.modes:
        outcome = drive(decoder, mode, stream)
        error = None if outcome.error is None else f"{type(outcome.error).__name__}: {error_text(outcome.error)}"
        text = "".join(outcome.items)
        told = (
            "it never ends"
            if outcome.ended == "hang"
            else wrong(fields, text, error if outcome.ended == "error" else None)
        )
        if told:
            return told
    return ""


def broken_in(dialect: Dialect, ids: Iterable[str]) -> dict[str, Decoder]:
    """Decoders of text that break one of these requirements and read a plain stream of the dialect."""
    asked = set(ids)
    found = {
        name: replace(each.decoder(), dialects=(dialect.id,))
        for name, each in BROKEN.items()
        if (each.accepts, each.yields) == ("chunks", "text") and asked & {*each.breaks}
    }
    return {
        name: decoder for name, decoder in found.items() if name == "gives_something_else" or _reads(decoder, dialect)
    }


def sound_in(dialect: Dialect) -> Iterator[tuple[Decoder, tuple[str, ...]]]:
    """Sound decoders of text, with what each is known to be weak at."""
    yield DECODERS["reference"].load(), ()
    for build in SOUND.values():
        decoder = build.decoder()
        if (build.accepts, build.yields, build.envelope) == ("chunks", "text", "sagemaker") and decoder.claims(
            dialect.id
        ):
            yield decoder, build.weak


def _reads(decoder: Decoder, dialect: Dialect) -> bool:
    stream = Stream(dialect.id, ("x", "y"))
    try:
        return all("".join(drive(decoder, mode, stream).items) == "xy" for mode in decoder.modes)
    except Exception:
        return False


def streams(requirement: Requirement, dialect: Dialect) -> Iterator[Stream]:
    """Those of its cases, then of its sweep."""
    filed = [
        case.stream for case in shipped() if case.requirement == requirement.id and case.stream.dialect == dialect.id
    ]
    return chain(filed, islice(requirement.sweep(dialect), LOOKED_AT))


def told(requirement: Requirement, dialect: Dialect) -> Iterator[tuple[Stream, dict[str, Any], int]]:
    """The streams that are vectors, each once, with these and their sizes."""
    found = set[str]()
    for stream in streams(requirement, dialect):
        fields = vector(requirement, stream)
        if fields is not None and fields["id"] not in found:
            found.add(fields["id"])
            size = len(json.dumps(fields))
            if size <= LARGEST:
                yield stream, fields, size


def candidates(requirement: Requirement, dialect: Dialect, decoders: dict[str, Decoder]) -> Iterator[Candidate]:
    """Of each broken decoder of the requirement the first streams that catch it; without any, one that shows it."""
    asked = replace(DECODERS["reference"].load(), dialects=(dialect.id,))
    if requirement.inapplicable(asked, dialect) or not expressible(requirement):
        return
    missing = {name: KEPT for name in decoders if requirement.id in BROKEN[name].breaks}
    kept, shows = dict[str, Candidate](), list[Candidate]()
    for stream, fields, size in told(requirement, dialect):
        each = Candidate(requirement.id, stream, size)
        if len(shows) < SHOWN and (stream.fault or requirement.shown_in(stream)):
            shows.append(each)
        for name in [name for name, left in missing.items() if left and outcome_of(decoders[name], stream, fields)]:
            missing[name] -= 1
            kept[fields["id"]] = each
        if not any(missing.values()) and len(shows) >= SHOWN:
            break
    yield from kept.values() or sorted(shows, key=lambda each: (each.size, repr(each.stream)))[:1]


def picked(name: str, dialect_id: str) -> list[Pick]:
    """What is chosen in a dialect."""
    dialect = DIALECTS[dialect_id]
    asked = {requirement.id: requirement for requirement in demanded(frozen_set(name))}
    decoders = broken_in(dialect, asked)
    every = [each for requirement in asked.values() for each in candidates(requirement, dialect, decoders)]
    sound = list(sound_in(dialect))
    measured = []
    for each in every:
        fields = vector(asked[each.requirement], each.stream)
        assert fields is not None
        blamed = [
            who.name for who, weak in sound if each.requirement not in weak and outcome_of(who, each.stream, fields)
        ]
        if blamed:
            print(f"no vector, as {blamed[0]} fails: {each.requirement} {each.stream!r}"[:300], file=sys.stderr)
            continue
        caught = [who for who, decoder in decoders.items() if outcome_of(decoder, each.stream, fields)]
        measured.append(each._replace(catches=frozenset(caught)))
    return list(_cover(measured, dialect_id))


def _cover(measured: list[Candidate], dialect: str) -> Iterator[Pick]:
    """For each requirement the smallest that catches one of its decoders; then as few as catch all the others."""
    by_size = sorted(measured, key=lambda each: (not _is_telling(each), each.size, repr(each.stream)))
    smallest = {each.requirement: each for each in reversed(by_size)}
    everybody = {who for each in measured for who in each.catches}
    home, had = {who for who in everybody if BROKEN[who].dialect == dialect}, set[str]()

    def pick(each: Candidate, turn: int) -> Pick:
        return Pick(turn, each.requirement, dialect, repr(each.stream), each.size)

    for each in smallest.values():
        had |= each.catches
        yield pick(each, 0 if each.catches & home else 1 if each.catches else 2)
    for turn, wanted in enumerate((home, everybody)):
        while missing := wanted - had:
            best = min(by_size, key=lambda each: (-len(each.catches & missing), each.size, repr(each.stream)))
            had |= best.catches
            yield pick(best, turn)


def _is_telling(candidate: Candidate) -> bool:
    return any(candidate.requirement in BROKEN[who].breaks for who in candidate.catches)


def ordered(picks: Iterable[Pick]) -> list[Pick]:
    """What catches decoders at home, the first of each requirement in each dialect, the rest; the smallest first."""
    by_size = sorted(picks, key=lambda pick: (pick.size, pick.stream, pick.requirement))
    found = [pick for pick in by_size if pick.turn == 0]
    seen = {(pick.requirement, pick.dialect) for pick in found}
    for pick in by_size:
        if (pick.requirement, pick.dialect) not in seen:
            seen.add((pick.requirement, pick.dialect))
            found.append(pick)
    return list(dict.fromkeys([*found, *by_size]))


def main(name: str, *dialects: str) -> None:
    """Write the file; of dialects that are named, only print."""
    asked = dialects or frozen_set(name).dialects
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = ordered(chain.from_iterable(pool.map(picked, [name] * len(asked), asked)))
    lines = ",\n".join(json.dumps([pick.requirement, pick.stream]) for pick in found)
    text = f'{{"set": "{name}", "vectors": [\n{lines}\n]}}\n'
    if dialects:
        print(text)
    else:
        (FOLDER / f"{name}.vectors.json").write_text(text, "utf-8", newline="\n")
        print(f'"{name}": "{hashlib.sha256(text.encode()).hexdigest()}",')
    print(f"{len(found)} vectors, {sum(pick.size for pick in found):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])
