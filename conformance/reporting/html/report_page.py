"""The report of a run as a page: who was judged and how, the verdicts, and each finding with its picture."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sliceproof.conformance.engine.claim import CONFORMS, DOES_NOT, IN_PART
from sliceproof.conformance.engine.result import GRAVITY
from sliceproof.conformance.engine.wording import count
from sliceproof.conformance.reporting.following import Broken, broken, families, listed
from sliceproof.conformance.reporting.html.environment import page
from sliceproof.conformance.reporting.html.verdicts import Cell, Column, Table, table
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.hints import hint

Row = Mapping[str, Any]
_GRAVE = ("fail", "warn")
FEW = 3  # findings, or roots, that are all open at first


def report_page(report: Mapping[str, Any], begun: str, command: str = "") -> str:
    """The page of a report, whose rows have what only a page shows beside; *begun* is when, *command* what ran."""
    rows = report["results"]
    numbered = {(row["decoder"], row["dialect"], row["requirement"]): f"f{n}" for n, row in enumerate(rows, 1)}
    by_decoder: dict[str, list[Row]] = {}
    for row in rows:
        by_decoder.setdefault(row["decoder"], []).append(row)
    told = [row for row in rows if _is_told(row)]
    groups = list(_groups(told, numbered))
    return page(
        "report.html.jinja",
        report=report,
        begun=begun,
        command=command,
        decoders=[
            (name, [*_claim(report, name), *_sum(mine)], _table(mine, numbered)) for name, mine in by_decoder.items()
        ],
        groups=groups,
        opened=_open(groups),
        told=len(told),
        choices={key: list(dict.fromkeys(row[key] for row in told)) for key in ("verdict", "dialect", "decoder")},
        unasked=list(_unasked(rows)),
    )


def _is_told(row: Row) -> bool:
    return row["verdict"] in (*_GRAVE, "error") or row.get("standing") in ("stale", "changed")


def _claim(report: Mapping[str, Any], decoder: str) -> Iterator[tuple[str, str]]:
    """What a run of a frozen set says of a decoder."""
    kinds = {CONFORMS: "pass", IN_PART: "warn", DOES_NOT: "fail"}
    for each in report.get("conformance", {}).get("decoders", []):
        if each["decoder"] == decoder:
            yield kinds.get(each["verdict"], "error"), each["told"]


def _sum(rows: list[Row]) -> list[tuple[str, str]]:
    """How often each verdict was given, as (verdict, words), and what was broken, each behind what it follows from."""
    ids: dict[str, list[str]] = {}
    for row in rows:
        ids.setdefault(row["verdict"], []).append(row["requirement"])
    told = _broken(_by_requirement(filter(_is_told, rows)))
    words = {"fail": "MUST", "warn": "SHOULD"}
    numbers = {each: sum(one.verdict == each for one in told) for each in _GRAVE}
    said = [
        (each, f"breaks {count(number, words[each])}: {listed(told, each)}")
        for each, number in numbers.items()
        if number
    ]
    if "fail" not in ids and "error" not in ids and "pass" in ids:
        said.insert(0, ("pass", "breaks no MUST that was asked"))
    if "error" in ids:
        said.append(("error", f"could not be judged: {' '.join(dict.fromkeys(ids['error']))}"))
    passed = f"{len(ids.get('pass', []))} pass, {len(ids.get('n/a', []))} do not apply"
    return [*said, ("", f"{passed}, {sum(row['streams'] for row in rows):,} streams")]


def _table(rows: list[Row], numbered: Mapping[tuple[str, str, str], str]) -> Table:
    dialects = list(dict.fromkeys(row["dialect"] for row in rows))
    at = {(row["requirement"], row["dialect"]): row for row in rows}

    def cell(id_: str, number: int) -> Cell | None:
        row = at.get((id_, dialects[number]))
        if row is None:
            return None
        link = f"#{numbered[row['decoder'], row['dialect'], id_]}" if _is_told(row) else ""
        return Cell(row["verdict"], link, row.get("standing", ""), row["reason"])

    name = f"{rows[0]['decoder']} {rows[0]['version']}".strip()
    return table(f"Verdicts on {name} by requirement and dialect", [Column(each) for each in dialects], cell)


def _groups(told: list[Row], numbered: Mapping[tuple[str, str, str], str]) -> Iterator[dict[str, Any]]:
    """What is told of each requirement: the roots by how much they explain, each with its followers right behind it."""
    by_id = _by_requirement(told)
    for root, followers in families(_broken(by_id)):
        for id_ in filter(by_id.__contains__, (root, *followers)):
            rows = [(numbered[row["decoder"], row["dialect"], id_], row) for row in by_id[id_]]
            rows.sort(key=lambda numbered_row: GRAVITY.index(numbered_row[1]["verdict"]))
            from_ = _broken({id_: by_id[id_]})[0].follows
            under = id_ != root and root in by_id
            count_ = len(followers) if id_ == root else 0
            group = {"requirement": REQUIREMENTS[id_], "hint": hint(id_), "rows": rows, "follows": from_}
            yield {**group, "root": id_ == root, "under": under, "leads": count_}


def _open(groups: Sequence[Mapping[str, Any]]) -> set[str]:
    """Which findings are open at first: all where there are few, and the first of each root, or of one if many."""
    roots = [group for group in groups if group["root"]] or groups
    first = {group["rows"][0][0] for group in roots[: len(roots) if len(roots) <= FEW else 1]}
    every = {id_ for group in groups for id_, _ in group["rows"]}
    return every if len(every) <= FEW else first


def _by_requirement(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_id: dict[str, list[Row]] = {}
    for row in rows:
        by_id.setdefault(row["requirement"], []).append(row)
    return by_id


def _broken(by_id: Mapping[str, list[Row]]) -> list[Broken]:
    return [
        broken(id_, ((row["verdict"], row["finding"].get("follows", "") if row["finding"] else None) for row in rows))
        for id_, rows in by_id.items()
    ]


def _unasked(rows: list[Row]) -> Iterator[tuple[str, str, list[str]]]:
    """Why what was not asked was not: (reason, dialect, ids)."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["verdict"] == "n/a":
            by_reason.setdefault((row["reason"], row["dialect"]), []).append(row["requirement"])
    for (reason, dialect), ids in by_reason.items():
        yield reason, dialect, ids
