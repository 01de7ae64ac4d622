"""What the suite catches, how soon, and how small: `python benchmarks/power.py` writes docs/power.md, an hour or two.

With the names of broken decoders it prints what it would say of these.

Every broken decoder is judged with SEEDS seeds: by sweeping and by searching alone, by MIX alone, and
for comparison by what one would write first: `st.text()` with random cuts and the one property that the
text comes back, and a table of hand-written unit tests with one object a part.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from statistics import median
from typing import NamedTuple

import naive
from page import DOCS, facts, table

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN, Broken
from sliceproof.conformance.engine.attribution import PLAIN, rooted
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.plan import PROFILES, Plan, Profile
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.engine.search import Budget, first_failure
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.reporting.report import cuts
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.wire.dialects import DIALECTS, Dialect

SEEDS = 20
CI = PROFILES["ci"]
MIXED = 200  # examples of MIX, and of the naive design
SOON, MEDIAN = 25, 3  # examples to the first failure: at most, and at the median
MIX_GOAL = 0.95
MOST_CHARACTERS, MOST_CUTS = 2, 1
OF_LENGTH = ("F4", "F6", "F7", "N1", "N2", "Q1", "Q2", "X3")  # these need the 8 KB line, or length itself
NAMED = 2  # seeds in which all else is asked too

Firsts = tuple[int, ...]
"""For each seed the number of the first example that failed; 0 where none did."""


class Row(NamedTuple):
    """What became of one broken decoder.

    `swept` is the stream of the sweep that failed first (0: none), `searched` the same of a search
    without the sweep, for each seed (empty where the requirement is only swept). `named` counts the
    seeds, of NAMED, in which what it declares is broken and nothing else. Sizes are the largest of all seeds.
    """

    name: str
    breaks: tuple[str, ...]
    swept: int
    searched: Firsts
    named: int
    characters: int
    cuts: int
    bytes: int
    seconds: float
    mixed: Firsts
    naive: Firsts
    unit: int
    small: bool


# Judging one


def measure(name: str) -> Row:
    """Everything about one broken decoder."""
    broken = BROKEN[name]
    own, decoder = REQUIREMENTS[broken.breaks[0]], broken.decoder()
    dialect = DIALECTS[broken.dialect]
    swept = {
        result.requirement.id: result
        for result in _judged(broken, [replace(q, searched=False) for q in _asked(own)], 0)
    }
    named, searched, seconds, findings = 0, [], [], []
    for seed in range(SEEDS):
        begun = time.process_time()
        mine = _judged(broken, _searching([own], dialect), seed)
        seconds.append(time.process_time() - begun)
        searched += [result.examples_to_failure or 0 for result in mine]
        if seed < NAMED:
            others = _judged(broken, _searching([q for q in _asked(own) if q is not own], dialect), seed)
            found = {result.requirement.id: result for result in (*mine, *others)}
            named += _roots(swept, found) == set(broken.breaks)
        findings += [result.finding for result in (swept[own.id], *mine) if result.finding]
    return Row(
        name,
        broken.breaks,
        swept[own.id].examples_to_failure or 0,
        tuple(searched),
        named,
        *_largest(findings),
        median(seconds),
        tuple([_first_in_mix(decoder, own, dialect, seed) for seed in range(SEEDS)]),
        tuple([naive.first_lost(decoder, broken.dialect, MIXED, seed) for seed in range(SEEDS)]),
        naive.failing(decoder, broken.dialect),
        all(_is_small(finding, own, broken) for finding in findings),
    )


def _first_in_mix(decoder: Decoder, own: Requirement, dialect: Dialect, seed: int) -> int:
    """The first example of MIX that fails; 0 of a hazard that MIX has not, faults and what is merely allowed."""
    mix = REQUIREMENTS["MIX"]
    return first_failure(mix, decoder, dialect, Budget(MIXED, seed)) if own.id in mix.contains else 0


def _asked(own: Requirement) -> list[Requirement]:
    """All requirements but MIX; Q1, which costs seconds, only of the decoder that is there to break it."""
    return [
        requirement
        for requirement in REQUIREMENTS.values()
        if requirement.id != "MIX" and (requirement.id != "Q1" or requirement is own)
    ]


def _searching(requirements: Sequence[Requirement], dialect: Dialect) -> list[Requirement]:
    """Those that have letters of their own to search with, without their sweeps."""
    return [
        replace(requirement, swept=False, more=None)
        for requirement in requirements
        if requirement.searched and requirement.alphabet(dialect)
    ]


def _judged(broken: Broken, requirements: Sequence[Requirement], seed: int) -> list[Result]:
    return list(run(broken.decoder(), Plan(requirements, CI, seed), [broken.dialect]))


def _roots(swept: dict[str, Result], searched: dict[str, Result]) -> set[str]:
    """What a run with sweeps and this seed's searches lays no further: the first finding of each counts."""
    both = [result if result.finding else searched.get(id_, result) for id_, result in swept.items()]
    plainly = any(result.requirement.id == PLAIN and result.finding for result in both)
    return {result.requirement.id for result in rooted(both, plainly) if result.finding and not result.finding.follows}


def _largest(findings: Sequence[Finding]) -> tuple[int, int, int]:
    if not findings:
        return 0, 0, 0
    sizes = [(len(finding.stream.text), cuts(finding), len(finding.stream.wire)) for finding in findings]
    return tuple(map(max, zip(*sizes, strict=True)))  # type: ignore[return-value]


def _is_small(finding: Finding, own: Requirement, broken: Broken) -> bool:
    """Two characters, or the one word that is the hazard, and one cut; or it is about length."""
    words = {(letter.token,) for letter in own.alphabet(finding.stream.format)}
    short = len(finding.stream.text) <= MOST_CHARACTERS or finding.stream.tokens in words
    return own.id in OF_LENGTH or (short and cuts(finding) <= MOST_CUTS)


# The profiles


class Pace(NamedTuple):
    """What a profile takes for a decoder that breaks nothing, in one dialect: streams, and CPU time in seconds."""

    profile: Profile
    streams: int
    seconds: float


def pace(name: str) -> Pace:
    """Judge the reference as `check reference --dialect tgi-sse --profile NAME` does."""
    begun = time.process_time()
    plan = Plan(list(REQUIREMENTS.values()), PROFILES[name])
    results = list(run(DECODERS["reference"].load(), plan, ["tgi-sse"]))
    assert not any(result.finding for result in results)
    return Pace(PROFILES[name], sum(result.streams for result in results), time.process_time() - begun)


def _profiles(paces: Sequence[Pace], rows: Sequence[Row]) -> Iterator[Sequence[str]]:
    searched = [row for row in rows if row.searched]
    for profile, streams, seconds in (*paces, _night(paces[-1])):
        alone = sum(all(0 < first <= profile.examples for first in row.searched) for row in searched)
        about = "" if seconds < 60 else "about "
        text = f"{seconds:.0f} s" if seconds < 60 else f"about {seconds / 60:.0f} min"
        examples = (f"{profile.examples:,}", f"{alone} of {len(searched)}", f"{profile.mixed:,}")
        yield (profile.name, *examples, f"{about}{streams:,}", text)


def _night(dev: Pace) -> Pace:
    """What deep takes at the pace of dev: measuring it would take as long as all else here."""
    deep, of_tgi = PROFILES["deep"], DIALECTS["tgi-sse"]
    searched = sum(
        requirement.searched and requirement.id != "MIX" and bool(requirement.alphabet(of_tgi))
        for requirement in REQUIREMENTS.values()
    )
    more = searched * (deep.examples - dev.profile.examples) + deep.mixed - dev.profile.mixed
    return Pace(deep, dev.streams + more, dev.seconds * (dev.streams + more) / dev.streams)


_PROFILES = """## Profiles

What the searches of a profile find in every seed without any sweep, and what it takes to judge the reference decoder in
tgi-sse, sweeps and all, in CPU time; deep is reckoned at the pace of dev. Sweeps come first and are the same in each
profile; each is deterministic."""
_PROFILE_COLUMNS = ("profile", "examples", "find alone", "of MIX", "streams", "takes")

# The page


def goals(rows: Sequence[Row]) -> Iterator[tuple[str, str, bool]]:
    """What was to be shown: the sentence, the figure, and whether it holds."""
    numbers = [number for row in rows for number in row.searched]
    late = [row.name for row in rows if not _within(row)]
    yield f"caught in {SEEDS} of {SEEDS} seeds within {SOON} examples", _all_but(rows, late), not late
    dear = [row.name for row in rows if max(row.swept, median(row.searched or (row.swept,))) > MEDIAN]
    text = f"{median(numbers):.0f} over all; {_all_but(rows, dear)}"
    yield f"median of examples to the first failure at most {MEDIAN}", text, not dear
    wrong = [row.name for row in rows if row.named < NAMED]
    yield "what it declares is broken, and nothing else", _all_but(rows, wrong), not wrong
    large = [row.name for row in rows if not row.small]
    text = f"shrunk to {MOST_CHARACTERS} characters and {MOST_CUTS} cut"
    yield f"{text}, or one word of the hazard", _all_but(rows, large), not large
    mixed = [row for row in rows if in_mix(row)]
    found = sum(bool(first) for row in mixed for first in row.mixed)
    share = found / (SEEDS * len(mixed))
    missed = [row.name for row in mixed if not all(row.mixed)]
    text = f"{share:.1%} of {len(mixed)} decoders × {SEEDS} seeds" + (
        f"; not always {_names(missed)}" if missed else ""
    )
    yield f"MIX alone, within {MIXED} examples, at least {MIX_GOAL:.0%}", text, share >= MIX_GOAL


def in_mix(row: Row) -> bool:
    """Whether its own requirement's hazard is among those of MIX."""
    return row.breaks[0] in REQUIREMENTS["MIX"].contains


def _within(row: Row) -> bool:
    return all(0 < first <= SOON for first in (row.swept, *row.searched))


def _all_but(rows: Sequence[Row], failing: Sequence[str]) -> str:
    text = f"{len(rows) - len(failing)} of {len(rows)}"
    return f"{text}; not {_names(failing)}" if failing else text


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cells(row: Row) -> Sequence[str]:
    searched = _firsts(row.searched) if row.searched else "swept only"
    mixed = _firsts(row.mixed) if in_mix(row) else "not in MIX"
    size = f"{row.characters:,} · {row.cuts} · {row.bytes:,}"
    others = (mixed, _firsts(row.naive), f"{row.unit} of {len(naive.UNIT_TESTS)}" if row.unit else "—")
    swept = str(row.swept) if row.swept else "—"
    named = f"{row.named}/{NAMED}"
    return (f"`{row.name}`", " ".join(row.breaks), swept, searched, size, named, f"{row.seconds * 1e3:.0f}", *others)


def _firsts(firsts: Firsts) -> str:
    """In how many seeds it was found, and after how many examples: the median and the most."""
    found = [first for first in firsts if first]
    if not found:
        return "—"
    return f"{len(found)}/{len(firsts)}: {median(found):.0f}, {max(found)}"


_HEAD = """# Power

Written by `python benchmarks/power.py`. What the suite catches, how soon, on how small a stream, and whom it blames."""

_TOLD = f"""## Broken decoders

Each is judged with {SEEDS} seeds and {CI.examples} examples a search, as profile ci does. For comparison stand beside
it MIX alone, a naive design (`st.text()` with random cuts and the property that the text comes back), {MIXED} examples
each, and {len(naive.UNIT_TESTS)} hand-written unit tests with one object a part. Broken clients
are not searched, and stand in the tests alone.

- *sweep*: the number of the first stream of its own requirement's sweep that fails; sweeps know no seed
- *search*, *MIX*, *naive*: in how many seeds it was found, then the median and the largest number of examples that took
- *shrunk*: the largest of all seeds, as characters · cuts · bytes of wire
- *named*: of {NAMED} seeds in which all else is asked too, those in which what it declares is broken and nothing else
- *ms*: CPU time of searching and shrinking, the median
- *unit tests*: how many of them fail
"""
_COLUMNS = ("decoder", "breaks", "sweep", "search", "shrunk", "named", "ms", "MIX", "naive", "unit tests")


def page(rows: Sequence[Row], paces: Sequence[Pace]) -> str:
    """All of docs/power.md."""
    shown = [(what, figure, "yes" if met else "**missed**") for what, figure, met in goals(rows)]
    counts = (
        _caught(
            rows,
            "by its own requirement: the search of each seed, or the sweep where nothing is searched",
            lambda row: all(row.searched or (row.swept,)),
        ),
        _caught(rows, "by MIX, in every seed", lambda row: all(row.mixed)),
        _caught(rows, "by the naive design, in every seed", lambda row: all(row.naive)),
        _caught(rows, "by the naive design, in any seed", lambda row: any(row.naive)),
        _caught(rows, "by the unit tests", lambda row: row.unit > 0),
    )
    blocks = (
        _HEAD,
        "\n".join(facts(("hypothesis", "botocore"))),
        table(("to show", "measured", "met"), shown),
        f"Of {len(rows)} broken decoders are caught:",
        "\n".join(counts),
        _PROFILES,
        table(_PROFILE_COLUMNS, _profiles(paces, rows)),
        _TOLD.rstrip(),
        table(_COLUMNS, map(_cells, rows)),
    )
    return "\n\n".join(blocks) + "\n"


def _caught(rows: Sequence[Row], how: str, found: Callable[[Row], bool]) -> str:
    return f"- {sum(map(found, rows))} {how}"


def main() -> None:
    """Measure on all cores and write the page; of decoders that are named, only print their rows."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        if named := sys.argv[1:]:
            print(
                "\n".join(
                    [*facts(("hypothesis", "botocore")), "", table(_COLUMNS, map(_cells, pool.map(measure, named)))]
                )
            )
            return
        paces = pool.map(pace, ("ci", "dev"))
        decoders = [name for name, broken in BROKEN.items() if broken.accepts != "endpoint"]
        rows = list(pool.map(measure, decoders))
    (DOCS / "power.md").write_text(page(rows, list(paces)), "utf-8")
    print("docs/power.md is written")


if __name__ == "__main__":
    main()
