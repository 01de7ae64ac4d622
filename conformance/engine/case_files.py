"""From findings to cases, and from what is on disk to the cases that a run replays."""

from collections.abc import Iterable, Sequence
from datetime import date

from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, CaseError, Found, TooLargeError, load_folder, save, shipped
from sliceproof.wire.faults import FaultKind
from sliceproof.wire.stream import Stream


def cases_to_replay(folders: Iterable[str]) -> tuple[Case, ...]:
    """The shipped cases and those of *folders*, each once; CaseError if one is for no requirement of ours."""
    by_id: dict[str, Case] = {case.id: case for case in shipped()}
    for folder in folders:
        for case in load_folder(folder):
            if case.requirement not in REQUIREMENTS:
                raise CaseError(
                    f"{folder}: {case.name} is for {case.requirement}, which is no requirement; "
                    "`sliceproof list requirements` shows all"
                )
            by_id.setdefault(case.id, case)
    return tuple(by_id.values())


_ABOUT = {
    FaultKind.EXCEPTION: "E1",
    FaultKind.ERROR_RECORD: "E1-record",
    FaultKind.SILENCE: "T1",
    FaultKind.BROKEN_OFF: "T1",
    FaultKind.TRUNCATED: "T2",
    FaultKind.CORRUPT: "F2",
    FaultKind.OVERSIZED: "F3",
    FaultKind.MALFORMED: "F2-malformed",
    FaultKind.UNREADABLE_RECORD: "E3",
    FaultKind.SOURCE_ERROR: "T4",
}


def asked_about(stream: Stream) -> str:
    """The id of the requirement that a stream found by chance is about: what its fault asks, else M8 or MIX."""
    if stream.fault is not None:
        return _ABOUT[FaultKind(stream.fault.kind)]
    return "M8" if stream.deltas else "MIX"


def case_of(finding: Finding, thread: str = "") -> Case:
    """The case that a finding makes, found today; *thread* is a URL where it is told."""
    decoder, requirement = finding.decoder, finding.requirement
    found = Found(decoder.name, decoder.version(), date.today().isoformat(), thread, finding.broken.mode)
    return Case(requirement.id, requirement.title, finding.stream, (found,))


def file_findings(results: Sequence[Result], folder: str, name: str = "") -> tuple[str, list[str]]:
    """Save the root of each finding as a case in *folder*: a line that says what was saved, and what could not be.

    *name* is what the folder is called, if not by its path.
    """
    problems: list[str] = []
    saved: dict[str, None] = {}
    too_large: dict[str, None] = {}
    for result in results:
        if result.finding is None or result.finding.follows:
            continue
        try:
            saved[save(case_of(result.finding), folder).stem] = None
        except TooLargeError:
            too_large[result.requirement.id] = None
        except CaseError as error:  # the next may still be saved
            problems.append(f"{result.requirement.id} in {result.dialect} was not saved: {error}")
    text = f"saved {len(saved)} case{'' if len(saved) == 1 else 's'} in {name or folder}"
    text += f": {' '.join(saved)}" if saved else ", as there is no finding that stands for itself"
    return text + (f" (too large for a case: {' '.join(too_large)})" if too_large else ""), problems
