"""The decoder of docs/bedrock.md: sound, in each way in which the page judges it, and judged as one that can fail."""

import re
import shlex
from pathlib import Path

import pytest
from botocore.exceptions import EventStreamError

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.finding import snippet
from sliceproof.conformance.engine.options import Options
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.reporting.report import schema
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import BEDROCK
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "bedrock.md").read_text("utf-8")
(CODE,) = re.findall(r"```python\n# myapp/bedrock.py\n(.*?)```", PAGE, re.DOTALL)
LINES = re.findall(r"    sliceproof check myapp/bedrock.py:(.*)\n", PAGE.split("## A whole")[1])
DIALECT = "bedrock-converse"
ASKED = ("PLAIN", "E1", "F1", "F4", "O1", "T1", "T2", "U3", "M1", "M2", "M3", "M4", "M6", "M7", "M8", "X1", "K1")


def judged(folder: Path, line: str, code: str = CODE) -> list[Result]:
    """What comes of the decoder of a line of the page."""
    (folder / "bedrock.py").write_text(code)
    name, *options = shlex.split(line)
    told = {option[2:]: value for option, value in zip(options[::2], options[1::2], strict=True)}
    asked = Options(dialects=(DIALECT,), requirements=ASKED, profile="quick", **told)
    return list(run(asked.decoder(f"{folder}/bedrock.py:{name}"), asked.plan(), [DIALECT]))


@pytest.mark.parametrize("line", LINES)
def test_the_page_s_decoder_breaks_nothing(tmp_path: Path, line: str) -> None:
    results = judged(tmp_path, line)

    assert [result.requirement.id for result in results if result.verdict not in ("pass", "n/a")] == []
    assert sum(result.verdict == "pass" for result in results) >= 10 - 2 * ("text" in line)


@pytest.mark.parametrize("line", LINES)
def test_the_page_s_decoder_is_judged_as_one_that_can_fail(tmp_path: Path, line: str) -> None:
    results = judged(tmp_path, line, CODE.replace("    if not ended:\n", "    if False:\n"))

    assert "T1" in [result.requirement.id for result in results if result.finding]


def test_the_page_has_a_line_for_each_of_its_decoders() -> None:
    assert [line.split()[0] for line in LINES] == ["text", "decode", "of_events"]


@pytest.mark.parametrize("id_", BEDROCK)
def test_the_page_of_channels_says_what_is_asked_there(id_: str) -> None:
    all_ = ("M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "I1", "X1-deltas")
    mine: Decoder = load("reference-deltas")
    asked = {name for name in all_ if not REQUIREMENTS[name].inapplicable(mine, BEDROCK[id_])}
    told = {"M1", "M2", "M3", "M4", "M6", "M7", "M8", "X1-deltas"}
    said = {"bedrock-converse": told, "bedrock-invoke-anthropic": told, "bedrock-invoke-nova": told - {"M1"}}

    assert asked == said.get(id_, set())
    assert id_ in (DOCS / "channels.md").read_text("utf-8").split("## What is asked")[1]


@pytest.mark.parametrize("fault", [None, Fault("exception", 1, "throttlingException", "slow down", None)])
def test_a_snippet_feeds_the_events_that_boto3_gives(
    tmp_path: Path, fault: Fault | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bedrock.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    mine = load(f"{tmp_path}/bedrock.py:of_events", accepts="events", yields="deltas", dialects=(DIALECT,))
    code = snippet(mine, Stream(DIALECT, ("x", "é"), fault=fault), "sync")

    if fault is None:
        exec(code, {})
    else:
        with pytest.raises(EventStreamError, match=r"\(throttlingException\) .* ConverseStream operation: slow down"):
            exec(code, {})
    assert "Delta(text='x'" in capsys.readouterr().out.replace("Delta('x'", "Delta(text='x'")
    assert "PayloadPart" not in code


def test_each_layer_that_a_requirement_blames_is_in_the_schema_of_reports() -> None:
    layer = schema()["$defs"]["finding"]["properties"]["layer"]["enum"]

    assert {requirement.blames for requirement in REQUIREMENTS.values()} <= set(layer)
