"""Drift: what another release changes is seen, and what it does not change is not."""

import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest

from drift import __main__ as command
from drift import bodies, sources, verdicts
from drift.newest import newest
from drift.page import Row, page
from matrix.environment import InstallError
from matrix.record import Environment, Judged
from matrix.roster import Package

CODE = '''
class Delta(Base):
    """What is said."""
    text: str = ""
    def dump(self):
        """JSON."""
        return json(self)
def stream():
    yield Delta()
'''


def wheel(folder: Path, name: str, **files: str) -> Path:
    path = folder / f"{name}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, code in files.items():
            archive.writestr(f"served/api/{file}.py", code)
    return path


def changes(folder: Path, source: str, after: str) -> list[str]:
    old = wheel(folder, "old", protocol=CODE, other=CODE)
    return list(sources.changes([source], old, wheel(folder, "new", protocol=after, other=CODE)))


def test_files_and_names_of_a_source() -> None:
    source = "owner/repo python/served/api/protocol.py Delta, Delta.dump; serving.py"
    assert list(sources.named(source)) == [
        sources.Named("python/served/api/protocol.py", ("Delta", "Delta.dump")),
        sources.Named("serving.py"),
    ]


def test_comments_docstrings_and_line_breaks_are_no_change(tmp_path: Path) -> None:
    same = CODE.replace('"""What is said."""', '"""Another word."""').replace(
        "yield Delta()", "yield Delta(\n    )  # it"
    )
    assert changes(tmp_path, "owner/repo served/api/protocol.py", same) == []


def test_a_definition_that_is_named_and_changed_is_told(tmp_path: Path) -> None:
    other = CODE.replace("json(self)", "json(self, exclude_none=True)").replace("yield Delta()", "yield None")
    file = "served/api/protocol.py"
    assert changes(tmp_path, f"owner/repo {file}", other) == [f"{file}: Delta.dump, stream"]
    assert changes(tmp_path, f"owner/repo {file} Delta", other) == [f"{file}: Delta.dump"]
    assert changes(tmp_path, f"owner/repo python/{file} stream", other) == [f"{file}: stream"]
    assert changes(tmp_path, f"owner/repo {file} Other", other) == []


def test_a_file_without_a_folder_is_the_one_beside_the_last(tmp_path: Path) -> None:
    other = CODE.replace("yield Delta()", "yield None")
    assert changes(tmp_path, "owner/repo served/api/other.py; protocol.py stream", other) == [
        "served/api/protocol.py: stream"
    ]


def test_a_file_that_moved_is_told(tmp_path: Path) -> None:
    old, new = wheel(tmp_path, "old", protocol=CODE), wheel(tmp_path, "new", moved=CODE)
    assert list(sources.changes(["owner/repo api/protocol.py"], old, new)) == ["served/api/protocol.py is gone"]


def test_the_releases_that_are_told_are_those_of_the_index() -> None:
    for server in bodies.SERVERS:
        assert bodies.release(server.told) is not None
        assert server.sources
        assert all(list(sources.named(source)) for source in server.sources if source.endswith(".py"))
    assert {"TGI", "DJL", "LMI", "Triton"} <= set(bodies.elsewhere())


REPORT = """<testsuites><testsuite>
<testcase name="test_the_server_s_own_code_writes_the_body[a]"/>
<testcase name="test_the_server_s_own_code_writes_the_body[b]"><skipped message="of another"/></testcase>
<testcase name="test_the_server_s_own_code_writes_the_body[c]"><failure message="Failed: from byte 3 on"/></testcase>
<testcase name="test_the_server_s_own_code_writes_the_body[d]"><failure message="KeyError: 'X'"/></testcase>
<testcase name="test_the_server_s_own_code_writes_the_body[e]"><failure message="KeyError: 'X'"/></testcase>
</testsuite></testsuites>"""


def test_bodies_that_a_release_writes_otherwise_or_no_more(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    assert bodies.read(tmp_path / "report.xml") == (4, ["c: from byte 3 on", "d, e: KeyError: 'X'"])


def judged(**verdicts_: dict[str, list[str]]) -> Environment:
    one = Judged(
        target="x",
        version="1",
        ours=False,
        plain={},
        verdicts=verdicts_,
        reasons={},
        findings=[],  # type: ignore[arg-type]
    )
    told = {"date": "2026-11-24", "sliceproof": "0.1.0", "python": "3.11.7"}
    return Environment(
        package="x", version="1", requirements=[], installed={}, seconds={}, megabytes=0, decoders=[one], **told
    )


def test_verdicts_that_are_others_where_both_were_asked() -> None:
    before = judged(
        U1={"pass": ["tgi-sse", "djl-sse"], "fail": ["openai-sse"]}, R1={"pass": ["tgi-sse"]}, T2={"n/a": ["tgi-sse"]}
    )
    after = judged(
        U1={"fail": ["tgi-sse", "openai-sse"], "pass": ["djl-sse"]}, R1={"pass": ["tgi-sse"]}, T2={"fail": ["tgi-sse"]}
    )
    assert list(verdicts.changes(before, after)) == ["x U1: pass → fail in tgi-sse"]
    assert list(verdicts.changes(before, before)) == []


def test_the_page_says_what_changed_and_what_was_not_compared() -> None:
    rows = [Row("a", "1", "2", ["b: <other>"], True), Row("c", "1", "2", [], True), Row("d", "1", "1")]
    text = page(rows[:1], rows[1:], ["TGI"], date(2026, 11, 30))
    assert "2026-11-30: 2 of 3 have a newer release, 1 changed something" in text
    assert "| a | 1 | 2 | b: &lt;other> |" in text
    assert "| c | 1 | 2 | nothing changed |" in text
    assert "| d | 1 | 1 | no newer release |" in text


PIP = "p (3.1)\nAvailable versions: 3.1, 3.0, 2.9, 1.0\n  INSTALLED: 1.0\n"


def test_the_newest_release_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = subprocess.CompletedProcess([], 0, PIP, "")
    monkeypatch.setattr(subprocess, "run", lambda *words, **how: ran)
    assert newest("p") == "3.1"
    assert newest("p", below="3") == "2.9"
    with pytest.raises(InstallError, match="no version of p is known"):
        newest("p", below="1")


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["drift", *words])
    with pytest.raises(SystemExit) as ended:
        command.main()
    return int(ended.value.code or 0)


def test_the_command_lists_exits_and_says_what_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.roster, "read", lambda: [Package(name="p", versions=["1"], targets=["x"])])
    monkeypatch.setattr(command, "newest", lambda package, **how: "1")
    assert run(monkeypatch, "p", "--list") == 0
    assert capsys.readouterr().out == "p 1 → 1: no newer release\n"
    assert run(monkeypatch, "q") == 2
    assert capsys.readouterr().err == "there is neither a server nor a package 'q'\n"

    def unknown(package: str, **how: str) -> str:
        raise InstallError(f"no version of {package} is known")

    monkeypatch.setattr(command, "newest", unknown)
    assert run(monkeypatch, "p", "--list") == 1
    assert "no version of p is known" in capsys.readouterr().out
