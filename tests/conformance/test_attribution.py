"""What a finding follows from, and what it does not."""

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.engine.attribution import PLAIN, with_root
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.requirement import Broken
from sliceproof.wire.stream import Stream

REFERENCE = DECODERS["reference"].load()
SHORT = Stream("tgi-sse", ("<",))


def root_of(id_: str, stream: Stream, failed: set[str], plainly: bool = False, inherited: str = "") -> str:
    """What a result whose finding shows *stream* follows from."""
    requirement = REQUIREMENTS[id_]
    broken = Broken(
        stream, "sync", Breach(BreachKind.LOSES_TEXT, "a", "b"), Outcome((), (), "end", None, 1, True, "chunks")
    )
    finding = Finding(requirement, REFERENCE, broken, "line", "", inherited)
    result = with_root(Result(REFERENCE, "tgi-sse", requirement, "fail", finding=finding), failed, lambda: plainly)
    assert result.finding is not None
    return result.finding.follows


@pytest.mark.parametrize(("failed", "expected"), [({"G1"}, "G1"), (set(), ""), ({"U1"}, "")])
def test_a_short_answer_that_is_lost_follows_from_a_client_that_loses_the_beginning(
    failed: set[str], expected: str
) -> None:
    assert root_of("S4", SHORT, failed) == expected


def test_what_the_decoder_below_breaks_too_does_not() -> None:
    assert root_of("S4", SHORT, {"G1"}, inherited="litellm 1.110.2") == ""
    assert root_of("S4", Stream("tgi-sse", ("x</s>",)), {"S1"}, inherited="litellm 1.110.2") == "S1"


def test_all_that_asks_for_text_follows_from_a_plain_stream_that_fails() -> None:
    assert root_of("S4", SHORT, {"G1", "S1"}, plainly=True) == PLAIN
    assert root_of("E1", SHORT, set(), plainly=True) == ""
    assert root_of("PLAIN", SHORT, {"G1"}, plainly=True) == ""
