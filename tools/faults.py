"""Write the table of docs/faults.md from the requirements and the broken decoders: `python tools/faults.py`."""

from pathlib import Path

from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"


def row(requirement: Requirement) -> str:
    """What the table says of a requirement: what is right, and how each of its broken decoders is wrong."""
    mine = [broken for broken in BROKEN.values() if broken.breaks[0] == requirement.id]
    lines = [f"{each.about[0].lower()}{each.about[1:]} (`broken:{each.name}`)" for each in mine]
    wrong = lines or ["any of these, together"]
    seen = ", ".join(requirement.seen) or ("reviews" if mine else "")
    cells = (f"{requirement.id} {requirement.level.upper()}", requirement.rule, "; ".join(wrong), seen)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def page(text: str) -> str:
    """The page *text* with the rows of today; what stands around its table stays."""
    lines = text.splitlines()
    table = [number for number, line in enumerate(lines) if line.startswith("|")]
    head, rows = lines[: table[0] + 2], [row(requirement) for requirement in REQUIREMENTS.values()]
    return "\n".join([*head, *rows, *lines[table[-1] + 1 :]]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
