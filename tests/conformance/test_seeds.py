"""What fuzzers begin with: the very bytes of the cases, and words that compose the very same streams."""

from pathlib import Path

import pytest

from sliceproof.conformance.engine.seeds import dictionary, seeds, written
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, CaseError, shipped
from sliceproof.corpus.case import canonical
from sliceproof.strategies.codes import word
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.faults import Fault
from sliceproof.wire.headers import decode_headers
from sliceproof.wire.specimens import SPECIMENS
from sliceproof.wire.stream import Stream

MIX = REQUIREMENTS["MIX"]
CASES = shipped()
FOUND = seeds(CASES)


def test_wires_and_bodies_are_those_of_the_cases() -> None:
    specimens = {specimen.wire for specimen in SPECIMENS if not specimen.large}
    assert set(FOUND["messages"]) <= {case.stream.wire for case in CASES} | specimens
    assert len(specimens & set(FOUND["messages"])) > 40
    assert {data[1:] for data in FOUND["records"]} <= {case.stream.body for case in CASES}
    assert len(FOUND["messages"]) > 90
    assert len(FOUND["records"]) > 70


def test_words_compose_streams_of_the_cases() -> None:
    streams = {repr(canonical(case.stream)) for case in CASES}
    assert len(FOUND["streams"]) > 40
    for data in FOUND["streams"]:
        known = list(DIALECTS.values())[data[0]]
        composed = MIX.composed(known, word(data[1:], MIX.alphabet(known), 12))
        assert repr(canonical(composed)) in streams


def test_a_header_block_holds_a_header_of_each_type() -> None:
    assert any(len(decode_headers(block)) == 10 for block in FOUND["headers"])


def test_the_headers_of_a_malformed_message_are_tried_behind_a_parts_own() -> None:
    overrun = Fault("malformed", 0, hex="0000001500000005bd483314016107000143faf6ed")
    case = Case("F2", "", Stream("text", (), fault=overrun))
    assert b"\x01a\x07\x00\x01" in seeds([case])["headers"]


def test_none_is_there_twice() -> None:
    assert all(len(set(inputs)) == len(inputs) for inputs in FOUND.values())


def test_the_files_are_the_inputs_and_writing_them_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        assert written(CASES, tmp_path) == {target: len(inputs) for target, inputs in FOUND.items()}
    for target, inputs in FOUND.items():
        assert {file.read_bytes() for file in (tmp_path / target).iterdir()} == set(inputs)


def unquoted(line: str) -> bytes:
    """A line of a dictionary, as libFuzzer reads it."""
    assert line[0] == line[-1] == '"'
    return line[1:-1].encode("ascii").decode("unicode_escape").encode("latin-1")


@pytest.mark.parametrize("target", ["messages", "headers", "records"])
def test_a_dictionary_says_its_pieces_in_the_format_of_libfuzzer(target: str, tmp_path: Path) -> None:
    written(CASES, tmp_path)
    lines = (tmp_path / f"{target}.dict").read_text("ascii").splitlines()
    assert [unquoted(line) for line in lines] == dictionary(target)
    assert all(dictionary(target))


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CaseError, match=r"file cannot be written: Not a directory"):
        written(CASES, tmp_path / "file")


def test_seeds_are_not_written_among_other_files_or_through_links(tmp_path: Path) -> None:
    other, linked = tmp_path / "other", tmp_path / "linked"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    linked.mkdir()
    (linked / "messages").symlink_to(other)
    for folder in (other, linked):
        with pytest.raises(CaseError, match="which no export of seeds wrote"):
            written((), folder)
    written((), tmp_path / "new")
    assert written((), tmp_path / "new")
