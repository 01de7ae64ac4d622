"""The table of verdicts: requirements, in their families, by whatever the columns are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sliceproof.conformance.reporting.html.environment import macro
from sliceproof.conformance.requirements import FAMILIES, REQUIREMENTS
from sliceproof.conformance.requirements.requirement import Requirement


@dataclass(frozen=True)
class Column:
    """A column: what it is called, and what more there is to say of it."""

    name: str
    more: str = ""


@dataclass(frozen=True)
class Cell:
    """A verdict ("" if it was not asked), where it links to, a word beside it, and why it is so."""

    verdict: str
    link: str = ""
    word: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """A requirement, and its cells, one a column."""

    requirement: Requirement
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Rows by family, under the columns."""

    caption: str
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]


def table(caption: str, columns: Sequence[Column], cell: Callable[[str, int], Cell | None]) -> Table:
    """The table of what *cell* gives for the id of a requirement and the number of a column; None: not asked.

    A requirement that is asked nowhere has no row.
    """
    numbers = range(len(columns))
    return Table(caption, tuple(columns), tuple(_groups(lambda id_: [cell(id_, number) for number in numbers])))


def _groups(cells: Callable[[str], list[Cell | None]]) -> Iterator[tuple[str, tuple[Row, ...]]]:
    for family, ids in FAMILIES.items():
        found = [(id_, cells(id_)) for id_ in ids]
        rows = [Row(REQUIREMENTS[id_], tuple(one or Cell("") for one in row)) for id_, row in found if any(row)]
        broken = any(cell.verdict in ("fail", "warn", "error") for row in rows for cell in row.cells)
        if rows:  # what a family asks is told where it helps to read a verdict; its name elsewhere
            yield family if broken else family.partition(":")[0], tuple(rows)


def verdicts_of(shown: Table) -> Markup:
    """The table as HTML."""
    return macro("verdicts.html.jinja", "verdicts", shown)
