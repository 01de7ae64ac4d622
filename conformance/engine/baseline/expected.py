"""A failure that is expected, compared with what the decoder does: known, stale, changed.

The case of an entry is replayed; nothing is searched. It fails the same way if the same modes of the
decoder break the requirement, each with a breach of the same kind and, where it raises on a sound
stream, with an exception of the same class.
"""

from collections.abc import Container, Mapping
from dataclasses import replace

from sliceproof.conformance.engine.baseline.entry import Entry, What
from sliceproof.conformance.engine.baseline.reading import Baseline
from sliceproof.conformance.engine.baseline.writing import Observed
from sliceproof.conformance.engine.evaluation import Judging
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.plan import Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import BreachKind
from sliceproof.conformance.requirements.requirement import Broken, Requirement
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.stream import Stream

KNOWN, STALE, CHANGED = "known", "stale", "changed"


class Expectation:
    """What a baseline expects, as `Judging` asks for it.

    *updating* judges in full what does not fail as expected, so that the file can be brought up to date.
    """

    def __init__(self, baseline: Baseline, updating: bool = False) -> None:
        self.baseline, self.updating = baseline, updating

    def __call__(self, judging: Judging, task: Task) -> Result | None:
        """The result where a failure is expected, or None where none is."""
        entry = self.baseline.of(judging.decoder, task.requirement.id, task.dialect.id)
        if entry is None:
            return None
        confirmation = confirmed(entry, judging, task, self.baseline.name)
        if confirmation.standing == KNOWN or not self.updating or confirmation.verdict == "n/a":
            return confirmation
        return replace(judging.judged(task), standing=confirmation.standing, reason=confirmation.reason)

    def elsewhere(self, decoder: Decoder, requirement: str, dialect: str) -> str:
        """What is to be said of a failure that the baseline knows for other versions or environments only, or ""."""
        others = self.baseline.about(decoder, requirement, dialect)
        if not others:
            return ""
        entry = others[0]
        where = " and ".join(filter(None, (entry.versions, entry.when)))
        return f"entry {entry.number} of {self.baseline.name} knows it for {where} only"


def strays(
    baseline: Baseline, decoder: Decoder, dialects: Container[str], requirements: Container[Requirement]
) -> list[Task]:
    """What entries expect of a decoder in dialects that it is not judged in at all, among the *requirements* asked."""
    return [
        Task(REQUIREMENTS[entry.requirement], DIALECTS[entry.dialect])
        for entry in baseline.applying(decoder)
        if entry.dialect not in dialects and REQUIREMENTS[entry.requirement] in requirements
    ]


def observed(result: Result, baseline: Baseline) -> Observed:
    """A result as `writing` wants it."""
    decoder, requirement = result.decoder, result.requirement
    entry = baseline.of(decoder, requirement.id, result.dialect)
    seen = Observed(
        decoder.name, decoder.version(), result.dialect, requirement.id, False, entry.number if entry else 0
    )
    if result.finding is None:
        return seen
    if entry is not None and result.standing == KNOWN:
        return seen._replace(broken=True, case=entry.case, what=entry.what)
    stream = result.finding.stream
    return seen._replace(broken=True, case=repr(stream), what=what(requirement, decoder, stream))


def confirmed(entry: Entry, judging: Judging, task: Task, name: str) -> Result:
    """The entry's case, replayed."""
    requirement, dialect = task.requirement, task.dialect
    decoder, whose = judging.decoder, f"entry {entry.number} of {name}"
    result = Result(decoder, dialect.id, requirement, "pass", 1, standing=STALE)
    if reason := requirement.inapplicable(decoder, dialect):
        return replace(result, verdict="n/a", streams=0, reason=f"{whose} can go: {reason}")
    found = breaking(requirement, decoder, entry.stream)
    if not found:
        return replace(result, reason=f"{whose} can go: its case passes")
    broken = next(iter(found.values()))
    result = replace(result, verdict=requirement.verdict, examples_to_failure=1)
    now, then = ways(found), _each(entry.what, requirement, decoder)
    if _kinds(now) == _kinds(then):  # nobody needs to be told how each mode fails, and of whom that is inherited
        finding = Finding(requirement, decoder, broken, broken.breach.layer or requirement.blames)
        return replace(result, finding=finding, standing=KNOWN, reason=_why(entry))
    reason = f"{whose} says that it {_in_words(then)}; now it {_in_words(now)}"
    return replace(result, finding=judging.finding(requirement, broken), standing=CHANGED, reason=reason)


def breaking(requirement: Requirement, decoder: Decoder, stream: Stream) -> dict[str, Broken]:
    """How each mode of the decoder breaks the requirement on a stream; "" stands for all where they are compared."""
    if requirement.compare is not None:
        broken = requirement.check(decoder, stream)
        return {} if broken is None else {"": broken}
    found = {
        mode: requirement.check(replace(decoder, modes={mode: way}), stream) for mode, way in decoder.modes.items()
    }
    return {mode: broken for mode, broken in found.items() if broken is not None}


def ways(found: Mapping[str, Broken]) -> dict[str, str]:
    """How each mode fails, in words that stay the same from run to run."""
    return {mode: _way(broken) for mode, broken in found.items()}


def _way(broken: Broken) -> str:
    breach, error = broken.breach, broken.outcome.error
    raises = breach.kind is BreachKind.RAISES and error is not None
    return f"{breach.what} ({type(error).__name__})" if raises else breach.what


def _kinds(each: Mapping[str, str]) -> dict[str, tuple[BreachKind | str, str]]:
    """The kinds of the ways that are told, by slug or in words, with the class of the exception that one raises."""
    parted = {mode: text.partition(" (") for mode, text in each.items()}
    return {mode: (BreachKind.of(words) or words, error) for mode, (words, _, error) in parted.items()}


def what(requirement: Requirement, decoder: Decoder, stream: Stream) -> What:
    """How a decoder fails on a stream, as an entry says it: in one way, or in one for each mode that fails."""
    found = ways(breaking(requirement, decoder, stream))
    alike = len(set(found.values())) == 1
    return next(iter(found.values())) if alike and (requirement.compare or len(found) == len(decoder.modes)) else found


def _each(what: What, requirement: Requirement, decoder: Decoder) -> dict[str, str]:
    if not isinstance(what, str):
        return dict(what)
    return {"": what} if requirement.compare is not None else dict.fromkeys(decoder.modes, what)


def _in_words(each: Mapping[str, str]) -> str:
    if len(set(each.values())) == 1:
        modes = ", ".join(filter(None, each))
        return next(iter(each.values())) + (f" ({modes})" if modes else "")
    return ", ".join(f"{way} ({mode})" for mode, way in each.items())


def _why(entry: Entry) -> str:
    text = " ".join(filter(None, (entry.reason, f"({entry.thread})" if entry.thread else "")))
    return f"{entry.kind}: {text}" if text else entry.kind
