"""The tests that show a finding by a package's own API: which ran, which passed, what each confirms.

A test says it with `@pytest.mark.confirms("strands-agents", "U1")`; `tests/conftest.py` puts that into
pytest's JUnit report, and it is read here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from matrix.record import Finding, Ran


def tests(report: Path) -> Iterator[Ran]:
    """The tests of a JUnit report (`junit_family=xunit1`) that were not skipped."""
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("skipped") is not None:
            continue
        confirms = [
            property_.get("value", "") for property_ in case.iter("property") if property_.get("name") == "confirms"
        ]
        name = f"{case.get('file', case.get('classname', ''))}::{case.get('name')}"
        yield Ran(test=name, passed=case.find("failure") is None and case.find("error") is None, confirms=confirms)


def confirming(target: str, finding: Finding, ran: Iterable[Ran]) -> list[str]:
    """The tests that passed and confirm *finding*; one about a dependency is confirmed by the dependency's too."""
    names = {target, finding.inherited.partition(" ")[0]} - {""}
    wanted = {f"{name} {finding.requirement}" for name in names}
    return sorted({test.test for test in ran if test.passed and wanted & set(test.confirms)})


def unconfirmed(finding: Finding, ours: bool) -> bool:
    """Whether it blames others and nothing shows it: a MUST that stands for itself, without evidence."""
    return finding.level == "must" and bool(finding.roots) and not ours and not finding.evidence
