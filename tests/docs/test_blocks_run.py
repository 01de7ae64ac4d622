"""Settings and snippets that no command of their page runs: each is put where the page says, and something run.

As the commands are, by `tox -e commands`.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from blocks import ROOT, Block, Command, blocks
from reader import PROGRAM, Done, laid_out, ran

if os.environ.get("SLICEPROOF_DOCS") != "all":
    pytest.skip("tox -e commands runs the snippets", allow_module_level=True)

ALL = list(blocks())
OF_A_CLIENT = ["-q", "-k", "U1 and not U1_", "-p", "no:asyncio", "-p", "no:cacheprovider"]

TEXT_OF = """
const utf8 = new TextDecoder();
let rest = "";
function textOf(bytes) {
  const lines = (rest + utf8.decode(bytes, { stream: true })).split("\\n");
  rest = lines.pop();
  const records = lines.filter((line) => line.startsWith("data:")).map((line) => JSON.parse(line.slice(5)));
  return records.map((record) => record.token.text).join("");
}
"""


def block(page: str, marked: str) -> Block:
    (found,) = [each for each in ALL if each.page == page and marked in each.text]
    return found


def did(folder: Path, page: str, *words: str, **files: str) -> Done:
    """What comes of a command in the folder of a page, with some files besides."""
    command = Command(f"{page}:1", words, whole=True)
    at = laid_out(folder, command)
    for name, text in files.items():
        (at / name).write_text(text, "utf-8")
    return ran(command, at)


def test_the_table_that_asks_a_frozen_set_asks_it(tmp_path: Path) -> None:
    settings = block("docs/conformance.md", "[tool.sliceproof]").text
    words = ("sliceproof", "check", "myapp/streams.py:decode")
    done = did(tmp_path, "docs/conformance.md", *words, **{"pyproject.toml": settings})
    assert (done.code, " conforms to 2026.1 (MUST" in done.out) == (0, True), done


def test_the_lines_of_the_readme_s_ini_file_make_tests(tmp_path: Path) -> None:
    lines = re.findall(r"^    (sliceproof_\w+ = .*)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(lines) == 2
    done = did(
        tmp_path,
        "README.md",
        "pytest",
        "-k",
        "U1 or R1",
        **{"pytest.ini": "\n".join(["[pytest]", "pythonpath = .", "testpaths = tests", *lines])},
    )
    assert (done.code, "2 passed" in done.out) == (0, True), done


@pytest.mark.parametrize(("change", "code", "told"), [("", 0, "1 passed"), ("[:-1]", 1, "1 failed")])
def test_the_fixture_of_the_page_about_clients_judges_one(tmp_path: Path, change: str, code: int, told: str) -> None:
    client = block("docs/recipes.md", "urllib.request").text
    wanted = block("docs/endpoint.md", "sliceproof_endpoint").text
    test = f"import pytest\n\n{client.replace('def client(', 'def whole(')}\n\ndef client(url, name):\n"
    test += f"    return ''.join(whole(url, name)){change}\n\n\n{wanted}"
    done = did(tmp_path, "docs/endpoint.md", "pytest", "test_own.py", *OF_A_CLIENT, **{"test_own.py": test})
    assert (done.code, told in done.out) == (code, True), done


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node; tox -e node runs the helper")
def test_the_snippet_for_node_is_a_decoder_and_lacks_only_what_reads_a_part(tmp_path: Path) -> None:
    snippet = block("examples/node/README.md", "./sliceproof.mjs").text
    own = snippet.replace("await serve", f"{TEXT_OF}\nawait serve")
    words = ("sliceproof", "check", "exec:node own.mjs", "--requirement", "PLAIN", "--requirement", "U1")
    done = did(tmp_path, "examples/node/README.md", *words, **{"own.mjs": own})
    assert done.code == 0, done


def test_the_inputs_and_outputs_of_the_action_that_the_page_names_exist() -> None:
    yaml = pytest.importorskip("yaml", reason="tox -e docs has what reads YAML")
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    text = block("docs/ci.md", "./third_party/sliceproof").text
    (used,) = [step for step in yaml.safe_load(text) if step.get("uses") == "./third_party/sliceproof"]
    assert set(used["with"]) <= set(action["inputs"])
    assert set(re.findall(r"steps\.streams\.outputs\.([\w-]+)", text)) == set(action["outputs"])


def test_the_program_of_these_tests_is_one_that_a_run_judges(tmp_path: Path) -> None:
    """So that what `sliceproof run` says of it comes of its reading."""
    deaf = PROGRAM.replace('report["text"] += text', "pass")
    words = ("sliceproof", "run", "--dialect", "tgi-sse", "--requirement", "PLAIN", "--", "python", "deaf.py")
    assert did(tmp_path, "docs/endpoint.md", *words, **{"deaf.py": deaf}).code == 1
