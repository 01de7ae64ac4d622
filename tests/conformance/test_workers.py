"""Judging in several processes: the same results in the same order, and no decoder can end, stop or spoil the run."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import EventStreamError

from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.packing import packed, unpacked
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.breach import Breach, BreachKind
from sliceproof.conformance.requirements.judge import described
from sliceproof.conformance.requirements.requirement import Broken
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

OWN = """
import builtins, ctypes, json, os, re, sys, threading, time

def halves(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")

def sound(parts):
    import codecs
    decoder = codecs.getincrementaldecoder("utf-8")()
    for part in parts:
        if told := decoder.decode(part):
            yield told

def crashes(parts):
    for told in sound(parts):
        if "😀" in told:
            ctypes.string_at(0)
        yield told

def leaves(parts):
    for told in sound(parts):
        if "\\u2028" in told:
            os._exit(3)
        yield told

def leaves_always(parts):
    os._exit(0)
    yield ""

def never_ends(parts):
    for told in sound(parts):
        if "\\u2028" in told:
            re.match(r"(a+)+$", "a" * 60 + "b")
        yield told

def floods(parts):
    for told in sound(parts):
        print("noise" * 10_000)
        yield told

def forks(parts):
    if not os.path.exists("forked"):
        pid = os.fork()
        if pid == 0:
            open("forked", "w").write(str(os.getpid()))
            time.sleep(600)
            os._exit(0)
        while not os.path.exists("forked") or not open("forked").read():
            time.sleep(0.01)
    yield from sound(parts)

def patches(parts):
    builtins.len = lambda given: 0
    json.dumps = None
    for part in parts:
        yield part.decode()

def of_numbers(parts):
    for part in parts:
        yield 7

calls = []

def counts(parts):
    calls.append(1)
    for told in sound(parts):
        yield told[: None if len(calls) <= 50 else -1]

def slow(parts):
    time.sleep(0.05)
    yield from sound(parts)
"""
ASKED = ("--accepts", "parts", "--dialect", "text")
Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN)
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "sliceproof", "check", *arguments]


def run(folder: Path, *arguments: str, **environment: str) -> Ran:
    given = os.environ | {"SLICEPROOF_SILENCE": "3"} | environment
    return subprocess.run(
        command(*arguments), cwd=folder, capture_output=True, text=True, check=False, env=given, timeout=120
    )


def rows(folder: Path, *arguments: str, **environment: str) -> list[dict[str, Any]]:
    ran = run(folder, *arguments, "--json", "out.json", **environment)
    assert ran.returncode in (0, 1), ran.stderr
    told: list[dict[str, Any]] = json.loads((folder / "out.json").read_text())["results"]
    return told


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class TestResults:
    @pytest.mark.parametrize("name", ["halves", "sound"])
    def test_are_the_same_in_the_same_order_as_of_one_process(self, folder: Path, name: str) -> None:
        asked = (f"own.py:{name}", *ASKED, "--seed", "7")
        assert rows(folder, *asked, "--jobs", "2") == rows(folder, *asked, "--jobs", "0")

    def test_of_several_decoders_are_the_same(self, folder: Path) -> None:
        asked = ("own.py:sound", "own.py:halves", *ASKED, "--requirement", "U1", "--requirement", "L1")
        assert rows(folder, *asked, "--jobs", "3") == rows(folder, *asked)

    def test_know_a_baseline(self, folder: Path) -> None:
        asked = ("own.py:halves", *ASKED, "--baseline", "known.toml")
        assert run(folder, *asked, "--update-baseline", "--jobs", "2").returncode == 0
        told = run(folder, *asked, "--jobs", "2")
        assert (told.returncode, "known failure" in told.stdout) == (0, True), told.stdout

    def test_of_one_that_gives_no_text_are_one_clear_error(self, folder: Path) -> None:
        ran = run(folder, "own.py:of_numbers", *ASKED, "--jobs", "2")
        assert ran.returncode == 2
        assert "own.py:of_numbers yielded 7 (int), not text deltas (str)" in ran.stderr
        assert "Traceback" not in ran.stderr

    def test_of_one_that_gives_no_text_leave_the_next_as_it_is(self, folder: Path) -> None:
        asked = ("own.py:of_numbers", "own.py:sound", *ASKED, "--requirement", "U1", "--requirement", "L1")
        ran = run(folder, *asked, "--jobs", "2", "--json", "out.json")
        found = json.loads((folder / "out.json").read_text())["results"]
        assert ran.returncode == 2
        assert [(row["decoder"], row["verdict"]) for row in found] == [("own.py:sound", "pass")] * 2

    def test_of_one_that_cannot_be_loaded_are_one_clear_error_soon(self, folder: Path) -> None:
        ran = run(folder, "own.py:no_such", *ASKED, "--jobs", "2", "--in-process")
        assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)


class TestADecoder:
    @pytest.mark.parametrize(
        ("name", "text", "told"),
        [
            ("crashes", "😀", "the process was killed by SIGSEGV"),
            ("leaves", "x\u2028y", "the process ended by itself, with code 3"),
            ("never_ends", "x\u2028y", "the process did not move for 3 s"),
        ],
    )
    def test_that_ends_its_process_is_shown_with_the_stream_and_the_run_goes_on(
        self, folder: Path, name: str, text: str, told: str
    ) -> None:
        """Also of one that hangs, as long as it does not on a plain stream."""
        asked = ("--requirement", "U1", "--requirement", "U2", "--requirement", "L1", "--requirement", "F6")
        found = {row["requirement"]: row for row in rows(folder, f"own.py:{name}", *ASKED, *asked, "--jobs", "2")}
        assert found.keys() == {"U1", "U2", "L1", "F6"}
        ((_, broken),) = [(id_, row) for id_, row in found.items() if row["finding"] and row["finding"]["cuts"] == 0]
        assert (broken["verdict"], broken["finding"]["stream"]) == ("fail", f"Stream('text', [{text!r}])")
        assert broken["finding"]["got"] == told
        assert found["F6"]["verdict"] == "pass"

    def test_that_always_ends_its_process_is_soon_asked_no_more(self, folder: Path) -> None:
        found = rows(folder, "own.py:leaves_always", *ASKED, "--jobs", "2")
        assert len([row for row in found if row["verdict"] == "fail"]) == 5
        assert any("it ended its process 5 times, and is asked no more" in row["reason"] for row in found)

    def test_that_patches_builtins_spoils_no_report(self, folder: Path) -> None:
        found = rows(folder, "own.py:patches", "own.py:sound", *ASKED, "--requirement", "U1", "--jobs", "2")
        assert [row["decoder"] for row in found] == ["own.py:patches", "own.py:sound"]

    def test_that_floods_its_stdout_spoils_no_report(self, folder: Path) -> None:
        ran = run(folder, "own.py:floods", *ASKED, "--requirement", "U1", "--jobs", "2", "--json", "-")
        assert json.loads(ran.stdout)["results"][0]["verdict"] == "pass"

    def test_leaves_nothing_behind(self, folder: Path) -> None:
        assert run(folder, "own.py:forks", *ASKED, "--requirement", "U1", "--jobs", "2").returncode == 0
        assert not alive(int((folder / "forked").read_text()))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_was_found(folder: Path, number: int, code: int) -> None:
    arguments = ("own.py:halves", "own.py:slow", *ASKED, "--requirement", "U1", "--jobs", "2", "--json", "out.json")
    with subprocess.Popen(
        command(*arguments), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in iter(process.stdout.readline, "own.py:slow in text\n"):
            assert line
        time.sleep(1)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    data = json.loads((folder / "out.json").read_text())
    assert process.returncode == code, err
    assert data["incomplete"] == signal.Signals(number).name
    assert any(row["finding"] for row in data["results"])


SOME = ("PLAIN", "MIX", "O1", "U1", "R2", "S2", "C1")
SAME = ("verdict", "dialect", "requirement", "follows", "stream")


class TestEveryWay:
    """Command, pytest and campaigns read the same tasks and evaluate them alike."""

    QUICK = ("--profile", "quick", "--dialect", "tgi-sse", "--dialect", "text")
    ASKED = (*QUICK, *(word for id_ in SOME for word in ("--requirement", id_)))

    def told(self, found: list[dict[str, Any]]) -> list[tuple[str, ...]]:
        """What each way tells of a result."""
        keys = ("follows", "stream")
        return sorted(
            tuple(({key: (row["finding"] or {}).get(key) or "" for key in keys} | row)[name] for name in SAME)
            for row in found
            if row["verdict"] != "n/a"
        )

    def of_pytest(self, folder: Path, decoder: str, *more: str) -> list[tuple[str, ...]]:
        settings = {"decoders": decoder, "dialects": "tgi-sse text", "requirements": " ".join(SOME), "profile": "quick"}
        lines = [f"sliceproof_{name} = {told}" for name, told in settings.items()]
        (folder / "pytest.ini").write_text("\n".join(["[pytest]", *lines]))
        asked = [sys.executable, "-P", "-m", "pytest", "-q", "--junitxml=out.xml", "-p", "no:cacheprovider", *more]
        ran = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode in (0, 1), ran.stdout
        found = []
        for case in ElementTree.parse(folder / "out.xml").iter("testcase"):
            told = {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}
            found.append(tuple(told.get({"stream": "case"}.get(name, name), "") for name in SAME))
        return sorted(found)

    @pytest.mark.parametrize("decoder", ["broken:decodes_parts_alone", "sound:incremental_codec"])
    def test_gives_the_same_results(self, folder: Path, decoder: str) -> None:
        one = rows(folder, decoder, *self.ASKED, "--jobs", "1")
        assert rows(folder, decoder, *self.ASKED, "--jobs", "2") == one
        shares = [rows(folder, decoder, *self.ASKED, "--worker", f"{index}/2", "--jobs", "2") for index in range(2)]
        assert self.told([*shares[0], *shares[1]]) == self.told(one)
        assert self.of_pytest(folder, decoder) == self.told(one)
        assert self.of_pytest(folder, decoder, "-n", "2") == self.told(one)

    def test_begins_each_task_with_the_decoder_as_it_was_loaded(self, folder: Path) -> None:
        """Whatever it keeps from one call to the next, and however many judge it."""
        asked = ("own.py:counts", *ASKED)
        one = rows(folder, asked[0], *asked[1:], "--jobs", "1")
        assert rows(folder, *asked, "--jobs", "3") == one
        assert {row["verdict"] for row in one if row["requirement"] in ("U1", "L1")} == {"fail"}

    def test_shares_what_fails_through_a_database(self, folder: Path) -> None:
        asked = ("own.py:halves", *ASKED, "--requirement", "U1", "--requirement", "P2", "--database", "kept")
        assert rows(folder, *asked, "--worker", "0/2", "--jobs", "2")[0]["requirement"] == "U1"
        again = {row["requirement"]: row for row in rows(folder, *asked, "--worker", "1/2", "--jobs", "2")}
        assert again["U1"]["replayed"]


@pytest.mark.parametrize("jobs", ["-1", "many", "1.5"])
def test_a_number_of_jobs_is_a_number(folder: Path, jobs: str) -> None:
    ran = run(folder, "own.py:sound", *ASKED, "--jobs", jobs)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 1)


class Uncopied:
    """Cannot be pickled."""

    def __init__(self) -> None:
        self.held = lambda: None

    def __repr__(self) -> str:
        return "Uncopied()"


class TestPacking:
    DECODER = Decoder("mine", {}, yields="messages")

    def told(self, items: tuple[Any, ...], error: BaseException | None) -> Result:
        stream = Stream("tgi-sse", ("é",), part_cuts=(43,), fault=Fault("exception", 1))
        outcome = Outcome(items, (1,), "error", error, 2, False, "chunks")
        broken = Broken(stream, "sync", Breach(BreachKind.LOSES_TEXT, "é", ""), outcome)
        finding = Finding(REQUIREMENTS["E1"], self.DECODER, broken, "part", "U1", "botocore", {"sync": "''"})
        return Result(self.DECODER, "tgi-sse", REQUIREMENTS["E1"], "fail", 4, 2, finding, "why", "changed", True, (7,))

    def test_keeps_all_that_a_report_shows(self) -> None:
        result = self.told(({":message-type": "event"}, b"x"), None)
        assert unpacked(packed(result), self.DECODER) == result

    def test_keeps_the_name_and_text_of_an_exception_that_cannot_be_copied(self) -> None:
        raised = EventStreamError({"Error": {"Code": "A", "Message": "b"}}, "Invoke")
        finding = unpacked(packed(self.told((), raised)), self.DECODER).finding
        assert finding is not None
        assert described(finding.broken.outcome.error) == described(raised)

    def test_shows_an_item_that_cannot_be_copied(self) -> None:
        finding = unpacked(packed(self.told(((Uncopied(), b"x"),), None)), self.DECODER).finding
        assert finding is not None
        assert finding.broken.outcome.items == (("Uncopied()", b"x"),)

    def test_of_a_result_without_a_finding_keeps_it(self) -> None:
        result = Result(self.DECODER, "text", REQUIREMENTS["U1"], "pass", 12)
        assert unpacked(packed(result), self.DECODER) == result
