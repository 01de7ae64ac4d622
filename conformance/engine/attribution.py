"""What a finding follows from: another requirement that is broken too, or PLAIN."""

from collections.abc import Callable, Container, Iterator
from dataclasses import replace

from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.requirements.judge import exactly, lossless, prompt, timely
from sliceproof.conformance.requirements.roots import root

CLIENT = "G1"
"""What short answers fail of where a whole client loses their beginning."""

PLAIN = "PLAIN"
"""What a finding follows from when the decoder fails on a stream without any hazard."""


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
    if from_ == CLIENT and finding.inherited:
        from_ = ""  # what it is built on has the fault alone
    return replace(result, finding=replace(finding, follows=from_))
