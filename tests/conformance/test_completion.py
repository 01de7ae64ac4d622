"""What bash, zsh and fish complete: asked as their scripts ask, and in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from sliceproof.__main__ import cli
from sliceproof.conformance.decoders import DECODERS
from sliceproof.corpus import shipped
from sliceproof.profiles import names

COMMAND = Path(sys.executable).parent / "sliceproof"


def completed(*given: str, incomplete: str = "") -> list[str]:
    found = ShellComplete(cli, {}, "sliceproof", "_SLICEPROOF_COMPLETE").get_completions(list(given), incomplete)
    return [item.value if item.type == "plain" else f"{item.type} {item.value}" for item in found]


@pytest.mark.parametrize(
    ("given", "incomplete", "values"),
    [
        ((), "exp", ["explain", "export"]),
        (("check",), "lite", [name for name in DECODERS if name.startswith("lite")]),
        (("check",), "broken:decodes_parts", ["broken:decodes_parts_alone"]),
        (("check", "broken", ":"), "decodes_parts", ["decodes_parts_alone"]),
        (("check",), "src/my", ["file src/my"]),
        (("check", "--dialect"), "tgi", ["tgi-sse"]),
        (("check", "--dialect"), "bedrock-c", None),
        (("check", "--requirement"), "U5", ["U5", "U5-bom"]),
        (("run", "--requirement"), "U5", ["U5", "U5-bom"]),
        (("check", "--conformance"), "", names()),
        (("check", "--profile"), "", ["quick", "ci", "dev", "deep"]),
        (("check", "--level"), "", ["must", "should"]),
        (("check", "--accepts"), "e", ["events", "endpoint"]),
        (("check", "--baseline"), "k", ["file k"]),
        (("check", "--save"), "k", ["dir k"]),
        (("fuzz", "streams"), "reference-", ["reference-deltas"]),
        (("explain",), "e5e1467", ["e5e1467106cf"]),
        (("replay", "e5e1467106cf"), "reference-", ["reference-deltas"]),
        (("explain",), "", [case.id for case in shipped()]),
        (("replay",), "", [case.id for case in shipped()]),
        (("replay",), "tests/ca", ["file tests/ca"]),
        (("replay", "e5e1467106cf"), "anthropic-b", ["anthropic-bedrock", "anthropic-bedrock-client"]),
        (("list",), "re", ["requirements"]),
        (("list", "requirements"), "U5", ["U5", "U5-bom"]),
        (("completion",), "f", ["fish"]),
    ],
)
def test_the_words_that_fit_are_offered(given: tuple[str, ...], incomplete: str, values: list[str] | None) -> None:
    found = completed(*given, incomplete=incomplete)
    assert found
    assert values is None or found == values


def test_behind_a_case_come_decoders_and_more_cases() -> None:
    found = completed("replay", "e5e1467106cf", incomplete="a")
    assert {"anthropic", "any-llm-sdk"} <= set(found)
    assert {case.id for case in shipped() if case.id.startswith("a")} <= set(found)
    assert not {"reference", "broken:"} & set(completed("replay"))


def test_what_follows_the_colon_of_a_file_is_what_it_defines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text("def decode(chunks): ...\nasync def adecode(chunks): ...\ndef _private(): ...\n")
    assert completed("check", incomplete="own.py:") == ["own.py:decode", "own.py:adecode"]
    assert completed("check", "own.py", incomplete=":") == ["decode", "adecode"]
    assert completed("check", "own.py", ":", incomplete="a") == ["adecode"]


def test_each_option_that_takes_a_path_completes_one() -> None:
    for command in cli.commands.values():
        for param in command.params:
            if param.metavar in ("FILE", "DIR"):
                (item,) = param.shell_complete(click.Context(command), "x")
                assert item.type == param.metavar.lower(), (command.name, param.name)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell: str) -> None:
    told = subprocess.run([COMMAND, "completion", shell], capture_output=True, text=True, check=True).stdout
    assert f"_SLICEPROOF_COMPLETE={shell}_complete" in told


BASH = """
eval "$(sliceproof completion bash)"
COMP_WORDS=({words}) COMP_CWORD={last}
_sliceproof_completion sliceproof
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("sliceproof check --dialect tgi", ["tgi-sse"]),
        ("sliceproof check broken : decodes_parts", ["decodes_parts_alone"]),
        ("sliceproof check --requirement U5", ["U5", "U5-bom"]),
        ("sliceproof check --no-such", [""]),
    ],
)
def test_bash_completes(words: str, values: list[str]) -> None:
    """The words are as bash splits them, at colons too."""
    script = BASH.format(words=words, last=len(words.split()) - 1)
    env = {**os.environ, "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.stdout.splitlines() == values, ran.stderr


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
@pytest.mark.parametrize(
    ("line", "value"),
    [("check broken:decodes_parts", "broken:decodes_parts_alone"), ("check --dialect tg", "tgi-sse")],
)
def test_fish_completes(line: str, value: str) -> None:
    script = f"sliceproof completion fish | source; complete -C 'sliceproof {line}'"
    assert told(["fish", "-c", script]).startswith(f"{value}\t")


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_is_given_a_value_whose_colon_is_no_separator() -> None:
    """What its script asks for; a real completion needs a terminal."""
    script = 'autoload -U compinit; compinit -D -u; eval "$(sliceproof completion zsh)"; print loaded'
    shown = told(["zsh", "-fc", script])
    assert shown.splitlines()[-1] == "loaded"
    words = {"COMP_WORDS": "sliceproof check broken:decodes_parts", "COMP_CWORD": "2"}
    given = told(["sliceproof"], _SLICEPROOF_COMPLETE="zsh_complete", **words)
    assert given.splitlines()[:2] == ["plain", "broken\\:decodes_parts_alone"]


def told(command: list[str], **more: str) -> str:
    env = {**os.environ, "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}", **more}
    return subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8", check=False).stdout
