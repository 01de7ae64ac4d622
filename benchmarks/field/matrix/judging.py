"""One environment from nothing to its entry: made, judged, its evidence run, its findings linked."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from matrix import cases, evidence
from matrix.environment import ROOT, InstallError, Place, install, install_npm, last_lines, place
from matrix.interpreters import interpreter
from matrix.record import Environment, Finding, Framed, Judged, Ran
from matrix.roster import Package
from sliceproof import __version__
from sliceproof.conformance.requirements import REQUIREMENTS

CHECK_SECONDS, EVIDENCE_SECONDS = 3600, 900
MATTERS = ("boto3", "httpx", "openai", "smithy-core")
SHOWN = 300

Json = dict[str, Any]


def judged(
    package: Package, version: str, wheel: Path, pythons: Sequence[str], kept: Path | None = None
) -> Environment:
    """The entry of one package in one version; what could not be installed or asked is told in it.

    *kept* is a folder in which the environment stays.
    """
    python, number = interpreter(package.python, pythons)
    entry = Environment(
        package=package.name,
        version=version,
        date=date.today().isoformat(),
        sliceproof=__version__,
        python=number,
        requirements=package.requirements(version),
        installed={},
        seconds={},
        megabytes=0.0,
    )
    if not python:
        entry.error = f"skipped: it needs Python {package.python} or later, and there is none here"
        return entry
    with place(kept) as here:
        try:
            _fill(entry, package, wheel, python, here)
        except InstallError as error:
            entry.error = str(error)
        except (OSError, ValueError, LookupError) as error:  # what a program there wrote is not what it should be
            entry.error = f"it could not be judged: {type(error).__name__}: {error}"
        entry.megabytes = round(here.megabytes, 1)
        entry.seconds = {what: round(seconds, 1) for what, seconds in here.seconds.items()}
    return entry


def _fill(entry: Environment, package: Package, wheel: Path, python: str, here: Place) -> None:
    install(here, python, [str(wheel), "pytest", *entry.requirements])
    if package.npm:
        install_npm(here, package.name)
    report = _checked(package, here)
    inside = _inside(package, here)
    entry.tests = _tested(package, here)
    entry.installed = _installed(package, inside["installed"])
    saved = cases.saved(here.folder / "cases")
    for target in dict.fromkeys((*package.framing, *package.targets)):
        data = inside["decoders"][target]
        rows = [row for row in report["results"] if row["decoder"] == target]
        judged_decoder = _decoder(target, data, rows, target in package.ours or target == "sliceproof")
        for finding in filter(lambda each: each.roots, judged_decoder.findings):
            finding.thread = package.threads.get(finding.requirement, "")  # the case tells it too
            finding.case = cases.file_case(finding, target, saved, judged_decoder.ours)
        entry.decoders.append(judged_decoder)
    _confirm(entry, package)


def confirmed_again(entry: Environment, package: Package, kept: Path) -> Environment:
    """The entry with its evidence run again, in the environment that *kept* holds; its verdicts stay."""
    here = Place(kept.resolve())
    if not Path(here.command("pytest")).exists():
        raise InstallError(f"{kept} holds no environment; judge {package.name} with --keep first")
    entry.tests = _tested(package, here)
    entry.seconds["evidence"] = round(here.seconds["evidence"], 1)
    _confirm(entry, package)
    return entry


def _confirm(entry: Environment, package: Package) -> None:
    """Lay to each finding that stands for itself the tests that show it, and the thread where it is told."""
    for decoder in entry.decoders:
        for finding in filter(lambda each: each.roots, decoder.findings):
            finding.thread = package.threads.get(finding.requirement, "")
            finding.evidence = evidence.confirming(decoder.target, finding, entry.tests)


# What is run


def _checked(package: Package, here: Place) -> Json:
    """The report of `sliceproof check`; InstallError if it could not judge."""
    report = here.folder / "report.json"
    words = [
        here.command("sliceproof"),
        "check",
        *package.targets,
        "--json",
        str(report),
        "--save",
        str(here.folder / "cases"),
    ]
    ran = here.run(words, "check", CHECK_SECONDS)
    if ran.returncode not in (0, 1) or not report.exists():
        raise InstallError(f"sliceproof check could not judge it: {last_lines(ran.stderr)}")
    data: Json = json.loads(report.read_text("utf-8"))
    return data


def _inside(package: Package, here: Place) -> Json:
    script = Path(__file__).with_name("inside.py")
    words = [here.command("python"), "-P", str(script), json.dumps(package.targets), json.dumps(package.framing)]
    ran = here.run(words, "check", CHECK_SECONDS)
    if ran.returncode:
        raise InstallError(f"the framing could not be asked: {last_lines(ran.stderr)}")
    data: Json = json.loads(ran.stdout.splitlines()[-1])
    return data


def _tested(package: Package, here: Place) -> list[Ran]:
    """The tests of the evidence that ran; none may be is no error, as not every package is at fault."""
    report = here.folder / "evidence.xml"
    words = [
        here.command("pytest"),
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "junit_family=xunit1",
        f"--junitxml={report}",
    ]
    here.variables["SLICEPROOF_EXAMPLES"] = str((here.folder / package.name).resolve()) if package.npm else ""
    ran = here.run([*words, *package.evidence], "evidence", EVIDENCE_SECONDS, ROOT)
    if not report.exists():
        raise InstallError(f"the evidence could not be run: {last_lines(ran.stdout + ran.stderr)}")
    return list(evidence.tests(report))


# What is told


def _installed(package: Package, found: dict[str, str]) -> dict[str, str]:
    """Versions of the package, of what it stands on, and of what else the roster names."""
    versions = {name.lower().replace("_", "-"): version for name, version in found.items()}
    names = {package.name, "botocore", *MATTERS} & versions.keys()
    return {name: versions[name] for name in sorted(names)}


def _decoder(target: str, data: Json, rows: Sequence[Json], ours: bool) -> Judged:
    """One target: its verdicts by requirement, and what it breaks."""
    verdicts: dict[str, dict[Any, list[str]]] = defaultdict(dict)
    reasons: dict[str, str] = {}
    for row in rows:
        verdicts[row["requirement"]].setdefault(row["verdict"], []).append(row["dialect"])
        if row["reason"]:
            reasons.setdefault(row["requirement"], row["reason"])
    broken = [row for row in rows if row["finding"]]
    broken.sort(key=lambda row: list(REQUIREMENTS).index(row["requirement"]))
    findings = [_finding(list(group)) for _, group in groupby(broken, key=lambda row: row["requirement"])]
    framing = [Framed(**entry) for entry in data["framing"]]
    version, plain = data["version"], data["plain"]
    return Judged(
        target=target,
        version=version,
        ours=ours,
        plain=plain,
        verdicts=dict(verdicts),
        reasons=reasons,
        findings=findings,
        framing=framing,
    )


def _finding(rows: Sequence[Json]) -> Finding:
    """One requirement, broken in the dialects of *rows*: told by the smallest stream that stands for itself."""
    roots = [row for row in rows if not row["finding"]["follows"]]
    row = min(roots or rows, key=lambda each_row: (each_row["finding"]["bytes"], each_row["dialect"]))
    finding = row["finding"]
    inherited = {each_row["finding"]["inherited"] for each_row in roots or rows}
    return Finding(
        requirement=row["requirement"],
        level=row["level"],
        title=finding["title"],
        dialects=_names(rows),
        roots=_names(roots),
        follows=sorted({each_row["finding"]["follows"] for each_row in rows} - {""}),
        inherited=inherited.pop() if len(inherited) == 1 else "",
        stream=_short(finding["stream"]),
        expected=_short(finding["expected"]),
        got=_short(finding["got"]),
    )


def _names(rows: Iterable[Json]) -> list[str]:
    return [row["dialect"] for row in rows]


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
