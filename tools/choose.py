"""Choose the vectors of a frozen set by measuring: `python tools/choose.py 2026.1`; some minutes.

In each dialect: streams of each requirement's sweep, and shipped cases, on which decoders that are broken on purpose
fail; of these the few that catch all that any of them catches (greedy set cover, the most newly caught first, then the
smallest), and at least one for each requirement that a stream can tell of. Our own broken decoders are not all that
there can be, so the rest of a dialect's file is filled with small streams that show what each requirement knows of:
its letters and the kinds of its sweep (`variety.py`). What a sound decoder fails on is no vector.

The file has first what catches the decoders in the dialect that each was made for, then what is missing of the
requirements in each dialect, then the rest, the smallest first: so a file that is cut short loses the least. Behind
these come the others, the letters of each MUST first, and last what is large and not the only one of its requirement.
What is printed goes into VECTORS of tests/conformance/test_frozen.py.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from measured import Candidate, Misled, broken_in, is_sound, outcome_of, sound_in
from variety import kinds, lettered, swept

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.frozen import demanded
from sliceproof.conformance.engine.vectors import expressible, vector
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.corpus import shipped
from sliceproof.profiles import frozen_set
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.stream import Stream

FOLDER = Path(__file__).parents[1] / "profiles"
LOOKED_AT, KEPT = 400, 2  # streams of a sweep; of those on which a decoder fails
LARGEST = 200_000  # bytes of a vector
LARGE, SMALL = 20_000, 12_000  # of one that others may come before, and of one that is there for variety
FILE = 497_000  # of the vectors of a dialect together
OTHERS, LAST = 3, 1_000_000  # the turn of the first that is there for variety, and of what comes behind all


class Pick(NamedTuple):
    """A candidate that was chosen: for a decoder in its own dialect, for another, or for its requirement alone.

    From OTHERS on the turn is its place among those that are there for variety.
    """

    turn: int
    requirement: str
    dialect: str
    stream: str
    size: int


def streams(requirement: Requirement, dialect: Dialect) -> Iterator[Stream]:
    """Those of its cases, of its letters, and of its sweep."""
    filed = [
        case.stream for case in shipped() if case.requirement == requirement.id and case.stream.dialect == dialect.id
    ]
    return chain(filed, lettered(requirement, dialect), islice(requirement.sweep(dialect), LOOKED_AT))


def told(requirement: Requirement, streams: Iterable[Stream]) -> list[tuple[Stream, dict[str, Any], int]]:
    """The streams that are vectors, each once, with these and their sizes, the smallest first.

    Those that differ in what a source raises are one, as a file cannot say that.
    """
    found = dict[str, tuple[Stream, dict[str, Any], int]]()
    for stream in streams:
        fields = vector(requirement, stream)
        if fields is not None and (size := len(json.dumps(fields))) <= LARGEST:
            found.setdefault(json.dumps({**fields, "id": ""}), (stream, fields, size))
    return sorted(found.values(), key=lambda each: each[2])


def candidates(requirement: Requirement, dialect: Dialect, decoders: dict[str, Decoder]) -> Iterator[Candidate]:
    """Of each broken decoder of the requirement the first streams that catch it; without any, one that shows it."""
    missing = {name: KEPT for name in decoders if requirement.id in BROKEN[name].breaks}
    kept, shows = dict[str, Candidate](), list[Candidate]()
    for stream, fields, size in told(requirement, streams(requirement, dialect)):
        each = Candidate(requirement.id, stream, size)
        if not shows and (stream.fault or requirement.shown_in(stream)):
            shows.append(each)
        for name in [name for name, left in missing.items() if left and outcome_of(decoders[name], stream, fields)]:
            missing[name] -= 1
            kept[fields["id"]] = each
        if not any(missing.values()) and shows:
            break
    yield from kept.values() or shows[:1]


def picked(name: str, dialect_id: str) -> list[Pick]:
    """What is chosen in a dialect."""
    dialect = DIALECTS[dialect_id]
    reader = replace(DECODERS["reference"].load(), dialects=(dialect.id,))
    asked = {
        requirement.id: requirement
        for requirement in demanded(frozen_set(name))
        if expressible(requirement) and not requirement.inapplicable(reader, dialect)
    }
    decoders = broken_in(dialect, [demand.id for demand in frozen_set(name).demands])
    every = [each for requirement in asked.values() for each in candidates(requirement, dialect, decoders)]
    sound = list(sound_in(dialect))
    measured = []
    for each in every:
        fields = vector(asked[each.requirement], each.stream)
        assert fields is not None
        if is_sound(each, fields, sound):
            caught = [who for who, decoder in decoders.items() if outcome_of(decoder, each.stream, fields)]
            measured.append(each._replace(catches=frozenset(caught)))
    found = list(dict.fromkeys(_cover(measured, dialect_id)))
    late = [pick for pick in found if _may_wait(pick, found, asked)]
    first = [pick for pick in found if pick not in late]
    misled = Misled(decoders, asked, [Candidate(pick.requirement, parse(pick.stream), pick.size) for pick in first])
    more = [*_others(asked, dialect, lambda *given: is_sound(*given, sound) and not misled.by(*given), first, late)]
    taken = {pick.stream for pick in more}
    return [*first, *more, *(pick._replace(turn=LAST) for pick in late if pick.stream not in taken)]


def _others(
    asked: dict[str, Requirement],
    dialect: Dialect,
    fits: Callable[[Candidate, dict[str, Any]], bool],
    first: list[Pick],
    late: list[Pick],
) -> Iterator[Pick]:
    """What fills the file of the dialect: letters of each MUST, what waited and is the only one of a SHOULD, kinds."""
    had, left, turn = {(pick.requirement, pick.stream) for pick in first}, FILE, OTHERS
    left -= sum(pick.size for pick in first)
    for each in _varied(asked, dialect, first, late):
        key, fields = (each.requirement, repr(each.stream)), vector(asked[each.requirement], each.stream)
        if key not in had and fields and each.size <= left and fits(each, fields):
            had.add(key)
            left -= each.size
            yield Pick(turn, each.requirement, dialect.id, key[1], each.size)
            turn += 1


def _varied(
    asked: dict[str, Requirement], dialect: Dialect, first: list[Pick], late: list[Pick]
) -> Iterator[Candidate]:
    """Streams of variety, those of all requirements in turn."""
    queues = {id_: _queues(requirement, dialect, first) for id_, requirement in asked.items()}
    musts = [queues[id_] for id_ in asked if asked[id_].level == MUST]
    shoulds = [queues[id_] for id_ in asked if asked[id_].level != MUST]
    had = {pick.requirement for pick in first}
    yield from _in_turn([letters for letters, _ in musts])
    for pick in late:
        if pick.requirement not in had:
            yield Candidate(pick.requirement, parse(pick.stream), pick.size)
    yield from _in_turn([kinds for _, kinds in musts] + [[*letters, *kinds] for letters, kinds in shoulds])


def _queues(requirement: Requirement, dialect: Dialect, found: list[Pick]) -> tuple[list[Candidate], list[Candidate]]:
    """Streams of a requirement's letters, and of the kinds of its sweep that neither these nor what was chosen have."""

    def small(streams: Iterable[Stream]) -> list[Candidate]:
        told_of = told(requirement, streams)
        return [Candidate(requirement.id, stream, size) for stream, _, size in told_of if size <= SMALL]

    letters = small(lettered(requirement, dialect))
    kept = [parse(pick.stream) for pick in found if pick.requirement == requirement.id]
    known = set().union(*map(kinds, [*kept, *(each.stream for each in letters)]))
    sweep = small(streams(requirement, dialect))
    by_stream = {each.stream: each for each in sweep}
    few = swept([each.stream for each in sweep], known, [each.size for each in sweep])
    return letters, [by_stream[stream] for stream in few]


def _in_turn(queues: Iterable[list[Candidate]]) -> Iterator[Candidate]:
    for each in zip_longest(*queues):
        yield from filter(None, each)


def _may_wait(pick: Pick, found: Iterable[Pick], asked: dict[str, Requirement]) -> bool:
    """Whether a vector is large, catches nothing at home, and is of a SHOULD or not the only one of its requirement."""
    if pick.turn == 0 or pick.size <= LARGE:
        return False
    smaller = any(each.requirement == pick.requirement and each.size < pick.size for each in found)
    return smaller or asked[pick.requirement].level != MUST


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
    """What catches decoders at home, the first of each requirement in each dialect, the rest; the smallest first.

    Then those that are there for variety, and what comes behind all, in their turn.
    """
    every = sorted(picks, key=lambda pick: (pick.size, pick.stream, pick.requirement))
    by_size = [pick for pick in every if pick.turn < OTHERS]
    found = [pick for pick in by_size if pick.turn == 0]
    seen = {(pick.requirement, pick.dialect) for pick in found}
    for pick in by_size:
        if (pick.requirement, pick.dialect) not in seen:
            seen.add((pick.requirement, pick.dialect))
            found.append(pick)
    others = sorted([pick for pick in every if pick.turn >= OTHERS], key=lambda pick: pick.turn)
    return list(dict.fromkeys([*found, *by_size, *others]))


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
