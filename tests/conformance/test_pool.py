"""`exec:` as a target: what is asked of a decoder in a child, what is not, and how it is named."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from children import ALONE, MARK, SOUND, command, marked
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.decoders.subprocess import process_groups
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.finding import breaches_by_mode
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import Style
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

Sliceproof = Callable[..., tuple[int, str, str]]

EXAMPLE = Path(__file__).parents[2] / "examples/python/exec_decoder.py"


def judged(target: str, *ids: str, dialect: str = "text") -> dict[str, Result]:
    """The results of a target by these requirements, with a few examples."""
    plan = Plan([REQUIREMENTS[id_] for id_ in ids], PROFILES["ci"], examples=3)
    return {result.requirement.id: result for result in run(load(target), plan, [dialect])}


def test_the_example_in_python_conforms() -> None:
    musts = [requirement.id for requirement in REQUIREMENTS.values() if requirement.level == "must"]
    results = judged(f"exec:{shlex.join([sys.executable, str(EXAMPLE)])}", *musts, dialect="tgi-sse")
    assert {id_: one.verdict for id_, one in results.items() if one.verdict not in ("pass", "n/a")} == {}
    assert sum(result.verdict == "pass" for result in results.values()) > 20


def test_what_cannot_be_asked_of_another_process_says_why(tmp_path: Path) -> None:
    results = judged(command(tmp_path / "child.py", SOUND), "C1", "X2", "F1")
    assert {id_: (one.verdict, one.reason) for id_, one in results.items()} == {
        "C1": ("n/a", "it runs in a process of its own, and nothing can be thrown into that"),
        "X2": ("n/a", "the decoder has one way of being called"),
        "F1": ("n/a", "the decoder accepts parts and never sees the wire"),
    }


def test_where_no_clock_can_be_read_cost_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_groups, "has_clock", lambda: False)
    (result,) = judged(command(tmp_path / "child.py", SOUND), "Q1").values()
    assert (result.verdict, result.reason) == (
        "n/a",
        "it runs in a process of its own, whose CPU time cannot be read here",
    )


def instead(decode: str) -> str:
    """The child with another way of decoding: statements that have `number` and `pull`."""
    indented = "".join(f"    {line}\n" for line in decode.splitlines())
    return SOUND.replace("if __name__", f"def sound(number, part=b''):\n{indented}\nif __name__")


QUADRATIC = instead("""held = b""
while part is not None:
    held += part
    sum(held[::8])
    say({"stream": number, "text": part.decode()})
    part = pull(number)
say({"stream": number, "done": True})""")
HOARDING = instead("""held = b""
while part is not None:
    held += part
    part = pull(number)
say({"stream": number, "text": held.decode()})
say({"stream": number, "done": True})""")
NAMES = instead("""say({"stream": number, "text": opened["dialect"] + " " + opened["form"]})
say({"stream": number, "done": True})""").replace('hear()["stream"]', '(opened := hear())["stream"]')


@pytest.mark.skipif(not process_groups.has_clock(), reason="no clock of another process can be read here")
@pytest.mark.parametrize(("source", "dear"), [(SOUND, False), (QUADRATIC, True)], ids=["linear", "quadratic"])
def test_the_cost_is_that_of_the_child_and_its_own_children(tmp_path: Path, source: str, dear: bool) -> None:
    words = command(tmp_path / "child.py", source).removeprefix("exec:")
    decoder = load(f"exec:{shlex.join(['sh', '-c', words + '; exit'])}")
    long = Stream("text", ["x" * 2_097_152], part_cuts=every(4096, 2_097_152))
    broken = REQUIREMENTS["Q1"].check(decoder, long)
    assert (broken is not None) == dear


def test_streams_that_are_under_way_at_once_have_a_child_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, str(tmp_path))
    decoder = load(command(tmp_path / "child.py", SOUND))
    one, other = (iter(decoder.modes["exec"].open("text", "")(iter([b"a", b"b"]))) for _ in range(2))  # type: ignore[arg-type]
    assert [next(one), next(other), next(other), next(one)] == ["a", "a", "b", "b"]  # type: ignore[call-overload]
    assert len(marked(str(tmp_path))) == 2
    assert [list(one), list(other)] == [[], []]  # type: ignore[arg-type]
    assert [drive(decoder, "exec", Stream("text", ["x"])).items for _ in range(3)] == [("x",)] * 3
    assert len(marked(str(tmp_path))) == 2


def test_lateness_is_judged_by_what_was_asked_for(tmp_path: Path) -> None:
    verdicts = [judged(command(tmp_path / "child.py", one), "W1")["W1"].verdict for one in (SOUND, HOARDING)]
    assert verdicts == ["pass", "warn"]


def test_a_child_is_told_the_dialect_and_the_form_of_its_records(tmp_path: Path) -> None:
    decoder = load(command(tmp_path / "child.py", NAMES))
    lines = [drive(decoder, "exec", Stream("openai-sse", ["x"], style=Style(form=form))).items for form in ("", "role")]
    assert lines == [("openai-sse ",), ("openai-sse role",)]


def test_a_finding_has_no_snippet_and_a_replay_that_a_shell_reads_back(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "folder" of $HOME'
    folder.mkdir()
    target = command(folder / "child.py", ALONE)
    (result,) = judged(target, "U1").values()
    assert result.finding is not None
    assert (result.verdict, result.finding.snippet) == ("fail", "")
    words = shlex.split(result.finding.replay)
    assert (words[:2], words[3]) == (["sliceproof", "replay"], target)
    assert words[4:] == ["--requirement", "U1", "--accepts", "parts"]
    assert breaches_by_mode(REQUIREMENTS["U1"], result.finding.decoder, result.finding.stream).keys() == {"exec"}


class TestTheCommandLine:
    """check, replay and their errors."""

    def test_checks_and_replays(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        target = command(tmp_path / "child.py", ALONE)
        code, out, err = sliceproof(
            "check", target, "--requirement", "U1", "--dialect", "text", "--examples", "3", "--json", "r.json"
        )
        assert (code, err) == (1, "")
        (row,) = json.loads(Path("r.json").read_text())["results"]
        assert (row["decoder"], row["verdict"]) == (target, "fail")
        words = shlex.split(row["finding"]["replay"])
        assert sliceproof(*words[1:])[0] == 1
        assert row["finding"]["replay"] in out

    def test_tells_the_version_that_the_child_tells(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        source = SOUND.replace('"accepts": "parts"', '"accepts": "parts", "version": "4.2", "dialects": ["text"]')
        target = command(tmp_path / "child.py", source)
        code, out, _ = sliceproof("check", target, "--requirement", "U1", "--examples", "3")
        assert (code, out.splitlines()[0]) == (0, f"{target} 4.2 in text")

    def test_finds_the_dialects_of_a_child_that_names_none(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        code, out, _ = sliceproof(
            "check", command(tmp_path / "child.py", SOUND), "--requirement", "U1", "--examples", "3"
        )
        assert (code, "reads text; it gives back no plain stream of " in out) == (0, True)

    @pytest.mark.parametrize(
        ("option", "value", "told"),
        [
            ("--accepts", "events", "says itself that it accepts parts, not events; leave --accepts out"),
            ("--yields", "lines", "says itself that it yields text, not lines; leave --yields out"),
        ],
    )
    def test_knows_better_than_an_option(
        self, sliceproof: Sliceproof, tmp_path: Path, option: str, value: str, told: str
    ) -> None:
        code, _, err = sliceproof("check", command(tmp_path / "child.py", SOUND), option, value)
        assert (code, err.count("\n"), told in err) == (2, 1, True)

    def test_fails_in_one_line_where_the_child_breaks_the_protocol(
        self, sliceproof: Sliceproof, tmp_path: Path
    ) -> None:
        target = command(tmp_path / "child.py", SOUND.replace("def pull(number):", "def pull(number):\n    say('hi')"))
        code, _, err = sliceproof("check", target, "--dialect", "text")
        assert (code, err.count("\n")) == (2, 1)
        assert "breaks the protocol: it wrote no JSON" in err


def test_the_same_command_gives_the_same_answer(tmp_path: Path) -> None:
    target = command(tmp_path / "child.py", ALONE)
    words = [sys.executable, "-m", "sliceproof", "check", target, "--dialect", "text", "--requirement", "U1"]
    ran = [subprocess.run(words, capture_output=True, text=True, timeout=120, check=False) for _ in range(2)]
    one, other = (again.stdout.rpartition(" in ")[0] for again in ran)
    assert one == other
    assert "FAIL  U1" in one


def test_a_target_of_another_kind_imports_nothing_of_this() -> None:
    code = (
        "import sys\nfrom sliceproof.conformance.decoders.loading import load\nload('reference')\nprint(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert {
        "sliceproof.conformance.decoders.subprocess.pool",
        "sliceproof.conformance.decoders.subprocess.child",
    } & set(ran.stdout.split()) == set()
