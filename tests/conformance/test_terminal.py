"""What a run shows: each fault once, counts that agree, and columns that do not run into each other."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

import sliceproof
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import Judging, run
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.reporting import terminal as module
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.conformance.requirements import requirements

PLAINLY = "broken:gives_something_else"
READER = """import json

from botocore.eventstream import EventStreamBuffer


def decode(chunks):
    buffer = EventStreamBuffer()
    for chunk in chunks:
        buffer.add_data(chunk)
        for message in buffer:
            if message.headers[":message-type"] != "event":
                raise RuntimeError(message.payload)
            if message.headers[":event-type"] == "PayloadPart":
                yield message.payload.decode()
            if message.headers[":event-type"] == "contentBlockDelta":
                yield json.loads(message.payload)["delta"].get("text", "")
"""
TEXT = ("PLAIN", "D2", "U2", "J2", "P1", "L1")


def judged(name: str, ids: Sequence[str], dialects: Sequence[str]) -> list[Result]:
    decoder = replace(load(name), dialects=tuple(dialects))
    return list(run(decoder, Plan(requirements(ids), PROFILES["quick"]), dialects))


def shown(results: Sequence[Result], width: int = 100) -> str:
    written = StringIO()
    Terminal(Console(file=written, width=width, soft_wrap=True)).results(results, 0.0)
    return written.getvalue()


@pytest.mark.parametrize("ids", [TEXT, TEXT[1:]])
def test_what_breaks_plain_streams_is_told_once(ids: tuple[str, ...]) -> None:
    text = shown(judged(PLAINLY, ids, ["bedrock-converse", "tgi-sse"]))

    assert text.count("blame") == 1
    assert text.count("a plain stream already, without any hazard") == 1
    assert text.count("so also") == 1
    assert ("FAIL  PLAIN" in text) == (ids[0] == "PLAIN")
    assert "in bedrock-converse, also tgi-sse" in text or "in tgi-sse, also bedrock-converse" in text


@pytest.mark.parametrize("ids", [TEXT, TEXT[1:]])
def test_who_reads_no_plain_stream_is_shown_that_and_no_hazard(ids: tuple[str, ...]) -> None:
    """Whatever was asked: the finding is the one of PLAIN, and it may be that the dialect is not read at all."""
    text = shown(judged(PLAINLY, ids, ["tgi-sse"]))
    assert "stream    Stream('tgi-sse', ['x'])\n" in text
    assert "expected  'x'\n      got       '?'\n" in text
    assert "--requirement PLAIN" in text
    assert text.count("perhaps it does not read tgi-sse at all; --dialect says which dialects to judge") == 1
    assert [line.split()[1:4] for line in text.splitlines() if " fix " in line] == [["Take", "the", "text"]]


@pytest.mark.parametrize("jobs", ["0", "1"])
def test_so_it_is_where_it_is_judged_in_another_process(
    jobs: str, sliceproof: Callable[..., tuple[int, str, str]]
) -> None:
    asked = ("--dialect", "tgi-sse", "--requirement", "U2", "--examples", "1", "--jobs", jobs)
    code, text, _ = sliceproof("check", PLAINLY, *asked)
    told = "FAIL  a plain stream already, without any hazard  in tgi-sse\n      stream    Stream('tgi-sse', ['x'])\n"
    assert (code, told in text) == (1, True), text


def test_where_much_follows_from_one_finding_it_is_named_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    results = judged("broken:wants_whole_records", ("R1", "U1", "L2"), ["tgi-sse"])
    alone = shown(results)
    monkeypatch.setattr(module, "SEPARATE", 0)
    together = shown(results)

    assert "so also   " in alone
    assert "Stream(" in alone.split("so also")[1].split("\n")[0]
    assert "Stream(" not in together.split("so also")[1].split("\n")[0]


def test_long_names_of_dialects_do_not_run_into_each_other() -> None:
    dialects = ["bedrock-invoke-anthropic", "bedrock-invoke-mistral", "bedrock-converse"]

    assert dialects in [line.split() for line in shown(judged(PLAINLY, ("PLAIN",), dialects)).splitlines()]


def test_where_no_must_was_asked_that_is_what_is_said() -> None:
    text = shown(judged("reference", ("K1", "U1"), ["text"])[:1])

    assert "no MUST was asked" in text
    assert "MUST of 0" not in text


def test_musts_that_do_not_apply_are_not_counted() -> None:
    assert "no MUST of 1 is broken" in shown(judged("reference", ("PLAIN", "U1"), ["bedrock-converse"]))


def test_the_line_of_a_pipe_counts_what_the_summary_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOLD_AFTER", -1.0)
    journal, progress = Journal(), StringIO()
    decoder = load("broken:one_behind")
    judging = Judging(journal.counted(decoder), Plan(requirements(("PLAIN", "W1")), PROFILES["quick"]))
    told = Terminal(Console(file=StringIO()), Console(file=progress, width=100))
    tasks = judging.plan.tasks(decoder, ["tgi-sse"])
    results = list(told.watched(map(judging.evaluate, tasks), journal))
    streams = sum(result.streams for result in results)

    assert journal.streams > streams
    assert progress.getvalue().endswith(f"0 MUST and 1 SHOULD broken; {streams} streams\n")
    assert f"{streams} streams in" in shown(results)


def test_a_pair_is_named_for_both() -> None:
    def one(chunks: Iterator[bytes]) -> Iterator[str]:
        yield from map(str, chunks)

    async def other(chunks: Iterator[bytes]):  # type: ignore[no-untyped-def]
        for _ in count():
            yield ""

    name = sliceproof.decoder(one, other).name

    assert [part.rpartition(".")[2] for part in name.split("+")] == ["one", "other"]


@pytest.mark.parametrize(
    ("imports", "built_on"),
    [
        ("from botocore.eventstream import EventStreamBuffer", True),
        ("from botocore import eventstream", True),
        ("import json", False),
    ],
)
def test_who_imports_botocores_reader_inherits_its_faults(tmp_path: Path, imports: str, built_on: bool) -> None:
    (tmp_path / "mine.py").write_text(f"{imports}\n\n\ndef decode(chunks):\n    return []\n")

    assert ("botocore" in load(f"{tmp_path}/mine.py:decode").builds_on) == built_on


def test_who_has_a_name_for_nothing_inherits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is what there is of botocore's reader where nobody imported it."""
    (tmp_path / "mine.py").write_text("LIMIT = None\n\n\ndef decode(chunks):\n    return []\n")
    monkeypatch.delitem(sys.modules, "botocore.eventstream", raising=False)

    assert load(f"{tmp_path}/mine.py:decode").builds_on == ()


@pytest.mark.parametrize(("dialect", "base"), [("text", "botocore"), ("bedrock-converse", "botocore")])
def test_what_botocore_breaks_itself_is_told_as_inherited(tmp_path: Path, dialect: str, base: str) -> None:
    """A message that the wire ends in: botocore says nothing of it."""
    (tmp_path / "mine.py").write_text(READER)
    mine = load(f"{tmp_path}/mine.py:decode", dialects=(dialect,))
    bases = [load(name) for name in mine.builds_on]
    (result,) = run(mine, Plan(requirements(("T2",)), PROFILES["quick"]), [dialect], bases)

    assert result.finding is not None
    assert result.finding.inherited.startswith(base)
