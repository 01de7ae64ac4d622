"""The page of the matrix: what a run found is on it, and the published page is that of the published file."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from matrix import record
from matrix.page import complaints, page
from matrix.record import Environment, Finding, Framed, Judged, Matrix, Ran
from matrix.roster import read

DOCS = Path(__file__).parents[2] / "docs"
DIALECTS = ["tgi-sse", "openai-sse"]
SHOWN = "tests/evidence/test_litellm.py::test_a_character_that_two_parts_share_ends_it"


def finding(**changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "requirement": "U1",
        "level": "must",
        "title": "code point cut between parts",
        "dialects": DIALECTS,
        "roots": DIALECTS,
        "follows": [],
        "inherited": "",
        "stream": "Stream('tgi-sse', ['é'], part_cuts=[43])",
        "expected": "'é'",
        "got": "''",
        "case": "U1-00127edc0acc",
        "evidence": [SHOWN],
        "thread": "BerriAI/litellm#9165",
    }
    return Finding(**(fields | changes))


def judged(**changes: Any) -> Judged:
    fields: dict[str, Any] = {
        "target": "litellm",
        "version": "1.63.3",
        "ours": False,
        "plain": {"tgi-sse": "Stream('tgi-sse', ['é'])", "openai-sse": "Stream('openai-sse', ['é'])"},
        "verdicts": {"U1": {"fail": DIALECTS}, "R1": {"pass": DIALECTS}, "U4": {"n/a": DIALECTS}},
        "reasons": {"U4": "tgi-sse cannot have this hazard"},
        "findings": [finding()],
    }
    return Judged(**(fields | changes))


def entry(**changes: Any) -> Environment:
    fields: dict[str, Any] = {
        "package": "litellm",
        "version": "1.63.3",
        "date": "2026-11-24",
        "sliceproof": "0.1.0",
        "python": "3.11.7",
        "requirements": ["litellm==1.63.3"],
        "installed": {"botocore": "1.44.8", "litellm": "1.63.3"},
        "seconds": {"install": 20.0, "check": 100.0, "evidence": 4.0},
        "megabytes": 45.25,
        "decoders": [judged()],
        "tests": [Ran(test=SHOWN, passed=True, confirms=["litellm U1"])],
    }
    return Environment(**(fields | changes))


def matrix(*entries: Environment) -> Matrix:
    return Matrix(profile="ci", seed=0, environments=list(entries))


def row(text: str, begins: str) -> str:
    (found,) = [line for line in text.splitlines() if line.startswith(f"| {begins}")]
    return found


class TestAFinding:
    def told(self, **changes: Any) -> str:
        return row(page(matrix(entry(decoders=[judged(findings=[finding(**changes)])]))), "U1 ")

    def test_is_linked_to_its_case_its_evidence_and_its_thread(self) -> None:
        assert self.told() == (
            "| U1 code point cut between parts | MUST | **broken** 2/2 · [case](../corpus/cases/U1-00127edc0acc.json)"
            ' · [shown](../tests/evidence/test_litellm.py "test_a_character_that_two_parts_share_ends_it")'
            " · [BerriAI/litellm#9165](https://github.com/BerriAI/litellm/issues/9165) |"
        )

    def test_without_evidence_is_unconfirmed(self) -> None:
        assert self.told(evidence=[]).endswith("· **unconfirmed** |")

    def test_that_a_dependency_has_too_says_so(self) -> None:
        assert "**broken** 2/2 (botocore 1.44.8)" in self.told(inherited="botocore 1.44.8")

    def test_that_follows_is_told_as_that_and_blames_for_nothing(self) -> None:
        assert self.told(roots=[], follows=["R1"]).endswith("| **broken** 2/2, follows R1 |")

    def test_of_a_should_is_a_warning(self) -> None:
        assert "| warned 2/2" in self.told(level="should", evidence=[])


class TestTheTables:
    def test_set_versions_side_by_side(self) -> None:
        mended = judged(version="1.109.1", findings=[], verdicts={"U1": {"pass": DIALECTS}, "R1": {"pass": DIALECTS}})
        told = page(matrix(entry(), entry(version="1.109.1", decoders=[mended])))
        assert "| requirement | level | 1.63.3 | 1.109.1 |" in told
        assert row(told, "U1 ").endswith("| – |")
        assert told.count("### litellm\n") == 1

    def test_say_what_passes_and_what_was_not_asked_and_why(self) -> None:
        assert "Passes: R1. Not asked: U4 (tgi-sse cannot have this hazard)." in page(matrix(entry()))

    def test_have_a_line_a_decoder(self) -> None:
        lines = [
            finding(),
            finding(requirement="T2", inherited="botocore 1.44.8"),
            finding(requirement="K1", level="should"),
        ]
        lines += [finding(requirement="T3", roots=[], follows=["R2"])]
        assert row(page(matrix(entry(decoders=[judged(findings=lines)]))), "`litellm` | 1.63.3 | U1").endswith(
            "| U1, T2 (botocore) | K1 |"
        )

    def test_show_a_stream_that_passes_in_each_dialect_claimed(self) -> None:
        told = page(matrix(entry()))
        assert "| `litellm` | 1.63.3 | 2 of 2: tgi-sse, openai-sse | `Stream('tgi-sse', ['é'])` |" in told

    def test_show_a_dialect_that_is_claimed_and_not_read(self) -> None:
        told = page(
            matrix(entry(decoders=[judged(plain={"tgi-sse": "", "openai-sse": "Stream('openai-sse', ['é'])"})]))
        )
        assert "1 of 2: openai-sse; **not** tgi-sse" in told

    def test_tell_what_it_cost(self) -> None:
        told = page(matrix(entry()))
        assert "- 1 environments, 2 minutes added up, 45 MB of packages" in told
        assert "| `litellm==1.63.3` | 3.11.7 | botocore 1.44.8 | 20 + 100 + 4 | 45.2 | 1 | 2026-11-24 |" in told

    def test_tell_an_environment_that_failed_and_go_on(self) -> None:
        failed = entry(package="sagemaker", version="2", error="pip cannot install it: no <such> version", decoders=[])
        told = page(matrix(failed, entry()))
        assert "| sagemaker | 2 | pip cannot install it: no &lt;such> version |  |" in told
        assert "- 1 could not be judged: sagemaker 2" in told
        assert "### litellm\n" in told


class TestTheFraming:
    def told(self, **reactions: str) -> str:
        names = {"payload-bit": "error ChecksumMismatch", "total-12": "accepted", "no-headers": "silent"}
        names |= {f"truncated-{length}": "silent" for length in range(1, 114)}
        one = Framed(mode="sync", reactions=names, errors={})
        other = Framed(mode="async", reactions={**names, "total-12": "error OtherError", **reactions}, errors={})
        return page(matrix(entry(decoders=[judged(framing=[one, other])])))

    def test_has_a_column_a_mode_and_the_class_of_an_error(self) -> None:
        told = self.told()
        assert "| specimen | spec | litellm sync 1.63.3 | litellm async 1.63.3 |" in told
        assert row(told, "`payload-bit`").endswith("| refuse | ChecksumMismatch | ChecksumMismatch |")

    def test_tells_truncations_as_a_range_where_all_agree(self) -> None:
        lines = [line for line in self.told().splitlines() if line.startswith("| `truncated-")]
        assert len(lines) == 1
        assert lines[0].startswith("| `truncated-1` to `113`: ")

    def test_tells_them_apart_where_one_differs(self) -> None:
        lines = [line for line in self.told(**{"truncated-4": "error Oops"}).splitlines() if "| `truncated-" in line]
        assert [line.split(":")[0] for line in lines] == [
            "| `truncated-1` to `3`",
            "| `truncated-4` | refuse | silent | Oops |",
            "| `truncated-5` to `113`",
        ]

    def test_says_where_they_differ(self) -> None:
        assert "- what the format has no place for, and some accept or pass over (1): `total-12`" in self.told()


class TestComplaints:
    def test_are_none_of_a_matrix_that_can_be_published(self) -> None:
        assert complaints(matrix(entry())) == []

    def test_are_findings_without_evidence(self) -> None:
        told = complaints(matrix(entry(decoders=[judged(findings=[finding(evidence=[])])])))
        assert told == ["litellm 1.63.3: litellm U1 is unconfirmed: no test of the evidence shows it"]
        assert told[0] in page(matrix(entry(decoders=[judged(findings=[finding(evidence=[])])])))

    def test_are_not_what_our_own_decoders_break(self) -> None:
        assert complaints(matrix(entry(decoders=[judged(ours=True, findings=[finding(evidence=[])])]))) == []

    def test_are_tests_that_failed_and_errors_of_the_harness(self) -> None:
        failed = Ran(test="tests/evidence/test_x.py::test_y", passed=False, confirms=[])
        wrong = judged(verdicts={"U1": {"error": ["tgi-sse"]}}, reasons={"U1": "KeyError: 1"}, findings=[])
        assert complaints(matrix(entry(tests=[failed], decoders=[wrong]))) == [
            "litellm 1.63.3: tests/evidence/test_x.py::test_y failed",
            "litellm 1.63.3: litellm U1 is an error of the harness: KeyError: 1",
        ]


class TestTheFile:
    def test_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        path = tmp_path / "matrix.json"
        assert record.load(path).environments == []
        record.save(path, matrix(entry()))
        assert record.load(path) == matrix(entry())
        assert list(tmp_path.iterdir()) == [path]

    def test_keeps_the_other_rows_and_their_order_and_forgets_what_is_listed_no_more(self) -> None:
        old, gone, other = entry(version="1"), entry(version="0"), entry(version="2")
        new = entry(version="1", date="2026-12-01")
        order = [("litellm", "1"), ("litellm", "2")]
        assert record.replaced(matrix(other, gone, old), new, order).environments == [new, other]

    def test_is_what_the_schema_says(self) -> None:
        Draft202012Validator(record.schema()).validate(json.loads(record.text(matrix(entry()))))


class TestWhatIsPublished:
    """docs/matrix.md, docs/matrix.json and docs/matrix.schema.json."""

    told = (DOCS / "matrix.md").read_text("utf-8")
    kept = record.load(DOCS / "matrix.json")

    def test_the_page_is_that_of_the_file(self) -> None:
        assert self.told == page(self.kept)

    def test_the_file_is_as_it_would_be_written_and_as_its_schema_says(self) -> None:
        text = (DOCS / "matrix.json").read_text("utf-8")
        assert text == record.text(self.kept)
        assert (DOCS / "matrix.schema.json").read_text("utf-8") == record.schema_text()
        Draft202012Validator(record.schema()).validate(json.loads(text))

    def test_it_holds_what_the_roster_lists(self) -> None:
        listed = [(one.name, version) for one in read() for version in one.versions]
        assert [environment.key for environment in self.kept.environments] == listed

    def test_nothing_in_it_is_unconfirmed(self) -> None:
        assert complaints(self.kept) == []

    def test_each_must_of_others_has_a_case(self) -> None:
        without = [
            (decoder.target, decoder.version, each.requirement)
            for environment in self.kept.environments
            for decoder in environment.decoders
            for each in decoder.findings
            if each.level == "must" and each.roots and not decoder.ours and not each.case
        ]
        assert without == []

    def test_its_links_lead_to_files(self) -> None:
        links = set(re.findall(r"\]\((?!https:)([^)#\s]+)", self.told))
        assert len(links) > 10
        assert [link for link in links if not (DOCS / link).exists()] == []

    def test_each_decoder_gives_back_a_plain_stream_in_each_dialect_that_it_claims(self) -> None:
        failing = [
            (decoder.target, dialect)
            for environment in self.kept.environments
            for decoder in environment.decoders
            for dialect, stream in decoder.plain.items()
            if not stream
        ]
        assert failing == []

    @pytest.mark.parametrize("path", ["matrix.md", "matrix.json"])
    def test_it_names_no_place_of_the_machine_that_wrote_it(self, path: str) -> None:
        assert re.findall(r"(?<![\w.])/(?:root|tmp|home|usr|opt)/", (DOCS / path).read_text("utf-8")) == []
