"""The command of the matrix: what it judges again, what it keeps, and how it exits."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matrix import __main__ as command
from matrix import record, roster
from matrix.record import Environment, Finding, Judged, Matrix
from matrix.roster import Package

PACKAGES = [
    Package(name="a", versions=["1", "2"], targets=["x", "z"]),
    Package(name="b", versions=["3"], targets=["y"]),
]
Command = Callable[..., int]


def entry(package: Package, version: str, *findings: Finding) -> Environment:
    one = Judged(
        target=package.targets[0],
        version=version,
        ours=False,
        plain={},
        verdicts={"U1": {"pass": ["tgi-sse"]}},
        reasons={},
        findings=list(findings),
    )
    return Environment(
        package=package.name,
        version=version,
        date="2026-11-24",
        sliceproof="0.1.0",
        python="3.11.7",
        requirements=[],
        installed={},
        seconds={"check": 2.0},
        megabytes=1.0,
        decoders=[one],
    )


UNCONFIRMED = Finding(
    requirement="U1",
    level="must",
    title="code point cut between parts",
    dialects=["tgi-sse"],
    roots=["tgi-sse"],
    follows=[],
    inherited="",
    stream="Stream('tgi-sse', ['é'], part_cuts=[43])",
    expected="'é'",
    got="''",
)


@pytest.fixture
def judged() -> list[str]:
    """What was judged, in turn."""
    return []


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judged: list[str]) -> Command:
    """The command in a folder of its own, with a small roster; judging takes no time. Its exit code."""
    for name, file in (("JSON", "matrix.json"), ("PAGE", "matrix.md"), ("SCHEMA", "matrix.schema.json")):
        monkeypatch.setattr(command, name, tmp_path / file)
    monkeypatch.setattr(roster, "read", lambda: PACKAGES)
    monkeypatch.setattr(command, "wheel", lambda folder: folder / "none.whl")

    def judge(package: Package, version: str, *_: Any) -> Environment:
        judged.append(f"{package.name}=={version}")
        return entry(package, version, *([UNCONFIRMED] if version == "3" else []))

    monkeypatch.setattr(command, "judged", judge)

    def call(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["matrix", *words])
        with pytest.raises(SystemExit) as ended:
            command.main()
        return int(ended.value.code or 0)

    return call


def kept(folder: Path) -> list[tuple[str, str]]:
    return [environment.key for environment in record.load(folder / "matrix.json").environments]


def test_everything_is_judged_and_written_in_the_order_of_the_roster(
    run: Command, judged: list[str], tmp_path: Path
) -> None:
    run()
    assert sorted(judged) == ["a==1", "a==2", "b==3"]
    assert kept(tmp_path) == [("a", "1"), ("a", "2"), ("b", "3")]
    assert (tmp_path / "matrix.md").read_text("utf-8").startswith("# Matrix\n")
    assert (tmp_path / "matrix.schema.json").read_text("utf-8") == record.schema_text()


def test_what_is_named_is_judged_again_and_the_rest_is_kept(run: Command, judged: list[str], tmp_path: Path) -> None:
    run("a", "b")
    judged.clear()
    run("a==2")
    assert judged == ["a==2"]
    assert kept(tmp_path) == [("a", "1"), ("a", "2"), ("b", "3")]


def test_only_what_has_no_verdicts_is_judged_if_that_is_asked_for(
    run: Command, judged: list[str], tmp_path: Path
) -> None:
    run("a==1")
    failed = entry(PACKAGES[0], "2")
    failed.error, failed.decoders = "pip cannot install it", []
    there = record.load(tmp_path / "matrix.json").environments
    record.save(tmp_path / "matrix.json", Matrix(profile="ci", seed=0, environments=[*there, failed]))
    judged.clear()
    run("--missing", "a")
    assert judged == ["a==2"]


def targets(folder: Path) -> list[list[str]]:
    entries = record.load(folder / "matrix.json").environments
    return [[decoder.target for decoder in each.decoders] for each in entries]


def test_a_target_alone_is_judged_and_the_others_of_its_entry_are_kept(
    run: Command, judged: list[str], tmp_path: Path
) -> None:
    run("--target", "x")
    assert judged == ["a==1", "a==2"]
    run("--target", "z", "a==2")
    assert targets(tmp_path) == [["x"], ["x", "z"]]
    run("--target", "x", "a")
    assert targets(tmp_path) == [["x"], ["x", "z"]]


def test_a_target_is_not_put_beside_what_other_versions_were_judged_with(
    run: Command, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = entry(PACKAGES[0], "1")
    other.installed = {"httpx": "1"}
    record.save(tmp_path / "matrix.json", Matrix(profile="ci", seed=0, environments=[other]))
    assert run("--target", "x", "a==1") == 1
    assert "a 1 was judged with {'httpx': '1'} and now with {}: judge all its targets" in capsys.readouterr().err


def test_an_entry_stays_where_a_target_of_it_could_not_be_judged(
    run: Command, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("a==1")
    failed = entry(PACKAGES[0], "1")
    failed.error, failed.decoders = "pip cannot install it", []
    monkeypatch.setattr(command, "judged", lambda *_: failed)
    assert run("--target", "x", "a==1") == 1
    assert "a 1: pip cannot install it" in capsys.readouterr().err
    assert targets(tmp_path) == [["x"]]


def test_a_finding_that_nothing_confirms_is_exit_1_and_said(run: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("a") == 0
    assert run("b") == 1
    assert "b 3: y U1 is unconfirmed" in capsys.readouterr().err


def test_the_page_alone_is_written_without_judging(run: Command, judged: list[str], tmp_path: Path) -> None:
    run("a")
    judged.clear()
    (tmp_path / "matrix.md").unlink()
    assert run("--page") == 0
    assert judged == []
    assert (tmp_path / "matrix.md").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("c",), "'c' is no package of matrix.toml; there are: a, b"),
        (("--target", "q", "a"), "'q' is no target of what is asked for; there are: x, z"),
        (("--evidence", "a"), "--evidence needs --keep DIR"),
    ],
)
def test_what_cannot_be_done_is_exit_2_and_one_line(
    run: Command, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert run(*words) == 2
    assert told in capsys.readouterr().err
