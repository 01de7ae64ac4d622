"""The command line where it cannot judge: one line that says what to do; and what it leaves alone."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

Sliceproof = Callable[..., tuple[int, str, str]]

QUICK = ("--requirement", "U1", "--dialect", "text", "--examples", "3")

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
    ("check", "own.py:numbers", "(int), not text deltas (str)"),
    ("check", "own.py:nothing", "returned NoneType, which cannot be iterated"),
    ("check", "own.py", "own.py is a file; say which of its functions: own.py:sound, own.py:asound"),
    ("check", "own.py:", "own.py is a file; say which of its functions: own.py:sound"),
    ("check", "own.py:zzzz", "own.py has no 'zzzz': it has asound, coroutine"),
    ("check", "broken:nope", "no broken decoder is called 'nope': `sliceproof list decoders` shows all"),
    ("check", "refrence", "did you mean reference?"),
    ("check", "", "names no decoder"),
    ("check", ":", "names no decoder"),
    ("check", "broken:decodes_part_alone", "did you mean broken:decodes_parts_alone?"),
    ("check", "broken:", "`sliceproof list decoders` shows all"),
    ("check", "reference", "--dialect", "tgi", "unknown dialect 'tgi': did you mean tgi-sse?"),
    ("check", "reference", "--requirement", "U99", "unknown requirement 'U99'"),
    ("check", "own.py:sound", "--accepts", "bytes", "--accepts 'bytes' is none of chunks, events, parts"),
    ("check", "own.py:sound", "--yields", "tokens", "--yields 'tokens' is none of text, deltas, lines, messages"),
    ("check", "reference", "--seed", "today", "'today' is neither a number nor 'random'"),
    ("check", "reference", "--examples", "0", "--examples"),
    ("check", "reference", "--seconds", "0", "--seconds"),
    ("check", "reference", "--level", "may", "'may' is not one of 'must', 'should'"),
    ("check", "reference", "--profile", "fast", "'fast' is not one of"),
    ("check", "reference", "--requirement", "U1", "--level", "should", "no requirement asked for has level should"),
    ("check", "reference", *QUICK, "--json", "nowhere/out.json", "cannot write nowhere/out.json: No such file"),
    ("check", "reference", *QUICK, "--json", ".", "cannot write .: Is a directory"),
    (
        "check",
        "reference",
        "--requirement",
        "R1",
        "--dialect",
        "text",
        "nothing of reference was judged: plain text has",
    ),
    ("check", "--colour", "No such option"),
    ("check", "Missing argument 'TARGET...'"),
    ("chek", "reference", "No such command 'chek'"),
    ("replay", "Missing argument"),
    ("replay", "reference", "replay takes a case and a target"),
    ("replay", "nowhere.json", "reference", "there is no file 'nowhere.json'"),
    ("explain", "U1", "U1 is a requirement, which `sliceproof list requirements U1` explains"),
    ("replay", "report.json", "reference", "report.json is neither a case nor a report of sliceproof"),
    ("replay", "notes.txt", "reference", "notes.txt is neither a case nor a report of sliceproof"),
    ("replay", ".", "reference", "./report.json: format: it is missing or no number"),
    ("replay", "Stream(1 + 2)", "reference", "'1 + 2' is not understood"),
    ("replay", "Stream('text', ['a'])", "refrence", "did you mean reference?"),
    ("replay", "Stream('text', ['a'])", "reference", "--requirement", "R1", "nothing was judged"),
    ("explain", "Missing argument 'CASE'"),
    ("explain", "report.json", "is neither a case nor a report of sliceproof"),
    ("replay", "0123abcd", "reference", "no shipped case is called '0123abcd'"),
    ("export", "vectors.json", "vectors.json would be a folder; one file is written with --conformance SET"),
    ("check", "reference", *QUICK, "--corpus", "nowhere", "nowhere is no folder of cases: No such file"),
    ("check", "reference", *QUICK, "--corpus", ".", "./report.json: format: it is missing or no number"),
    ("check", "own.py:halves", "--accepts", "parts", *QUICK, "--save", "notes.txt", "cannot be written"),
    ("export", ".", ". is no empty folder and holds no earlier export; give a new folder"),
    ("export", "notes.txt", "notes.txt is no empty folder"),
    ("export", "Missing argument 'DIR|FILE'"),
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


def test_a_file_that_cannot_be_imported_leaves_no_module_behind(sliceproof: Sliceproof) -> None:
    sliceproof("check", "broken_import.py:decode")
    assert "broken_import" not in sys.modules


def piped(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
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
    assert (
        "replay    sliceproof replay \"Stream('tgi-sse', ['é'], part_cuts=[43])\" broken:decodes_parts_alone"
        in ran.stdout
    )


@pytest.mark.parametrize("asked", [("--help",), ("check", "--help"), ("--version",)])
def test_help_imports_nothing_heavy(asked: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom sliceproof.conformance.cli.main import main\n"
        f"sys.argv = ['sliceproof', *{asked!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'hypothesis', 'litellm', 'botocore', 'rich'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.splitlines()[-1] == "[]"
