"""The command line: what it exits with, what it says in one line, and what it leaves alone."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from sliceproof import __version__
from sliceproof.conformance.broken import BROKEN
from sliceproof.conformance.cli import main
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.report import schema
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS

Ran = tuple[int, str, str]
Sliceproof = Callable[..., Ran]

OWN = '''
from sliceproof.conformance.decoders import reference
from sliceproof.wire.dialects import dialect, reader

def sound(chunks):
    return reference.decode(chunks, "text")

async def asound(chunks):
    async for text in reference.adecode(chunks, "text"):
        yield text

def halves(parts):
    for part in parts:
        yield part.decode("utf-8", "replace")

def of_events(events):
    for event in events:
        yield event["PayloadPart"]["Bytes"].decode("utf-8", "replace")

def lines(parts):
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\\n")
        yield from whole

def numbers(chunks):
    for chunk in chunks:
        yield len(chunk)

def nothing(chunks):
    return None

def no_argument():
    return []

def two_arguments(chunks, size):
    return []

async def coroutine(chunks):
    return []

def leaves(chunks):
    import sys
    sys.exit(0)
    yield ""

def needs_text(chunks):
    for chunk in chunks:
        yield chunk + ""

a_number = 17
'''


@pytest.fixture
def sliceproof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sliceproof:
    """The command, run in a folder that holds `own.py`: exit code, stdout, stderr."""
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "broken_syntax.py").write_text("def decode(chunks)\n    pass\n")
    (tmp_path / "broken_import.py").write_text("import no_such_module_at_all\n")
    (tmp_path / "broken_exit.py").write_text("import sys\nsys.exit(0)\n")
    (tmp_path / "notes.txt").write_text("no Python")
    (tmp_path / "report.json").write_text('{"results": 3}')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["sliceproof", *arguments])
        sys.modules.pop("own", None)
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


QUICK = ("--requirement", "U1", "--dialect", "text", "--examples", "3")


class TestCheck:
    @pytest.mark.parametrize(
        ("arguments", "code", "told"),
        [
            (("reference", *QUICK), 0, f"reference {__version__} conforms: no MUST of 1 is broken"),
            (("own.py:sound", *QUICK), 0, "own.py:sound conforms"),
            (("own:sound", *QUICK), 0, "own:sound conforms"),
            (("own.py:asound", *QUICK), 0, "own.py:asound conforms"),
            (("own.py:halves", "--accepts", "parts", *QUICK), 1, "breaks 1 MUST: U1"),
            (("own.py:of_events", "--accepts", "events", *QUICK), 1, "breaks 1 MUST: U1"),
            (("own.py:lines", "--accepts", "parts", "--yields", "lines", *QUICK[2:], "--requirement", "O1"), 1, "O1"),
            (("broken:decodes_parts_alone", "--requirement", "U1"), 1, "breaks 1 MUST: U1"),
            (("broken:one_behind", "--requirement", "W1"), 0, "breaks 1 SHOULD: W1"),
            (("botocore", "--requirement", "T2", "--dialect", "text"), 1, "EventStreamBuffer keeps what is left"),
            (("reference", "own.py:halves", *QUICK, "--accepts", "parts"), 1, "own.py:halves breaks 1 MUST"),
        ],
        ids=lambda value: value[0] if isinstance(value, tuple) else "",
    )
    def test_exits_by_whether_a_must_is_broken(
        self, sliceproof: Sliceproof, arguments: tuple[str, ...], code: int, told: str
    ) -> None:
        ended, out, err = sliceproof("check", *arguments)
        assert (ended, err) == (code, "")
        assert told in out

    def test_shows_the_finding(self, sliceproof: Sliceproof) -> None:
        _, out, _ = sliceproof("check", "broken:decodes_parts_alone", "--requirement", "U1")
        for told in ("FAIL  U1  code point cut", "1 character, 1 cut", "split     c3 | a9", "U+00E9", "sliceproof replay"):
            assert told in out

    @pytest.mark.parametrize("level", ["must", "should"])
    def test_of_one_level_asks_no_other(self, sliceproof: Sliceproof, level: str) -> None:
        arguments = ("check", "reference", "--dialect", "text", "--examples", "1", "--json", "-", "--level", level)
        ids = () if level == "must" else ("--requirement", "K1", "--requirement", "U1", "--requirement", "F3")
        rows = json.loads(sliceproof(*arguments, *ids)[1])["results"]
        assert rows
        assert {row["level"] for row in rows} == {level}

    def test_finds_the_dialects_of_a_decoder_that_claims_none(self, sliceproof: Sliceproof) -> None:
        _, out, _ = sliceproof("check", "own.py:sound", "--requirement", "F1", "--examples", "1")
        assert "own.py:sound reads text" in out

    def test_repeats_itself_word_for_word(self, sliceproof: Sliceproof) -> None:
        command = ("check", "broken:decodes_latin1", "--requirement", "MIX", "--seed", "7", "--json", "-")
        assert sliceproof(*command) == sliceproof(*command)

    def test_is_not_content_with_a_decoder_that_leaves_the_process(self, sliceproof: Sliceproof) -> None:
        """A decoder that calls sys.exit(0) must not make the judging look like a success."""
        assert sliceproof("check", "own.py:leaves", *QUICK)[0] != 0

    def test_is_not_content_when_the_harness_fails(
        self, sliceproof: Sliceproof, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setitem(REQUIREMENTS, "U1", replace(REQUIREMENTS["U1"], judge=fails))  # type: ignore[arg-type]
        code, out, _ = sliceproof("check", "reference", *QUICK, "--requirement", "F1")
        assert "could not be judged: U1" in out
        assert code == 2


class TestJson:
    def test_of_a_dash_is_all_that_stdout_gets(self, sliceproof: Sliceproof) -> None:
        code, out, err = sliceproof("check", "own.py:halves", "--accepts", "parts", *QUICK, "--json", "-")
        told = json.loads(out)
        jsonschema.validate(told, schema())
        assert (code, err) == (1, "")
        assert [row["decoder"] for row in told["results"]] == ["own.py:halves"]

    def test_of_several_targets_is_one_report(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        sliceproof("check", "reference", "own.py:halves", "--accepts", "parts", *QUICK, "--json", "out.json")
        told = json.loads((tmp_path / "out.json").read_text())
        assert [(row["decoder"], row["verdict"]) for row in told["results"]] == [
            ("reference", "pass"),
            ("own.py:halves", "fail"),
        ]


class TestReplay:
    def test_of_a_report_gives_the_same_verdicts(self, sliceproof: Sliceproof) -> None:
        sliceproof("check", "own.py:halves", "--accepts", "parts", *QUICK, "--json", "out.json")
        code, out, _ = sliceproof("replay", "out.json", "own.py:halves", "--accepts", "parts")
        assert (code, out[:8]) == (1, "FAIL  U1")
        code, out, _ = sliceproof("replay", "out.json", "reference")
        assert (code, out[:8]) == (0, "pass  U1")

    @pytest.mark.parametrize(
        ("fault", "id_"),
        [
            ("", "MIX"),
            (", fault=Fault('exception', 1)", "E1"),
            (", fault=Fault('truncated', 50)", "T2"),
            (", fault=Fault('corrupt', 50)", "F2"),
            (", fault=Fault('oversized', 1)", "F3"),
            (", fault=Fault('silence', 1)", "T1"),
        ],
    )
    def test_judges_by_what_the_stream_asks_for(self, sliceproof: Sliceproof, fault: str, id_: str) -> None:
        code, out, _ = sliceproof("replay", f"Stream('tgi-sse', ['a']{fault})", "reference")
        assert (code, out.split()[:2]) == (0, ["pass", id_])

    def test_shows_a_snippet_of_what_fails(self, sliceproof: Sliceproof) -> None:
        code, out, _ = sliceproof("replay", "Stream('text', ['é'], part_cuts=[1])", "own.py:halves", "--accepts", "parts")
        assert code == 1
        assert "from own import halves" in out


def test_explain_shows_every_stage(sliceproof: Sliceproof) -> None:
    code, out, _ = sliceproof("explain", "Stream('tgi-sse', ['é'], part_cuts=[43])")
    assert code == 0
    for told in ("text      'é'", "tgi-sse, text/event-stream", "record 1", "part 2", "chunk 2", "split     c3 | a9"):
        assert told in out


@pytest.mark.parametrize(
    ("what", "named"),
    [("decoders", [*DECODERS, *(f"broken:{name}" for name in BROKEN)]), ("dialects", DIALECTS), ("requirements", REQUIREMENTS)],
)
def test_list_names_all(sliceproof: Sliceproof, what: str, named: list[str]) -> None:
    code, out, _ = sliceproof("list", what)
    assert code == 0
    assert set(named) <= {line.split()[0] for line in out.splitlines()}


def test_version_and_help_are_no_errors(sliceproof: Sliceproof) -> None:
    assert sliceproof("--version") == (0, f"sliceproof {__version__}\n", "")
    assert all(sliceproof(*command, "--help")[0] == 0 for command in ((), ("check",), ("replay",), ("list",)))


BAD = [
    ("check", "nowhere.py:decode", "there is no file nowhere.py"),
    ("check", "notes.txt:decode", "notes.txt"),
    ("check", "broken_syntax.py:decode", "broken_syntax.py cannot be imported: SyntaxError: expected ':'"),
    ("check", "broken_import.py:decode", "No module named 'no_such_module_at_all'"),
    ("check", "broken_import:decode", "no_such_module_at_all"),
    ("check", "broken_exit.py:decode", "cannot be imported: SystemExit"),
    ("check", "no_such_module.inner:decode", "there is no module 'no_such_module'"),
    ("check", "own.py:sond", "own.py has no 'sond': did you mean sound?"),
    ("check", "own.py:sound.inner", "own.py has no 'inner'"),
    ("check", "own.py:a_number", "is a int, not a callable"),
    ("check", "own.py:no_argument", "cannot be called with the chunks alone"),
    ("check", "own.py:two_arguments", "cannot be called with the chunks alone"),
    ("check", "own.py:numbers", "yielded 107 (int), not text deltas"),
    ("check", "own.py:nothing", "returned NoneType, which cannot be iterated"),
    ("check", "own.py:coroutine", "is a coroutine function; make it an async generator"),
    ("check", "own.py", "Give your own as module:name"),
    ("check", "refrence", "did you mean reference?"),
    ("check", "", "names no decoder"),
    ("check", ":", "names no decoder"),
    ("check", "broken:decodes_part_alone", "did you mean broken:decodes_parts_alone?"),
    ("check", "broken:", "`sliceproof list decoders` shows all"),
    ("check", "reference", "--dialect", "tgi", "unknown dialect 'tgi': did you mean tgi-sse?"),
    ("check", "reference", "--requirement", "U99", "unknown requirement 'U99'"),
    ("check", "own.py:sound", "--accepts", "bytes", "a decoder accepts one of chunks, events, parts; not 'bytes'"),
    ("check", "own.py:sound", "--yields", "tokens", "a decoder yields one of text, lines, messages; not 'tokens'"),
    ("check", "reference", "--seed", "today", "'today' is neither a number nor 'random'"),
    ("check", "reference", "--examples", "0", "--examples"),
    ("check", "reference", "--seconds", "0", "--seconds"),
    ("check", "reference", "--level", "may", "'may' is not one of 'must', 'should'"),
    ("check", "reference", "--profile", "quick", "'quick' is not one of"),
    ("check", "reference", "--requirement", "U1", "--level", "should", "no requirement asked for has level should"),
    ("check", "reference", *QUICK, "--json", "nowhere/out.json", "cannot write nowhere/out.json: No such file"),
    ("check", "reference", *QUICK, "--json", ".", "cannot write .: Is a directory"),
    ("check", "reference", "--requirement", "R1", "--dialect", "text", "nothing of reference was judged: plain text has"),
    ("check", "--colour", "No such option"),
    ("check", "Missing argument 'TARGET...'"),
    ("chek", "reference", "No such command 'chek'"),
    ("replay", "Missing argument"),
    ("replay", "reference", "replay takes a case and a target"),
    ("replay", "nowhere.json", "reference", "there is no file 'nowhere.json'"),
    ("replay", "report.json", "reference", "report.json is no report of sliceproof"),
    ("replay", "notes.txt", "reference", "notes.txt is no report of sliceproof"),
    ("replay", ".", "reference", "there is no file '.'"),
    ("replay", "Stream(1 + 2)", "reference", "'1 + 2' is not understood"),
    ("replay", "Stream('text', ['a'])", "refrence", "did you mean reference?"),
    ("replay", "Stream('text', ['a'])", "reference", "--requirement", "R1", "nothing was judged"),
    ("explain", "Missing argument 'CASE'"),
    ("explain", "report.json", "is no report of sliceproof"),
    ("list", "Missing argument"),
    ("list", "everything", "'everything' is not one of"),
]


@pytest.mark.parametrize("given", BAD, ids=lambda given: " ".join(given[:-1]))
def test_what_cannot_be_judged_is_one_line_that_says_what_to_do(sliceproof: Sliceproof, given: tuple[str, ...]) -> None:
    *arguments, told = given
    code, _, err = sliceproof(*arguments)
    assert code == 2
    assert err.startswith("sliceproof: ")
    assert err.count("\n") == 1
    assert told in err


def piped(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    import os

    return subprocess.run(
        [sys.executable, "-m", "sliceproof", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
        timeout=60,
    )


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1", "FORCE_COLOR": ""}, {"TERM": "dumb"}])
def test_a_pipe_gets_no_escape_codes_and_no_narrow_lines(environment: dict[str, str]) -> None:
    ran = piped("check", "broken:decodes_parts_alone", "--requirement", "U1", COLUMNS="40", **environment)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "\x1b" not in ran.stdout
    assert "replay    sliceproof replay \"Stream('tgi-sse', ['é'], part_cuts=[43])\" broken:decodes_parts_alone" in ran.stdout


@pytest.mark.parametrize("asked", [("--help",), ("check", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(asked: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom sliceproof.conformance.cli import main\n"
        f"sys.argv = ['sliceproof', *{asked!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'hypothesis', 'litellm', 'botocore', 'rich'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.splitlines()[-1] == "[]"
