"""Children that fail: each fault is a finding or one clear line, and the next stream gets a fresh child."""

import gc
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from children import MARK, SPEAKS, command, faulty, left_after, marked
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.decoders.subprocess import child, pool
from sliceproof.conformance.decoders.subprocess.pool import MEMORY_VARIABLE, decoder
from sliceproof.conformance.harness.contract import TargetError
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.wire.stream import Stream

FAULT = Stream("text", ["fault", "b"])
SOUND = Stream("text", ["a", "b"])

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="exec: is for POSIX systems")


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test leaves a process behind."""
    monkeypatch.setenv(MARK, str(tmp_path))
    yield
    gc.collect()
    assert left_after(str(tmp_path), 5) == {}


def told(outcome: Outcome) -> tuple[tuple[object, ...], str, str]:
    return outcome.items, outcome.ended, f"{type(outcome.error).__name__}: {outcome.error}"


DEATHS = {
    "exits": ("os._exit(3)", "DiedError: its process exited with code 3"),
    "exits well, but too early": ("os._exit(0)", "DiedError: its process exited with code 0"),
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", "DiedError: its process was killed by SIGSEGV"),
    "dies inside a line": (
        "sys.stdout.write('{\"stream\": ')\nsys.stdout.flush()\nos._exit(3)",
        "DiedError: its process exited with code 3, in the middle of a line",
    ),
    "says why it dies": (
        "sys.stderr.write('about to fail\\n')\nraise RuntimeError('no such luck')",
        "DiedError: its process exited with code 1: RuntimeError: no such luck",
    ),
    "closes its output": ("os.close(1)\ntime.sleep(100)", "DiedError: its process closed its output"),
    "closes its input": (
        "os.close(0)\nsay({'stream': number, 'pull': True})\ntime.sleep(0.1)\nos._exit(4)",
        "DiedError: its process exited with code 4",
    ),
    "dies in colour": (
        "sys.stderr.write('\\x1b[31mfatal\\x1b[0m: \\x07no\\n')\nsys.stderr.flush()\nos._exit(3)",
        "DiedError: its process exited with code 3: fatal: \\x07no",
    ),
    "raises with half a character": (
        "say({'stream': number, 'error': {'type': 'E\\ud83d', 'message': 'not \\ud83d\\x1b'}})",
        "E\\ud83d: not \\ud83d\\x1b",
    ),
    "raises": (
        "say({'stream': number, 'error': {'type': 'ModelStreamError', 'message': 'it broke'}})",
        "ModelStreamError: it broke",
    ),
}


@pytest.mark.parametrize("name", DEATHS)
def test_a_child_that_dies_ends_its_stream_with_an_error_that_says_how(tmp_path: Path, name: str) -> None:
    fault, said = DEATHS[name]
    judged = faulty(tmp_path, fault)
    assert told(drive(judged, "exec", FAULT)) == (("f",), "error", said)
    assert told(drive(judged, "exec", SOUND))[:2] == (("a", "b"), "end")


HANGS = {
    "pulls for ever": "while True:\n    pull(number)",
    "is silent": "time.sleep(100)",
    "spins": "while True: pass",
    "stops": "os.kill(os.getpid(), signal.SIGSTOP)",
    "ignores what asks it to end": "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(100)",
    "writes items for ever": "while True: say({'stream': number, 'text': 'f'})",
    "writes a line for ever": "while True: sys.stdout.write('f' * 100000)",
    "writes large items for ever": "while True: say({'stream': number, 'text': 'f' * 5000000})",
    "complains for ever": "while True: sys.stderr.write('no ' * 10000)",
    "leaves it all to a child of its own": "subprocess.Popen(['sleep', '100'])\nos._exit(0)",
}


@pytest.mark.parametrize("name", HANGS)
def test_a_child_without_end_is_a_hang(tmp_path: Path, name: str) -> None:
    judged = faulty(tmp_path, HANGS[name])
    outcome = drive(judged, "exec", FAULT, patience=0.5)
    assert (outcome.ended, outcome.items[:1]) == ("hang", ("f",))
    assert told(drive(judged, "exec", SOUND))[:2] == (("a", "b"), "end")


def test_a_child_that_reads_nothing_of_a_large_chunk_is_a_hang(tmp_path: Path) -> None:
    judged = faulty(tmp_path, "say({'stream': number, 'pull': True})\ntime.sleep(100)")
    assert drive(judged, "exec", Stream("text", ["fault", "x" * 1_000_000]), patience=0.5).ended == "hang"


AHEAD = """
for _ in range(40):
    say({"stream": number, "pull": True})
    say({"stream": number, "text": "y" * 100000})
say({"stream": number, "done": True})
sys.stdin.read()
"""


def test_two_full_pipes_do_not_wait_for_each_other(tmp_path: Path) -> None:
    judged = faulty(tmp_path, AHEAD)
    outcome = drive(judged, "exec", Stream("text", ["fault", *["x" * 100_000] * 40]))
    assert (outcome.ended, len("".join(outcome.items))) == ("end", 4_000_001)


GROWS = "import time; held = b'x' * (200 << 20); time.sleep(100)"
GROWING = {"itself": GROWS, "a child of its own": f"subprocess.run([sys.executable, '-c', {GROWS!r}])"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
@pytest.mark.parametrize("growing", GROWING)
def test_memory_over_the_limit_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, growing: str) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "100")
    judged = faulty(tmp_path, GROWING[growing])
    said = "TooLargeError: its process takes more than 100 MiB of memory"
    assert told(drive(judged, "exec", FAULT)) == (("f",), "error", said)
    assert told(drive(judged, "exec", SOUND))[:2] == (("a", "b"), "end")


def test_what_a_child_writes_to_stderr_never_blocks_it(tmp_path: Path) -> None:
    judged = faulty(tmp_path, "sys.stderr.write('noise\\n' * 1000000)\nsound(number)")
    assert told(drive(judged, "exec", FAULT))[:2] == (("f", "b"), "end")


def test_a_stream_left_alone_costs_its_child_and_no_more_than_a_few_live(tmp_path: Path) -> None:
    judged = faulty(tmp_path, "sound(number)")
    opened = judged.modes["exec"].open("text", "")
    left = [iter(opened(iter([b"a"]))) for _ in range(10)]  # type: ignore[arg-type]
    assert [next(one) for one in left] == ["a"] * 10
    assert len(marked(str(tmp_path))) == pool.MOST
    assert told(drive(judged, "exec", SOUND))[:2] == (("a", "b"), "end")
    left[-1].close()  # type: ignore[attr-defined]
    assert told(drive(judged, "exec", SOUND))[:2] == (("a", "b"), "end")


BREACHES = {
    "say('Listening')": "it wrote no JSON (only the protocol may write to stdout, all else to stderr): 'Listening'",
    "say('')": "no JSON",
    'sys.stdout.buffer.write(b\'{"text": "\\xe4"}\\n\')\nsys.stdout.flush()': "no JSON",
    "say('[' * 100000)": "no JSON",
    "say('{' * 100000)": "…'",
    "say('[1]')": "it wrote JSON that is no object: '[1]'",
    "say({'text': 'a'})": "it wrote a line without a stream's number while stream 1 was under way",
    "say({'stream': 7, 'text': 'a'})": "it wrote of stream 7 while stream 1 was under way",
    "say({'stream': number})": "a line has 'stream' and one other key; it wrote nothing",
    "say({'stream': number, 'text': 'a', 'pull': True})": "it wrote 'pull', 'text'",
    "say({'stream': number, 'piece': 'a'})": "it wrote an unknown key 'piece' in a stream",
    "say({'stream': number, 'delta': {}})": "it wrote a delta, but its hello says that it yields text",
    "say({'stream': number, 'line': 'YQ=='})": "it wrote a line, but its hello says that it yields text",
    "say({'stream': number, 'text': 7})": "its 'text' is not a string",
    "say({'stream': number, 'pull': False})": "its 'pull' is not true",
    "say({'stream': number, 'done': 1})": "its 'done' is not true",
    "say({'stream': number, 'error': 'broken'})": "its 'error' is not {\"type\": string",
    "say({'stream': number, 'error': {'type': 'E', 'message': None}})": "its 'error' is not",
    "say({'hello': {'protocol': 1}})": "without a stream's number",
}


@pytest.mark.parametrize("fault", BREACHES)
def test_what_is_no_protocol_is_one_clear_line(tmp_path: Path, fault: str) -> None:
    judged = faulty(tmp_path, f"{fault}\ntime.sleep(100)")
    with pytest.raises(TargetError) as raised:
        drive(judged, "exec", FAULT)
    said = str(raised.value)
    assert said.startswith(f"{judged.name} breaks the protocol: ")
    assert BREACHES[fault] in said
    assert len(said) < len(judged.name) + 400
    assert told(drive(judged, "exec", SOUND))[:2] == (("a", "b"), "end")


def test_what_a_child_says_after_it_is_done_is_one_clear_line(tmp_path: Path) -> None:
    judged = faulty(tmp_path, "say({'stream': number, 'done': True})\nsay({'stream': number, 'text': 'b'})")
    assert told(drive(judged, "exec", FAULT))[:2] == (("f",), "end")
    with pytest.raises(TargetError) as raised:
        list(map(partial(drive, judged, "exec"), [SOUND] * 20))
    said = 'breaks the protocol: it wrote more after it was done: \'{"stream": 1, "text": "b"}\''
    assert said in str(raised.value)


def test_a_child_that_fails_after_it_is_done_fails_in_the_next_stream_and_no_other(tmp_path: Path) -> None:
    judged = faulty(tmp_path, "say({'stream': number, 'done': True})\nraise RuntimeError('late')")
    assert told(drive(judged, "exec", FAULT))[:2] == (("f",), "end")
    said = "DiedError: between two streams its process exited with code 1: RuntimeError: late"
    assert told(drive(judged, "exec", SOUND)) == ((), "error", said)
    assert told(drive(judged, "exec", SOUND))[:2] == (("a", "b"), "end")


def test_a_child_may_serve_one_stream_and_leave(tmp_path: Path) -> None:
    judged = faulty(tmp_path, "sound(number)\nos._exit(0)")
    assert [told(drive(judged, "exec", FAULT))[:2] for _ in range(5)] == [(("f", "b"), "end")] * 5


NO_HELLO = {
    "raise RuntimeError('no config')": "did not say hello: its process exited with code 1: RuntimeError: no config",
    "def broken(:": "exited with code 1: SyntaxError",
    "os.kill(os.getpid(), signal.SIGKILL)": "did not say hello: its process was killed by SIGKILL",
    "sys.stdout.write('{')\nsys.stdout.flush()\nsys.exit(0)": "exited with code 0, in the middle of a line",
    "say('Listening on 8080')": "breaks the protocol: it wrote no JSON (only the protocol may write to stdout",
    "say('{}')": 'it began with another line than {"hello": {...}}',
    "say({'hello': 1})": 'it began with another line than {"hello": {...}}',
    "say({'hello': {}})": "it speaks protocol None, and this is protocol 1",
    "say({'hello': {'protocol': 2}})": "it speaks protocol 2, and this is protocol 1",
    "say({'hello': {'protocol': 1, 'colour': 1}})": "its hello has an unknown key 'colour'",
    "say({'hello': {'protocol': 1, 'version': 1}})": "its hello's 'version' is no string",
    "say({'hello': {'protocol': 1, 'accepts': 'bytes'}})": "its hello's 'accepts' is none of chunks, events, parts",
    "say({'hello': {'protocol': 1, 'yields': 'tokens'}})": "its hello's 'yields' is none of text, deltas, lines, ",
    "say({'hello': {'protocol': 1, 'dialects': 'text'}})": "its hello's 'dialects' is neither null nor a list",
    "say({'hello': {'protocol': 1, 'dialects': []}})": "its hello's 'dialects' is neither null nor a list",
    "say({'hello': {'protocol': 1, 'dialects': ['tgi']}})": "did you mean tgi-sse?",
    "sys.stderr.write('waiting for a debugger\\n')\nsys.stderr.flush()\ntime.sleep(100)": (
        "said no hello within 2 s; its last words were: waiting for a debugger"
    ),
    "while True: sys.stdout.write('x' * 100000)": "said no hello, but writes without end",
}


@pytest.mark.parametrize("instead", NO_HELLO)
def test_a_child_that_does_not_introduce_itself_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instead: str
) -> None:
    if "debugger" in instead:
        monkeypatch.setattr(pool, "HELLO_SECONDS", 2.0)
    source = SPEAKS.replace("FAULT", "    pass").partition("if __name__")[0]
    with pytest.raises(TargetError) as raised:
        load(command(tmp_path / "child.py", f"{source}\n{instead}\nhear()\n"))
    assert NO_HELLO[instead] in str(raised.value)


def test_a_child_with_another_hello_each_time_is_one_clear_line(tmp_path: Path) -> None:
    source = SPEAKS.replace("FAULT", "    os._exit(0)").replace('"parts"}', '"parts", "version": str(os.getpid())}')
    judged = decoder(command(tmp_path / "child.py", source))
    drive(judged, "exec", FAULT)
    with pytest.raises(TargetError, match="says another hello each time"):
        drive(judged, "exec", SOUND)


NO_COMMAND = {
    "exec:": "names no command",
    "exec:   ": "names no command",
    "exec:node 'half": "cannot be split into words: No closing quotation",
    "exec:no-such-program-at-all": "'no-such-program-at-all' cannot be run: there is no such program",
    "exec:./not-executable": "'./not-executable' cannot be run: Permission denied",
    "exec:./no-interpreter": "'./no-interpreter' cannot be run: what its first line names is missing",
    "exec:./no-program": "'./no-program' cannot be run: Exec format error",
}


@pytest.mark.parametrize("target", NO_COMMAND)
def test_a_command_that_cannot_be_run_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content, mode in (
        ("not-executable", "#!/bin/sh\n", 0o644),
        ("no-interpreter", "#!/no/such/interpreter\n", 0o755),
        ("no-program", "\0\1\2", 0o755),
    ):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)
    with pytest.raises(TargetError) as raised:
        load(target)
    assert NO_COMMAND[target] in str(raised.value)


@pytest.mark.parametrize("given", ["much", "0", "-1", ""])
def test_a_limit_that_is_no_number_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, given)
    with pytest.raises(TargetError, match=f"SLICEPROOF_EXEC_MEMORY is '{given}'; give a number of MiB, such as 1024"):
        load("exec:true")


def test_where_processes_cannot_be_watched_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(child.select, "poll")
    with pytest.raises(TargetError, match="on Linux and macOS only"):
        load("exec:true")
