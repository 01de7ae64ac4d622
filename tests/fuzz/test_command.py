"""`sliceproof fuzz` as a user runs it: real processes, from nothing, until what is planted is found."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("atheris")

Fuzz = Callable[..., subprocess.CompletedProcess[str]]

PLANTED = """
from sliceproof.conformance.decoders.sound.steps import Sound


class Loses(Sound):
    def part(self, payload):
        if len(payload) != 8192:
            yield from super().part(payload)


def loses_8192(chunks):
    yield from Loses("tgi-sse").decode(chunks)


def sound(chunks):
    yield from Sound("tgi-sse").decode(chunks)


def nothing(chunks):
    yield from ()


def numbers(chunks):
    for chunk in chunks:
        yield len(chunk)


def dies(chunks):
    import os
    for chunk in chunks:
        if len(chunk) > 40:
            os._exit(3)
        yield {}, chunk


def says_it_is_done(chunks):
    import os
    for chunk in chunks:
        if len(chunk) > 40:
            os._exit(0)
    yield from ()


def leaves_its_folder(chunks):
    import os
    os.chdir("/")
    yield from Sound("tgi-sse").decode(chunks)
"""


@pytest.fixture
def fuzz(tmp_path: Path) -> Fuzz:
    (tmp_path / "planted.py").write_text(PLANTED)

    def run(*arguments: str, command: str = "fuzz") -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "sliceproof", command, *arguments]
        return subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    return run


def test_what_the_framing_forbids_and_botocore_takes_is_found_from_nothing(fuzz: Fuzz) -> None:
    ran = fuzz("messages", "botocore", "--no-seeds", "--runs", "5000")
    assert ran.returncode == 1, ran.stderr
    assert "0000000c00000000a0d23268" not in ran.stdout  # the plainest is told without its bytes
    assert "Stream('text', [], fault=Fault('malformed', 0))" in ran.stdout
    assert "total length is 12, and must be at least 16" in ran.stdout
    assert "'a' ends 1 bytes past the header block" in ran.stdout
    assert "5,000 executions" in ran.stdout


def test_a_header_that_runs_over_is_found_by_headers_too(fuzz: Fuzz) -> None:
    ran = fuzz("headers", "botocore", "--no-seeds", "--runs", "30000")
    assert ran.returncode == 1
    assert "past the header block" in ran.stdout


@pytest.mark.parametrize(
    ("decoder", "runs", "told"),
    [
        ("broken:reverses_a_chunk", "8000", "FAIL  O1  order"),
        ("planted.py:loses_8192", "12000", "FAIL  F6  empty parts and exact sizes"),
        ("broken:decodes_parts_alone", "2000", "Stream('tgi-sse', ['é'], part_cuts=[43])"),
    ],
)
def test_a_planted_fault_is_found_from_nothing_and_shrunk(fuzz: Fuzz, decoder: str, runs: str, told: str) -> None:
    """In ten times the executions that it takes on average: a seed finds another way on another machine."""
    ran = fuzz("streams", decoder, "--no-seeds", "--runs", runs)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert told in ran.stdout


def test_nothing_is_found_in_what_is_sound(fuzz: Fuzz) -> None:
    """Nor by the other targets, which `tox -e fuzz` runs for longer."""
    ran = fuzz("streams", "planted.py:sound", "--runs", "500")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "FAIL" not in ran.stdout


def test_what_is_found_fails_the_next_ordinary_run_and_is_found_again_at_once(fuzz: Fuzz) -> None:
    ran = fuzz("messages", "botocore", "--no-seeds", "--runs", "3000", "--save", "cases")
    assert "saved     cases/F2-" in ran.stdout
    judged = ("botocore", "--dialect", "text", "--requirement", "F2")
    before, after = fuzz(*judged, command="check"), fuzz(*judged, "--corpus", "cases", command="check")
    assert (before.returncode, after.returncode) == (0, 1), after.stdout + after.stderr
    again = fuzz("messages", "botocore", "--corpus", "cases", "--runs", "1")
    assert again.returncode == 1
    assert "FAIL  F2" in again.stdout


def test_a_fault_that_a_baseline_knows_is_passed_over(fuzz: Fuzz) -> None:
    known = fuzz(
        "broken:decodes_parts_alone",
        "--requirement",
        "U1",
        "--baseline",
        "known.toml",
        "--update-baseline",
        command="check",
    )
    assert known.returncode == 0, known.stderr
    ran = fuzz("streams", "broken:decodes_parts_alone", "--runs", "1000", "--baseline", "known.toml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "FAIL" not in ran.stdout


def test_workers_share_what_they_find(fuzz: Fuzz, tmp_path: Path) -> None:
    ran = fuzz("messages", "botocore", "--workers", "2", "--runs", "3000", "--inputs", "inputs", "--no-seeds")
    assert ran.returncode == 1
    assert "2 workers" in ran.stdout
    assert ran.stdout.count("Stream('text', [], fault=Fault('malformed', 0))\n") == 1
    assert len(list((tmp_path / "inputs").iterdir())) > 10


def test_a_crash_of_a_script_becomes_a_case(fuzz: Fuzz, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "sliceproof.fuzz.fuzz_messages", "-runs=5000", "-artifact_prefix=./"]
    environment = {"SLICEPROOF_FUZZ": '{"decoders": ["botocore"]}', "PATH": ""}
    crashed = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert crashed.returncode == 77
    assert "FoundError: botocore breaks F2" in crashed.stdout + crashed.stderr
    (crash,) = tmp_path.glob("crash-*")
    ran = fuzz("messages", "botocore", "--crash", crash.name, "--save", "cases")
    assert ran.returncode == 1
    assert len(list((tmp_path / "cases").glob("F2-*.json"))) == 1


def test_a_decoder_that_ends_the_process_is_an_error_and_no_hung_run(fuzz: Fuzz) -> None:
    ran = fuzz("messages", "planted.py:dies", "--yields", "messages", "--dialect", "text", "--runs", "1000")
    assert ran.returncode == 2
    assert "error a worker ended with 3" in ran.stdout


def test_a_decoder_that_ends_the_process_as_if_all_were_well_is_an_error_too(fuzz: Fuzz) -> None:
    ran = fuzz("messages", "planted.py:says_it_is_done", "--yields", "messages", "--dialect", "text", "--runs", "1000")
    assert ran.returncode == 2
    assert "error the decoder ended its process" in ran.stdout


def test_inputs_are_kept_where_they_were_asked_for_wherever_the_decoder_goes(fuzz: Fuzz, tmp_path: Path) -> None:
    ran = fuzz("streams", "planted.py:leaves_its_folder", "--runs", "3000", "--inputs", "inputs", "--no-seeds")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert list((tmp_path / "inputs").iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_what_was_found_is_kept_and_nobody_is_left_when_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    line = [sys.executable, "-m", "sliceproof", "fuzz", "messages", "botocore", "--workers", "2", "--save", "cases"]
    environment = {"TMPDIR": str(tmp_path), **os.environ, "SLICEPROOF_MARK": str(tmp_path)}
    running = subprocess.Popen(
        line, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    for _ in range(600):
        if list(tmp_path.glob("sliceproof-*/found/found.jsonl")):
            break
        time.sleep(0.1)
    running.send_signal(number)
    told, _ = running.communicate(timeout=60)
    if number != signal.SIGKILL:
        assert running.returncode == 130
        assert "FAIL  F2" in told
        assert told.endswith("sliceproof: interrupted\n")
        assert list((tmp_path / "cases").glob("F2-*.json"))
    for _ in range(100):
        if not marked(tmp_path):
            break
        time.sleep(0.1)
    assert marked(tmp_path) == []


def marked(folder: Path) -> list[str]:
    """The processes that have this folder as a mark in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"SLICEPROOF_MARK={folder}".encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
    return found


def test_a_decoder_that_gives_something_else_is_an_error_and_the_input_is_kept(fuzz: Fuzz, tmp_path: Path) -> None:
    ran = fuzz("messages", "planted.py:numbers", "--yields", "messages", "--dialect", "text", "--runs", "1000")
    assert ran.returncode == 2
    assert "error cannot be fuzzed: TargetError: planted.py:numbers yielded " in ran.stdout
    kept = [path.name for path in tmp_path.glob("crash-*")]
    assert len(kept) == 1
    assert f"--crash {kept[0]} tries it again" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("frames",), "there is no target 'frames'; there are messages: "),
        (("messages", "no-such"), "no-such"),
        (("messages", "sound:parts"), "sound:parts accepts parts and never sees the wire"),
        (("records", "litellm-proposed-fix"), "leave the decoder out"),
        (("streams", "planted.py:nothing"), "gives back a plain stream in no dialect"),
        (("streams", "reference", "--dialect", "tgi"), "unknown dialect 'tgi'"),
        (("streams", "broken:trims_deltas", "--dialect", "text"), "does not claim text; it claims tgi-sse"),
        (("streams", "reference", "--crash", "missing"), "missing cannot be read: No such file"),
        (("streams", "reference", "--inputs", "planted.py"), "planted.py cannot be made: File exists"),
        (("streams", "reference", "--baseline", "missing.toml"), "missing.toml"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_bad_input_is_one_clear_line(fuzz: Fuzz, arguments: tuple[str, ...], told: str) -> None:
    ran = fuzz(*arguments)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "Traceback" not in ran.stdout + ran.stderr
