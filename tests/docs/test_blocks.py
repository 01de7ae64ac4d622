"""Every command, setting and snippet of the documents is one: options exist, files parse, names can be imported."""

import ast
import configparser
import json
import re
import tomllib
from importlib import import_module
from typing import Any

import click
import pytest

from blocks import PAGES, ROOT, Block, Command, blocks, commands, name
from sliceproof.__main__ import cli
from sliceproof.conformance.requirements import requirements
from sliceproof.profiles import frozen_set
from sliceproof.wire.dialects import dialect
from sliceproof.wire.errors import SliceproofError

COMMANDS = list(commands())
OURS = [each for each in COMMANDS if each.words[0] == "sliceproof" and len(each.words) > 1]
PYTHON = [each for each in blocks() if each.language == "python"]
DATA = [each for each in blocks() if each.language in ("toml", "yaml", "json", "ini")]

RUN = {
    "README.md": "tests/docs/test_readme.py",
    "docs/bedrock.md": "tests/conformance/test_bedrock_page.py",
    "docs/cases.md": "tests/corpus/test_loading.py",
    "docs/channels.md": "tests/conformance/test_channel_claims.py",
    "docs/endpoint.md": "tests/docs/test_blocks_run.py",
    "docs/html.md": "tests/conformance/test_html_report.py",
    "docs/litellm.md": "tests/docs/test_litellm_page.py",
    "docs/own-dialect.md": "tests/docs/test_commands.py",
    "docs/pytest.md": "tests/conformance/test_plugin_docs.py",
    "docs/recipes.md": "tests/docs/test_pages_run.py",
    "docs/shapes.md": "tests/conformance/test_shapes.py",
    "docs/tutorial.md": "tests/docs/test_pages_run.py",
    "docs/vectors.md": "tests/examples/test_vendor.py",
}
"""The pages that have Python, and what runs it."""

LANGUAGES = {
    "": "what comes out, or goes over the wire",
    "console": "typed by test_commands.py, or where places.py says",
    "diff": "a change that no test notices, made by tox -e mutation",
    "groovy": "a line for Jenkins, which is not there; its report is written by a command of the page",
    "ini": "a file of the examples in docs/pytest.md, which test_plugin_docs.py writes",
    "js": "run by test_blocks_run.py",
    "python": "run by what RUN says",
    "sh": "typed by test_commands.py, or where places.py says",
    "text": "what comes out",
    "toml": "used by test_commands.py, test_blocks_run.py, test_plugin_docs.py and test_pages_run.py",
    "yaml": "commands are typed by test_commands.py, the action is seen to by test_blocks_run.py",
}
"""What becomes of a fenced block."""


def where(each: Block | Command) -> str:
    return f"{each.where}-{' '.join(each.words[:4])}" if isinstance(each, Command) else each.where


def checked(words: tuple[str, ...], whole: bool) -> None:
    """Raise UsageError for a command that the command line does not take."""
    if words[0] in ("--version", "--help", "-h"):
        return
    command = cli.commands.get(words[0])
    if command is None:
        raise click.UsageError(f"there is no command {words[0]}")
    if whole:
        _exist(command.make_context(words[0], list(words[1:])).params)
        return
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    own = words[1 : words.index("--")] if "--" in words else words[1:]
    for word in own:
        option = word.split("=")[0].rstrip("…,")
        if option.startswith("--") and option not in {*known, "--help"}:
            raise click.NoSuchOption(option)


def _exist(params: dict[str, Any]) -> None:
    """Raise UsageError for a dialect, a requirement or a frozen set that there is not; files of the reader's may be."""
    try:
        for given in params.get("dialects") or ():
            path = given.partition(":")[0]
            if not path.endswith(".py"):
                dialect(given)
            elif (ROOT / path).is_file():
                dialect(str(ROOT / given))
        requirements(tuple(params.get("requirements") or ()))
        if params.get("conformance"):
            frozen_set(params["conformance"])
    except SliceproofError as error:
        raise click.UsageError(str(error)) from None


def test_there_are_as_many_commands_and_blocks_as_the_pages_have() -> None:
    """So that a change of the pages' form, which the patterns no longer see, is noticed."""
    assert len(OURS) > 100
    assert sum(each.whole for each in OURS) > 40
    assert len(PYTHON) > 40
    assert len(DATA) > 8


@pytest.mark.parametrize("command", OURS, ids=where)
def test_a_command_is_one_that_the_command_line_takes(command: Command) -> None:
    checked(command.words[1:], command.whole)


@pytest.mark.parametrize(
    "words",
    [
        *("check x --no-such", "chekc x", "check x --level maybe", "list nothing"),
        *("check x --dialect tgi", "check x --requirement U99", "check x --dialect examples/dialect/ticker.py:NO"),
    ],
)
def test_a_command_that_is_none_is_seen(words: str) -> None:
    with pytest.raises(click.UsageError):
        checked(tuple(words.split()), whole=True)


@pytest.mark.parametrize("words", ["check TARGET… --no-such FILE", "chekc TARGET"])
def test_a_command_that_is_none_is_seen_though_it_is_not_whole(words: str) -> None:
    with pytest.raises(click.UsageError):
        checked(tuple(words.split()), whole=False)


def test_the_environments_of_tox_that_pages_name_exist() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "tox.ini", "utf-8")
    listed = settings["tox"]["env_list"].replace(" ", "").split(",")
    known = {*listed, *(section.removeprefix("testenv:") for section in settings.sections())}
    asked = {
        (each.where, environment)
        for each in COMMANDS
        if each.words[0] == "tox" and "-e" in each.words
        for environment in each.words[each.words.index("-e") + 1].split(",")
    }
    assert len(asked) > 10
    assert {(at, environment) for at, environment in asked if environment not in known} == set()


def test_the_tests_that_pages_name_exist() -> None:
    ours = "|".join(path.name for path in (ROOT / "tests").iterdir() if path.is_dir())
    named = {
        (name(page), path)
        for page in PAGES
        for path in re.findall(rf"\btests/(?:{ours})/[\w/]+\.py", page.read_text("utf-8"))
    }
    assert len(named) > 20
    assert {(page, path) for page, path in named if not (ROOT / path).is_file()} == set()


def test_the_scripts_that_pages_run_exist() -> None:
    scripts = [(each.where, each.words[1]) for each in COMMANDS if each.words[0] == "python" and "/" in each.words[1]]
    assert scripts
    assert [(at, path) for at, path in scripts if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("block", PYTHON, ids=where)
def test_python_is_python_and_what_it_imports_of_us_exists(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sliceproof":
            module = import_module(node.module or "")
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize("block", DATA, ids=where)
def test_a_file_of_settings_parses(block: Block) -> None:
    if block.language == "toml":
        tomllib.loads(block.text)
    elif block.language == "json":
        json.loads(block.text)
    elif block.language == "ini":
        configparser.ConfigParser().read_string(block.text)
    else:
        yaml = pytest.importorskip("yaml", reason="tox -e docs has what reads YAML")
        yaml.safe_load(block.text)


def test_something_is_known_to_do_with_a_block_of_each_language() -> None:
    assert {block.language for block in blocks()} == set(LANGUAGES)


def test_the_python_of_each_page_is_run_by_a_test() -> None:
    assert {block.page for block in PYTHON} == set(RUN)
    assert [path for path in RUN.values() if not (ROOT / path).is_file()] == []
