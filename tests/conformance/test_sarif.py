"""SARIF: what its schema requires, a result for each finding, and the place of the decoder where that can be found."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from sliceproof import __version__, decoder
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.reporting.place import place
from sliceproof.conformance.reporting.sarif import sarif
from sliceproof.conformance.requirements import REQUIREMENTS

Sliceproof = Callable[..., tuple[int, str, str]]

QUICK = ("--requirement", "U1", "--dialect", "text", "--examples", "3")
HALVES = ("own.py:halves", "--accepts", "parts", *QUICK)

ALLOWED = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"invocations", "columnKind", "results", "properties"}),
    "driver": ({"name"}, {"version", "rules"}),
    "rule": ({"id"}, {"name", "shortDescription", "fullDescription", "help", "defaultConfiguration"}),
    "invocation": ({"executionSuccessful"}, {"toolExecutionNotifications"}),
    "note": ({"message"}, {"level", "associatedRule"}),
    "result": (
        {"message"},
        {"ruleId", "ruleIndex", "level", "locations", "partialFingerprints", "suppressions", "properties"},
    ),
    "suppression": ({"kind"}, {"justification"}),
    "location": (set(), {"physicalLocation", "logicalLocations"}),
}
"""What each object of ours must have by the schema of 2.1.0, and what else it may have."""


def keeps_to(form: str, value: Mapping[str, Any]) -> None:
    required, more = ALLOWED[form]
    assert required <= set(value) <= required | more, form


def is_message(value: Mapping[str, Any]) -> None:
    assert set(value) == {"text"}
    assert isinstance(value["text"], str)
    assert "{" not in value["text"].replace("{{", "")
    assert "}" not in value["text"].replace("}}", "")


def run_of(text: str) -> Any:
    """The only run of a file that is what SARIF 2.1.0 prescribes."""
    log = json.loads(text)
    keeps_to("log", log)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    keeps_to("run", run)
    driver = run["tool"]["driver"]
    keeps_to("driver", driver)
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for rule in driver["rules"]:
        keeps_to("rule", rule)
        for key in ("shortDescription", "fullDescription", "help"):
            is_message(rule[key])
        assert rule["defaultConfiguration"]["level"] in ("error", "warning")
    for invocation in run["invocations"]:
        keeps_to("invocation", invocation)
        for note in invocation["toolExecutionNotifications"]:
            keeps_to("note", note)
            is_message(note["message"])
    for result in run["results"]:
        keeps_to("result", result)
        is_message(result["message"])
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == driver["rules"][result["ruleIndex"]]["defaultConfiguration"]["level"]
        for location in result["locations"]:
            keeps_to("location", location)
        for suppression in result["suppressions"]:
            keeps_to("suppression", suppression)
            assert suppression["kind"] in ("inSource", "external")
        assert all(isinstance(value, str) and value for value in result["partialFingerprints"].values())
    return run


def written(folder: Path) -> Any:
    return run_of((folder / "out.sarif").read_text("utf-8"))


def test_has_a_rule_for_each_requirement_that_was_asked(sliceproof: Sliceproof, tmp_path: Path) -> None:
    sliceproof("check", "reference", "--dialect", "text", "--profile", "quick", "--sarif", "out.sarif")
    run = written(tmp_path)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("sliceproof", __version__)
    assert [rule["id"] for rule in driver["rules"]] == list(REQUIREMENTS)
    rule = next(rule for rule in driver["rules"] if rule["id"] == "U1")
    assert (rule["name"], rule["shortDescription"]["text"]) == (
        "CodePointCutBetweenParts",
        "code point cut between parts",
    )
    assert rule["fullDescription"]["text"] == REQUIREMENTS["U1"].rule
    assert f"Source: {REQUIREMENTS['U1'].source}." in rule["help"]["text"]
    assert all(rule["name"].isalnum() for rule in driver["rules"])
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], True)


def test_a_finding_is_a_result_where_the_decoder_is_defined(sliceproof: Sliceproof, tmp_path: Path) -> None:
    code, _, _ = sliceproof("check", *HALVES, "--sarif", "out.sarif")
    (result,) = written(tmp_path)["results"]
    assert (code, result["ruleId"], result["level"]) == (1, "U1", "error")
    first, *_, replay = result["message"]["text"].splitlines()
    assert first == "U1 code point cut between parts: own.py:halves in text replaces bytes by U+FFFD"
    assert replay == f"replay: {result['properties']['replay']}"
    assert result["properties"]["stream"] == "Stream('text', ['é'], part_cuts=[1])"
    (location,) = result["locations"]
    line = (tmp_path / "own.py").read_text().splitlines().index("def halves(parts):") + 1
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "own.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": line},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "own.py:halves", "kind": "function"}]
    assert result["partialFingerprints"] == {"decoder/v1": "own.py:halves text U1", "case/v1": "e117b93b94aa"}
    assert result["suppressions"] == []


def test_of_a_decoder_of_a_package_has_its_name_alone(sliceproof: Sliceproof, tmp_path: Path) -> None:
    sliceproof("check", "broken:one_behind", "--requirement", "W1", "--sarif", "out.sarif")
    (result,) = written(tmp_path)["results"]
    assert (result["level"], list(result["locations"][0])) == ("warning", ["logicalLocations"])


def test_is_the_same_in_each_run(sliceproof: Sliceproof, tmp_path: Path) -> None:
    def told() -> str:
        sliceproof("check", "broken:decodes_latin1", "--profile", "quick", "--sarif", "out.sarif")
        return (tmp_path / "out.sarif").read_text("utf-8")

    assert told() == told()


def test_a_known_failure_is_suppressed_and_a_stale_one_is_a_result(sliceproof: Sliceproof, tmp_path: Path) -> None:
    asked = ("check", *HALVES, "--baseline", "known.toml", "--sarif", "out.sarif")
    sliceproof(*asked, "--update-baseline")
    (result,) = written(tmp_path)["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "written into the baseline"}]
    assert sliceproof(*asked)[0] == 0
    (result,) = written(tmp_path)["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": "bug"}]
    known = tmp_path / "known.toml"
    known.write_text(known.read_text().replace("part_cuts=[1]", "part_cuts=[2]"))
    assert sliceproof(*asked)[0] == 1
    (result,) = written(tmp_path)["results"]
    assert "is no known failure any more" in result["message"]["text"]
    assert (result["suppressions"], result["properties"]["standing"]) == ([], "stale")
    sliceproof(*asked, "--update-baseline")
    assert written(tmp_path)["results"][0]["suppressions"]


def test_what_was_not_judged_is_a_notification(sliceproof: Sliceproof, tmp_path: Path) -> None:
    asked = ("reference", "--requirement", "R1", "--dialect", "text")
    assert sliceproof("check", *asked, "--sarif", "out.sarif")[0] == 2
    (invocation,) = written(tmp_path)["invocations"]
    assert not invocation["executionSuccessful"]
    assert "nothing of reference was judged" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_any_character_may_be_in_it() -> None:
    text = "{0} \x00\x1b\n\ud800\ufffe {{ } 😀"
    finding = {"what": text, "expected": text, "got": text, "stream": text, "replay": text}
    row = {"decoder": text, "version": text, "dialect": "text", "requirement": "U1", "level": "must", "reason": text}
    row |= {"verdict": "fail", "finding": finding, "beside": {"at": ["a b/é%.py", 3], "case": "1"}}
    report = {"profile": "ci", "seed": 0, "sliceproof": "0", "python": "3", "incomplete": text}
    run = run_of(sarif({**report, "results": [row, row | {"verdict": "error", "finding": None}]}))
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%A9%25.py"
    assert "{{0}} \\x00\\x1b" in result["message"]["text"]
    assert "\\ud800\\ufffe" in result["properties"]["got"]
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2


SHAPES = """
from functools import partial, wraps

def plain(chunks):
    yield ""

async def asynchronous(chunks):
    yield ""

async def coroutine(chunks):
    return plain(chunks)

class Parser:
    def feed(self, chunk):
        return ""

class Callable:
    def __call__(self, chunks):
        return iter(())

def logged(function):
    @wraps(function)
    def call(chunks):
        return function(chunks)
    return call

@logged
def decorated(chunks):
    yield ""

def client(url, name):
    return ""

instance = Callable()
bound = partial(plain)
"""


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("plain", "def plain"),
        ("asynchronous", "async def asynchronous"),
        ("coroutine", "async def coroutine"),
        ("Parser", "class Parser"),
        ("instance", "class Callable"),
        ("bound", "def plain"),
        ("decorated", "@logged"),
        ("client", "def client"),
    ],
)
def test_the_place_of_a_decoder_is_found_in_each_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, begins: str
) -> None:
    monkeypatch.delitem(sys.modules, "shaped", raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path])
    file = tmp_path / "inner" / "shaped.py"
    file.parent.mkdir()
    file.write_text(SHAPES)
    loaded = load(f"{file}:{name}", accepts="endpoint" if name == "client" else "chunks")
    found = place(loaded, tmp_path)
    assert found is not None
    assert found[0] == "inner/shaped.py"
    assert SHAPES.splitlines()[found[1] - 1].startswith(begins)
    assert place(loaded, tmp_path / "elsewhere") is None


def test_the_place_of_what_is_not_in_the_project_is_none() -> None:
    root = Path(__file__).parents[2]
    assert place(DECODERS["reference"].load(), root) is None
    assert place(load("broken:one_behind"), root) is None
    assert place(load("run:true"), root) is None
    assert place(decoder(lambda chunks: iter(()), name="mine"), root) == (
        Path(__file__).relative_to(root).as_posix(),
        _line_of("assert place(decoder(lambda"),
    )


def _line_of(text: str) -> int:
    lines = Path(__file__).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(text))
