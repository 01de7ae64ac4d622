"""docs/matrix.md, written from docs/matrix.json and from nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from matrix import framing
from matrix.cases import url
from matrix.evidence import unconfirmed
from matrix.record import Environment, Finding, Judged, Matrix
from sliceproof.conformance.requirements import REQUIREMENTS

HEAD = """# Matrix

Decoders of other packages, each version in an environment of its own, by each requirement. Written by `tox -e matrix`
from [matrix.json](matrix.json) ([its schema](matrix.schema.json)); never edited by hand. What each decoder claims and
why, and what is not judged, is in [decoders.md](decoders.md); LiteLLM's releases at length in [litellm.md](litellm.md).
"""
IN_A_LINE = """*Broken* are MUSTs that stand for themselves, *warned* SHOULDs; "(botocore)" is what botocore breaks
too, on which the decoder is built. What only follows from another is in the tables below."""
BY_REQUIREMENT = """**broken** and warned say in how many of the dialects asked; a dash: passes in all. Each MUST that
stands for itself links to its case, which `sliceproof replay ID TARGET` runs again, to the test that shows it by the
package's own API alone, and to the public thread if one is known. *follows* names what it follows from. What has no
row passes in each version or is not asked, and stands below the table."""
GIVEN_BACK = """In each dialect that a decoder claims there is a stream that it gives back whole, in each way of
calling it; the call makes the stream again. `tests/conformance/test_decoders.py` asks the same of each that is
installed."""


def page(matrix: Matrix) -> str:
    """All of it."""
    blocks = [HEAD.rstrip(), _facts(matrix), *_summary(matrix), *_packages(matrix), *_plain(matrix)]
    blocks += [*framing.section(matrix), *_environments(matrix)]
    return "\n\n".join(blocks) + "\n"


def complaints(matrix: Matrix) -> list[str]:
    """What must not be published as it is: findings without evidence, evidence that fails, harness errors."""
    told = []
    for environment in matrix.environments:
        name = f"{environment.package} {environment.version}"
        told += [f"{name}: {test.test} failed" for test in environment.tests if not test.passed]
        for one in environment.decoders:
            told += [
                f"{name}: {one.target} {each.requirement} is unconfirmed: no test of the evidence shows it"
                for each in one.findings
                if unconfirmed(each, one.ours)
            ]
            told += [
                f"{name}: {one.target} {id_} is an error of the harness: {one.reasons.get(id_, '')}"
                for id_, each in one.verdicts.items()
                if "error" in each
            ]
    return told


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows))


def escaped(text: str) -> str:
    """Text that no table or emphasis takes for its own."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def code(text: str) -> str:
    """Text as it is, in a cell of a table."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text.replace('|', chr(92) + '|')}{fence}"


# The verdicts


def _judged(matrix: Matrix) -> Iterator[tuple[Environment, Judged]]:
    """The targets that were asked the requirements."""
    for environment in matrix.environments:
        for one in environment.decoders:
            if one.verdicts:
                yield environment, one


def _facts(matrix: Matrix) -> str:
    entries = matrix.environments
    dates = sorted({one.date for one in entries})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    failed = [one for one in entries if one.error]
    seconds, megabytes = sum(sum(one.seconds.values()) for one in entries), sum(one.megabytes for one in entries)
    versions = ", ".join(sorted({one.sliceproof for one in entries}))
    lines = [
        f"- {when}; sliceproof {versions}, profile {matrix.profile}, seed {matrix.seed}",
        f"- {len(entries)} environments, {seconds / 60:.0f} minutes added up, {megabytes:,.0f} MB of packages",
        f"- {len(failed)} could not be judged: {', '.join(f'{one.package} {one.version}' for one in failed) or 'none'}",
    ]
    if told := complaints(matrix):
        lines += ["- not confirmed:", *(f"  - {one}" for one in told)]
    return "\n".join(lines)


def _summary(matrix: Matrix) -> Iterator[str]:
    """Each decoder in a line."""
    rows = []
    for environment in matrix.environments:
        if environment.error:
            rows.append((environment.package, environment.version, escaped(environment.error), ""))
        rows += [_line(one) for one in environment.decoders if one.verdicts]
    yield "## Each decoder in a line"
    yield IN_A_LINE
    yield table(("decoder", "version", "broken (MUST)", "warned (SHOULD)"), rows)


def _line(one: Judged) -> tuple[str, str, str, str]:
    told = {
        level: [_named(each) for each in one.findings if each.level == level and each.roots]
        for level in ("must", "should")
    }
    return code(one.target), one.version, ", ".join(told["must"]) or "–", ", ".join(told["should"]) or "–"


def _named(finding: Finding) -> str:
    base = finding.inherited.partition(" ")[0]
    return f"{finding.requirement} ({base})" if base else finding.requirement


def _packages(matrix: Matrix) -> Iterator[str]:
    """For each decoder the table of its versions by requirement."""
    yield "## Decoder by version by requirement"
    yield BY_REQUIREMENT
    judged = sorted(_judged(matrix), key=lambda pair: pair[1].target)
    order = list(dict.fromkeys(one.target for _, one in _judged(matrix)))
    versions = {target: list(group) for target, group in groupby(judged, key=lambda pair: pair[1].target)}
    for target in order:
        yield f"### {target}"
        yield _by_requirement([one for _, one in versions[target]])


def _by_requirement(versions: Sequence[Judged]) -> str:
    rows = []
    for id_, requirement in REQUIREMENTS.items():
        found = [next((each for each in one.findings if each.requirement == id_), None) for one in versions]
        if any(found):
            cells = [_cell(one, each, id_) for one, each in zip(versions, found, strict=True)]
            rows.append((f"{id_} {requirement.title}", requirement.level.upper(), *cells))
    told = (
        table(("requirement", "level", *(one.version for one in versions)), rows)
        if rows
        else "It breaks and warns of nothing."
    )
    return f"{told}\n\n{_rest(versions)}"


def _cell(one: Judged, finding: Finding | None, id_: str) -> str:
    verdicts = one.verdicts.get(id_, {})
    if finding is None:
        return "–" if "pass" in verdicts else "not asked"
    asked = sum(len(dialects) for verdict, dialects in verdicts.items() if verdict in ("pass", "fail", "warn"))
    word = "**broken**" if finding.level == "must" else "warned"
    told = [f"{word} {len(finding.dialects)}/{asked}"]
    if finding.inherited:
        told.append(f"({finding.inherited})")
    if not finding.roots:
        return f"{' '.join(told)}, follows {', '.join(finding.follows)}"
    links = [f"[case](../corpus/cases/{finding.case}.json)"] if finding.case else []
    links += [_shown(test) for test in finding.evidence[:1]]
    links += [f"[{finding.thread}]({url(finding.thread)})"] if finding.thread else []
    if unconfirmed(finding, one.ours):
        links.append("**unconfirmed**")
    return " · ".join([" ".join(told), *links])


def _shown(test: str) -> str:
    """A link to a test, whose name is seen when it is pointed at."""
    file, _, name = test.partition("::")
    return f'[shown](../{file} "{name.replace("|", "/")}")'


def _rest(versions: Sequence[Judged]) -> str:
    """What has no row: what passes everywhere, and what was not asked and why."""
    ids = {id_ for one in versions for id_ in one.verdicts}
    broken = {each.requirement for one in versions for each in one.findings}
    passed = [
        id_
        for id_ in REQUIREMENTS
        if id_ in ids - broken and any("pass" in one.verdicts[id_] for one in versions if id_ in one.verdicts)
    ]
    unasked: dict[str, list[str]] = {}
    for id_ in REQUIREMENTS:
        if id_ in ids - broken - set(passed):
            reason = next(one.reasons[id_] for one in versions if id_ in one.reasons)
            unasked.setdefault(reason, []).append(id_)
    told = f"Passes: {' '.join(passed) or 'nothing'}."
    if unasked:
        told += (
            " Not asked: "
            + "; ".join(f"{' '.join(names)} ({escaped(reason)})" for reason, names in unasked.items())
            + "."
        )
    return told


# The rest


def _plain(matrix: Matrix) -> Iterator[str]:
    """For each decoder a stream that passes, in each dialect that it claims."""
    yield "## What each gives back"
    yield GIVEN_BACK
    rows = []
    for _, one in _judged(matrix):
        passes, fails = (
            [dialect for dialect, stream in one.plain.items() if bool(stream) is good] for good in (True, False)
        )
        shown = next((stream for stream in one.plain.values() if stream), "")
        rows.append(
            (
                code(one.target),
                one.version,
                f"{len(passes)} of {len(one.plain)}: {', '.join(passes)}",
                code(shown) if shown else "–",
            )
        )
        if fails:
            rows[-1] = (*rows[-1][:2], f"{rows[-1][2]}; **not** {', '.join(fails)}", rows[-1][3])
    yield table(("decoder", "version", "dialects", "in the first of them"), rows)


def _environments(matrix: Matrix) -> Iterator[str]:
    yield "## Environments"
    yield "Each is made with `python -m venv`; seconds are those of installing, judging, and running the evidence."
    rows = []
    for one in matrix.environments:
        seconds = " + ".join(f"{one.seconds.get(what, 0):.0f}" for what in ("install", "check", "evidence"))
        installed = ", ".join(f"{name} {version}" for name, version in one.installed.items() if name != one.package)
        asked = " ".join(one.requirements) or "npm install"
        tests = sum(test.passed for test in one.tests)
        rows.append(
            (code(asked), one.python or "–", installed or "–", seconds, f"{one.megabytes:,.1f}", str(tests), one.date)
        )
    yield table(("asked for", "Python", "with", "seconds", "MB", "tests passed", "judged"), rows)


__all__ = ["complaints", "page", "table"]
