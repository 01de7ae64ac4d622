"""The documents say what the code says."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.decoders.subprocess import exchange
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement

DOCS = Path(__file__).parents[1] / "docs"


def row(requirement: Requirement) -> str:
    """What the table of faults says of a requirement: what is right, and how each of its broken decoders is wrong."""
    mine = [broken for broken in BROKEN.values() if broken.breaks[0] == requirement.id]
    told = [f"{one.about[0].lower()}{one.about[1:]} (`broken:{one.name}`)" for one in mine]
    wrong = told or ["any of these, together"]
    seen = ", ".join(requirement.seen) or ("reviews" if mine else "")
    cells = (f"{requirement.id} {requirement.level.upper()}", requirement.rule, "; ".join(wrong), seen)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def test_the_table_of_faults_has_each_requirement_and_its_broken_decoders() -> None:
    rows = [line for line in (DOCS / "faults.md").read_text("utf-8").splitlines() if line.startswith("| ")]
    assert rows[1:] == list(map(row, REQUIREMENTS.values()))


def test_the_session_in_the_protocol_s_page_is_one() -> None:
    """Each line is what the schema allows in its direction."""
    page = (DOCS / "exec-protocol.md").read_text("utf-8")
    session = page.partition("```\n")[2].partition("```")[0].splitlines()
    defined = exchange.schema()["$defs"]
    for line in session:
        way = "toChild" if line[0] == ">" else "fromChild"
        Draft202012Validator({"$ref": f"#/$defs/{way}", "$defs": defined}).validate(json.loads(line[2:]))
    assert len(session) > 10
    assert exchange.hello(session[1][2:].encode()).accepts == "parts"


def test_the_page_of_decoders_names_each_of_another_package_and_evidence_that_there_is() -> None:
    page = (DOCS / "decoders.md").read_text("utf-8")
    ours = {"reference", "botocore", "litellm-proposed-fix", "litellm-repaired"}
    assert [name for name in DECODERS if name not in ours and f"`{name}`" not in page] == []
    for path in re.findall(r"tests/evidence/\w+\.py", page):
        assert (DOCS.parent / path).is_file(), path


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
