"""The documents say what the code says."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import faults
from jsonschema import Draft202012Validator

from sliceproof import __version__
from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.subprocess import protocol

DOCS = Path(__file__).parents[1] / "docs"


def test_the_version_is_said_once() -> None:
    """What docs/releasing.md says of it."""
    settings = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))
    assert settings["project"]["version"] == __version__


def test_the_table_of_faults_has_each_requirement_and_its_broken_decoders() -> None:
    page = faults.PAGE.read_text("utf-8")
    assert faults.page(page) == page, "run `python tools/faults.py`"


def test_the_session_in_the_protocol_s_page_is_one() -> None:
    """Each line is what the schema allows in its direction."""
    page = (DOCS / "exec-protocol.md").read_text("utf-8")
    session = page.partition("```\n")[2].partition("```")[0].splitlines()
    defined = protocol.schema()["$defs"]
    for line in session:
        way = "toChild" if line[0] == ">" else "fromChild"
        Draft202012Validator({"$ref": f"#/$defs/{way}", "$defs": defined}).validate(json.loads(line[2:]))
    assert len(session) > 10
    assert protocol.hello(session[1][2:].encode()).accepts == "parts"


def test_the_page_of_decoders_names_each_of_another_package_and_evidence_that_there_is() -> None:
    page = (DOCS / "decoders.md").read_text("utf-8")
    ours = {"reference", "botocore", "litellm-proposed-fix", "litellm-repaired"}
    assert [name for name in DECODERS if name not in ours and f"`{name}`" not in page] == []
    for path in re.findall(r"tests/evidence/\w+\.py", page):
        assert (DOCS.parent / path).is_file(), path


def test_the_example_of_a_page_of_one_s_own_runs() -> None:
    page = (DOCS / "html.md").read_text("utf-8")
    ran: dict[str, str] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], ran)
    assert "cut inside a character" in ran["page"]


def test_the_readme_begins_with_what_its_command_shows() -> None:
    block = (DOCS.parent / "README.md").read_text("utf-8").split("```console\n$ ")[1].split("```")[0]
    command, shown = block.split("\n", 1)
    ran = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.rsplit(" in ", 1)[0].strip() == shown.rsplit(" in ", 1)[0].strip()  # all but the time
