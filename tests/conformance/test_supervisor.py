"""A run that cannot go on: nothing found is lost, nothing hangs, and no exit code says that all is well."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from sliceproof.conformance.reporting.report import schema

HOSTILE = """
import atexit, os, re, sys, threading, time

def sound(parts):
    import codecs
    decoder = codecs.getincrementaldecoder("utf-8")()
    for part in parts:
        if told := decoder.decode(part):
            yield told

def halves(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")

def leaves_by_os(parts):
    os._exit(0)
    yield ""

def catastrophic(parts):
    for part in parts:
        re.match(r"(a+)+$", "a" * 60 + "b")
        yield part.decode("utf-8", "replace")

def catches_everything(parts):
    while True:
        try:
            time.sleep(0.001)
        except BaseException:
            continue
    yield ""

def slow(parts):
    time.sleep(0.05)
    yield from sound(parts)

def lingers(parts):
    if threading.active_count() < 9:
        threading.Thread(target=time.sleep, args=(600,)).start()
        atexit.register(time.sleep, 600)
    yield from sound(parts)

def prints(parts):
    print("noise")
    os.write(1, b"more noise\\n")
    os.chdir("/")
    sys.stdout = None
    yield from sound(parts)

class Bad(Exception):
    def __str__(self):
        sys.exit(0)

def bad_str(parts):
    raise Bad
    yield ""

class Raises(Exception):
    def __str__(self):
        raise ValueError("\\ud800\\x1b[31m")

def raising_str(parts):
    raise Raises
    yield ""

def surrogate(parts):
    raise ValueError("\\ud800 \\x1b[31m")
    yield ""

def none_late(parts):
    for number, part in enumerate(parts):
        yield None if number > 5 else part.decode("utf-8", "replace")

def forks(parts):
    if not os.path.exists("forked"):
        pid = os.fork()
        if pid == 0:
            os.setsid()
            open("forked", "w").write(str(os.getpid()))
            time.sleep(600)
            os._exit(0)
        while not os.path.exists("forked") or not open("forked").read():
            time.sleep(0.01)
    yield from sound(parts)
"""
QUICK = ("--accepts", "parts", "--dialect", "text", "--examples", "3", "--requirement", "U1")

Ran = subprocess.CompletedProcess[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(HOSTILE)
    (tmp_path / "hanging.py").write_text("import re\nre.match(r'(a+)+$', 'a' * 60 + 'b')\n")
    (tmp_path / "tomlkit.py").write_text("def decode(parts):\n    return (part.decode() for part in parts)\n")
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "sliceproof", *arguments]


def run(folder: Path, *arguments: str, **environment: str) -> Ran:
    given = os.environ | {"SLICEPROOF_SILENCE": "3"} | environment
    return subprocess.run(
        command(*arguments), cwd=folder, capture_output=True, text=True, check=False, env=given, timeout=90
    )


class TestWhatHangs:
    @pytest.mark.parametrize("name", ["catastrophic", "catches_everything"])
    def test_is_killed_and_is_a_failure_in_terminal_and_report(self, folder: Path, name: str) -> None:
        ran = run(folder, "check", f"own.py:{name}", *QUICK, "--json", "out.json")
        data = json.loads((folder / "out.json").read_text())
        jsonschema.validate(data, schema())
        (row,) = data["results"]
        assert (ran.returncode, row["verdict"], row["requirement"]) == (1, "fail", "U1")
        assert "got       the process did not move for 3 s" in ran.stdout
        assert "it did not end in time, and could not be interrupted" in ran.stdout  # it may be no more than slow
        assert row["finding"]["stream"].startswith("Stream('text', [")

    def test_is_killed_where_its_dialects_are_found_out(self, folder: Path) -> None:
        """There it runs in the process that reports."""
        ran = run(folder, "check", "own.py:catastrophic", "--accepts", "parts", "--requirement", "U1")
        assert (ran.returncode, "while it was loaded: it did not move for 12 s (in match" in ran.stderr) == (
            2,
            True,
        )

    def test_keeps_what_was_found_before(self, folder: Path) -> None:
        """The first decoder's finding is in the report, though the second one hangs."""
        ran = run(folder, "check", "own.py:halves", "own.py:catastrophic", *QUICK, "--json", "out.json")
        rows = json.loads((folder / "out.json").read_text())["results"]
        assert [(row["decoder"], row["verdict"], bool(row["finding"])) for row in rows] == [
            ("own.py:halves", "fail", True),
            ("own.py:catastrophic", "fail", True),
        ]
        assert ran.returncode == 1

    def test_is_told_of_in_an_import(self, folder: Path) -> None:
        ran = run(folder, "check", "hanging.py:decode", *QUICK)
        assert (ran.returncode, "while it was loaded: it did not move" in ran.stderr) == (2, True)

    def test_is_killed_in_a_replay(self, folder: Path) -> None:
        ran = run(folder, "replay", "Stream('text', ['a'])", "own.py:catastrophic", "--accepts", "parts")
        assert (ran.returncode, "it did not move for 3 s" in ran.stderr) == (1, True)

    def test_does_not_matter_after_the_verdict(self, folder: Path) -> None:
        begun = time.monotonic()
        ran = run(folder, "check", "own.py:lingers", *QUICK)
        assert (ran.returncode, "own.py:lingers holds what was asked" in ran.stdout) == (0, True)
        assert time.monotonic() - begun < 30


class TestAnEndBeforeTheEnd:
    def test_by_the_decoder_is_no_success(self, folder: Path) -> None:
        ran = run(folder, "check", "own.py:leaves_by_os", *QUICK)
        assert (ran.returncode, "the process ended by itself, with code 0" in ran.stdout) == (1, True)

    @pytest.mark.parametrize("name", ["bad_str", "raising_str"])
    def test_in_an_error_without_text_is_no_success(self, folder: Path, name: str) -> None:
        ran = run(folder, "check", f"own.py:{name}", *QUICK)
        assert ran.returncode in (1, 2)
        assert "Traceback" not in ran.stderr

    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_by_a_signal_keeps_what_was_found(self, folder: Path, number: int, code: int) -> None:
        arguments = ("check", "own.py:halves", "own.py:slow", *QUICK, "--json", "out.json", "--save", "cases")
        with subprocess.Popen(
            command(*arguments), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            out = "".join(iter(process.stdout.readline, "own.py:slow in text\n"))
            process.send_signal(number)
            _, err = process.communicate(timeout=30)
        data = json.loads((folder / "out.json").read_text())
        jsonschema.validate(data, schema())
        assert process.returncode == code, err
        assert data["incomplete"] == signal.Signals(number).name
        assert any(row["finding"] for row in data["results"])
        assert "FAIL" in out
        assert list((folder / "cases").glob("*.json"))

    def test_of_one_decoder_keeps_the_others(self, folder: Path) -> None:
        ran = run(folder, "check", "own.py:halves", "own.py:none_late", *QUICK[:-1], "MIX", "--json", "out.json")
        assert ran.returncode == 1
        assert json.loads((folder / "out.json").read_text())["results"][0]["finding"]
        assert "FAIL" in ran.stdout


class TestOutput:
    def test_of_a_decoder_is_no_part_of_the_report(self, folder: Path) -> None:
        ran = run(folder, "check", "own.py:prints", *QUICK, "--json", "-")
        assert json.loads(ran.stdout)["results"][0]["verdict"] == "pass"
        assert "more noise" in ran.stderr

    def test_goes_to_the_folder_that_was_meant(self, folder: Path) -> None:
        ran = run(folder, "check", "own.py:prints", *QUICK, "--json", "out.json")
        assert json.loads((folder / "out.json").read_text())["results"]
        assert "own.py:prints holds what was asked" in ran.stdout

    @pytest.mark.parametrize(
        "environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"COLUMNS": "0"}]
    )
    @pytest.mark.parametrize("name", ["halves", "surrogate"])
    def test_can_be_written_anywhere(self, folder: Path, name: str, environment: dict[str, str]) -> None:
        ran = run(folder, "check", f"own.py:{name}", *QUICK, **environment)
        assert (ran.returncode, "breaks 1 MUST: U1" in ran.stdout) == (1, True), ran.stderr
        assert "\x1b" not in ran.stdout + ran.stderr

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
    @pytest.mark.parametrize("to", ["> /dev/full", ">&-", "| true"])
    def test_that_cannot_be_written_loses_no_report(self, folder: Path, to: str) -> None:
        words = " ".join(command("check", "own.py:sound", *QUICK, "--json", "out.json"))
        line = f"set -o pipefail; {words} {to}"
        ran = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
        assert json.loads((folder / "out.json").read_text())["results"][0]["verdict"] == "pass"
        assert ran.returncode != 1
        assert "Traceback" not in ran.stderr

    @pytest.mark.parametrize("given", [("--json", "no/out.json"), ("--save", "own.py"), ("--json", ".")])
    def test_is_tried_before_anything_is_judged(self, folder: Path, given: tuple[str, ...]) -> None:
        ran = run(folder, "check", "own.py:halves", *QUICK, *given)
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)

    def test_of_a_bad_case_folder_loses_no_finding(self, folder: Path) -> None:
        run(folder, "check", "own.py:halves", *QUICK, "--save", "cases")
        (case,) = (folder / "cases").glob("*.json")
        case.write_text("{")
        ran = run(folder, "check", "own.py:halves", *QUICK, "--save", "cases", "--json", "out.json")
        assert (ran.returncode, "FAIL" in ran.stdout, "was not saved" in ran.stderr) == (1, True, True)
        assert json.loads((folder / "out.json").read_text())["results"][0]["finding"]


def test_a_decoder_may_be_named_as_a_package_of_ours(folder: Path) -> None:
    (folder / "known.toml").write_text("")
    given = ("--baseline", "known.toml", "--update-baseline")
    ran = run(folder, "check", "tomlkit.py:decode", *QUICK, *given)
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets a process adopt")
def test_a_fork_of_the_decoder_does_not_outlive_the_run(folder: Path) -> None:
    ran = run(folder, "check", "own.py:forks", *QUICK)
    assert ran.returncode == 0, ran.stderr
    left = int((folder / "forked").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)


def test_what_does_not_apply_is_told_if_asked(folder: Path) -> None:
    given = ("check", "own.py:sound", *QUICK, "--requirement", "R1")
    assert "n/a   R1 in text: plain text has" in run(folder, *given, "-v").stdout
    assert "n/a" not in run(folder, *given).stdout


def test_a_decoder_that_hangs_on_a_plain_stream_is_asked_no_more(folder: Path) -> None:
    impatient = "from sliceproof.conformance.harness import watchdog\nwatchdog.PATIENCE = 1\n"
    (folder / "spin.py").write_text(f"{impatient}def decode(parts):\n    yield ''\n    while True:\n        pass\n")
    given = ("--requirement", "F1", "--requirement", "MIX", "--json", "out.json")
    ran = run(folder, "check", "spin.py:decode", *QUICK, *given, SLICEPROOF_SILENCE="30")
    rows = json.loads((folder / "out.json").read_text())["results"]
    assert [row["verdict"] for row in rows].count("n/a") == 2, rows
    assert "it hung on a plain stream" in rows[-1]["reason"]
    assert "1 requirement not asked: it hung on a plain stream" in ran.stdout
    assert ran.returncode == 1


@pytest.mark.parametrize("given", [("--seconds", "nan"), ("--seconds", "inf"), ("--seeds", "1000000000")])
def test_a_number_that_is_no_time_or_far_too_large_is_refused(folder: Path, given: tuple[str, ...]) -> None:
    ran = run(folder, "check", "own.py:sound", *QUICK, *given)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)


WANTS_A_LINE_FEED = """
import json


def decode(parts):
    parts, body = iter(parts), b""
    for part in parts:
        body += part
    while not body.endswith(b"\\n"):
        next(parts, None)
    for line in body.splitlines():
        yield json.loads(line)["outputs"][0]
"""


def test_one_that_hangs_only_on_a_hazard_is_asked_the_rest(folder: Path) -> None:
    (folder / "spin.py").write_text(WANTS_A_LINE_FEED)
    given = ("--accepts", "parts", "--dialect", "djl-outputs", "--examples", "3", "--json", "out.json")
    ran = run(folder, "check", "spin.py:decode", *given, *("--requirement", "L4", "--requirement", "H1"))
    rows = json.loads((folder / "out.json").read_text())["results"]
    assert {row["requirement"]: row["verdict"] for row in rows} == {"L4": "warn", "H1": "fail"}, rows
    assert ran.returncode == 1
