"""Findings become cases, cases are replayed first, and the command line does both."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

import fill
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.decoders.reference import decode
from sliceproof.conformance.engine.case_files import cases_to_replay, file_findings
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder, of_callable
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import Case, CaseError, load_folder, save, shipped
from sliceproof.wire.stream import Stream

Sliceproof = Callable[..., tuple[int, str, str]]

QUICK = ("--requirement", "U1", "--dialect", "text", "--examples", "3")
HALVES = ("own.py:halves", "--accepts", "parts")
CUT = Case("U1", "code point cut", Stream("tgi-sse", ("é",), part_cuts=(43,)))


def judged(decoder: str | Decoder, *ids: str, cases: tuple[Case, ...] = ()) -> list[Result]:
    plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["ci"], examples=3, cases=cases)
    return list(run(load(decoder) if isinstance(decoder, str) else decoder, plan, ["tgi-sse"]))


class TestARun:
    def test_replays_what_is_filed_for_the_requirement_and_the_dialect_before_anything_else(self) -> None:
        (result,) = judged("broken:decodes_parts_alone", "U1", cases=(CUT,))
        assert (result.verdict, result.streams, result.examples_to_failure) == ("fail", 1, 1)

    @pytest.mark.parametrize(
        "other", [Case("U2", "", CUT.stream), Case("U1", "", Stream("djl-sse", ("é",), part_cuts=(40,)))]
    )
    def test_leaves_the_cases_of_other_requirements_and_dialects_alone(self, other: Case) -> None:
        (with_it,), (without,) = judged("reference", "U1", cases=(other,)), judged("reference", "U1")
        assert with_it.streams == without.streams

    def test_counts_the_cases_that_pass(self) -> None:
        (with_it,), (without,) = judged("reference", "U1", cases=(CUT,)), judged("reference", "U1")
        assert with_it.streams == without.streams + 1

    def test_replays_the_shortest_first(self) -> None:
        long = Case("U1", "", Stream("tgi-sse", ("éé" * 9,), part_cuts=(43,)))
        (result,) = judged("broken:decodes_parts_alone", "U1", cases=(long, CUT))
        assert result.finding is not None
        assert result.finding.stream == CUT.stream

    def test_finds_by_a_case_what_no_sweep_and_no_search_would(self) -> None:
        """The case is what remembers: a text of which no requirement's alphabet knows."""
        rare = Case("U2", "", Stream("tgi-sse", ("\u1e9e",)))
        decoder = of_callable(drops_capital_sharp_s, "own", dialects=("tgi-sse",))
        (without,), (with_it,) = judged(decoder, "U2"), judged(decoder, "U2", cases=(rare,))
        assert (without.verdict, with_it.verdict) == ("pass", "fail")


def drops_capital_sharp_s(chunks: Iterator[bytes]) -> Iterator[str]:
    for text in decode(chunks, "tgi-sse"):
        yield text.replace("\u1e9e", "")


class TestFiling:
    def test_keeps_roots_and_not_what_follows_from_them(self, tmp_path: Path) -> None:
        results = judged("broken:wants_whole_records", "U1", "R1")
        follows = {result.requirement.id: result.finding.follows for result in results if result.finding}
        assert follows == {"U1": "R1", "R1": ""}
        told, _ = file_findings(results, str(tmp_path))
        (case,) = load_folder(tmp_path)
        assert told == f"saved 1 case in {tmp_path}: {case.name}"
        assert case.requirement == "R1"
        (found,) = case.found
        assert (found.decoder, found.date, found.mode) == (
            "broken:wants_whole_records",
            date.today().isoformat(),
            "sync",
        )

    def test_of_what_passes_says_that_there_is_nothing(self, tmp_path: Path) -> None:
        told, _ = file_findings(judged("reference", "U1"), str(tmp_path))
        assert told == f"saved 0 cases in {tmp_path}, as there is no finding that stands for itself"
        assert list(tmp_path.iterdir()) == []

    def test_gives_the_shipped_cases_and_those_of_folders_each_once(self, tmp_path: Path) -> None:
        new = Case("U1", "own", Stream("tgi-sse", ("éé",), part_cuts=(45,)))
        save(new, tmp_path)
        save(shipped()[0], tmp_path)
        assert cases_to_replay([str(tmp_path), str(tmp_path)]) == (*shipped(), new)

    def test_refuses_a_case_for_a_requirement_that_there_is_not(self, tmp_path: Path) -> None:
        save(Case("Z9", "unheard of", CUT.stream), tmp_path)
        with pytest.raises(CaseError, match="is for Z9, which is no requirement"):
            cases_to_replay([str(tmp_path)])


class TestTheCommandLine:
    def test_saves_what_it_finds_and_replays_it_from_there(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        code, out, err = sliceproof("check", *HALVES, *QUICK, "--save", "found")
        assert (code, err) == (1, "")
        (case,) = load_folder(tmp_path / "found")
        assert f"saved 1 case in found: {case.name}\n" in out
        assert case.found[0].decoder == "own.py:halves"
        for given in ("found", f"found/{case.name}.json"):
            code, out, _ = sliceproof("replay", given, *HALVES)
            assert (code, out[:8]) == (1, "FAIL  U1")
            code, out, _ = sliceproof("explain", given)
            assert code == 0
            assert "found in  own.py:halves, sync" in out

    def test_saves_the_same_file_when_asked_again(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        sliceproof("check", *HALVES, *QUICK, "--save", "found")
        (path,) = (tmp_path / "found").iterdir()
        before = path.read_bytes()
        sliceproof("check", *HALVES, *QUICK, "--save", "found")
        assert [one.read_bytes() for one in (tmp_path / "found").iterdir()] == [before]

    def test_leaves_stdout_to_a_report(self, sliceproof: Sliceproof) -> None:
        _, out, err = sliceproof("check", *HALVES, *QUICK, "--save", "found", "--json", "-")
        assert json.loads(out)["results"]
        assert err.startswith("saved 1 case in found: U1-")

    def test_replays_the_cases_of_a_folder_of_ones_own(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        save(Case("U1", "rare", Stream("text", ("\u1e9e",), part_cuts=(1,))), tmp_path / "mine")
        streams = []
        for more in ((), ("--corpus", "mine"), ("--corpus", "mine", "--corpus", "mine")):
            _, out, _ = sliceproof("check", "own.py:sound", *QUICK, *more, "--json", "-")
            streams.append(json.loads(out)["results"][0]["streams"])
        assert streams == [streams[0], streams[0] + 1, streams[0] + 1]

    def test_replays_shipped_cases_by_id(self, sliceproof: Sliceproof) -> None:
        case = next(case for case in shipped() if case.requirement == "U1" and case.stream.dialect == "tgi-sse")
        code, out, _ = sliceproof("replay", case.id[:10], case.name, "reference")
        assert (code, out.count("pass  U1")) == (0, 2)

    def test_lists_all_shipped_cases(self, sliceproof: Sliceproof) -> None:
        code, out, _ = sliceproof("list", "cases")
        rows = [line for line in out.splitlines() if not line.startswith(" ")]
        assert code == 0
        assert sorted(row.split()[0] for row in rows) == [case.id for case in shipped()]
        case = shipped()[0]
        assert any(row.split()[1:3] == [case.requirement, case.stream.dialect] and case.title in row for row in rows)

    def test_exports_them(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        code, out, _ = sliceproof("export", "vectors")
        assert (code, out) == (0, f"wrote {len(shipped())} vectors to vectors; its README.md says how to use them\n")
        assert len(list((tmp_path / "vectors").glob("*.wire"))) == len(shipped())


class TestFilling:
    def test_twice_changes_nothing(self, tmp_path: Path) -> None:
        broken = fill.found(load("broken:decodes_parts_alone"), ["tgi-sse"], ["U1"])
        cases = [*fill.canonicals(), *broken]
        fill.fill(cases, str(tmp_path))
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        fill.fill(cases, str(tmp_path))
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
        assert len(before) == len(REQUIREMENTS)  # what the broken one does is the canonical case of U1

    def test_does_not_keep_what_is_too_long(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        long = Case("U1", "long", Stream("tgi-sse", ("xy" * 100_000,)), CUT.found)
        fill.fill([long], str(tmp_path))
        assert list(tmp_path.iterdir()) == []
        assert "not kept: U1, 1,4" in capsys.readouterr().err
