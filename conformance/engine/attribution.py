"""What a finding follows from: another requirement that is broken too, or PLAIN."""

from collections.abc import Callable, Container, Iterator
from dataclasses import replace

from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.requirements.judge import exactly, lossless, prompt, timely
from sliceproof.conformance.requirements.roots import root

CLIENT = "G1"
"""What short answers fail of where a whole client loses their beginning."""

PLAIN = "PLAIN"
"""What a finding follows from when the decoder fails on a stream without any hazard."""


def rooted(results: list[Result], plainly: bool = False, plain: Finding | None = None) -> Iterator[Result]:
    """The results of one dialect, each finding with the root it follows from.

    If the decoder fails *plainly*, what asks for a sound stream's text follows from PLAIN; *plain* is what that found
    where it is none of the results.
    """
    failed = {result.requirement.id for result in results if result.finding}
    for each in results:
        result = with_root(each, failed - {each.requirement.id}, lambda: plainly)
        if result.finding is not None and result.finding.follows == PLAIN:
            result = replace(result, finding=replace(result.finding, plain=plain))
        yield result


def with_root(result: Result, failed: Container[str], plainly: Callable[[], bool]) -> Result:
    """A result whose finding says what it follows from: one of the *failed*, or PLAIN."""
    finding = result.finding
    if finding is None:
        return result
    if result.requirement.id == PLAIN:
        return result
    asks_for_text = result.requirement.judge in (lossless, exactly, prompt, timely)
    from_ = PLAIN if asks_for_text and plainly() else root(result.requirement.contains, failed, finding.stream)
    if from_ == CLIENT and finding.inherited:
        from_ = ""  # what it is built on has the fault alone
    return replace(result, finding=replace(finding, follows=from_))
