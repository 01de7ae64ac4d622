"""docs/drift.md."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from matrix.page import escaped, table

HEAD = """# Drift

What the newest releases change in what is told here: the golden bodies of [bodies.md](bodies.md), and the verdicts of
[matrix.md](matrix.md). Written by `tox -e drift`, and never edited by hand. A release that is newer than the one told
is installed in an environment of its own. A server's own code then writes its bodies again, and what its handlers are
made of is compared by syntax tree; a package is judged as the matrix judges it."""


@dataclass
class Row:
    """A server or a package: the release that is told, the newest, and what that changes, a line each."""

    name: str
    known: str
    newest: str = ""
    changes: list[str] = field(default_factory=list)
    compared: bool = False

    @property
    def same(self) -> str:
        """What is said where nothing changed."""
        if self.compared:
            return "nothing changed"
        return "no newer release" if self.newest == self.known else "not compared"


def page(servers: Sequence[Row], packages: Sequence[Row], elsewhere: Sequence[str], when: date) -> str:
    """All of it."""
    changed = sum(bool(row.changes) for row in (*servers, *packages))
    newer = sum(row.newest != row.known for row in (*servers, *packages))
    of_all = f"{newer} of {len(servers) + len(packages)} have a newer release"
    facts = f"{when.isoformat()}: {of_all}, {changed} changed something or could not be compared."
    blocks = [HEAD, facts, "## Servers", _table("server", servers)]
    blocks += [f"No registry has these, so they are not compared: {', '.join(elsewhere)}."]
    return "\n\n".join([*blocks, "## Packages", _table("package", packages)]) + "\n"


def _table(what: str, rows: Sequence[Row]) -> str:
    cells = [
        (row.name, row.known, row.newest or "?", "<br>".join(map(escaped, row.changes)) or row.same) for row in rows
    ]
    return table((what, "told here", "newest", "what changed"), cells)
