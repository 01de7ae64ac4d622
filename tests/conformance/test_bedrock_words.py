"""What is told of Bedrock is in Bedrock's words: messages, events and records, and no parts of a body."""

import json
from importlib.resources import files
from io import StringIO

import pytest
from rich.console import Console

from sliceproof.conformance.cli.replay import SHOWN_RECORDS, explained
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.bytemap import byte_map
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.faults import BEDROCK as BEDROCK_FAULTS
from sliceproof.conformance.requirements.requirement import Broken
from sliceproof.corpus import Case
from sliceproof.wire.dialects import BEDROCK, Delta
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

CONVERSE, ANTHROPIC = "bedrock-converse", "bedrock-invoke-anthropic"


def finding(stream: Stream, layer: str = "part") -> Finding:
    """A finding that lays loss to the least piece of a stream that a service sends."""
    breach = Breach(BreachKind.LOSES_TEXT, "x", "")
    return Finding(REQUIREMENTS["L1"], load("reference"), Broken(stream, "sync", breach, None), layer)  # type: ignore[arg-type]


def explanation(stream: Stream, most: int | None = SHOWN_RECORDS) -> str:
    written = StringIO()
    explained(Case("", "", stream), Terminal(Console(file=written, width=200, soft_wrap=True)), most)
    return written.getvalue()


@pytest.mark.parametrize(("dialect", "blamed"), [(CONVERSE, "event"), (ANTHROPIC, "record"), ("tgi-sse", "part")])
def test_what_is_to_blame_is_something_that_the_service_sends(dialect: str, blamed: str) -> None:
    schema = json.loads(files("sliceproof.conformance.reporting").joinpath("report.schema.json").read_text("utf-8"))

    assert finding(Stream(dialect, ("x",))).blamed == blamed
    assert finding(Stream(dialect, ("x",)), "line").blamed == (blamed if dialect in BEDROCK else "line")
    assert f'"{blamed}"' in json.dumps(schema)


def test_the_place_is_what_says_the_text() -> None:
    assert byte_map(Stream(CONVERSE, ("x", "é"))) == [
        'event     {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"x"}}}',
        'event     {"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"é"}}}',
    ]
    assert byte_map(Stream("bedrock-invoke-llama", ("x",)))[0].startswith('in bytes  {"generation":"x"')


def test_the_place_of_an_exception_is_its_message() -> None:
    fault = Fault("exception", 1, "throttlingException", "slow down", None)
    assert byte_map(Stream(CONVERSE, ("x", "y"), fault=fault))[-1] == (
        'exception throttlingException {"message":"slow down"}'
    )


@pytest.mark.parametrize("id_", BEDROCK)
def test_no_place_is_one_of_what_every_answer_has(id_: str) -> None:
    for requirement in REQUIREMENTS.values():
        if requirement.id in ("MIX", "N1", "Q1", "Q2") or requirement.inapplicable(load("reference"), BEDROCK[id_]):
            continue
        for stream in list(requirement.sweep(BEDROCK[id_]))[::9]:
            rows = byte_map(stream)
            assert not [row for row in rows if row.startswith(("textless", "part", "record"))]
            assert all(len(row) <= 120 for row in rows)


def test_an_explanation_shows_events_and_no_body() -> None:
    text = explanation(Stream(CONVERSE, ("x", Delta('{"a": 1}', "tool-call"))))

    assert 'messageStart {"p":"ab","role":"assistant"}' in text
    assert 'messageStop {"p":' in text
    assert not {"body", "part", "record"}.intersection(
        line.split()[0] for line in text.splitlines()[1:] if line.strip()
    )


def test_an_explanation_shows_the_record_in_base64() -> None:
    text = explanation(Stream(ANTHROPIC, ("x" * 30,), fault=Fault("exception", 1, "throttlingException", "slow", None)))

    assert (
        f'in bytes: {{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{"x" * 30}"' in text
    )
    assert 'exception throttlingException {"message":"slow"}' in text


def test_an_explanation_shows_all_if_asked() -> None:
    stream = Stream(CONVERSE, ("x",) * 20)

    assert "and 12 more messages: --all shows them" in explanation(stream)
    assert "message 24" in explanation(stream, None)


def test_a_message_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert r"b'\x7f\xff\xff\xff" in explanation(Stream(CONVERSE, ("x",), fault=Fault("oversized", 1)))


def test_an_exception_says_what_its_name_says() -> None:
    said = {fault.name: fault.message for fault in BEDROCK_FAULTS if fault.name != "error"}

    assert len(set(said.values())) == len(said) == 6
    assert [name for name, message in said.items() if "time" in message or "long" in message] == [
        "modelTimeoutException"
    ]
