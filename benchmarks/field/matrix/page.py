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
    lines = []
    for environment in matrix.environments:
        name = f"{environment.package} {environment.version}"
        lines += [f"{name}: {test.test} failed" for test in environment.tests if not test.passed]
        for decoder in environment.decoders:
            lines += [
                f"{name}: {decoder.target} {each.requirement} is unconfirmed: no test of the evidence shows it"
                for each in decoder.findings
                if unconfirmed(each, decoder.ours)
            ]
            lines += [
                f"{name}: {decoder.target} {id_} is an error of the harness: {decoder.reasons.get(id_, '')}"
                for id_, each in decoder.verdicts.items()
                if "error" in each
            ]
    return lines


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
        for decoder in environment.decoders:
            if decoder.verdicts:
                yield environment, decoder


def _facts(matrix: Matrix) -> str:
    entries = matrix.environments
    dates = sorted({entry.date for entry in entries})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    failed = [f"{entry.package} {entry.version}" for entry in entries if entry.error]
    seconds, megabytes = (
        sum(sum(entry.seconds.values()) for entry in entries),
        sum(entry.megabytes for entry in entries),
    )
    versions = ", ".join(sorted({entry.sliceproof for entry in entries}))
    lines = [
        f"- {when}; sliceproof {versions}, profile {matrix.profile} (whole clients: quick), seed {matrix.seed}",
        f"- {len(entries)} environments, {seconds / 60:.0f} minutes added up, {megabytes:,.0f} MB of packages",
        f"- {len(failed)} could not be judged: {', '.join(failed) or 'none'}",
    ]
    if unconfirmed := complaints(matrix):
        lines += ["- not confirmed:", *(f"  - {complaint}" for complaint in unconfirmed)]
    return "\n".join(lines)


def _summary(matrix: Matrix) -> Iterator[str]:
    """Each decoder in a line."""
    rows = []
    for environment in matrix.environments:
        if environment.error:
            rows.append((environment.package, environment.version, escaped(environment.error), ""))
        rows += [_line(decoder) for decoder in environment.decoders if decoder.verdicts]
    yield "## Each decoder in a line"
    yield IN_A_LINE
    yield table(("decoder", "version", "broken (MUST)", "warned (SHOULD)"), rows)


def _line(judged: Judged) -> tuple[str, str, str, str]:
    cells_by_name = {
        level: [_named(each) for each in judged.findings if each.level == level and each.roots]
        for level in ("must", "should")
    }
    return (
        code(judged.target),
        judged.version,
        ", ".join(cells_by_name["must"]) or "–",
        ", ".join(cells_by_name["should"]) or "–",
    )


def _named(finding: Finding) -> str:
    base = finding.inherited.partition(" ")[0]
    return f"{finding.requirement} ({base})" if base else finding.requirement


def _packages(matrix: Matrix) -> Iterator[str]:
    """For each decoder the table of its versions by requirement."""
    yield "## Decoder by version by requirement"
    yield BY_REQUIREMENT
    judged = sorted(_judged(matrix), key=lambda pair: pair[1].target)
    order = list(dict.fromkeys(decoder.target for _, decoder in _judged(matrix)))
    versions = {target: list(group) for target, group in groupby(judged, key=lambda pair: pair[1].target)}
    for target in order:
        yield f"### {target}"
        yield _by_requirement([decoder for _, decoder in versions[target]])


def _by_requirement(versions: Sequence[Judged]) -> str:
    rows = []
    for id_, requirement in REQUIREMENTS.items():
        found = [next((each for each in version.findings if each.requirement == id_), None) for version in versions]
        if any(found):
            cells = [_cell(decoder, each, id_) for decoder, each in zip(versions, found, strict=True)]
            rows.append((f"{id_} {requirement.title}", requirement.level.upper(), *cells))
    cells_shown = (
        table(("requirement", "level", *(version.version for version in versions)), rows)
        if rows
        else "It breaks and warns of nothing."
    )
    return f"{cells_shown}\n\n{_rest(versions)}"


def _cell(judged: Judged, finding: Finding | None, id_: str) -> str:
    verdicts = judged.verdicts.get(id_, {})
    if finding is None:
        return "–" if "pass" in verdicts else "not asked"
    asked = sum(len(dialects) for verdict, dialects in verdicts.items() if verdict in ("pass", "fail", "warn"))
    word = "**broken**" if finding.level == "must" else "warned"
    lines = [f"{word} {len(finding.dialects)}/{asked}"]
    if finding.inherited:
        lines.append(f"({finding.inherited})")
    if not finding.roots:
        return f"{' '.join(lines)}, follows {', '.join(finding.follows)}"
    links = [f"[case](../corpus/cases/{finding.case}.json)"] if finding.case else []
    links += [_shown(test) for test in finding.evidence[:1]]
    links += [f"[{finding.thread}]({url(finding.thread)})"] if finding.thread else []
    if unconfirmed(finding, judged.ours):
        links.append("**unconfirmed**")
    return " · ".join([" ".join(lines), *links])


def _shown(test: str) -> str:
    """A link to a test, whose name is seen when it is pointed at."""
    file, _, name = test.partition("::")
    return f'[shown](../{file} "{name.replace("|", "/")}")'


def _rest(versions: Sequence[Judged]) -> str:
    """What has no row: what passes everywhere, and what was not asked and why."""
    ids = {id_ for version in versions for id_ in version.verdicts}
    broken = {each.requirement for version in versions for each in version.findings}
    passed = [
        id_
        for id_ in REQUIREMENTS
        if id_ in ids - broken
        and any("pass" in version.verdicts[id_] for version in versions if id_ in version.verdicts)
    ]
    unasked: dict[str, list[str]] = {}
    for id_ in REQUIREMENTS:
        if id_ in ids - broken - set(passed):
            reason = next(version.reasons[id_] for version in versions if id_ in version.reasons)
            unasked.setdefault(reason, []).append(id_)
    text = f"Passes: {' '.join(passed) or 'nothing'}."
    if unasked:
        text += (
            " Not asked: "
            + "; ".join(f"{' '.join(names)} ({escaped(reason)})" for reason, names in unasked.items())
            + "."
        )
    return text


# The rest


def _plain(matrix: Matrix) -> Iterator[str]:
    """For each decoder a stream that passes, in each dialect that it claims."""
    yield "## What each gives back"
    yield GIVEN_BACK
    rows = []
    for _, decoder in _judged(matrix):
        passes, fails = (
            [dialect for dialect, stream in decoder.plain.items() if bool(stream) is good] for good in (True, False)
        )
        shown = next((stream for stream in decoder.plain.values() if stream), "")
        rows.append(
            (
                code(decoder.target),
                decoder.version,
                f"{len(passes)} of {len(decoder.plain)}: {', '.join(passes)}",
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
    for environment in matrix.environments:
        seconds = " + ".join(f"{environment.seconds.get(what, 0):.0f}" for what in ("install", "check", "evidence"))
        installed = ", ".join(
            f"{name} {version}" for name, version in environment.installed.items() if name != environment.package
        )
        asked = " ".join(environment.requirements) or "npm install"
        tests = sum(test.passed for test in environment.tests)
        rows.append(
            (
                code(asked),
                environment.python or "–",
                installed or "–",
                seconds,
                f"{environment.megabytes:,.1f}",
                str(tests),
                environment.date,
            )
        )
    yield table(("asked for", "Python", "with", "seconds", "MB", "tests passed", "judged"), rows)


__all__ = ["complaints", "page", "table"]
