"""The JSON report: it keeps to its published schema, and each row says what a machine needs to know."""

import json
from dataclasses import replace

import jsonschema
import pytest

from sliceproof import __version__
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.engine.attribution import PLAIN
from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.reporting.report import cuts, report, row, schema
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import Breach
from sliceproof.wire.stream import Stream

PROMISED = {
    "decoder",
    "version",
    "dialect",
    "requirement",
    "level",
    "verdict",
    "streams",
    "examples_to_failure",
    "finding",
}


def judged(decoder: Decoder, *ids: str, dialects: tuple[str, ...] = ("tgi-sse",)) -> tuple[list[Result], Plan]:
    plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["ci"], seed=5, examples=5)
    bases = [DECODERS[name].load() for name in decoder.builds_on]
    return list(run(decoder, plan, dialects, bases)), plan


def one(decoder: Decoder, id_: str, dialect: str = "tgi-sse") -> dict[str, object]:
    results, _ = judged(decoder, id_, dialects=(dialect,))
    return row(results[0])


BROKEN_HERE = ("decodes_parts_alone", "swallows_exception_messages", "one_behind", "wants_whole_messages", "caps_lines")


@pytest.mark.parametrize("name", BROKEN_HERE)
def test_a_report_keeps_to_its_schema_and_survives_json(name: str) -> None:
    broken = BROKEN[name]
    results, plan = judged(broken.decoder(), *broken.breaks, "R1", "F1", "X2", "MIX", dialects=(broken.dialect,))
    told = report(results, plan)
    jsonschema.validate(told, schema())
    assert json.loads(json.dumps(told)) == told


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("spoil", [{"verdict": "maybe"}, {"requirement": "u1"}, {"extra": 1}, {"streams": -1}])
def test_the_schema_refuses_what_is_no_report(spoil: dict[str, object]) -> None:
    results, plan = judged(DECODERS["reference"].load(), "U1")
    told = report(results, plan)
    told["results"][0] |= spoil
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, schema())


def test_a_report_says_what_judged_and_how_far() -> None:
    told = report(*judged(DECODERS["reference"].load(), "U1"))
    assert {name: told[name] for name in ("format", "sliceproof", "profile", "seed")} == {
        "format": 1,
        "sliceproof": __version__,
        "profile": "ci",
        "seed": 5,
    }


def test_nothing_conforms_that_was_not_judged_to_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    results, _ = judged(DECODERS["reference"].load(), "PLAIN")
    for whole, said in (
        (True, "holds what was asked: no MUST of 1 is"),
        (False, "was not judged to the end: so far no MUST of 1 is"),
    ):
        Terminal().results(results, 0.0, whole)
        assert f"reference {__version__} {said} broken" in " ".join(capsys.readouterr().out.split())


class TestARow:
    def test_has_everything_that_is_promised(self) -> None:
        assert set(one(DECODERS["reference"].load(), "U1")) >= PROMISED

    def test_that_passes_has_no_finding(self) -> None:
        told = one(DECODERS["reference"].load(), "U1")
        assert (told["verdict"], told["examples_to_failure"], told["finding"]) == ("pass", None, None)
        assert (told["decoder"], told["version"]) == ("reference", __version__)

    def test_names_the_target_as_it_was_given(self) -> None:
        assert one(BROKEN["decodes_parts_alone"].decoder(), "U1")["decoder"] == "broken:decodes_parts_alone"

    def test_of_a_must_fails_and_of_a_should_warns(self) -> None:
        lines = [one(BROKEN["decodes_parts_alone"].decoder(), "U1"), one(BROKEN["one_behind"].decoder(), "W1")]
        assert [(row["level"], row["verdict"]) for row in lines] == [("must", "fail"), ("should", "warn")]

    @pytest.mark.parametrize(("id_", "dialect"), [("R1", "text"), ("X2", "tgi-sse"), ("U1", "djl-json")])
    def test_that_does_not_apply_says_why(self, id_: str, dialect: str) -> None:
        told = one(BROKEN["decodes_parts_alone"].decoder(), id_, dialect)
        assert (told["verdict"], told["streams"], told["finding"]) == ("n/a", 0, None)
        assert told["reason"]

    def test_of_a_fault_in_the_harness_is_an_error_and_blames_nobody(self) -> None:
        def fails(stream: Stream, outcome: object, yields: str) -> Breach | None:
            raise ZeroDivisionError("by accident")

        plan = Plan([replace(REQUIREMENTS["U1"], judge=fails)], PROFILES["ci"], examples=1)
        results = list(run(DECODERS["reference"].load(), plan, ["tgi-sse"]))
        told = report(results, plan)
        jsonschema.validate(told, schema())
        assert told["results"][0]["verdict"] == "error"
        assert told["results"][0]["reason"] == "ZeroDivisionError: by accident"


class TestAFinding:
    def test_can_be_seen_again_from_the_row_alone(self) -> None:
        finding = one(BROKEN["decodes_parts_alone"].decoder(), "U1")["finding"]
        assert isinstance(finding, dict)
        stream = parse(str(finding["stream"]))
        assert (finding["characters"], finding["cuts"], finding["bytes"]) == (len(stream.text), 1, len(stream.wire))
        assert finding["replay"].startswith("sliceproof replay ")
        assert finding["layer"] == "UTF-8"
        assert finding["modes"] == {"sync": "''"}

    def test_leads_back_to_its_root(self) -> None:
        results, _ = judged(BROKEN["wants_whole_records"].decoder(), "R1", "U1")
        assert [result.finding and result.finding.follows for result in results] == ["", "R1"]

    def test_of_a_decoder_that_reads_nothing_at_all_follows_from_any_stream(self) -> None:
        decoder = replace(BROKEN["decodes_latin1"].decoder(), extract=lambda text: "")
        results, _ = judged(decoder, "U2", "F1", "E1")
        assert [result.finding.follows for result in results if result.finding] == [PLAIN, PLAIN]

    def test_inherited_from_a_dependency_names_it(self) -> None:
        decoder = replace(BROKEN["ignores_half_a_message"].decoder(), builds_on=("botocore",))
        results, _ = judged(decoder, "T2")
        assert results[0].finding is not None
        assert results[0].finding.inherited.startswith("botocore ")

    @pytest.mark.parametrize(
        ("stream", "count"),
        [
            (Stream("tgi-sse", ("x", "y")), 0),
            (Stream("tgi-sse", ("x", "y"), part_cuts=()), 0),
            (Stream("tgi-sse", ("x",), part_cuts=(3, 9)), 2),
            (Stream("tgi-sse", ("x",), chunk_cuts=(3,)), 1),
            (Stream("tgi-sse", ("x",), part_cuts=(3,), chunk_cuts=(3,)), 2),
        ],
    )
    def test_counts_the_cuts_besides_those_between_records_and_messages(self, stream: Stream, count: int) -> None:
        results, _ = judged(BROKEN["decodes_parts_alone"].decoder(), "U1")
        finding = results[0].finding
        assert finding is not None
        assert cuts(replace(finding, broken=finding.broken._replace(stream=stream))) == count
