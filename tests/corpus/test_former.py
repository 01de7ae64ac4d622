"""Cases from before a dialect was written as its server writes it load, and stay the cases that they were."""

import hashlib
import json
from pathlib import Path

import pytest

from sliceproof.corpus import Case, CaseError, layout, load, load_folder, save
from sliceproof.corpus.case import expected_fields, stream_fields
from sliceproof.wire.dialects import DIALECTS, Style, encode
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

FORMER = sorted((Path(__file__).parent / "former").glob("*.json"))
TOKEN, COMPACT = Style(form="token"), Style(form="token-compact")


@pytest.mark.parametrize("path", FORMER, ids=lambda path: path.stem)
def test_a_file_of_then_loads_and_is_written_again_to_the_byte(path: Path, tmp_path: Path) -> None:
    case = load(path)
    assert case.stream.style.form == "token-compact"
    assert '"form": "token"' in path.read_text("utf-8")
    assert f"{case.requirement}-{case.id}" == path.stem
    assert layout.text(case) == path.read_text("utf-8")
    assert save(case, tmp_path).read_bytes() == path.read_bytes()


def test_a_whole_folder_of_them_loads() -> None:
    assert len(FORMER) == 4
    assert len(load_folder(FORMER[0].parent)) == len(FORMER)


@pytest.mark.parametrize(
    "stream",
    [
        Stream("lmi-jsonlines", ("x",), TOKEN),
        Stream("lmi-jsonlines", ("x",), TOKEN, fault=Fault("exception", 0)),
        Stream("lmi-jsonlines", ("x", "y"), TOKEN, part_cuts=(3,), unknown=(1,)),
    ],
    ids=repr,
)
def test_a_case_of_now_and_one_of_then_are_two_even_where_their_bytes_are_alike(stream: Stream, tmp_path: Path) -> None:
    now, then = Case("R1", "a title", stream), Case("R1", "a title", stream.but(style=COMPACT))
    assert now.id != then.id
    for case in (now, then):
        assert load(save(case, tmp_path)) == case
    assert len(load_folder(tmp_path)) == 2


@pytest.mark.parametrize("name", ["body", "id", "wire"])
def test_what_is_neither_of_then_nor_of_now_is_refused_as_ever(name: str, tmp_path: Path) -> None:
    data = json.loads(FORMER[0].read_text("utf-8"))
    data[name] = "0" * 12 if name == "id" else data[name][:-8] + "AAAAAAA="  # valid base64, and other bytes
    path = tmp_path / "case.json"
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(CaseError, match=f"case.json: {name}: "):
        load(path)


def test_the_id_of_a_case_of_now_is_the_one_that_the_page_describes() -> None:
    case = Case("R1", "a title", Stream("lmi-jsonlines", ("x",), TOKEN))
    told = {"requirement": case.requirement, **stream_fields(case.stream), "expected": expected_fields(case.expected)}
    assert told["style"] == {"form": "token"}
    told["style"] = {"form": "token, rewritten"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert case.id == hashlib.sha256(text.encode()).hexdigest()[:12]


def test_each_former_way_is_a_form_and_writes_other_bytes() -> None:
    for dialect in DIALECTS.values():
        for now, then in dialect.former.items():
            assert {now, then} <= set(dialect.forms)
            assert encode(dialect, ("x",), Style(form=now)).data != encode(dialect, ("x",), Style(form=then)).data
