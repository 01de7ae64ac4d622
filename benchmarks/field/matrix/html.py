"""docs/matrix.json as one page of HTML: the verdicts of all decoders side by side, and the streams that break them."""

from itertools import groupby

from markupsafe import Markup

from matrix.cases import url
from matrix.record import Environment, Finding, Judged, Matrix
from sliceproof.conformance.engine.case_argument import cases
from sliceproof.conformance.reporting.html import Cell, Column, page, stream_of, table, verdicts_of
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.hints import hint
from sliceproof.corpus import CaseError, shipped

GRAVITY = ("fail", "error", "warn", "pass", "n/a")
INTRO = """Decoders of other packages, each version in an environment of its own, by each requirement. A cell says in
how many of the dialects asked a requirement is broken, and leads to the stream that shows it; "follows" is broken with
another."""

Told = dict[tuple[str, str], list[tuple[str, Finding]]]
"""Who breaks what on which stream: (requirement, stream) to the decoders and their findings."""


def html_page(matrix: Matrix) -> str:
    """All of it."""
    judged = [(entry, one) for entry in matrix.environments for one in entry.decoders if one.verdicts]
    told: Told = {}
    for _, decoder in judged:
        for found in decoder.findings:
            told.setdefault((found.requirement, found.stream), []).append(
                (f"{decoder.target} {decoder.version}", found)
            )
    told = {key: told[key] for key in sorted(told, key=lambda key: list(REQUIREMENTS).index(key[0]))}
    links = {key: f"s{number}" for number, key in enumerate(told, 1)}
    sections = [("verdicts", "Verdicts", _verdicts(judged, links))]
    for id_, keys in groupby(told, key=lambda key: key[0]):
        shown = Markup("").join(_shown(links[key], told[key]) for key in keys)
        sections.append((f"r-{id_}", f"{id_} {REQUIREMENTS[id_].title}", _about(id_) + shown))
    title = f"Matrix of {len({one.target for _, one in judged})} decoders in {len(judged)} versions"
    return page("sections.html.jinja", title=title, intro=INTRO, sections=sections)


def _verdicts(judged: list[tuple[Environment, Judged]], links: dict[tuple[str, str], str]) -> Markup:
    columns = [Column(decoder.target, decoder.version) for _, decoder in judged]

    def cell(id_: str, number: int) -> Cell | None:
        decoder = judged[number][1]
        verdicts = decoder.verdicts.get(id_)
        if not verdicts:
            return None
        found = next((each for each in decoder.findings if each.requirement == id_), None)
        worst = next(each for each in GRAVITY if each in verdicts)
        if found is None:
            return Cell(worst, reason=decoder.reasons.get(id_, ""))
        asked = sum(len(verdicts.get(each, [])) for each in ("pass", "fail", "warn"))
        word = f"{len(found.dialects)}/{asked}" if found.roots else "follows"
        return Cell(worst, f"#{links[id_, found.stream]}", word)

    return verdicts_of(table("Verdicts by requirement and by decoder and version", columns, cell))


def _about(id_: str) -> Markup:
    rule = Markup("<p><strong>{}</strong> {}</p>").format(REQUIREMENTS[id_].level.upper(), REQUIREMENTS[id_].rule)
    return rule + Markup("<p><strong>How to mend it.</strong> {}</p>").format(hint(id_).text)


def _shown(link: str, told: list[tuple[str, Finding]]) -> Markup:
    """A stream, and what each decoder that it breaks makes of it."""
    first = told[0][1]
    row = Markup("<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>")
    rows = [row.format(name, each.got, ", ".join(each.dialects), _thread(each)) for name, each in told]
    head = Markup("<tr>{}</tr>").format(
        Markup("").join(Markup('<th scope="col">{}</th>').format(each) for each in ("decoder", "got", "in", "thread"))
    )
    return Markup(
        '<details class="finding" id="{}"><summary><code>{}</code> <span class="what">{}</span></summary>'
        '<div class="scroll" tabindex="0" role="group" aria-label="Who fails on this stream">'
        '<table class="plain"><caption>expected <code>{}</code></caption><thead>{}</thead>'
        "<tbody>{}</tbody></table></div>{}</details>"
    ).format(
        *(link, first.stream[:300], ", ".join(dict.fromkeys(name for name, _ in told)), first.expected, head),
        *(Markup("").join(rows), _drawn(first)),
    )


def _drawn(found: Finding) -> Markup:
    """The picture of a finding's stream; of one that is too long for docs/matrix.json to tell, that of its case."""
    filed = next((case.stream for case in shipped() if case.name == found.case), None)
    try:
        return stream_of(filed or cases(found.stream)[0].stream)
    except CaseError:
        return Markup("<p>{}</p>").format("The stream is too long to be kept there; judging the decoder shows it.")


def _thread(found: Finding) -> Markup | str:
    if not found.thread:
        return ""
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(url(found.thread), found.thread)
