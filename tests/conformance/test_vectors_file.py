"""The file of vectors: what stands in it is what a set asks, catches what is broken, and blames nobody."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sliceproof import decode
from sliceproof.conformance.engine.frozen import demanded
from sliceproof.conformance.engine.vectors import (
    chosen,
    expressible,
    roots_first,
    schema,
    vector,
    vectors,
    written,
    wrong,
)
from sliceproof.conformance.harness.outlet import error_text
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.profiles import frozen_set
from sliceproof.wire.faults import Fault, FaultKind
from sliceproof.wire.stream import Stream

Sliceproof = Callable[..., tuple[int, str, str]]
CUT = Stream("tgi-sse", ("é",), part_cuts=(43,))
BETWEEN = Stream("tgi-sse", ("x", "y")).frame_stops[0]


def _vector(id_: str, stream: Stream, envelope: str = "") -> dict[str, Any]:
    found = vector(REQUIREMENTS[id_], stream, envelope)
    assert found is not None
    return found


def _chunks(fields: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(chunk) for chunk in fields["chunks"]]


class TestVector:
    def test_has_the_chunks_as_they_are(self) -> None:
        fields = _vector("U1", CUT)
        assert _chunks(fields) == list(CUT.chunks)
        named = {key: fields[key] for key in ("requirement", "level", "dialect", "envelope", "text", "error")}
        assert named == {
            "requirement": "U1",
            "level": "must",
            "dialect": "tgi-sse",
            "envelope": "sagemaker",
            "text": "é",
            "error": None,
        }
        assert fields["why"] == REQUIREMENTS["U1"].rule

    def test_of_a_body_has_its_parts(self) -> None:
        fields = _vector("U1", CUT, "http")
        assert _chunks(fields) == list(CUT.parts)
        assert (fields["envelope"], fields["id"].endswith("-http")) == ("http", True)

    def test_the_repetition_of_the_whole_text_is_the_business_of_d1(self) -> None:
        assert _vector("U1", CUT)["or"] == "éé"
        assert "or" not in _vector("D1", CUT)
        assert "or" not in _vector("U1", Stream("openai-sse", ("é",)))

    def test_text_before_an_error_is_the_business_of_t3(self) -> None:
        stream = Stream("tgi-sse", ("x", "y"), fault=Fault("exception", 1))
        assert _vector("E1", stream)["text"] == ""
        assert _vector("T3", stream)["text"] == "x"
        said = _vector("E2", stream)
        assert (said["error"], said["says"]) == ("exception", stream.fault.message)  # type: ignore[union-attr]
        assert "says" not in _vector("E1", stream)

    @pytest.mark.parametrize(
        ("id_", "stream"),
        [
            ("U1", Stream("tgi-sse", ("x",), fault=Fault("exception", 0))),
            ("E1", CUT),
            ("T3", Stream("tgi-sse", ("x", "y"), fault=Fault("silence", 1))),
            (
                "T2",
                Stream("tgi-sse", ("x", "y"), fault=Fault("truncated", Stream("tgi-sse", ("x", "y")).frame_stops[0])),
            ),
        ],
        ids=["an error where text is asked", "no fault", "an error that is a SHOULD", "cut between messages"],
    )
    def test_a_stream_that_cannot_tell_is_none(self, id_: str, stream: Stream) -> None:
        assert vector(REQUIREMENTS[id_], stream) is None

    def test_what_needs_a_consumer_or_a_clock_is_none(self) -> None:
        assert not any(expressible(REQUIREMENTS[id_]) for id_ in ("C1", "C2", "X3", "W1", "Q1", "H1", "M1", "I1-first"))
        assert all(expressible(REQUIREMENTS[id_]) for id_ in ("PLAIN", "U1", "E1", "E2", "T3", "F2"))


@pytest.mark.parametrize(
    ("fields", "text", "error", "told"),
    [
        ({"text": "é", "error": None}, "é", None, ""),
        ({"text": "é", "error": None, "or": "éé"}, "éé", None, ""),
        ({"text": "é", "error": None}, "éé", None, "in the place of"),
        ({"text": "é", "error": None}, "é", "ValueError: no", "an error where none is due"),
        ({"text": "x", "error": "exception"}, "xy", "E: no", ""),
        ({"text": "x", "error": "exception"}, "x", None, "no error, where exception is one"),
        ({"text": "x", "error": "exception"}, "", "E: no", "before the error"),
        ({"text": "", "error": "exception", "says": "full"}, "", "E: no", "does not say 'full'"),
    ],
)
def test_what_is_wrong(fields: dict[str, Any], text: str, error: str | None, told: str) -> None:
    assert (told in wrong(fields, text, error)) if told else wrong(fields, text, error) == ""


class TestTheSet:
    def test_each_requirement_that_a_stream_can_tell_has_a_vector(self) -> None:
        """But for what no vector of 200,000 bytes holds."""
        told = {demand.id for demand in frozen_set("2026.1").demands if expressible(REQUIREMENTS[demand.id])}
        assert told - {id_ for id_, _ in chosen("2026.1")} <= {"Q2"}

    def test_each_dialect_has_vectors(self) -> None:
        dialects = {stream.dialect for _, stream in chosen("2026.1")}
        assert dialects == {*frozen_set("2026.1").dialects}

    @pytest.mark.parametrize("dialect", ["tgi-sse", "djl-jsonlines", "bedrock-converse"])
    def test_the_reference_holds_each(self, dialect: str) -> None:
        found = list(vectors("2026.1", (dialect,)))
        assert len(found) > 15
        for fields in found:
            text, error = "", None
            try:
                for delta in decode(iter(_chunks(fields)), dialect):
                    text += delta
                if fields["error"] == "source-error":
                    error = "ConnectionResetError: the feed of this test raises nothing"
            except Exception as raised:
                error = f"{raised!r} {error_text(raised)}"
            assert wrong(fields, text, error) == "", fields["id"]


class TestTheOrder:
    """The first vector that fails is of the requirement that all the others follow from."""

    def test_each_stands_behind_what_explains_it(self) -> None:
        order = roots_first(REQUIREMENTS.values())
        assert sorted(order) == sorted(REQUIREMENTS)
        assert order[:2] == ["PLAIN", "G1"]
        explains = {(id_, each.id) for each in REQUIREMENTS.values() for id_ in each.contains if id_ in order}
        wrong_way = {pair for pair in explains if order.index(pair[0]) > order.index(pair[1])}
        assert len(explains) > 100
        assert wrong_way == {("R1", "U4")}  # R1 contains J2, which contains U4, which contains R1
        assert all(order.index(id_) < order.index("T3") for id_ in ("E1", "E1-record", "T1", "T2", "T4", "F2"))

    def test_the_file_keeps_to_it(self) -> None:
        order = roots_first(demanded(frozen_set("2026.1")))
        file = json.loads(written("2026.1", vectors("2026.1", ("djl-sse",)), 500_000).text)
        places = [order.index(fields["requirement"]) for fields in file["vectors"]]
        assert places == sorted(places)
        assert len({*places}) > 30


class TestTheSchema:
    def test_is_one(self) -> None:
        jsonschema.Draft202012Validator.check_schema(schema())

    @pytest.mark.parametrize("envelope", ["", "http"])
    def test_allows_each_vector_of_the_set(self, envelope: str) -> None:
        file = json.loads(written("2026.1", vectors("2026.1", (), envelope), 100_000_000).text)
        jsonschema.validate(file, schema())

    def test_knows_each_kind_of_error(self) -> None:
        assert schema()["$defs"]["vector"]["properties"]["error"]["enum"] == [None, *FaultKind]

    @pytest.mark.parametrize(
        "change",
        [
            {"chunks": [3]},
            {"chunks": ["w6k"]},
            {"error": {"kind": "exception"}},
            {"error": "exception"},
            {"says": "full"},
            {"level": "may"},
            {"id": "U1"},
            {"wire": "w6k="},
        ],
        ids=json.dumps,
    )
    def test_refuses_another_form(self, change: dict[str, Any]) -> None:
        file = json.loads(written("2026.1", [_vector("U1", CUT)], 10_000).text)
        jsonschema.validate(file, schema())
        file["vectors"][0] |= change
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(file, schema())

    def test_what_an_error_says_is_a_regular_expression_of_itself(self) -> None:
        """So that it can be asked with `pytest.raises(match=…)` as with a search."""
        said = {fields["says"] for fields in vectors("2026.1") if "says" in fields}
        assert said
        assert all(re.fullmatch(each, each) and not re.search(r"[^\w' ]", each) for each in said)


class TestTheCommand:
    def test_writes_the_same_file_again(self, sliceproof: Sliceproof) -> None:
        given = ("export", "--conformance", "2026.1", "--dialect", "tgi-sse")
        code, out, _ = sliceproof(*given, "one.json")
        assert (code, out.startswith("wrote ")) == (0, True)
        sliceproof(*given, "two.json")
        assert Path("one.json").read_bytes() == Path("two.json").read_bytes()
        file = json.loads(Path("one.json").read_text())
        assert (file["format"], file["version"], file["conformance"]) == ("sliceproof-vector-file", 1, "2026.1")
        assert {fields["dialect"] for fields in file["vectors"]} == {"tgi-sse"}

    def test_fits(self, sliceproof: Sliceproof) -> None:
        code, out, _ = sliceproof("export", "--conformance", "2026.1", "--max-bytes", "20k", "small.json")
        assert code == 0
        assert "more did not fit into 20k" in out
        none = out.rpartition("none is left of ")[2].strip().split(", ")
        left = {fields["requirement"] for fields in json.loads(Path("small.json").read_text())["vectors"]}
        every = [id_ for id_ in roots_first(demanded(frozen_set("2026.1"))) if id_ in dict(chosen("2026.1"))]
        assert none == [id_ for id_ in every if id_ not in left]
        assert "F7" in none
        assert 10_000 < Path("small.json").stat().st_size <= 20_000

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            (("--max-bytes", "much"), "--max-bytes 'much' is no number of bytes"),
            (("--max-bytes", "99"), "no vector of 2026.1 fits into 99 bytes"),
            (("--dialect", "tgi"), "unknown dialect 'tgi'"),
            (("--envelope", "smtp"), "is not http"),
            (("--seeds",), "leave --corpus and --seeds out"),
        ],
    )
    def test_a_mistake_is_one_line(self, sliceproof: Sliceproof, more: tuple[str, ...], told: str) -> None:
        code, _, err = sliceproof("export", "--conformance", "2026.1", "file.json", *more)
        assert (code, err.count("\n")) == (2, 1)
        assert told in err
        assert not Path("file.json").exists()

    def test_a_dialect_is_of_a_set_alone(self, sliceproof: Sliceproof) -> None:
        code, _, err = sliceproof("export", "folder", "--dialect", "text")
        assert (code, "are of --conformance SET" in err) == (2, True)
