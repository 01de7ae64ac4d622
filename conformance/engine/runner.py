"""Asks a decoder every requirement in every dialect: replay what is filed, sweep, search, then shrink.

`run` yields one `Result` at a time; reports listen to it, nothing here prints. The same decoder,
profile and seed give the same results; with a database, what failed before is replayed first.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import NamedTuple

from hypothesis.database import ExampleDatabase

from sliceproof.conformance.engine.asking import Asking
from sliceproof.conformance.engine.finding import Finding, told_modes
from sliceproof.conformance.engine.memory import Memory
from sliceproof.conformance.engine.search import Budget, Found
from sliceproof.conformance.harness.contract import ACCEPTS, Decoder, TargetError
from sliceproof.conformance.harness.drive import drive, passed_on
from sliceproof.conformance.harness.outlet import told
from sliceproof.conformance.requirements.judge import described, exactly, lossless, prompt, timely
from sliceproof.conformance.requirements.plainly import fails_plainly
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.conformance.requirements.roots import root
from sliceproof.corpus import Case
from sliceproof.wire.dialects import DIALECTS, Dialect
from sliceproof.wire.errors import SliceproofError
from sliceproof.wire.stream import Stream

PLAIN = "PLAIN"
"""What a finding follows from when the decoder fails on a stream without any hazard."""


@dataclass(frozen=True)
class Profile:
    """How far judging goes: examples a search of one requirement, and of MIX; docs/power.md has what they find.

    Without examples nothing is searched. Of a sweep the first FIRST streams are asked, and one of *step* of the
    others; what it *skips* is left to the others, as it takes too long.
    """

    name: str
    examples: int
    mixed: int
    step: int = 1
    skips: tuple[str, ...] = ()

    def swept(self, streams: Iterable[Stream]) -> Iterable[Stream]:
        """Those of a sweep that are asked."""
        if self.step == 1:
            return streams
        return (stream for number, stream in enumerate(streams) if number < FIRST or number % self.step == 0)


FIRST = 8
PROFILES = {
    "quick": Profile("quick", 0, 0, 13, ("Q1",)),
    "ci": Profile("ci", 40, 300),
    "dev": Profile("dev", 100, 1000),
    "deep": Profile("deep", 20000, 100000),
}


GRAVITY = ("fail", "error", "warn", "pass", "n/a")
"""The verdicts, the gravest first."""


@dataclass(frozen=True)
class Result:
    """A verdict: pass, fail (MUST), warn (SHOULD), n/a or error, after how many streams.

    `standing` is how it stands to a baseline of known failures: known, stale, changed, or "" if no
    entry speaks of it; `reason` then says why. `replayed` is a failure that a database knew before,
    `seeds` are those of a campaign's tasks.
    """

    decoder: Decoder
    dialect: str
    requirement: Requirement
    verdict: str
    streams: int = 0
    examples_to_failure: int | None = None
    finding: Finding | None = None
    reason: str = ""
    standing: str = ""
    replayed: bool = False
    seeds: tuple[int, ...] = ()


class Plan(NamedTuple):
    """What is to be judged, and how far; *cases* are replayed first, each for the requirement it is filed under.

    A *database* gives what failed before, and is given what fails.
    """

    requirements: Sequence[Requirement]
    profile: Profile
    seed: int = 0
    examples: int | None = None
    seconds: float | None = None
    cases: Sequence[Case] = ()
    database: ExampleDatabase | None = None

    def filed(self, requirement: Requirement, known: Dialect) -> list[Stream]:
        """The streams of the cases for a requirement in a dialect, the shortest first."""
        filed = [case.stream for case in self.cases if case.requirement == requirement.id]
        return sorted((one for one in filed if one.dialect == known.id), key=lambda one: len(one.wire))


Expected = Callable[["Judging", Requirement, Dialect], Result | None]
"""The result where a failure is expected (sliceproof.conformance.engine.baseline); None where none is."""

Judge = Callable[[Requirement, Dialect], Result | None]


@dataclass
class Judging:
    """One decoder under a plan; *bases* are the decoders it is built on.

    `announce` is told what is asked next: the names of decoder and dialect, and the requirement's id.
    """

    decoder: Decoder
    plan: Plan
    bases: Sequence[Decoder] = ()
    expected: Expected | None = None
    announce: Callable[[str, str, str], object] = lambda decoder, dialect, requirement: None
    asked: set[str] = field(default_factory=set)

    def fails_plainly(self, known: Dialect) -> bool:
        """Whether the decoder fails on a stream without any hazard, so that this explains the rest."""
        return fails_plainly(self.decoder, known)

    def results(self, known: Dialect, judge: Judge | None = None) -> Iterator[Result]:
        """All of one dialect; *judge* gives the result where there is one to judge, None where it is not to be told."""
        for requirement in self.plan.requirements:
            reason = requirement.inapplicable(self.decoder, known)
            if not reason and requirement.once and requirement.id in self.asked:
                reason = "it depends on no dialect and was asked in the first"
            if not reason and requirement.id in self.plan.profile.skips:
                reason = f"profile {self.plan.profile.name} leaves it out, as it takes a second or more"
            if reason:
                yield self.confirmed(requirement, known) or self._inapplicable(requirement, known, reason)
                continue
            self.asked.add(requirement.id)
            if result := (judge or self.result)(requirement, known):
                yield result

    def _inapplicable(self, requirement: Requirement, known: Dialect, reason: str) -> Result:
        return Result(self.decoder, known.id, requirement, "n/a", reason=reason)

    def confirmed(self, requirement: Requirement, known: Dialect) -> Result | None:
        """The result where a failure is expected, or None."""
        return self.expected(self, requirement, known) if self.expected else None

    def result(self, requirement: Requirement, known: Dialect, turn: int = 0) -> Result:
        """One requirement in one dialect: a failure that is expected is confirmed, all else is judged."""
        self.announce(self.decoder.name, known.id, requirement.id)
        return self.confirmed(requirement, known) or self.judged(requirement, known, turn)

    def judged(self, requirement: Requirement, known: Dialect, turn: int = 0) -> Result:
        """One requirement in one dialect, whatever is expected; a later turn only searches, by another seed."""
        asking = self._asking(requirement, known, turn)
        swept = () if turn else (asking.swept,)
        return self._tried(asking, (asking.recalled, *swept, asking.searched))

    def replayed(self, requirement: Requirement, known: Dialect) -> Result:
        """Whether what the database knows to fail still does; nothing else is judged."""
        self.announce(self.decoder.name, known.id, requirement.id)
        asking = self._asking(requirement, known)
        return self._tried(asking, (asking.recalled,))

    def _asking(self, requirement: Requirement, known: Dialect, turn: int = 0) -> Asking:
        plan = self.plan
        deadline = None if plan.seconds is None else monotonic() + plan.seconds
        examples = plan.profile.mixed if requirement.id == "MIX" else plan.profile.examples
        budget = Budget(examples if plan.examples is None else plan.examples, plan.seed + turn, deadline)
        memory = Memory(plan.database, self.decoder, requirement, known) if plan.database else None
        filed = plan.filed(requirement, known)
        return Asking(requirement, self.decoder, known, budget, filed, memory, plan.profile.swept)

    def _tried(self, asking: Asking, steps: Sequence[Callable[[], Found]]) -> Result:
        """The steps in turn, until one breaks the requirement."""
        result = Result(self.decoder, asking.dialect.id, asking.requirement, "pass")
        try:
            for step in steps:
                found, before = step(), result.streams
                result = replace(result, streams=before + found.examples)
                if found.broken is not None:
                    failed = replace(result, examples_to_failure=before + found.first, replayed=step == asking.recalled)
                    return self._broken(failed, asking.made_small(found.broken))
        except Exception as error:
            meant = passed_on(error)  # also what Hypothesis took for a failing example
            if meant is not None:
                raise meant from None
            reason = f"{type(error).__name__}: {error}"
            return Result(self.decoder, asking.dialect.id, asking.requirement, "error", reason=reason)
        return result

    def _broken(self, result: Result, broken: Broken) -> Result:
        requirement = result.requirement
        return replace(result, verdict=requirement.verdict, finding=self.finding(requirement, broken))

    def finding(self, requirement: Requirement, broken: Broken) -> Finding:
        """What is told of a requirement broken."""
        layer = broken.breach.layer or requirement.blames
        inherited = self._inherited(requirement, broken.stream)
        waits = broken.outcome.ended == "hang" and not broken.outcome.exhausted  # once is long enough
        modes = {} if requirement.compare or waits else told_modes(requirement, self.decoder, broken.stream)
        return Finding(requirement, self.decoder, broken, layer, "", inherited, modes)

    def _inherited(self, requirement: Requirement, stream: Stream) -> str:
        for base in self.bases:
            if not requirement.inapplicable(base, DIALECTS[stream.dialect]) and requirement.check(base, stream):
                return f"{base.name} {base.version()}"
        return ""


def result_of(judging: Judging, requirement: Requirement, known: Dialect) -> Result:
    """One requirement in one dialect, also of a decoder that raises what is no error, such as SystemExit."""
    try:
        return judging.result(requirement, known)
    except (KeyboardInterrupt, SliceproofError):
        raise
    except BaseException as error:  # whatever it comes of, it is no verdict
        reason = f"{type(error).__name__}: {told(error)}"
        return Result(judging.decoder, known.id, requirement, "error", reason=reason)


def run(
    decoder: Decoder,
    plan: Plan,
    dialects: Iterable[str],
    bases: Sequence[Decoder] = (),
    expected: Expected | None = None,
) -> Iterator[Result]:
    """Judge *decoder* in each of *dialects*; *bases* are the decoders it is built on."""
    judging = Judging(decoder, plan, bases, expected)
    for id_ in dialects:
        yield from rooted(list(judging.results(DIALECTS[id_])), judging.fails_plainly(DIALECTS[id_]))


def rooted(results: list[Result], plainly: bool = False) -> Iterator[Result]:
    """The results of one dialect, each finding with the root it follows from.

    If the decoder fails *plainly*, what asks for a sound stream's text follows from PLAIN.
    """
    failed = {result.requirement.id for result in results if result.finding}
    for result in results:
        yield with_root(result, failed - {result.requirement.id}, lambda: plainly)


def with_root(result: Result, failed: Container[str], plainly: Callable[[], bool]) -> Result:
    """A result whose finding says what it follows from: one of the *failed*, or PLAIN."""
    finding = result.finding
    if finding is None:
        return result
    if result.requirement.id == PLAIN:
        return result
    asks_for_text = result.requirement.judge in (lossless, exactly, prompt, timely)
    from_ = PLAIN if asks_for_text and plainly() else root(result.requirement.contains, failed, finding.stream)
    return replace(result, finding=replace(finding, follows=from_))


def dialects_read(decoder: Decoder) -> tuple[list[str], dict[str, str]]:
    """The dialects in which a decoder that claims none gives back a plain stream, and what became of the others."""
    read, others = [], {}
    for id_ in DIALECTS:
        stream = Stream(id_, ("x", "y", "Hello"))
        outcome = drive(decoder, next(iter(decoder.modes)), stream)
        if outcome.pulls == 0 and isinstance(outcome.error, TypeError | AttributeError):
            raise TargetError(
                f"{decoder.name} fails before it asks for a chunk ({described(outcome.error)}); "
                f"it is given an iterable of {ACCEPTS[decoder.accepts]}; say with --accepts if it takes something else"
            )
        text = "".join(outcome.items) if decoder.yields == "text" else ""
        if decoder.yields != "text" or _told_in(stream.text, text):
            read.append(id_)
        else:
            error = outcome.error
            others[id_] = f"raised {described(error)}" if error else f"gave {text!r}"
    return read, others


def _told_in(expected: str, got: str) -> bool:
    """Whether *got* holds the text, with perhaps some of it twice, and is not simply the whole body."""
    rest = iter(got)
    return len(got) <= 4 * len(expected) and all(any(character == other for other in rest) for character in expected)


__all__ = [
    "PROFILES",
    "Expected",
    "Finding",
    "Judging",
    "Plan",
    "Profile",
    "Result",
    "dialects_read",
    "rooted",
    "run",
    "with_root",
]
