"""The GitHub action, the workflows and the hooks of pre-commit are what their schemas say, and do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sliceproof.conformance.cli.main import check

yaml = pytest.importorskip("yaml", reason="tox -e manifests has what checks the manifests")
pytest.importorskip("check_jsonschema", reason="tox -e manifests has the schemas of GitHub")
pytest.importorskip("pre_commit", reason="tox -e manifests has pre-commit")

ROOT = Path(__file__).parents[2]
WORKFLOWS = [*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("examples/*/.github/workflows/*.yml")]
HALVES = "def decode(parts):\n    for part in parts:\n        yield part.decode('utf-8', 'replace')\n"
WHOLE = "import codecs\n\ndef decode(parts):\n    yield from codecs.iterdecode(parts, 'utf-8')\n"
TABLE = """
[tool.sliceproof]
decoders = ["own.py:decode"]
dialects = ["text"]
requirements = ["U1"]
accepts = "parts"
"""
PRE_COMMIT = {"validate-config": ".pre-commit-config.yaml", "validate-manifest": ".pre-commit-hooks.yaml"}


def schema(name: str, path: Path) -> int:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_what_the_schema_says(path: Path) -> None:
    assert schema("github-workflows", path) == 0


def test_the_action_is_what_the_schema_says_and_one_that_is_not_is_seen(tmp_path: Path) -> None:
    assert schema("github-actions", ROOT / "action.yml") == 0
    copy = tmp_path / "action.yml"
    copy.write_text((ROOT / "action.yml").read_text("utf-8").replace("shell: bash", "shel: bash", 1))
    assert schema("github-actions", copy) == 1


def value(text: str, given: dict[str, str], outputs: dict[str, dict[str, str]]) -> str:
    """A text with its expressions: inputs, where the action is, the outputs of steps."""
    known = {f"inputs.{name}": told.get("default", "") for name, told in action()["inputs"].items()}
    known |= {f"inputs.{name}": word for name, word in given.items()} | {"github.action_path": str(ROOT)}
    known |= dict.fromkeys(re.findall(r"steps\.judge\.outputs\.[\w-]+", text), "")  # of a step that did not run
    known |= {f"steps.{step}.outputs.{name}": word for step, told in outputs.items() for name, word in told.items()}
    return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: known[found[1]], text)


def run(folder: Path, **given: str) -> tuple[int, dict[str, str], str]:
    """The steps that are scripts, as a runner runs them: the exit code of the last, the outputs, the summary."""
    given = {name.replace("_", "-"): word for name, word in given.items()}
    outputs: dict[str, dict[str, str]] = {}
    shown, code = folder / "summary", 0
    for number, step in enumerate(action()["runs"]["steps"]):
        if "run" not in step:
            continue
        told = folder / f"output-{number}"
        told.touch()
        env = {name: value(text, given, outputs) for name, text in step.get("env", {}).items()}
        env |= {"GITHUB_OUTPUT": str(told), "GITHUB_STEP_SUMMARY": str(shown)}
        env |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PIP_NO_INDEX": "1"}
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        where = folder / value(step.get("working-directory", "."), given, outputs)
        code = subprocess.run(script, cwd=where, env={**os.environ, **env}, check=False).returncode
        outputs[step.get("id", str(number))] = dict(line.split("=", 1) for line in told.read_text().splitlines())
        if code:
            break
    told_all = {name: value(told["value"], given, outputs) for name, told in action()["outputs"].items()}
    return code, told_all, shown.read_text("utf-8") if shown.exists() else ""


@pytest.mark.parametrize(("source", "code"), [(WHOLE, 0), (HALVES, 1)], ids=["sound", "broken"])
def test_the_action_judges_and_tells(tmp_path: Path, source: str, code: int) -> None:
    """Its package is one that is installed already, as a test is to ask no registry."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "own.py").write_text(source)
    given = {"targets": "own.py:decode", "dialects": "text", "args": "--accepts parts --requirement U1"}
    ended, outputs, summary = run(tmp_path, **given, package="sliceproof", working_directory="sub", junit="j.xml")
    assert (ended, outputs["exit-code"]) == (code, str(code))
    assert Path(outputs["report"]) == tmp_path / "sub" / "sliceproof.json"
    assert (tmp_path / "sub" / "j.xml").is_file()
    assert ("U1 code point cut between parts" in summary) is (code == 1)


def test_a_package_that_there_is_not_ends_the_action(tmp_path: Path) -> None:
    code, outputs, _ = run(tmp_path, targets="reference", package="./no-such-folder")
    assert code == 1
    assert outputs == {"exit-code": "", "report": ""}


def test_no_script_of_the_action_has_an_expression_in_it() -> None:
    """An input is data: GitHub writes an expression into a script as it is."""
    for step in action()["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_inputs_that_are_options_are_those_of_the_command() -> None:
    options = {option for param in check.params for option in param.opts}
    forms = {"json", "junit", "sarif", "html"}
    assert {f"--{name}" for name in forms} <= options
    assert forms <= set(action()["inputs"])


@pytest.mark.parametrize("command", PRE_COMMIT)
def test_the_files_of_pre_commit_are_valid_and_one_that_is_not_is_seen(tmp_path: Path, command: str) -> None:
    name = PRE_COMMIT[command]
    copy = tmp_path / name
    copy.write_text((ROOT / name).read_text("utf-8").replace("language:", "languages:"))
    words = [[sys.executable, "-m", "pre_commit", command, str(path)] for path in (ROOT / name, copy)]
    codes = [subprocess.run(each, capture_output=True, check=False).returncode for each in words]
    assert codes == [0, 1]


@pytest.mark.parametrize(("source", "code"), [(WHOLE, 0), (HALVES, 1)], ids=["sound", "broken"])
def test_the_hook_judges_what_pyproject_names(tmp_path: Path, source: str, code: int) -> None:
    """The hook as it is shipped, but with the sliceproof that is installed."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    config = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "own.py").write_text(source)
    (tmp_path / "pyproject.toml").write_text(TABLE)
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    env["PRE_COMMIT_HOME"] = str(tmp_path / "home")
    for words in (["git", "init", "-q"], ["git", "add", "own.py", "pyproject.toml", ".pre-commit-config.yaml"]):
        subprocess.run(words, cwd=tmp_path, check=True)
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.returncode == code, ran.stdout
    assert ("U1  code point cut between parts" in ran.stdout) is (code == 1)
