"""What becomes of an input: nothing, a fault that is told or kept once, or a wire that no case can hold."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sliceproof.corpus import load_folder
from sliceproof.fuzz.fuzz_messages import Messages
from sliceproof.fuzz.target import Options, Settled, Suspect
from sliceproof.fuzz.triage import LOG, OFTEN, FoundError, Hunt, UnsettledError
from sliceproof.fuzz.wire_edit import Piece

PRELUDE_ALONE = Piece(b"", total=12).wire()
OVERRUN = Piece(b"\x01a\x07\x00\x01").wire()


def hunt(folder: Path | None = None, known: tuple[tuple[str, str], ...] = ()) -> Hunt:
    return Hunt(Messages(Options(("botocore",))), folder, known)


class Unsettled(Messages):
    """A target whose suspects come to nothing."""

    def settle(self, suspect: Suspect) -> Settled | bytes | None:
        return None


def test_a_sound_input_is_nothing() -> None:
    hunting = hunt()
    hunting(b"")
    hunting(Piece(b"", b"x").wire())
    assert hunting.runs == 2


def test_without_a_folder_a_fault_is_raised_with_all_that_is_needed_to_see_it_again() -> None:
    with pytest.raises(FoundError) as raised:
        hunt()(PRELUDE_ALONE)
    told = str(raised.value)
    assert told.startswith("botocore breaks F2 (corrupt message): hides the fault")
    assert "Stream('text', [], fault=Fault('malformed', 0))" in told
    assert "sliceproof replay" in told


def test_with_a_folder_each_fault_becomes_a_case_once(tmp_path: Path) -> None:
    hunting = hunt(tmp_path)
    for data in (PRELUDE_ALONE, OVERRUN, PRELUDE_ALONE, Piece(b"", b"abc", total=12).wire()):
        hunting(data)
    cases = load_folder(tmp_path)
    assert {(case.requirement, case.stream.fault.kind) for case in cases if case.stream.fault} == {("F2", "malformed")}
    assert len(cases) == 2
    assert [case.found[0].decoder for case in cases] == ["botocore"] * 2
    rows = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert [(row["key"], row["runs"]) for row in rows] == [("F2 at least", 1), ("F2 past the header block", 2)]
    assert {row["case"] for row in rows} == {case.name for case in cases}


def test_a_known_requirement_is_passed_over_whatever_the_fault(tmp_path: Path) -> None:
    hunting = hunt(tmp_path, (("botocore", "F2"),))
    hunting(PRELUDE_ALONE)
    hunting(OVERRUN)
    assert load_folder(tmp_path) == ()


def test_what_another_decoder_is_known_for_is_not(tmp_path: Path) -> None:
    hunt(tmp_path, (("litellm", "F2"),))(PRELUDE_ALONE)
    assert len(load_folder(tmp_path)) == 1


def test_a_wire_that_no_case_can_hold_is_kept_as_it_is(tmp_path: Path) -> None:
    target = Unsettled(Options(("botocore",)))
    with pytest.raises(UnsettledError, match="F2 at least: 0000000c"):
        Hunt(target)(PRELUDE_ALONE)
    hunting = Hunt(target, tmp_path)
    hunting(PRELUDE_ALONE)
    hunting(PRELUDE_ALONE)
    (row,) = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert (tmp_path / row["unsettled"]).read_bytes() == PRELUDE_ALONE


def test_the_framing_decoders_that_are_installed_are_asked_by_default() -> None:
    decoders = Messages(Options()).decoders
    assert {"botocore", "sound:messages"} <= {decoder.name for decoder in decoders}
    assert {decoder.yields for decoder in decoders} == {"messages"}


class Mislabelled(Messages):
    """A target whose suspects, whatever they may be, come to the same fault at first, and then to their own."""

    settled = 0

    def run(self, data: bytes) -> Iterator[Suspect]:
        yield Suspect(self.decoders[0], frozenset({data.decode()}), PRELUDE_ALONE)

    def settle(self, suspect: Suspect) -> Settled | bytes | None:
        self.settled += 1
        settled = super().settle(suspect._replace(keys=frozenset({"F2 at least"})))
        assert isinstance(settled, Settled)
        (key,) = suspect.keys
        return settled if self.settled < 3 else settled._replace(key=key)


def test_what_comes_to_a_known_fault_once_is_still_asked_about(tmp_path: Path) -> None:
    hunting = Hunt(Mislabelled(Options(("botocore",))), tmp_path)
    for name in (b"one", b"other", b"other"):
        hunting(name)
    lines = [json.loads(line)["key"] for line in (tmp_path / LOG).read_text().splitlines()]
    assert lines == ["F2 at least", "other"]


def test_what_comes_to_a_known_fault_often_is_taken_for_it(tmp_path: Path) -> None:
    target = Mislabelled(Options(("botocore",)))
    hunting = Hunt(target, tmp_path)
    target.settled = -100
    for name in (b"one", *[b"other"] * 20):
        hunting(name)
    assert target.settled == -100 + 1 + OFTEN
