"""Saving: the same case is the same file, what was found adds up, and a file is whole whatever happens."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sliceproof.corpus import Case, CaseError, Found, TooLargeError, layout, load, load_folder, save
from sliceproof.wire.dialects import DIALECTS, Style
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

CASE = Case("U1", "code point cut", Stream("tgi-sse", ("é",), part_cuts=(43,)))
OLD, NEW = Found("own", "1.0", "2026-01-02", mode="sync"), Found("own", "1.1", "2026-02-03", mode="sync")

STREAMS = [
    Stream("tgi-sse", ()),
    Stream("text", ()),
    Stream("text", (), part_cuts=()),
    Stream("text", (), fault=Fault("exception", 0)),
    Stream("tgi-sse", ('\u2028\ufeff\x00\x7f"\\', "שלום", "e\u0301", "\U0001f600", "</s>")),
    Stream("openai-sse", ("x",) * 3000, chunk_cuts=()),
    Stream("text", ("x",) * 9000, part_cuts=tuple(range(1, 9000))),
    Stream("tgi-sse", ("x" * 200_000,), part_cuts=tuple(range(4096, 400_000, 4096))),
    Stream("djl-jsonlines", ("x", "y"), part_cuts=(0, 0, 7, 7), chunk_cuts=(0, 0, 9)),
    Stream("tgi-sse", ("x", "y"), Style(asides=((0, "comment"), (1, "blank")), newline="\r\n"), headers="extra-first"),
    Stream("tgi-sse", ("x", "y"), unknown=(0, 1, 1, 2)),
    *(Stream("tgi-sse", ("x", "y"), fault=Fault(kind, 1)) for kind in ("exception", "error-record", "silence")),
    *(Stream("tgi-sse", ("x", "y"), fault=Fault(kind, 99)) for kind in ("broken-off", "truncated", "corrupt")),
    Stream("tgi-sse", ("x", "y"), fault=Fault("oversized", 1)),
    Stream("text", ("x", "y"), fault=Fault("truncated", 0)),
    Stream("tgi-sse", ("x",), fault=Fault("exception", 1, "error", "gone", None)),
    *(Stream(dialect, ("é", "x")) for dialect in DIALECTS),
]


class TestAFile:
    @pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: repr(stream)[:70])
    def test_gives_back_the_case_and_is_the_same_bytes_every_time(self, tmp_path: Path, stream: Stream) -> None:
        case = Case("MIX", "everything", stream, (OLD,))
        path = save(case, tmp_path / "one")
        assert load(path) == case
        assert load(path).stream.chunks == stream.chunks
        assert load(path).stream.parts == stream.parts
        first = path.read_bytes()
        assert save(load(path), tmp_path / "one").read_bytes() == first
        assert save(load(path), tmp_path / "two").read_bytes() == first

    def test_is_named_for_its_requirement_and_id(self, tmp_path: Path) -> None:
        assert save(CASE, tmp_path).name == f"U1-{CASE.id}.json"

    def test_can_be_read_by_all_who_may_read_the_folder(self, tmp_path: Path) -> None:
        before = os.umask(0o022)
        try:
            assert save(CASE, tmp_path).stat().st_mode & 0o777 == 0o644
        finally:
            os.umask(before)

    def test_shows_letters_and_escapes_what_cannot_be_seen(self) -> None:
        told = layout.text(
            Case("U1", "é", Stream("text", ("é你 €", "e\u0301", "\u200b\u2028\ufeff", "ש", "\U0001f600")))
        )
        assert r'["é你 €", "e\u0301", "\u200b\u2028\ufeff", "\u05e9", "\ud83d\ude00"]' in told

    def test_is_short_where_the_stream_is_long_by_repetition(self) -> None:
        for stream in (Stream("tgi-sse", ("x" * 1_000_000,)), Stream("tgi-sse", ("x" * 70_000,)).but(chunk_cuts=(9,))):
            assert len(layout.text(Case("Q2", "long", stream))) < 3000

    def test_has_lines_that_a_person_can_review(self) -> None:
        told = layout.text(Case("F1", "cut", Stream("text", ("xy" * 90,)).but(chunk_cuts=tuple(range(1, 280)))))
        assert max(len(line) for line in told.splitlines() if '"wire"' not in line and '"body"' not in line) < 240
        assert told.startswith('{\n  "format": 1,\n  "id": "')
        assert told.endswith("\n}\n")


class TestWhatIsThere:
    def test_is_added_to_and_nothing_is_told_twice(self, tmp_path: Path) -> None:
        save(replace(CASE, found=(NEW,)), tmp_path)
        save(replace(CASE, found=(OLD,)), tmp_path)
        path = save(replace(CASE, found=(replace(OLD, date="2026-09-09"), NEW)), tmp_path)
        assert load(path).found == (OLD, NEW)

    def test_gains_a_thread_and_keeps_its_title(self, tmp_path: Path) -> None:
        save(replace(CASE, found=(OLD,), title="as it was called"), tmp_path)
        path = save(replace(CASE, found=(replace(OLD, thread="https://example.org/1"),)), tmp_path)
        assert load(path).found == (replace(OLD, thread="https://example.org/1"),)
        assert load(path).title == "as it was called"

    def test_is_left_alone_if_it_cannot_be_read(self, tmp_path: Path) -> None:
        path = tmp_path / f"{CASE.name}.json"
        path.write_text("{")
        with pytest.raises(CaseError, match="is no JSON"):
            save(CASE, tmp_path)
        assert path.read_text() == "{"


class TestWhatIsRefused:
    def test_is_a_case_that_could_not_be_loaded_again(self, tmp_path: Path) -> None:
        for case in (replace(CASE, requirement=""), replace(CASE, title=""), replace(CASE, requirement="../U1")):
            with pytest.raises(CaseError, match=r": (requirement|title): "):
                save(case, tmp_path / "inner")
        assert list(tmp_path.iterdir()) == []

    def test_is_a_case_larger_than_any_file_may_be(self, tmp_path: Path) -> None:
        text = "".join(map(chr, range(0x4E00, 0x9E00))) * 20
        with pytest.raises(TooLargeError, match=r"would have [\d,]+ bytes; a case has 4,194,304 at most"):
            save(Case("Q2", "long", Stream("tgi-sse", (text,))), tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_is_a_place_that_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(CaseError, match=r"U1-[0-9a-f]+\.json cannot be written: "):
            save(CASE, tmp_path / "file")


KILLED_AT_LINE = """
import os, signal, sys
from sliceproof.corpus import load, save, saving
from dataclasses import replace

path, line = sys.argv[1], int(sys.argv[2])
case = load(path)
case = replace(case, found=(replace(case.found[0], decoder="another" * 100),))
left = line

def traced(frame, event, _):
    global left
    if frame.f_code.co_filename != saving.__file__:
        return None
    if event == "line":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return traced

sys.settrace(traced)
save(case, os.path.dirname(path))
sys.settrace(None)
print("saved")
"""


def child(code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing can be killed so here")
def test_killed_at_any_line_of_saving_it_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """A child is killed at the first line of saving that it runs, then at the second, until it is through."""
    path = save(replace(CASE, found=(OLD,)), tmp_path)
    old = path.read_bytes()
    seen = set()
    for line in range(1, 200):
        path.write_bytes(old)
        ran = child(KILLED_AT_LINE, str(path), str(line))
        assert ran.returncode in (0, -signal.SIGKILL), ran.stderr
        assert [case.id for case in load_folder(tmp_path)] == [CASE.id]
        seen.add(path.read_bytes())
        if ran.returncode == 0:
            break
    assert ran.stdout == "saved\n"
    assert line > 20
    assert len(seen) == 2
    assert old in seen


TOO_FULL = """
import resource, signal, sys
from dataclasses import replace
from sliceproof.corpus import CaseError, Found, load, save

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
case = load(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
try:
    save(replace(case, found=(Found("other", "1", "2026-01-01"),)), sys.argv[2])
except CaseError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_where_no_more_can_be_written_the_old_file_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = save(replace(CASE, found=(OLD,)), tmp_path)
    old = path.read_bytes()
    ran = child(TOO_FULL, str(path), str(tmp_path))
    assert ran.stdout == f"refused: {path} cannot be written: File too large\n", ran.stderr
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_in_a_place_where_nothing_can_be_made_it_is_one_clear_line() -> None:
    if not Path("/proc/self").exists():
        pytest.skip("there is no such place here")
    with pytest.raises(CaseError, match=r"^/proc/self/U1-[0-9a-f]+\.json cannot be written: "):
        save(CASE, "/proc/self")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock")
def test_two_savers_at_once_lose_nothing(tmp_path: Path) -> None:
    script = """
import sys
from sliceproof.corpus import Case, Found, save
from sliceproof.wire.stream import Stream
for number in range(40):
    found = Found("mine", f"{sys.argv[1]}.{number}", "2026-01-01", "", "sync")
    save(Case("U1", "a title", Stream("text", ["a"]), (found,)), sys.argv[2])
"""
    savers = [subprocess.Popen([sys.executable, "-c", script, str(one), str(tmp_path)]) for one in (1, 2)]
    assert [saver.wait(60) for saver in savers] == [0, 0]
    (path,) = tmp_path.glob("*.json")
    assert len(load(path).found) == 80
